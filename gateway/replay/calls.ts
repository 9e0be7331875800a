import { Schema } from "effect"
import { slotOf } from "../correlation/draft.ts"
import type { Writable } from "../correlation/writable.ts"
import { type Alert, type AlertChange, AlertCondition, type HeldBack, Outcome, Priority } from "../domain/alert.ts"
import { AlertId, AreaId, DeviceId, DoorId, EpochMs } from "../domain/ids.ts"

/** One time that an alert asked for an officer: it was raised, or its condition came again. */
export const Call = Schema.Struct({
  at: EpochMs,
  transition: Schema.Literals(["raised", "reactivated"]),
  /** The log's id of the alert; absent of one that no log has. */
  alert: Schema.optionalKey(AlertId),
  condition: AlertCondition,
  key: Schema.String,
  door: Schema.optionalKey(DoorId),
  device: Schema.optionalKey(DeviceId),
  area: Schema.optionalKey(AreaId),
  /** The highest until it asked again. */
  priority: Priority,
  rule: Schema.String,
  title: Schema.String,
  /** No alert of its own calls for it: the one that holds it back stands for it. */
  heldBack: Schema.optionalKey(Schema.Literal(true)),
  /** How officers closed the recorded alert. */
  outcome: Schema.optionalKey(Outcome),
  /** Log entries of the facts it rests on. */
  rests: Schema.Array(Schema.Finite)
}).annotate({ identifier: "Call" })
export type Call = typeof Call.Type

/** A call in its own course. */
export interface HeardCall extends Call {
  /** The alert's id in this course. */
  readonly own: AlertId
  /** When its condition was normal again, or the alert was closed; absent while it is active. */
  readonly until?: EpochMs
}

/** A call without what only its course knows. */
export const told = ({ own: _own, until: _until, ...call }: HeardCall): Call => call

const callOf = ({ at, alert, why }: AlertChange, transition: Call["transition"]): Writable<HeardCall> => ({
  at,
  transition,
  own: alert.id,
  condition: alert.condition,
  key: alert.key,
  ...(alert.door === undefined ? {} : { door: alert.door }),
  ...(alert.device === undefined ? {} : { device: alert.device }),
  ...(alert.area === undefined ? {} : { area: alert.area }),
  priority: alert.priority,
  rule: alert.rule,
  title: alert.title,
  rests: why.flatMap(({ seq }) => (seq === undefined || !Number.isInteger(seq) ? [] : [seq]))
})

/** What an alert holds back calls through it, if at all. */
const heldBackBy = (alert: Alert, { condition, key, title, at }: HeldBack): HeardCall => ({
  at,
  transition: "raised",
  own: alert.id,
  condition,
  key,
  priority: alert.priority,
  rule: alert.rule,
  title,
  rests: [],
  heldBack: true,
  until: at
})

/** Collects the calls of one course from the steps of its alerts. What is out of service calls nobody. */
export class Calls {
  readonly all: Array<HeardCall> = []
  /** What each alert holds back, as far as it was heard. */
  readonly #heldBack = new Map<string, ReadonlySet<string>>()
  /** The newest call of each alert, while it is open. */
  readonly #newest = new Map<string, Writable<HeardCall>>()

  hear(change: AlertChange): void {
    const { alert, transition } = change
    this.#hearHeldBack(alert)
    if ((transition === "raised" || transition === "reactivated") && alert.outOfService === undefined) {
      const call = callOf(change, transition)
      this.all.push(call)
      this.#newest.set(alert.id, call)
      return
    }
    const call = this.#newest.get(alert.id)
    if (call === undefined) return
    if (alert.priority < call.priority) call.priority = alert.priority
    if (!alert.active || alert.closed) call.until ??= change.at
    if (alert.closed) this.#newest.delete(alert.id)
  }

  #hearHeldBack(alert: Alert): void {
    const { holdsBack } = alert
    if (holdsBack === undefined) return void this.#heldBack.delete(alert.id)
    const nameOf = (held: HeldBack): string => `${slotOf(held)}|${held.at}`
    const known = this.#heldBack.get(alert.id)
    for (const held of holdsBack) if (known?.has(nameOf(held)) !== true) this.all.push(heldBackBy(alert, held))
    this.#heldBack.set(alert.id, new Set(holdsBack.map(nameOf)))
  }

  /** Those within a span. */
  within(from: EpochMs, to: EpochMs): ReadonlyArray<HeardCall> {
    return this.all.filter(({ at }) => at >= from && at <= to)
  }
}
