import { Schema } from "effect"
import { AlertChange } from "../domain/alert.ts"
import { DeviceEvent } from "../domain/device-event.ts"
import { Fact } from "../domain/fact.ts"
import { IncidentChange } from "../domain/incident.ts"
import { AlertId, DeviceId, DoorId, EpochMs, SiteId } from "../domain/ids.ts"
import { Notification } from "../domain/notification.ts"

const common = {
  /** Position in the log, from 1, without holes. `(site, seq)` names the entry for ever. */
  seq: Schema.Finite,
  site: SiteId,
  /** On disk. */
  recordedAt: EpochMs,
  device: Schema.optionalKey(DeviceId),
  door: Schema.optionalKey(DoorId),
  alert: Schema.optionalKey(AlertId)
}

/** One line of the security log: a fact, or what the fold concluded from the fact `cause`. */
export const Entry = Schema.TaggedUnion({
  /** `event`: what the observation itself came to, at its own device. */
  Fact: { ...common, fact: Fact, event: Schema.optionalKey(DeviceEvent) },
  /** An event of a door, of another device, or of time. */
  Event: { ...common, cause: Schema.Finite, event: DeviceEvent },
  Alert: { ...common, cause: Schema.Finite, change: AlertChange },
  Incident: { ...common, cause: Schema.Finite, change: IncidentChange },
  /** How far the delivery of an alert to somebody has come. */
  Notification: { ...common, cause: Schema.Finite, notification: Notification }
})
export type Entry = typeof Entry.Type

/** Whether an entry is of a kind that one asks for: a fact that tells its own event is of both. */
export const isOfKind = (entry: Entry, kind: Entry["_tag"]): boolean =>
  kind === "Event" ? "event" in entry : entry._tag === kind
