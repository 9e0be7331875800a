import { Deferred, Effect, Exit, type Scope } from "effect"
import type { EpochMs } from "../../gateway/domain/ids.ts"
import type { Signal } from "../campus/signal.ts"
import type { World } from "../campus/world.ts"
import type { Speaker } from "./dialect.ts"
import { Line } from "./line.ts"
import type { Message } from "./message.ts"
import { greeting, utter } from "./speakers.ts"

export interface DevicesOptions {
  /** `mqtt://127.0.0.1:1883`. */
  readonly url: string
  readonly speakers: ReadonlyArray<Speaker>
  /** The campus as it is now: what a device says when it connects. */
  readonly world: () => World
  /** Epoch milliseconds. */
  readonly now: () => EpochMs
  /** For brokers with users. */
  readonly username?: string | undefined
  readonly password?: string | undefined
}

/** The world's devices on real sockets. */
export interface Devices {
  /** Completes when every device has connected and the broker has answered for its greeting; fails when it knows one not. */
  readonly greeted: Effect.Effect<void, Error>
  /** The devices say what they sense; completes when the broker has answered for every message. */
  readonly say: (signals: ReadonlyArray<Signal>, at: EpochMs) => Effect.Effect<void>
  /** One speaker says messages that were put into its words before. */
  readonly publish: (speaker: Speaker, messages: ReadonlyArray<Message>) => Effect.Effect<void>
  /** The socket is gone without a DISCONNECT: the broker sends the will. */
  readonly cut: (speaker: Speaker) => Effect.Effect<void>
  readonly join: (speaker: Speaker) => Effect.Effect<void>
  /** Messages lost because a device's queue was full. */
  readonly lost: () => number
  /** Why a device is not connected, for people; absent when all are. */
  readonly trouble: () => string | undefined
}

/** Sets simulated devices apart from real ones at a shared broker. */
const clientIdPrefix = "gatehouse-sim-"

const openLines = (options: DevicesOptions, refused: (reason: string) => void): ReadonlyMap<Speaker, Line> =>
  new Map(
    options.speakers.map((speaker) => [
      speaker,
      new Line(speaker, {
        url: options.url,
        clientId: `${clientIdPrefix}${speaker.clientId}`,
        username: options.username,
        password: options.password,
        greeting: () => greeting(speaker, options.world(), options.now),
        refused
      })
    ])
  )

const closeAll = (lines: ReadonlyMap<Speaker, Line>): Effect.Effect<void> =>
  Effect.forEach(lines.values(), (line) => Effect.callback<void>((resume) => line.close(() => resume(Effect.void))), {
    concurrency: "unbounded",
    discard: true
  })

/** Connects every speaker; each lives, and reconnects by itself, until the scope closes. Leaves no socket behind. */
export const simulateDevices = Effect.fn("simulateDevices")(function* (
  options: DevicesOptions
): Effect.fn.Return<Devices, never, Scope.Scope> {
  const greeted = yield* Deferred.make<void, Error>()
  const refused = (reason: string): void =>
    void Deferred.doneUnsafe(
      greeted,
      Exit.fail(new Error(`the broker at ${options.url} refuses the devices: ${reason}`))
    )
  const lines = yield* Effect.acquireRelease(
    Effect.sync(() => openLines(options, refused)),
    closeAll
  )
  let toGreet = lines.size
  const one = (): void => {
    if (--toGreet <= 0) Deferred.doneUnsafe(greeted, Effect.void)
  }
  if (lines.size === 0) one()
  for (const line of lines.values()) line.connect(once(one))
  const publish = (speaker: Speaker, messages: ReadonlyArray<Message>): Effect.Effect<void> =>
    Effect.callback<void>((resume) => {
      const line = lines.get(speaker)
      if (line === undefined) return resume(Effect.void)
      line.publish(messages, () => resume(Effect.void))
    })
  const cut = (speaker: Speaker): Effect.Effect<void> =>
    Effect.callback<void>((resume) => {
      const line = lines.get(speaker)
      if (line === undefined) return resume(Effect.void)
      line.cut(() => resume(Effect.void))
    })
  const join = (speaker: Speaker): Effect.Effect<void> =>
    Effect.callback<void>((resume) => {
      const line = lines.get(speaker)
      if (line === undefined) return resume(Effect.void)
      line.connect(once(() => resume(Effect.void)))
    })
  const say = (signals: ReadonlyArray<Signal>, at: EpochMs): Effect.Effect<void> =>
    Effect.forEach(
      utter(options.speakers, signals, () => at),
      (utterance) => {
        switch (utterance._tag) {
          case "Says":
            return publish(utterance.speaker, utterance.messages)
          case "Cut":
            return cut(utterance.speaker)
          case "Joins":
            return join(utterance.speaker)
        }
      },
      { concurrency: "unbounded", discard: true }
    )
  return {
    greeted: Deferred.await(greeted),
    say,
    publish,
    cut,
    join,
    lost: () => [...lines.values()].reduce((sum, line) => sum + line.lost, 0),
    trouble: () => [...lines.values()].map((line) => line.trouble).find((trouble) => trouble !== undefined)
  }
})

/** The greeting comes again with each reconnection; only the first one is waited for. */
const once = (act: () => void): (() => void) => {
  let done = false
  return () => {
    if (done) return
    done = true
    act()
  }
}
