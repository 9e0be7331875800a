import { Schema } from "effect"
import { Arming } from "./arming.ts"
import { DoorTimes } from "./door.ts"
import { CampusChannel, EscalationPolicy, EscalationRoutes } from "./escalation.ts"
import { FrameTimes } from "./evidence.ts"
import { FloodLimits } from "./flood.ts"
import { IncidentKeeping } from "./incident.ts"
import { AreaId, CameraId, DeviceId, DoorId, LinkId, PointRef, SiteId } from "./ids.ts"
import { Acknowledging } from "./panel-condition.ts"
import { Person } from "./person.ts"
import { Procedure } from "./procedure.ts"
import { Plan } from "./plan.ts"
import { Calendar, Schedule, ScheduleRef } from "./schedule.ts"
import { ThreatLevelName } from "./threat-level.ts"
import { Rule } from "./rule.ts"

/** A part of the campus. Areas form a tree: site, building, floor, room. */
export const Area = Schema.Struct({
  id: AreaId,
  name: Schema.NonEmptyString,
  kind: Schema.Literals(["building", "floor", "room", "outdoors"]),
  /** The area this one lies in; absent for one that lies directly in the site. */
  in: Schema.optionalKey(AreaId),
  /** When it is armed; absent: when the area it lies in is, and never for one that lies in none. */
  arming: Schema.optionalKey(Arming)
}).annotate({ identifier: "Area" })
export type Area = typeof Area.Type

/** A thing with an address that speaks a protocol. */
export const Device = Schema.Struct({
  id: DeviceId,
  name: Schema.optionalKey(Schema.NonEmptyString),
  /** The link it is heard on. */
  link: LinkId,
  /** The reusable mapping from its product's messages to our words. */
  profile: Schema.NonEmptyString,
  /** What the profile's topic capture yields for it: a Zigbee2MQTT friendly name, a Shelly id, a controller's serial number. */
  address: Schema.NonEmptyString,
  /**
   * Where it hangs: what it tells belongs there unless the point belongs to a door, or it is a camera. A motion detector in
   * a corridor needs it, so that it counts while the corridor is armed.
   */
  area: Schema.optionalKey(
    AreaId.annotate({ description: "Where it hangs; of points of no door and of devices that are no camera" })
  ),
  /** The bridge it is behind: when that one is lost, this one is unknown. */
  via: Schema.optionalKey(DeviceId),
  /** Offline longer than this is an alert (default 90: three missed 30 s heartbeats). */
  offlineGraceSeconds: Schema.optionalKey(Schema.Finite),
  /**
   * The device says something at least this often; silent for longer, it is unknown and an alert (Zigbee2MQTT takes 25 h
   * for battery devices). That it goes offline in between is then its sleep.
   */
  expectedIntervalSeconds: Schema.optionalKey(Schema.Finite.pipe(Schema.check(Schema.isGreaterThan(0)))),
  /** IANA zone of times the device writes without an offset. */
  timeZone: Schema.optionalKey(Schema.NonEmptyString),
  /** Points whose two values are swapped: a normally-open contact. */
  invert: Schema.optionalKey(Schema.Array(Schema.String)),
  /** What its profile lets a site set, by name: a base topic other than the usual one, a sensor's model, radio codes. */
  parameters: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
  /** What an officer's acknowledgement does at its conditions; absent: what its link's `acknowledge` says. */
  acknowledge: Schema.optionalKey(Acknowledging),
  /** Whether officers' notes go to its conditions; absent: what its link's `comments` says. */
  comments: Schema.optionalKey(
    Schema.Boolean.annotate({ description: "Whether officers' notes go to the device; absent: what its link says" })
  ),
  /** Whether officers' shelving goes to its conditions; absent: what its link's `shelving` says. */
  shelving: Schema.optionalKey(
    Schema.Boolean.annotate({
      description: "Whether officers' shelving goes to the device; absent: what its link says"
    })
  ),
  disabled: Schema.optionalKey(Schema.Boolean)
}).annotate({ identifier: "Device" })
export type Device = typeof Device.Type

/** One side of a door with a reader (ONVIF AccessPoint). */
export const AccessPoint = Schema.Struct({
  reader: PointRef,
  direction: Schema.Literals(["in", "out"]),
  name: Schema.optionalKey(Schema.NonEmptyString)
}).annotate({ identifier: "AccessPoint" })
export type AccessPoint = typeof AccessPoint.Type

