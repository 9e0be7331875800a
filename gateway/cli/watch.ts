import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import type { Entry } from "../log/entry.ts"
import { CommandFailed } from "./failure.ts"
import { describeEntry } from "./line.ts"
import { say, sayJson, tell } from "./output.ts"

interface Filter {
  readonly door: string | undefined
  readonly device: string | undefined
  readonly kind: Entry["_tag"] | undefined
}

const wanted = (entry: Entry, filter: Filter): boolean =>
  (filter.door === undefined || entry.door === filter.door) &&
  (filter.device === undefined || entry.device === filter.device) &&
  (filter.kind === undefined || entry._tag === filter.kind)

/** The `data:` of each event of a text/event-stream body (WHATWG HTML, section 9.2). */
export async function* eventData(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = ""
  let data: Array<string> = []
  const decoder = new TextDecoder()
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r?\n/)
    rest = lines.pop() ?? ""
    for (const line of lines) {
      if (line.startsWith("data:")) data.push(line.slice(5).trimStart())
      if (line !== "" || data.length === 0) continue
      yield data.join("\n")
      data = []
    }
  }
}

const isEntry = (value: unknown): value is Entry =>
  typeof value === "object" && value !== null && "_tag" in value && "seq" in value

/** What stands in one event: an entry, or a batch of them. */
const entriesOf = (text: string): ReadonlyArray<Entry> => {
  const value: unknown = JSON.parse(text)
  return (Array.isArray(value) ? value : [value]).filter(isEntry)
}

const unreachable = (url: string, why: string) =>
  new CommandFailed({ exitCode: 3, reason: `${url} cannot be reached: ${why}`, next: "npm run gatehouse -- serve" })

const follow = Effect.fn("follow")(function* (url: string, token: string | undefined, show: (entry: Entry) => void) {
  const response = yield* Effect.tryPromise({
    try: (signal) =>
      fetch(new URL("/api/v1/stream", url), {
        signal,
        headers: { accept: "text/event-stream", ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) }
      }),
    // fetch says only "fetch failed"; what went wrong on the network is its cause.
    catch: (failure) => {
      const reason = failure instanceof Error && failure.cause instanceof Error ? failure.cause : failure
      return unreachable(url, reason instanceof Error ? reason.message : String(reason))
    }
  })
  const { body, status } = response
  if (status === 401 || status === 403)
    return yield* new CommandFailed({
      exitCode: 4,
      reason: "the gateway refuses the token",
      next: "GATEHOUSE_TOKEN=<the token shown at the first start> npm run gatehouse -- watch"
    })
  if (status !== 200 || body === null) return yield* unreachable(url, `it answers ${status}`)
  tell(`watching ${url}; Ctrl-C ends it`)
  yield* Effect.tryPromise({
    try: async (signal) => {
      signal.addEventListener("abort", () => void body.cancel().catch(() => undefined))
      for await (const text of eventData(body)) for (const entry of entriesOf(text)) show(entry)
    },
    catch: (cause) => unreachable(url, cause instanceof Error ? cause.message : String(cause))
  })
  return yield* unreachable(url, "the gateway ended the stream")
})

/** `gatehouse watch`: what enters a running gateway's log, as it enters. */
export const watchCommand = Command.make(
  "watch",
  {
    url: Flag.String("url").pipe(
      Flag.withDescription("Where the gateway is"),
      Flag.withDefault("http://127.0.0.1:8443")
    ),
    token: Flag.String("token").pipe(
      Flag.withDescription("Bearer token; better given as GATEHOUSE_TOKEN, which other users cannot see"),
      Flag.optional
    ),
    json: Flag.Boolean("json").pipe(
      Flag.withDescription("Whole entries as newline-delimited JSON"),
      Flag.withDefault(false)
    ),
    door: Flag.String("door").pipe(Flag.withDescription("Only this door"), Flag.optional),
    device: Flag.String("device").pipe(Flag.withDescription("Only this device"), Flag.optional),
    kind: Flag.Literals("kind", ["Fact", "Event", "Alert"]).pipe(
      Flag.withDescription("Only this kind of entry"),
      Flag.optional
    )
  },
  Effect.fn("watch")(function* ({ url, token, json, door, device, kind }) {
    const filter: Filter = {
      door: Option.getOrUndefined(door),
      device: Option.getOrUndefined(device),
      kind: Option.getOrUndefined(kind)
    }
    const secret = Option.getOrUndefined(token) ?? process.env["GATEHOUSE_TOKEN"]
    yield* follow(url, secret, (entry) => {
      if (!wanted(entry, filter)) return
      if (json) sayJson(entry)
      else say(describeEntry(entry))
    })
  })
).pipe(Command.withDescription("Follow a running gateway's log, live"))
