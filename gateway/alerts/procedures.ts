import { Context, Effect, Layer, Schema } from "effect"
import type { NotKept } from "../../adapters/adapter.ts"
import type { Alert } from "../domain/alert.ts"
import { Intake, type Unstamped } from "../intake/intake.ts"
import { SecurityLog, type StoreUnavailable } from "../log/security-log.ts"
import { AlertAlreadyClosed, UnknownAlert } from "./alerts.ts"
import { type StepWanted, whyNotStep } from "./procedure-life.ts"

/** This cannot be said of a step of the alert's procedure. */
export class StepRefused extends Schema.TaggedError<StepRefused>()("StepRefused", {
  id: Schema.String,
  why: Schema.String
}) {
  override get message(): string {
    return `alert ${this.id}: ${this.why}`
  }
}

type StepFailure = UnknownAlert | AlertAlreadyClosed | StepRefused | NotKept | StoreUnavailable

/** The checklists of alerts: each word of an officer on a step is a fact in the log before it is answered. */
export class Procedures extends Context.Service<
  Procedures,
  {
    /** Answers the alert after it. Of two officers on one step both are recorded, and the first counts. */
    readonly say: (id: string, by: string, wanted: StepWanted) => Effect.Effect<Alert, StepFailure>
  }
>()("gateway/Procedures") {
  static readonly layer = Layer.effect(
    Procedures,
    Effect.gen(function* () {
      const intake = yield* Intake
      const log = yield* SecurityLog
      const open = Effect.fnUntraced(function* (id: string) {
        const alert = yield* log.alert(id)
        if (alert === undefined) return yield* new UnknownAlert({ id })
        if (alert.closed) return yield* new AlertAlreadyClosed({ id, by: alert.closedBy ?? "an officer" })
        return alert
      })
      const refuse = Effect.fnUntraced(function* (id: string, wanted: StepWanted) {
        const alert = yield* open(id)
        const why = whyNotStep(alert.checklist, wanted)
        return why === undefined ? alert : yield* new StepRefused({ id, why })
      })
      return Procedures.of({
        say: Effect.fn("Procedures.say")(function* (id, by, wanted) {
          const alert = yield* refuse(id, wanted)
          const fact = { ...wanted, alert: alert.id, by } as Unstamped
          const { decisions } = yield* intake.enter(fact)
          const told = decisions.find((one) => one._tag === "Alert" && one.change.alert.id === id)
          if (told?._tag === "Alert") return told.change.alert
          // Between the look and the act somebody closed the alert, or answered otherwise.
          return yield* refuse(id, wanted)
        })
      })
    })
  )
}
