import { Context, Effect, Layer, Schema } from "effect"
import type { NotKept } from "../../adapters/adapter.ts"
import type { Alert, Outcome, Reason } from "../domain/alert.ts"
import type { AlertId } from "../domain/ids.ts"
import { Intake, type Unstamped } from "../intake/intake.ts"
import type { Entry } from "../log/entry.ts"
import { type AlertQuery, SecurityLog, type StoreUnavailable } from "../log/security-log.ts"

/** No alert has this id. */
export class UnknownAlert extends Schema.TaggedError<UnknownAlert>()("UnknownAlert", { id: Schema.String }) {
  override get message(): string {
    return `there is no alert ${this.id}`
  }
}

/** A closed alert is history: nothing can be done to it any more. */
export class AlertAlreadyClosed extends Schema.TaggedError<AlertAlreadyClosed>()("AlertAlreadyClosed", {
  id: Schema.String,
  by: Schema.String
}) {
  override get message(): string {
    return `alert ${this.id} was closed by ${this.by}; a new happening raises a new alert`
  }
}

export interface Explanation {
  readonly alert: Alert
  /** Each measured fact behind the alert, with the log entry that holds it where there is one. */
  readonly reasons: ReadonlyArray<Reason & { readonly entry?: Entry }>
  /** The alert's own entries, oldest first. */
  readonly timeline: ReadonlyArray<Entry>
}

type ActFailure = UnknownAlert | AlertAlreadyClosed | NotKept | StoreUnavailable

/** What officers see of alerts, and do to them. Every act is a fact in the log before it is answered. */
export class Alerts extends Context.Service<
  Alerts,
  {
    readonly list: (query: AlertQuery) => Effect.Effect<ReadonlyArray<Alert>, StoreUnavailable>
    readonly one: (id: string) => Effect.Effect<Alert, UnknownAlert | StoreUnavailable>
    /** A second acknowledgement is recorded; the first officer stays. */
    readonly acknowledge: (id: string, by: string, note?: string) => Effect.Effect<Alert, ActFailure>
    readonly close: (id: string, by: string, outcome: Outcome, reason: string) => Effect.Effect<Alert, ActFailure>
    readonly note: (id: string, by: string, note: string) => Effect.Effect<Alert, ActFailure>
    readonly explain: (id: string) => Effect.Effect<Explanation, UnknownAlert | StoreUnavailable>
  }
>()("gateway/Alerts") {
  static readonly layer = Layer.effect(
    Alerts,
    Effect.gen(function* () {
      const intake = yield* Intake
      const log = yield* SecurityLog

      const one = Effect.fn("Alerts.one")(function* (id: string) {
        const alert = yield* log.alert(id)
        return alert ?? (yield* new UnknownAlert({ id }))
      })

      const act = Effect.fn("Alerts.act")(function* (id: string, factOf: (alert: AlertId) => Unstamped) {
        const before = yield* one(id)
        const fact = factOf(before.id)
        if (before.closed) return yield* new AlertAlreadyClosed({ id, by: before.closedBy ?? "an officer" })
        const { decisions } = yield* intake.enter(fact)
        const change = decisions.find((decision) => decision._tag === "Alert" && decision.change.alert.id === id)
        // Between the look and the act another officer may have closed it: the fact is in the log, without effect.
        if (change?._tag !== "Alert") return yield* new AlertAlreadyClosed({ id, by: "another officer" })
        return change.change.alert
      })

      const withEntry = (reason: Reason) =>
        reason.seq === undefined
          ? Effect.succeed(reason)
          : log.entry(reason.seq).pipe(Effect.map((entry) => (entry === undefined ? reason : { ...reason, entry })))

      return Alerts.of({
        list: log.alerts,
        one,
        acknowledge: (id, by, note) =>
          act(id, (alert) => ({ _tag: "AlertAcknowledged", alert, by, ...(note === undefined ? {} : { note }) })),
        close: (id, by, outcome, reason) => act(id, (alert) => ({ _tag: "AlertClosed", alert, by, outcome, reason })),
        note: (id, by, note) => act(id, (alert) => ({ _tag: "AlertNoted", alert, by, note })),
        explain: Effect.fn("Alerts.explain")(function* (id) {
          const alert = yield* one(id)
          const reasons = yield* Effect.forEach(alert.why, withEntry)
          const timeline = yield* log.entries({ alert: id, after: 0, limit: 1000 })
          return { alert, reasons, timeline }
        })
      })
    })
  )
}