/** The portal people pass, and the points it is made of. */
export const Door = Schema.Struct({
  id: DoorId,
  name: Schema.NonEmptyString,
  area: AreaId,
  /** Door position switch (DPS). Without it a door cannot be known to be forced or held. */
  position: Schema.optionalKey(PointRef),
  lock: Schema.optionalKey(PointRef),
  /** Request to exit. */
  rex: Schema.optionalKey(Schema.Array(PointRef)),
  accessPoints: Schema.optionalKey(Schema.Array(AccessPoint)),
  tamper: Schema.optionalKey(Schema.Array(PointRef)),
  /** The controller's own verdict (ONVIF DoorAlarm) and mode, merged with ours. */
  alarm: Schema.optionalKey(PointRef),
  mode: Schema.optionalKey(PointRef),
  cameras: Schema.optionalKey(Schema.Array(CameraId)),
  times: Schema.optionalKey(DoorTimes),
  /** Times that take the place of `times` while a schedule holds: a delivery's door may stand open longer. */
  timesDuring: Schema.optionalKey(Schema.Array(Schema.Struct({ schedule: ScheduleRef, times: DoorTimes }))),
  /**
   * When the door is unlocked by its controller's or its lock's own schedule: to open it then is no forced entry, and it
   * may stand open. The gateway expects this; it commands nothing.
   */
  unlockedDuring: Schema.optionalKey(
    Schema.Struct({
      schedule: ScheduleRef,
      /** Not before somebody was granted access: nobody unlocks an empty building. */
      firstPersonIn: Schema.optionalKey(Schema.Boolean),
      /**
       * Somebody who went in so long before it begins is the first person too, and the door is unlocked when it begins: as
       * the door's controller has it. Controllers have it as an option, and none by default (Verkada's grace period, Keri's
       * 15 minutes, Kisi's schedule of its own).
       */
      firstPersonEarlyMinutes: Schema.optionalKey(
        Schema.Int.annotate({
          description: "Who goes in so many minutes before it begins is the first person too (default 0)"
        }).pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: 240 })))
      )
    })
  )
}).annotate({ identifier: "Door" })
export type Door = typeof Door.Type

export const Camera = Schema.Struct({
  id: CameraId,
  name: Schema.NonEmptyString,
  area: AreaId,
  /** What its pictures are fetched from; without one it has none. */
  device: Schema.optionalKey(DeviceId),
  frames: Schema.optionalKey(FrameTimes)
}).annotate({ identifier: "Camera" })
export type Camera = typeof Camera.Type

/** The place the gateway is for. */
export const Site = Schema.Struct({
  id: SiteId,
  name: Schema.NonEmptyString,
  timeZone: Schema.NonEmptyString,
  /** Lowest first; absent: normal, elevated, high. */
  threatLevels: Schema.optionalKey(Schema.Array(ThreatLevelName).pipe(Schema.check(Schema.isMinLength(1))))
}).annotate({ identifier: "Site" })
export type Site = typeof Site.Type

/** The whole campus as the fold knows it: what a config-change fact carries. */
export const Campus = Schema.Struct({
  site: Site,
  areas: Schema.Array(Area),
  devices: Schema.Array(Device),
  doors: Schema.Array(Door),
  cameras: Schema.Array(Camera),
  schedules: Schema.optionalKey(Schema.Array(Schedule)),
  calendars: Schema.optionalKey(Schema.Array(Calendar)),
  /** Absent where no rules are configured beside the gateway's own. */
  rules: Schema.optionalKey(Schema.Array(Rule)),
  /** What officers are to do, step by step; absent where nothing is laid down. */
  procedures: Schema.optionalKey(Schema.Array(Procedure)),
  /** How cases are kept; absent: as usual. */
  incidents: Schema.optionalKey(IncidentKeeping),
  /** Absent where nobody is named: who has a token acts under the name they give. */
  people: Schema.optionalKey(Schema.Array(Person)),
  /** Absent where nothing is drawn. */
  plans: Schema.optionalKey(Schema.Array(Plan)),
  /** When a flood of alerts begins and ends, where the site wants it otherwise than usual. */
  flood: Schema.optionalKey(FloodLimits),
  /** The ways out to people. Absent where there is none: alerts are on the console only. */
  channels: Schema.optionalKey(Schema.Array(CampusChannel)),
  escalations: Schema.optionalKey(Schema.Array(EscalationPolicy)),
  /** The policy of alerts whose rule names none; absent: as if it named nothing. */
  routes: Schema.optionalKey(EscalationRoutes)
}).annotate({ identifier: "Campus" })
export type Campus = typeof Campus.Type
