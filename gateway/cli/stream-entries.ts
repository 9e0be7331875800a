import { Effect, Schedule } from "effect"
import type { Entry } from "../log/entry.ts"
import type { CommandFailed } from "./failure.ts"
import { ask, type GatewayAt, networkReason, unreachable } from "./gateway-client.ts"
import { tell } from "./output.ts"
import { streamEvents } from "./stream-events.ts"

const isEntry = (value: unknown): value is Entry =>
  typeof value === "object" && value !== null && "_tag" in value && "seq" in value

const headOf = (value: unknown): number | undefined =>
  typeof value === "object" && value !== null && "head" in value && typeof value.head === "number"
    ? value.head
    : undefined

/** Where in the log a follower stands; undefined before the gateway has said. */
interface Position {
  seq: number | undefined
}

/** Takes one event: shows an entry; a heartbeat says where the log stands, so that nothing behind it is missed. */
const take = (text: string, position: Position, show: (entry: Entry) => void): void => {
  const value: unknown = JSON.parse(text)
  for (const item of Array.isArray(value) ? value : [value]) {
    if (!isEntry(item)) position.seq ??= headOf(item)
    else {
      position.seq = item.seq
      show(item)
    }
  }
}

/** One connection, until it ends; it always ends in a failure. */
const connection = Effect.fnUntraced(function* (
  gateway: GatewayAt,
  position: Position,
  connected: () => void,
  show: (entry: Entry) => void
) {
  const { seq } = position
  const response = yield* ask(gateway, "/api/v1/stream", {
    accept: "text/event-stream",
    withinMs: 10_000,
    ...(seq === undefined ? {} : { headers: { "last-event-id": String(seq) } })
  })
  const { body, status } = response
  if (status !== 200 || body === null) return yield* unreachable(gateway.url, `it answers ${status}`)
  connected()
  yield* Effect.tryPromise({
    try: async (signal) => {
      // Interrupted, the pipe cancels the body: its socket would keep the process alive.
      const text = body.pipeThrough(new TextDecoderStream(), { signal })
      for await (const { data } of streamEvents(text)) take(data, position, show)
    },
    catch: (cause) => unreachable(gateway.url, networkReason(cause))
  })
  return yield* unreachable(gateway.url, "the gateway ended the stream")
})

/** Shows what has entered a running gateway's log behind `seq`, and goes on. Never succeeds. */
export const entriesBehind = (
  gateway: GatewayAt,
  seq: number,
  show: (entry: Entry) => void
): Effect.Effect<never, CommandFailed> => connection(gateway, { seq }, () => {}, show)

/** A second, doubling to ten, each a little off, so that all who watch do not come back at once. */
const pauses = Schedule.min([Schedule.exponential("1 second"), Schedule.spaced("10 seconds")]).pipe(
  Schedule.jittered,
  Schedule.setInputType<CommandFailed>(),
  Schedule.while(({ input }) => input.exitCode === 3)
)

/**
 * Shows what enters a running gateway's log, from now on. Never succeeds: it fails when the connection is lost, or, with
 * `again`, connects anew behind the last entry shown, so that nothing is missed and nothing comes twice.
 */
export const streamEntries = (
  gateway: GatewayAt,
  { again }: { readonly again: boolean },
  show: (entry: Entry) => void
): Effect.Effect<never, CommandFailed> => {
  const position: Position = { seq: undefined }
  const live = Effect.suspend(() => {
    const missed = position.seq === undefined ? "" : `; going on behind entry ${position.seq}`
    let accepted = false
    const connected = (): void => {
      accepted = true
      tell(`watching ${gateway.url}; Ctrl-C ends it${missed}`)
    }
    return connection(gateway, position, connected, show).pipe(
      Effect.tapError((lost) =>
        Effect.sync(() => again && lost.exitCode === 3 && tell(`${lost.message}; trying again`))
      ),
      // A connection that held ends the back-off: the attempt after it is a new run.
      Effect.catch((lost) => (again && accepted && lost.exitCode === 3 ? Effect.succeed("again") : Effect.fail(lost)))
    )
  })
  if (!again) return live as Effect.Effect<never, CommandFailed>
  return live.pipe(Effect.retry(pauses), Effect.andThen(Effect.sleep("500 millis")), Effect.forever)
}
