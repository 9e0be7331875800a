import { Effect } from "effect"
import type { Live } from "./session.ts"
import { Broken } from "./failures.ts"

/** Silent for so long, the server is asked for a sign of life. */
export const askAfterMs = 2000

/** Silent for so long, the connection is dead: also where no packet ever says so. */
export const deadAfterMs = 5000

/** OPC 10000-5, 12.6: ServerState. */
const states = [
  "running",
  "failed",
  "without a configuration",
  "suspended",
  "shutting down",
  "in test",
  "out of touch with its devices",
  "in an unknown state"
]
const runs = new Set([0, 5])

/** ServerStatus.State of the Server object. */
const serverState = "i=2259"

const sessionGone = /BadSession(IdInvalid|Closed|NotActivated)/

const signOfLife = (live: Live): Effect.Effect<void, Broken> => {
  const { AttributeIds } = live.library
  return live
    .ask("a sign of life", (session) => session.read({ nodeId: serverState, attributeId: AttributeIds.Value }))
    .pipe(
      Effect.flatMap(({ value }) => {
        const state: unknown = value.value
        if (typeof state !== "number" || runs.has(state)) return Effect.void
        return Effect.fail(new Broken({ reason: `the server says that it is ${states[state] ?? states.at(-1)}` }))
      }),
      // No answer is nothing new; that something was heard meanwhile is what counts.
      Effect.catchTag("Refused", ({ message }) =>
        sessionGone.test(message)
          ? Effect.fail(new Broken({ reason: "the server has our session no longer" }))
          : Effect.void
      )
    )
}

/**
 * Fails once nothing was heard of the server for too long. Also keeps the session: every request does (OPC 10000-4,
 * 5.7.2.1).
 */
export const watchPath = (live: Live): Effect.Effect<never, Broken> => {
  const { heardAt } = live.connection
  const silentMs = (): number => performance.now() - heardAt()
  const asking = Effect.suspend(() =>
    silentMs() >= askAfterMs
      ? signOfLife(live).pipe(Effect.andThen(Effect.sleep(100)))
      : Effect.sleep(askAfterMs - silentMs())
  ).pipe(Effect.forever)
  const listening = Effect.suspend(() => {
    const left = deadAfterMs - silentMs()
    if (left > 0) return Effect.sleep(left)
    return Effect.fail(new Broken({ reason: `nothing was heard of the server for ${deadAfterMs / 1000} s` }))
  }).pipe(Effect.forever)
  return Effect.raceFirst(asking, listening)
}
