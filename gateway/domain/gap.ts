import { Schema } from "effect"
import { Priority } from "./alert.ts"
import { AlertId, AreaId, CameraId, DeviceId, DoorId, EpochMs, IncidentId, LinkId } from "./ids.ts"

/** In which way something is not protected. */
export const GapKind = Schema.Literals([
  "store-refuses",
  "configuration-refused",
  "link-away",
  "link-weak",
  "device-away",
  "device-disabled",
  "points-unknown",
  "clock-skewed",
  "certificate-ends",
  "calendar-over",
  "picture-frozen",
  "door-blind",
  "door-open-to-all",
  "bypass",
  "maintenance",
  "alert-shelved",
  "alert-chattering",
  "area-disarmed",
  "console-unwatched",
  "console-silenced",
  "rule-overloaded",
  "clery-overdue",
  "configuration-weak",
  "channel-broken",
  "nobody-registered",
  "nobody-told"
]).annotate({ identifier: "GapKind" })
export type GapKind = typeof GapKind.Type

/** Something that is not protected right now: what, since when, who answers for it, why, until when, and what to do. */
export const Gap = Schema.Struct({
  /** The same gap has the same id as long as it lasts: `device-away:east-contact`. */
  id: Schema.String,
  kind: GapKind,
  /** As the priorities of alerts: 1 critical, 4 low. */
  severity: Priority,
  title: Schema.String,
  door: Schema.optionalKey(DoorId),
  device: Schema.optionalKey(DeviceId),
  area: Schema.optionalKey(AreaId),
  link: Schema.optionalKey(LinkId),
  camera: Schema.optionalKey(CameraId),
  alert: Schema.optionalKey(AlertId),
  incident: Schema.optionalKey(IncidentId),
  /** Absent where nobody knows: a device that was never heard, a setting that was always so. */
  since: Schema.optionalKey(EpochMs),
  /** The officer who answers for it, or what causes it. */
  owner: Schema.String,
  reason: Schema.String,
  /** It ends by itself then; absent for a condition, which ends when it is over. */
  until: Schema.optionalKey(EpochMs),
  todo: Schema.String
}).annotate({ identifier: "Gap" })
export type Gap = typeof Gap.Type
