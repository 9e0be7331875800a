import type { Decision } from "../correlation/decision.ts"
import type { Writable } from "../correlation/writable.ts"
import type { DeviceEvent } from "../domain/device-event.ts"
import type { Fact } from "../domain/fact.ts"
import type { AlertId, DeviceId, DoorId, SiteId } from "../domain/ids.ts"
import { alertOfNotification } from "../domain/notification.ts"
import type { Entry } from "./entry.ts"

const deviceOfFact = (fact: Fact): DeviceId | undefined => {
  if (fact._tag !== "Observed" || !("device" in fact.observation)) return undefined
  return fact.observation.device
}

const alertOfFact = (fact: Fact): AlertId | undefined => {
  if ("alert" in fact) return fact.alert
  return "notification" in fact ? alertOfNotification(fact.notification) : undefined
}

/**
 * What an observation itself came to: the first decision, where it speaks of the same device and of no door. It is told
 * in the fact's own entry; nearly every message of a busy campus has one.
 */
const ownEvent = (fact: Fact, decisions: ReadonlyArray<Decision>): DeviceEvent | undefined => {
  const first = decisions[0]
  if (fact._tag !== "Observed" || first?._tag !== "Event") return undefined
  const { event } = first
  return event.door === undefined && event.device === deviceOfFact(fact) ? event : undefined
}

const factEntry = (
  site: SiteId,
  seq: number,
  recordedAt: number,
  fact: Fact,
  event: DeviceEvent | undefined
): Entry => {
  const device = deviceOfFact(fact)
  const door = "door" in fact ? fact.door : undefined
  const alert = alertOfFact(fact)
  // One is made of every message: put together so it costs a third of what four spreads cost. The order is that of its JSON.
  const entry = { _tag: "Fact", seq, site, recordedAt } as Writable<Extract<Entry, { _tag: "Fact" }>>
  if (device !== undefined) entry.device = device
  if (door !== undefined) entry.door = door
  if (alert !== undefined) entry.alert = alert
  entry.fact = fact
  if (event !== undefined) entry.event = event
  return entry
}

const decisionEntry = (site: SiteId, seq: number, recordedAt: number, cause: number, decision: Decision): Entry => {
  if (decision._tag === "Incident") return { _tag: "Incident", seq, site, recordedAt, cause, change: decision.change }
  if (decision._tag === "Notification") {
    const { notification } = decision
    return { _tag: "Notification", seq, site, recordedAt, cause, alert: notification.alert, notification }
  }
  const subject: { readonly device?: DeviceId | undefined; readonly door?: DoorId | undefined } =
    decision._tag === "Event" ? decision.event : decision.change.alert
  const common = {
    seq,
    site,
    recordedAt,
    cause,
    ...(subject.device === undefined ? {} : { device: subject.device }),
    ...(subject.door === undefined ? {} : { door: subject.door })
  }
  return decision._tag === "Event"
    ? { _tag: "Event", ...common, event: decision.event }
    : { _tag: "Alert", ...common, alert: decision.change.alert.id, change: decision.change }
}

/** A fact and what the fold concluded from it as entries from `seq` on, the fact's first. */
export const entriesOf = (
  site: SiteId,
  seq: number,
  recordedAt: number,
  fact: Fact,
  decisions: ReadonlyArray<Decision>
): ReadonlyArray<Entry> => {
  const event = ownEvent(fact, decisions)
  const entries = [factEntry(site, seq, recordedAt, fact, event)]
  for (const decision of event === undefined ? decisions : decisions.slice(1)) {
    entries.push(decisionEntry(site, seq + entries.length, recordedAt, seq, decision))
  }
  return entries
}

/** How many entries `entriesOf` makes of them. */
export const entryCount = (fact: Fact, decisions: ReadonlyArray<Decision>): number =>
  decisions.length + (ownEvent(fact, decisions) === undefined ? 1 : 0)
