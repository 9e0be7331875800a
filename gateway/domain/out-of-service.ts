import { Schema } from "effect"
import { AreaId, DeviceId, DoorId, EpochMs, PointRef } from "./ids.ts"

/** What is worked on: exactly one of them. An area stands for all that lies in it. */
export const servicedThing = {
  door: Schema.optionalKey(DoorId),
  device: Schema.optionalKey(DeviceId),
  area: Schema.optionalKey(AreaId)
}

export interface ServicedThing {
  readonly door?: DoorId
  readonly device?: DeviceId
  readonly area?: AreaId
}

/** `door:<id>`, `device:<id>` or `area:<id>`. */
export const serviceKeyOf = ({ door, device, area }: ServicedThing): string =>
  door !== undefined ? `door:${door}` : device !== undefined ? `device:${device}` : `area:${area ?? ""}`

const term = {
  /** Who answers for it. */
  by: Schema.String,
  /** It began. */
  at: EpochMs,
  reason: Schema.String,
  /** It ends by itself then. */
  until: EpochMs
}

/**
 * There is no third way to make something silent: an officer shelves an alert, and puts a thing in maintenance.
 *
 * A door, a device or an area is worked on (ANSI/ISA-18.2: its alarms are out of service). What happens there is kept and
 * raises its alerts; they make no sound before the end, tamper and calls for help excepted.
 */
export const Maintenance = Schema.Struct({ ...servicedThing, ...term }).annotate({ identifier: "Maintenance" })
export type Maintenance = typeof Maintenance.Type

/** One point of a door is not believed: what it says is kept, and the door goes on as if it had no such point. */
export const Bypass = Schema.Struct({ door: DoorId, point: PointRef, ...term }).annotate({ identifier: "Bypass" })
export type Bypass = typeof Bypass.Type

/** Why an alert makes no sound: what it is about is in maintenance, or was when it came last. */
export const OutOfService = Schema.Struct({
  /** What is in maintenance: `door:<id>`, `device:<id>` or `area:<id>`. */
  key: Schema.String,
  ...term,
  /** How often the condition came during it. */
  meanwhile: Schema.Finite,
  /** The maintenance is over, and the condition was normal by then: it asks again once it comes again. */
  endedAt: Schema.optionalKey(EpochMs)
}).annotate({ identifier: "OutOfService" })
export type OutOfService = typeof OutOfService.Type

/** An officer is told so long before maintenance or a bypass ends by itself. */
export const endsSoonMinutes = 15
