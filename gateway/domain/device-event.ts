import { Schema } from "effect"
import { DoorCommand } from "./command.ts"
import { DoorMode, DoorPhysicalState, DoorStanding } from "./door.ts"
import { AreaId, CommandId, DeviceId, DoorId, EpochMs, PointRef } from "./ids.ts"
import { GapCause, OccurrenceWord, PointValue } from "./observation.ts"
import { ThreatLevelName } from "./threat-level.ts"

/** What an edge is called: by the kind of point, and the value that it has come to. */
export const edgeNames: { readonly [kind: string]: { readonly [value: string]: string } } = {
  position: { open: "DoorOpened", closed: "DoorClosed", fault: "FaultDetected" },
  lock: { locked: "DoorLocked", unlocked: "DoorUnlocked", fault: "FaultDetected" },
  rex: { on: "ExitRequested", off: "ExitRequestEnded" },
  tamper: { on: "TamperDetected", off: "TamperCleared" },
  fault: { on: "FaultDetected", off: "FaultCleared" },
  motion: { on: "MotionStarted", off: "MotionStopped" },
  input: { on: "InputActivated", off: "InputDeactivated" },
  battery: { low: "BatteryLow", ok: "BatteryRecovered" },
  alarm: { Normal: "DoorAlarmCleared", DoorForcedOpen: "DoorForcedOpen", DoorOpenTooLong: "DoorOpenTooLong" }
}

/** The names of edges between two known readings, each once. */
export const edgeWords: ReadonlyArray<string> = [
  ...new Set([...Object.values(edgeNames).flatMap((names) => Object.values(names)), "DoorModeChanged"])
]

const about = {
  /** Deterministic: `<seq of the fact>.<n>`; the same log gives the same ids. */
  id: Schema.String,
  at: EpochMs,
  device: Schema.optionalKey(DeviceId),
  door: Schema.optionalKey(DoorId)
}

const certificate = { certificate: Schema.String, of: Schema.String, ends: Schema.String }

/** What the fold makes of observations: the edge between two known readings, an occurrence, or a door's new standing. */
export const DeviceEvent = Schema.TaggedUnion({
  /** An edge: `name` is the past-tense word (DoorOpened, DoorLocked, TamperDetected, MotionStarted …). */
  PointChanged: { ...about, point: PointRef, name: Schema.String, from: PointValue, to: PointValue },
  /** A reading after unknown: the state is known again, nothing happened. */
  StateRecovered: { ...about, point: PointRef, to: PointValue },
  /** A reading that can no longer be trusted. */
  StateLost: { ...about, point: PointRef, reason: Schema.String },
  /** Something momentary; `history`: it was told late, of its own time. */
  Occurred: { ...about, point: PointRef, occurrence: OccurrenceWord, history: Schema.optionalKey(Schema.Boolean) },
  DeviceAvailable: { ...about },
  DeviceUnavailable: { ...about, state: Schema.Literals(["offline", "unknown"]), reason: Schema.String },
  DoorStandingChanged: { ...about, from: DoorStanding, to: DoorStanding, reason: Schema.String },
  DoorModeChanged: { ...about, mode: DoorMode },
  /** A grant was used: the officer's "entered" (scenario 1). */
  DoorEntered: { ...about, credential: Schema.optionalKey(Schema.String) },
  /** A grant ran out unused (ONVIF AccessNotTaken). */
  AccessNotTaken: { ...about, credential: Schema.optionalKey(Schema.String) },
  /** A reading after the command shows it done; the position says whether the door was closed then. */
  DoorCommandProved: {
    ...about,
    commandId: CommandId,
    command: DoorCommand,
    mode: DoorMode,
    position: DoorPhysicalState
  },
  /** No reading has shown it in time; the mode is the last known one. */
  DoorCommandNotProved: { ...about, commandId: CommandId, command: DoorCommand, mode: DoorMode },
  /** Open long enough for the pre-alarm. */
  DoorHeldPreAlarm: { ...about },
  /** An area is armed from here on: by its schedule, an officer, or the end of an officer's word. */
  AreaArmed: { ...about, area: AreaId, reason: Schema.String },
  AreaDisarmed: { ...about, area: AreaId, reason: Schema.String },
  ThreatLevelChanged: { ...about, from: ThreatLevelName, to: ThreatLevelName, reason: Schema.String },
  /** The device's clock is off: by so much it is ahead of ours. Told once, until it is right again. */
  ClockSkewed: { ...about, offsetMs: Schema.Finite },
  /** A clock that was off is right again. */
  ClockCorrected: { ...about, offsetMs: Schema.Finite },
  /**
   * A certificate that a link rests on ends in so many days: told each time that fewer are left of a few (30, 14, 7, 3, 1).
   * `certificate`: which one; `of`: whose, for people; `ends`: the date.
   */
  CertificateExpiring: { ...about, ...certificate, daysLeft: Schema.Finite },
  /** It has ended: whoever looks at its dates turns the connection away. */
  CertificateExpired: { ...about, ...certificate },
  /** Another one that does not end soon has taken its place. */
  CertificateRenewed: { ...about, ...certificate },
  /** Maintenance ends by itself in a quarter of an hour; `key`: what it is of. */
  MaintenanceEndsSoon: { ...about, key: Schema.String, by: Schema.String, until: EpochMs },
  /** Maintenance is over; `by`: who ended it, or that its time was over. */
  MaintenanceOver: { ...about, key: Schema.String, by: Schema.String, reason: Schema.String },
  /** The bypass of a point of the door ends by itself in a quarter of an hour. */
  BypassEndsSoon: { ...about, point: PointRef, by: Schema.String, until: EpochMs },
  /** The point counts again. */
  BypassOver: { ...about, point: PointRef, by: Schema.String, reason: Schema.String },
  /** Alerts come faster than people can look at them; `count`: how many new ones came within the time. */
  FloodBegan: { ...about, count: Schema.Finite },
  /** A flood is over; `count`: how many new alerts came in it. */
  FloodEnded: { ...about, since: EpochMs, count: Schema.Finite },
  MessageUnreadable: { ...about, why: Schema.String, source: Schema.String },
  GapRecorded: { ...about, cause: GapCause, detail: Schema.String }
})
export type DeviceEvent = typeof DeviceEvent.Type
