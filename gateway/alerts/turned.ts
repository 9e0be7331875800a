import type { Alert, AlertChange, Shelving } from "../domain/alert.ts"
import type { EpochMs } from "../domain/ids.ts"
import type { OutOfService } from "../domain/out-of-service.ts"
import { type Happening, type Standing, type Turn, turnOf } from "./life-table.ts"

/** The alert after one step of its life, and the step itself. */
export interface Lived {
  readonly alert: Alert
  readonly change: AlertChange
}

/** Who brings a happening about and when, with what it may put on the alert and the words for it. */
export interface Act {
  readonly at: EpochMs
  readonly by: string
  readonly why?: AlertChange["why"]
  readonly note?: string | undefined
  readonly shelving?: Shelving
  readonly service?: OutOfService
}

/** How an alert stands, as seen by whoever acts. */
export const standingOf = (alert: Alert, by: string): Standing => ({
  condition: alert.active ? "active" : alert.resolvedByLateEvidence ? "explained" : "returned",
  answer: alert.acknowledged ? "acknowledged" : "new",
  hand: alert.claimed === undefined ? "free" : alert.claimed.by === by ? "own" : "another's",
  shelf: alert.shelved === undefined ? "off" : alert.shelved.oneShot === true ? "once" : "timed",
  service: alert.outOfService === undefined ? "in" : alert.outOfService.endedAt === undefined ? "out" : "ended",
  urgency: alert.priority === 1 ? "critical" : "other"
})

type To = NonNullable<Turn["to"]>
type Put = (alert: Alert, act: Act) => Alert

const unacknowledged: Put = ({ acknowledgedBy: _by, acknowledgedAt: _at, ...alert }) => ({
  ...alert,
  acknowledged: false
})
const released: Put = ({ claimed: _claimed, ...alert }) => alert
const offShelf: Put = ({ shelved: _shelved, ...alert }) => alert
const onShelf: Put = (alert, { shelving }) => (shelving === undefined ? alert : { ...alert, shelved: shelving })
const inService: Put = ({ outOfService: _outOfService, ...alert }) => alert
const ofService: Put = (alert, { service }) => (service === undefined ? alert : { ...alert, outOfService: service })
const asItIs: Put = (alert) => alert

/** How each value of each part is written on an alert. */
const puts: { readonly [P in keyof Omit<To, "closed">]-?: { readonly [V in NonNullable<To[P]>]: Put } } = {
  condition: {
    active: (alert) => ({ ...alert, active: true, resolvedByLateEvidence: false }),
    returned: (alert) => ({ ...alert, active: false, resolvedByLateEvidence: false }),
    explained: (alert) => ({ ...alert, active: false, resolvedByLateEvidence: true })
  },
  answer: {
    new: unacknowledged,
    acknowledged: (alert, { by, at }) => ({ ...alert, acknowledged: true, acknowledgedBy: by, acknowledgedAt: at })
  },
  // Nobody puts an alert into another's hands.
  hand: { free: released, own: (alert, { by, at }) => ({ ...alert, claimed: { by, at } }), "another's": asItIs },
  shelf: { off: offShelf, timed: onShelf, once: onShelf },
  service: { in: inService, out: ofService, ended: ofService }
}

const put = <P extends keyof typeof puts>(alert: Alert, part: P, value: To[P], act: Act): Alert => {
  const of: { readonly [value: string]: Put } = puts[part]
  return value === undefined ? alert : (of[value]?.(alert, act) ?? alert)
}

const parts = Object.keys(puts) as ReadonlyArray<keyof typeof puts>

const written = (alert: Alert, to: To, act: Act): Alert => {
  const made = parts.reduce((so, part) => put(so, part, to[part], act), alert)
  return to.closed === true ? { ...made, closed: true, closedBy: act.by, closedAt: act.at } : made
}

/**
 * An alert after a happening, as the table of its life says; `undefined`: nothing comes of it there. Only the table decides
 * how it stands then; what else the happening brings (a count, a priority, reasons) is on `alert` already.
 */
export const turned = (alert: Alert, on: Happening, act: Act): Lived | undefined => {
  const { tells, to = {} } = turnOf(standingOf(alert, act.by), on)
  if (tells === undefined) return undefined
  const { at, by, why = [], note } = act
  const made = { ...written(alert, to, act), updatedAt: at }
  return {
    alert: made,
    change: { transition: tells, at, by, why, alert: made, ...(note === undefined ? {} : { note }) }
  }
}
