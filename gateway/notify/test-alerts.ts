import { Effect, Layer } from "effect"
import { testAlertEveryMs } from "../correlation/test-alert.ts"
import { Intake } from "../intake/intake.ts"

/** Links and the outbox have begun by then. */
const firstAfter = "30 seconds"

/**
 * Raises a test alert every five minutes. It is a fact, is folded and committed, waits in the outbox, goes out by a
 * loop-back channel and returns as a fact, which every stream carries: what does not come back is an alert itself.
 */
export const testAlerts = Layer.effectDiscard(
  Effect.gen(function* () {
    const intake = yield* Intake
    const raise = intake.enter({ _tag: "TestAlertRaised" }).pipe(Effect.ignore)
    yield* Effect.sleep(firstAfter).pipe(
      Effect.andThen(raise.pipe(Effect.andThen(Effect.sleep(testAlertEveryMs)), Effect.forever)),
      Effect.forkScoped
    )
  })
)
