import { HashMap } from "effect"
import { slotOf } from "../correlation/draft.ts"
import type { Situation } from "../correlation/situation.ts"
import type { Alert } from "../domain/alert.ts"
import type { Fact } from "../domain/fact.ts"
import type { AlertId } from "../domain/ids.ts"

/** What is asked of a recorded alert, to find its counterpart. */
export type RecordedAlert = (id: string) => Pick<Alert, "condition" | "key"> | undefined

/**
 * A course's own alerts beside the recorded ones. Ids derive from log positions, and what falls due elsewhere is raised
 * elsewhere: an act is of the alert that is open of the same condition and key, and stays with it, for pictures come
 * after the closing, too.
 */
export class OwnAlerts {
  readonly #recorded: RecordedAlert
  /** Open alerts by condition and key, and these by the alerts. */
  readonly #bySlot = new Map<string, AlertId>()
  readonly #slots = new Map<AlertId, string>()
  readonly #ownOf = new Map<string, AlertId>()
  missed = 0

  constructor(situation: Situation, recorded: RecordedAlert) {
    this.#recorded = recorded
    for (const alert of HashMap.values(situation.alerts)) this.heard(alert)
  }

  heard(alert: Alert): void {
    const before = this.#slots.get(alert.id)
    const slot = slotOf(alert)
    if (before !== undefined && (alert.closed || before !== slot) && this.#bySlot.get(before) === alert.id) {
      this.#bySlot.delete(before)
    }
    if (alert.closed) return void this.#slots.delete(alert.id)
    this.#slots.set(alert.id, slot)
    this.#bySlot.set(slot, alert.id)
  }

  /** The fact, about this course's own alert; `undefined` where it has none. */
  own(fact: Fact): Fact | undefined {
    if (!("alert" in fact)) return fact
    const alert = this.#find(fact.alert)
    if (alert !== undefined) return alert === fact.alert ? fact : { ...fact, alert }
    this.missed++
    return undefined
  }

  #find(id: AlertId): AlertId | undefined {
    const known = this.#ownOf.get(id)
    if (known !== undefined) return known
    const recorded = this.#recorded(id)
    if (recorded === undefined) return undefined
    // A panel's condition may give its alert another key later: the same id of the same condition is the same alert.
    const same = this.#slots.get(id)?.startsWith(`${recorded.condition}|`) === true
    const own = same ? id : this.#bySlot.get(slotOf(recorded))
    if (own !== undefined) this.#ownOf.set(id, own)
    return own
  }
}
