import { Schema } from "effect"

/** ONVIF Door Control Service Specification, section "DoorPhysicalState". */
export const DoorPhysicalState = Schema.Literals(["Open", "Closed", "Unknown", "Fault"])
export type DoorPhysicalState = typeof DoorPhysicalState.Type

/** ONVIF Door Control Service Specification, section "LockPhysicalState". */
export const LockPhysicalState = Schema.Literals(["Locked", "Unlocked", "Unknown", "Fault"])
export type LockPhysicalState = typeof LockPhysicalState.Type

/** ONVIF Door Control Service Specification, section "DoorMode". */
export const DoorMode = Schema.Literals([
  "Unknown",
  "Locked",
  "Unlocked",
  "Accessed",
  "Blocked",
  "LockedDown",
  "LockedOpen",
  "DoubleLocked"
])
export type DoorMode = typeof DoorMode.Type

/** ONVIF Door Control Service Specification, section "DoorAlarmState". */
export const DoorAlarm = Schema.Literals(["Normal", "DoorForcedOpen", "DoorOpenTooLong"])
export type DoorAlarm = typeof DoorAlarm.Type

/** Where a door stands in the gateway's own door machine (design, section 5). */
export const DoorStanding = Schema.Literals([
  "Secure",
  "Granted",
  "Open",
  "UnverifiedOpening",
  "Forced",
  "HeldPreAlarm",
  "Held",
  "Unlocked",
  "LockedDown",
  "OutOfService",
  "Unknown"
]).annotate({ identifier: "DoorStanding" })
export type DoorStanding = typeof DoorStanding.Type

const seconds = (fallback: number, description: string) =>
  Schema.Finite.pipe(
    Schema.check(Schema.isGreaterThanOrEqualTo(0)),
    Schema.annotate({ description, default: fallback }),
    Schema.optionalKey
  )

/**
 * A door's times as an operator writes them; what is left out takes `defaultDoorTimes`.
 * All are seconds, except those whose name ends in Ms.
 */
export const DoorTimes = Schema.Struct({
  grantSeconds: seconds(5, "How long a grant unlocks the door"),
  extendedGrantSeconds: seconds(
    15,
    "Added to grantSeconds and heldOpenSeconds for an extended-time (accessibility) grant"
  ),
  entrySeconds: seconds(3, "Time to open after the grant has run out"),
  rexValidSeconds: seconds(5, "How long a request to exit covers an opening that follows it"),
  rexLateSeconds: seconds(1, "A request to exit this much after the opening still covers it (clock tolerance)"),
  heldOpenSeconds: seconds(30, "Open longer than this is held; at least 10 (IEC 60839-11-1)"),
  heldPreAlarmSeconds: seconds(20, "Open longer than this is the pre-alarm; below heldOpenSeconds"),
  debounceMs: seconds(150, "A contact change shorter than this is bounce; at most 400 (IEC 60839-11-1)"),
  relatchMs: seconds(2000, "A re-opening this soon after a covered opening closed is latch bounce, not forced"),
  reorderGraceMs: seconds(1500, "How long an uncovered opening waits for a grant that is still on its way"),
  commandProofSeconds: seconds(10, "How long after its acceptance a command may take to show in the door's mode")
}).annotate({ identifier: "DoorTimes" })
export type DoorTimes = typeof DoorTimes.Type

/** Every time filled in. */
export type CompleteDoorTimes = Required<DoorTimes>

/**
 * Sources: grant 5 s and +15 s extended (BACnet Access Door object, Axis door API); entry 3 s (Genetec example 5 + 3);
 * REX 5 s (Verkada 3 s, widened); held 30 s (BACnet implementation default) and never below 10 s (IEC 60839-11-1
 * Table 2); pre-alarm 10 s before; debounce under 400 ms (IEC 60839-11-1: a signal of 400 ms shall be processed);
 * re-latch, reorder grace and the time for a command's proof are ours.
 */
export const defaultDoorTimes: CompleteDoorTimes = {
  grantSeconds: 5,
  extendedGrantSeconds: 15,
  entrySeconds: 3,
  rexValidSeconds: 5,
  rexLateSeconds: 1,
  heldOpenSeconds: 30,
  heldPreAlarmSeconds: 20,
  debounceMs: 150,
  relatchMs: 2000,
  reorderGraceMs: 1500,
  commandProofSeconds: 10
}
