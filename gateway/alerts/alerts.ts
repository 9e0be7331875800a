import { Context, Effect, Layer, Schema } from "effect"
import type { NotKept } from "../../adapters/adapter.ts"
import type { Alert, Outcome, Reason } from "../domain/alert.ts"
import type { AlertId } from "../domain/ids.ts"
import { Intake, type Unstamped } from "../intake/intake.ts"
import type { Entry } from "../log/entry.ts"
import { holderBut, whyNotUndone } from "./in-hand.ts"
import { mayBeShelved } from "./shelving.ts"
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

/** An alert cannot be shelved, or not so. */
export class ShelvingRefused extends Schema.TaggedError<ShelvingRefused>()("ShelvingRefused", {
  id: Schema.String,
  why: Schema.String
}) {
  override get message(): string {
    return `alert ${this.id} cannot be shelved: ${this.why}`
  }
}

/** The shelving of an alert that is not shelved cannot end. */
export class AlertNotShelved extends Schema.TaggedError<AlertNotShelved>()("AlertNotShelved", { id: Schema.String }) {
  override get message(): string {
    return `alert ${this.id} is not shelved, or no longer`
  }
}

/** Somebody else has the alert in hand. */
export class AlertInOtherHands extends Schema.TaggedError<AlertInOtherHands>()("AlertInOtherHands", {
  id: Schema.String,
  holder: Schema.String
}) {
  override get message(): string {
    return `${this.holder} has alert ${this.id} in hand`
  }
}

/** Nobody has it in hand. */
export class AlertNotClaimed extends Schema.TaggedError<AlertNotClaimed>()("AlertNotClaimed", { id: Schema.String }) {
  override get message(): string {
    return `nobody has alert ${this.id} in hand`
  }
}

/** An acknowledgement cannot be taken back, or not by this officer, or no longer. */
export class NotUndone extends Schema.TaggedError<NotUndone>()("NotUndone", { id: Schema.String, why: Schema.String }) {
  override get message(): string {
    return `the acknowledgement of alert ${this.id} cannot be undone: ${this.why}`
  }
}

/** For how long, or until its condition is normal again. */
export type ShelveFor = { readonly minutes: number } | { readonly oneShot: true }

export interface AlertsOptions {
  /** No alert is shelved for longer; it is looked at each time, for the configuration may be changed meanwhile. */
  readonly shelveMaxMinutes?: number
}

const usualShelveMaxMinutes = 60

export interface Explanation {
  readonly alert: Alert
  /** Each measured fact behind the alert, with the log entry that holds it where there is one. */
  readonly reasons: ReadonlyArray<Reason & { readonly entry?: Entry }>
  /** The alert's own entries, oldest first. */
  readonly timeline: ReadonlyArray<Entry>
}

/** What became of several alerts that were to be acknowledged for one reason. */
export interface AcknowledgedSeveral {
  readonly acknowledged: ReadonlyArray<Alert>
  readonly refused: ReadonlyArray<{ readonly id: string; readonly why: string }>
}

type ActFailure = UnknownAlert | AlertAlreadyClosed | NotKept | StoreUnavailable

const critical = "it is critical, and what is critical is never silent"

/** Why an alert as it stands cannot be shelved so; `undefined`: it can. */
const whyNot = (alert: Alert, time: ShelveFor, maxMinutes: number): string | undefined => {
  if (!mayBeShelved(alert)) return critical
  if ("oneShot" in time) {
    return alert.active ? undefined : "it is back to normal already; shelve it for some minutes instead"
  }
  const isTooLong = time.minutes > maxMinutes
  return isTooLong ? `${maxMinutes} minutes is the longest (alerts.shelveMaxMinutes of the configuration)` : undefined
}

