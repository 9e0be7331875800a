import { Schema } from "effect"

const id = (identifier: string, what: string, example: string) =>
  Schema.String.pipe(
    Schema.check(
      Schema.isPattern(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, {
        expected: `${what}: letters, digits, ".", "_" and "-", at most 64, such as "${example}"`
      })
    )
  ).annotate({ identifier, description: what })

/** One gateway and its campus. Together with `seq` it names a log entry for ever, across a district. */
export const SiteId = id("SiteId", "a site id", "north-campus").pipe(Schema.brand("SiteId"))
export type SiteId = typeof SiteId.Type

export const AreaId = id("AreaId", "an area id", "science-hall").pipe(Schema.brand("AreaId"))
export type AreaId = typeof AreaId.Type

export const DoorId = id("DoorId", "a door id", "B2-E4").pipe(Schema.brand("DoorId"))
export type DoorId = typeof DoorId.Type

export const CameraId = id("CameraId", "a camera id", "cam-east").pipe(Schema.brand("CameraId"))
export type CameraId = typeof CameraId.Type

export const DeviceId = id("DeviceId", "a device id", "east-contact").pipe(Schema.brand("DeviceId"))
export type DeviceId = typeof DeviceId.Type

export const LinkId = id("LinkId", "a link id", "mqtt").pipe(Schema.brand("LinkId"))
export type LinkId = typeof LinkId.Type

/** `A-<seq of the fact that raised it>`, with `.2`, `.3` … when one fact raised several: the same log gives the same ids. */
export const AlertId = id("AlertId", "an alert id", "A-4821").pipe(Schema.brand("AlertId"))
export type AlertId = typeof AlertId.Type

export const PersonId = id("PersonId", "a person's id", "r-alvarez").pipe(Schema.brand("PersonId"))
export type PersonId = typeof PersonId.Type

/** One way out of the gateway to people: a mail server, a modem, a webhook. */
export const ChannelId = id("ChannelId", "a channel id", "mail").pipe(Schema.brand("ChannelId"))
export type ChannelId = typeof ChannelId.Type

/** A drawing of a part of the campus. */
export const PlanId = id("PlanId", "a plan's id", "science-ground").pipe(Schema.brand("PlanId"))
export type PlanId = typeof PlanId.Type

/** `C-<seq of the fact that gave it>`: the same log gives the same ids. */
export const CommandId = id("CommandId", "a command id", "C-4821").pipe(Schema.brand("CommandId"))
export type CommandId = typeof CommandId.Type

/** `I-<seq of the fact that opened it>`: the same log gives the same ids. */
export const IncidentId = id("IncidentId", "an incident id", "I-4821").pipe(Schema.brand("IncidentId"))
export type IncidentId = typeof IncidentId.Type

/**
 * One signal of a device: `<device>/<point>`, such as `east-contact/contact` or `panel-1/door-4.position`.
 * The point's own name is given by the device's profile.
 */
export const PointRef = Schema.String.pipe(
  Schema.check(
    Schema.isPattern(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\/[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/, {
      expected: 'a point written as "<device>/<point>", such as "east-contact/contact"'
    })
  ),
  Schema.brand("PointRef")
).annotate({ identifier: "PointRef", description: "A point of a device, written <device>/<point>" })
export type PointRef = typeof PointRef.Type

/** A device's point. Both names have been looked at when they were configured or mapped; no message pays for it again. */
export const pointRef = (device: DeviceId, point: string): PointRef => `${device}/${point}` as PointRef

/** Epoch milliseconds, UTC. Inside the gateway every instant is one of these; ISO 8601 appears only at the rim. */
export const EpochMs = Schema.Finite.annotate({
  identifier: "EpochMs",
  description: "Milliseconds since 1970-01-01T00:00:00Z"
})
export type EpochMs = typeof EpochMs.Type
