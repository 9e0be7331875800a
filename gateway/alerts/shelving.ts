import type { Alert } from "../domain/alert.ts"
import type { Fact } from "../domain/fact.ts"
import type { EpochMs } from "../domain/ids.ts"
import type { Lived } from "./alert-life.ts"

/** An officer's fact about the shelving of an alert. */
export type ShelvingFact = Extract<Fact, { _tag: "AlertShelved" | "AlertUnshelved" }>

/** Who is named for what no officer does. */
const rule = "alerts.shelving"

/** What is critical is for people's lives: it is never made silent. */
export const mayBeShelved = ({ priority }: Pick<Alert, "priority">): boolean => priority !== 1

/** An acknowledgement was for what had happened until then. */
export const unacknowledged = ({ acknowledgedBy: _by, acknowledgedAt: _at, ...alert }: Alert): Alert => ({
  ...alert,
  acknowledged: false
})

export const offShelf = ({ shelved: _shelved, ...alert }: Alert): Alert => alert

/** An alert that is active when its shelving ends is news: it asks for an officer again (ANSI/ISA-18.2, state model). */
const ended = (open: Alert, at: EpochMs): Alert => {
  const alert = { ...offShelf(open), updatedAt: at }
  return open.active ? unacknowledged(alert) : alert
}

const told = (alert: Alert, transition: "shelved" | "unshelved", at: EpochMs, by: string, note: string): Lived => ({
  alert,
  change: { transition, at, by, why: [], alert, note }
})

/**
 * What an officer's fact does to the shelving of an open alert. A second shelving takes the place of the first, with its
 * time from now. `undefined`: nothing, for it is critical, or is not shelved.
 */
export const applyShelving = (open: Alert, fact: ShelvingFact): Lived | undefined => {
  const { at, by, reason } = fact
  if (fact._tag === "AlertUnshelved") {
    return open.shelved === undefined ? undefined : told(ended(open, at), "unshelved", at, by, reason)
  }
  if (!mayBeShelved(open)) return undefined
  const until = at + fact.minutes * 60_000
  const once = fact.oneShot === undefined ? {} : { oneShot: fact.oneShot }
  const meanwhile = open.shelved?.meanwhile ?? 0
  const shelved = { by, at, reason, until, ...once, meanwhile }
  const how = fact.oneShot === true ? "until it is normal again" : `for ${fact.minutes} min`
  return told({ ...open, shelved, updatedAt: at }, "shelved", at, by, `${how}: ${reason}`)
}

/** The time of an alert's shelving is over. */
export const shelvingOver = (open: Alert, at: EpochMs): Lived => {
  const meanwhile = open.shelved?.meanwhile ?? 0
  const came = meanwhile === 0 ? "" : `; it came ${meanwhile === 1 ? "once" : `${meanwhile} times`} meanwhile`
  return told(ended(open, at), "unshelved", at, rule, `its time is over${came}`)
}