/** What officers see of alerts, and do to them. Every act is a fact in the log before it is answered. */
export class Alerts extends Context.Service<
  Alerts,
  {
    readonly list: (query: AlertQuery) => Effect.Effect<ReadonlyArray<Alert>, StoreUnavailable>
    readonly one: (id: string) => Effect.Effect<Alert, UnknownAlert | StoreUnavailable>
    /** A second acknowledgement is recorded; the first officer stays. */
    readonly acknowledge: (
      id: string,
      by: string,
      note?: string
    ) => Effect.Effect<Alert, ActFailure | AlertInOtherHands>
    /** It counts although somebody else has the alert in hand: a right of its own. */
    readonly acknowledgeForced: (id: string, by: string, note?: string) => Effect.Effect<Alert, ActFailure>
    /** Those of them that one may acknowledge so; why not the others. */
    readonly acknowledgeSeveral: (
      ids: ReadonlyArray<string>,
      by: string,
      reason: string
    ) => Effect.Effect<AcknowledgedSeveral, NotKept | StoreUnavailable>
    /** Who acknowledged it takes that back, within `undoWithinMs`; both stay in the log. */
    readonly undoAcknowledgement: (id: string, by: string) => Effect.Effect<Alert, ActFailure | NotUndone>
    /** Of two at once the first has it, and the second is told so. `from`: out of whose hands, where somebody has it. */
    readonly claim: (
      id: string,
      by: string,
      more?: { readonly from?: string; readonly note?: string }
    ) => Effect.Effect<Alert, ActFailure | AlertInOtherHands>
    /** Only who has it releases it. */
    readonly release: (
      id: string,
      by: string,
      note?: string
    ) => Effect.Effect<Alert, ActFailure | AlertNotClaimed | AlertInOtherHands>
    /** Whoever has it: a right of its own. */
    readonly releaseForced: (
      id: string,
      by: string,
      note?: string
    ) => Effect.Effect<Alert, ActFailure | AlertNotClaimed>
    readonly close: (id: string, by: string, outcome: Outcome, reason: string) => Effect.Effect<Alert, ActFailure>
    readonly note: (id: string, by: string, note: string) => Effect.Effect<Alert, ActFailure>
    /** A second shelving takes the place of the first, with its time from now. */
    readonly shelve: (
      id: string,
      by: string,
      time: ShelveFor,
      reason: string
    ) => Effect.Effect<Alert, ActFailure | ShelvingRefused>
    readonly unshelve: (id: string, by: string, reason: string) => Effect.Effect<Alert, ActFailure | AlertNotShelved>
    readonly explain: (id: string) => Effect.Effect<Explanation, UnknownAlert | StoreUnavailable>
  }
>()("gateway/Alerts") {
  static readonly layer = (options: AlertsOptions = {}) => Layer.effect(Alerts, make(options))
}

const make = Effect.fnUntraced(function* (options: AlertsOptions) {
  const intake = yield* Intake
  const log = yield* SecurityLog

  const one = Effect.fn("Alerts.one")(function* (id: string) {
    const alert = yield* log.alert(id)
    return alert ?? (yield* new UnknownAlert({ id }))
  })

  /** The alert, so long as something can be done to it. */
  const open = Effect.fnUntraced(function* (id: string) {
    const alert = yield* one(id)
    if (alert.closed) return yield* new AlertAlreadyClosed({ id, by: alert.closedBy ?? "an officer" })
    return alert
  })

  /** The alert after the act; `undefined` where the fact is in the log, and without effect. */
  const enter = Effect.fnUntraced(function* (id: string, fact: Unstamped) {
    const { decisions } = yield* intake.enter(fact)
    const change = decisions.find((decision) => decision._tag === "Alert" && decision.change.alert.id === id)
    return change?._tag === "Alert" ? change.change.alert : undefined
  })

  const act = Effect.fn("Alerts.act")(function* (id: string, factOf: (alert: AlertId) => Unstamped) {
    const before = yield* open(id)
    const after = yield* enter(id, factOf(before.id))
    if (after !== undefined) return after
    // Between the look and the act another officer closed it.
    yield* open(id)
    return yield* new AlertAlreadyClosed({ id, by: "another officer" })
  })

  /** Of two officers at once the first may do it; that of the second is in the log, too. */
  const firstWins = (id: string, alert: Alert, by: string) => {
    const holder = holderBut(alert, by)
    return holder === undefined ? Effect.succeed(alert) : new AlertInOtherHands({ id, holder })
  }

  const noted = (note: string | undefined) => (note === undefined ? {} : { note })

  const acknowledge = Effect.fn("Alerts.acknowledge")(function* (id: string, by: string, note?: string) {
    const before = yield* open(id)
    if (!before.acknowledged) yield* firstWins(id, before, by)
    const after = yield* act(id, (alert) => ({ _tag: "AlertAcknowledged", alert, by, ...noted(note) }))
    return after.acknowledged ? after : yield* firstWins(id, after, by)
  })

  /** What is critical is looked at by itself; what is acknowledged is left as it is. */
  const acknowledgeAmongOthers = Effect.fnUntraced(function* (id: string, by: string, reason: string) {
    const before = yield* open(id)
    if (before.acknowledged) return { id, why: `alert ${id} is acknowledged already` }
    if (before.priority === 1) return { id, why: `alert ${id} is critical: it is acknowledged by itself` }
    return yield* acknowledge(id, by, reason)
  })

  const release = (id: string, by: string, note: string | undefined) =>
    act(id, (alert) => ({ _tag: "AlertReleased", alert, by, ...noted(note) }))

  const claimed = Effect.fnUntraced(function* (id: string) {
    const alert = yield* open(id)
    return alert.claimed === undefined ? yield* new AlertNotClaimed({ id }) : alert
  })

  const withEntry = (reason: Reason) =>
    reason.seq === undefined
      ? Effect.succeed(reason)
      : log.entry(reason.seq).pipe(Effect.map((entry) => (entry === undefined ? reason : { ...reason, entry })))

  return Alerts.of({
    list: log.alerts,
    one,
    acknowledge,
    acknowledgeSeveral: Effect.fn("Alerts.acknowledgeSeveral")(function* (ids, by, reason) {
      const results = yield* Effect.forEach(new Set(ids), (id) =>
        acknowledgeAmongOthers(id, by, reason).pipe(
          Effect.catchTags({
            UnknownAlert: ({ message }) => Effect.succeed({ id, why: message }),
            AlertAlreadyClosed: ({ message }) => Effect.succeed({ id, why: message }),
            AlertInOtherHands: ({ message }) => Effect.succeed({ id, why: message })
          })
        )
      )
      return {
        acknowledged: results.flatMap((result) => ("raisedBy" in result ? [result] : [])),
        refused: results.flatMap((result) => ("raisedBy" in result ? [] : [result]))
      }
    }),
    acknowledgeForced: (id, by, note) =>
      act(id, (alert) => ({ _tag: "AlertAcknowledged", alert, by, ...noted(note), forced: true })),
    undoAcknowledgement: Effect.fn("Alerts.undoAcknowledgement")(function* (id, by) {
      const before = yield* open(id)
      const after = yield* act(id, (alert) => ({ _tag: "AcknowledgementUndone", alert, by }))
      if (before.acknowledged && !after.acknowledged) return after
      return yield* new NotUndone({ id, why: whyNotUndone(after, by, after.updatedAt) ?? "it is not acknowledged" })
    }),
    claim: Effect.fn("Alerts.claim")(function* (id, by, { from, note } = {}) {
      const after = yield* act(id, (alert) => ({
        _tag: "AlertClaimed",
        alert,
        by,
        ...(from === undefined ? {} : { from }),
        ...noted(note)
      }))
      return yield* firstWins(id, after, by)
    }),
    release: Effect.fn("Alerts.release")(function* (id, by, note) {
      yield* firstWins(id, yield* claimed(id), by)
      return yield* release(id, by, note)
    }),
    releaseForced: Effect.fn("Alerts.releaseForced")(function* (id, by, note) {
      yield* claimed(id)
      return yield* release(id, by, note)
    }),
    close: Effect.fn("Alerts.close")(function* (id, by, outcome, reason) {
      // Also of one that another officer closed a moment before: that this one saw to it too is in the log.
      const { id: alert } = yield* one(id)
      const after = yield* enter(id, { _tag: "AlertClosed", alert, by, outcome, reason })
      if (after !== undefined) return after
      yield* open(id)
      return yield* new AlertAlreadyClosed({ id, by: "another officer" })
    }),
    note: (id, by, note) => act(id, (alert) => ({ _tag: "AlertNoted", alert, by, note })),
    shelve: Effect.fn("Alerts.shelve")(function* (id, by, time, reason) {
      const before = yield* open(id)
      const { shelveMaxMinutes = usualShelveMaxMinutes } = options
      const why = whyNot(before, time, shelveMaxMinutes)
      if (why !== undefined) return yield* new ShelvingRefused({ id, why })
      const long = "oneShot" in time ? ({ minutes: shelveMaxMinutes, oneShot: true } as const) : time
      const after = yield* enter(id, { _tag: "AlertShelved", alert: before.id, by, ...long, reason })
      if (after !== undefined) return after
      // Between the look and the act it was closed, or became critical.
      yield* open(id)
      return yield* new ShelvingRefused({ id, why: critical })
    }),
    unshelve: Effect.fn("Alerts.unshelve")(function* (id, by, reason) {
      const before = yield* open(id)
      if (before.shelved === undefined) return yield* new AlertNotShelved({ id })
      const after = yield* enter(id, { _tag: "AlertUnshelved", alert: before.id, by, reason })
      if (after !== undefined) return after
      yield* open(id)
      return yield* new AlertNotShelved({ id })
    }),
    explain: Effect.fn("Alerts.explain")(function* (id) {
      const alert = yield* one(id)
      const reasons = yield* Effect.forEach(alert.why, withEntry)
      const timeline = yield* log.entries({ alert: id, after: 0, limit: 1000 })
      return { alert, reasons, timeline }
    })
  })
})
