import { Schema } from "effect"
import { certificateSays } from "./certificate.ts"
import { DoorAlarm, DoorMode } from "./door.ts"
import { AreaId, DeviceId, EpochMs } from "./ids.ts"
import { ConditionRef } from "./panel-condition.ts"

/**
 * How an observation came to us. `change`: the source says this is new. `recovery`: the source repeats what has been
 * so for an unknown time (a retained MQTT message, ONVIF `Initialized`, an OPC UA first value). `replayed`: history
 * delivered late. A recovery never makes an edge; a change makes one only against a known earlier reading.
 */
export const Origin = Schema.Literals(["change", "recovery", "replayed"])
export type Origin = typeof Origin.Type

/** What a point measures; decides which words its values are. */
export const PointKind = Schema.Literals([
  "position",
  "lock",
  "rex",
  "tamper",
  "fault",
  "motion",
  "mode",
  "alarm",
  "battery",
  "input"
])
export type PointKind = typeof PointKind.Type

/** The words a reading can carry, per kind. Every one of them also knows `unknown`. */
export const PointValue = Schema.Union([
  Schema.Struct({ kind: Schema.Literal("position"), value: Schema.Literals(["open", "closed", "unknown", "fault"]) }),
  Schema.Struct({ kind: Schema.Literal("lock"), value: Schema.Literals(["locked", "unlocked", "unknown", "fault"]) }),
  Schema.Struct({
    kind: Schema.Literals(["rex", "tamper", "fault", "motion", "input"]),
    value: Schema.Literals(["on", "off", "unknown"])
  }),
  Schema.Struct({ kind: Schema.Literal("battery"), value: Schema.Literals(["low", "ok", "unknown"]) }),
  Schema.Struct({ kind: Schema.Literal("mode"), value: DoorMode }),
  Schema.Struct({ kind: Schema.Literal("alarm"), value: Schema.Union([DoorAlarm, Schema.Literal("unknown")]) })
])
export type PointValue = typeof PointValue.Type

/** ONVIF Access Control Service Specification, `tns1:AccessControl/Denied/Credential`, plus CredentialNotFound. */
export const DenyReason = Schema.Literals([
  "CredentialNotEnabled",
  "CredentialNotActive",
  "CredentialExpired",
  "InvalidPIN",
  "NotPermittedAtThisTime",
  "Unauthorized",
  "CredentialNotFound",
  "AntiPassback",
  "Other"
])
export type DenyReason = typeof DenyReason.Type

/** Who, and where, in the device's own words: for people to read. Absent where the device does not say. */
const person = {
  /** The name of the credential's holder; ONVIF Access Control Service Specification, `CredentialHolderName`. */
  holder: Schema.optionalKey(Schema.String),
  /** The name of the access point, door or reader. */
  at: Schema.optionalKey(Schema.String)
}

/** How somebody passes, as far as the source says: for people to read. */
const passage = {
  ...person,
  /** Which side of the door the reader is on: `in` or `out`. */
  direction: Schema.optionalKey(Schema.Literals(["in", "out"])),
  /** The means: card, pin, fingerprint, remote … */
  method: Schema.optionalKey(Schema.String)
}

/**
 * Something momentary. Two equal ones are two happenings: they are never compared to drop one
 * (only a `nativeKey` or the transport's own redelivery mark does that).
 */
export const OccurrenceWord = Schema.TaggedUnion({
  AccessGranted: {
    credential: Schema.optionalKey(Schema.String),
    extended: Schema.optionalKey(Schema.Boolean),
    ...passage
  },
  AccessDenied: {
    credential: Schema.optionalKey(Schema.String),
    reason: DenyReason,
    /** The device's own word for the reason, for people to read. */
    detail: Schema.optionalKey(Schema.String),
    ...passage
  },
  /** A credential was read at a reader that decides nothing itself: whether it opens a door is not known. */
  CredentialPresented: { credential: Schema.String, ...passage },
  AccessTaken: { credential: Schema.optionalKey(Schema.String), ...person },
  AccessNotTaken: { credential: Schema.optionalKey(Schema.String), ...person },
  DuressSignalled: { credential: Schema.optionalKey(Schema.String), ...person },
  ExitRequested: {},
  ButtonPressed: { action: Schema.String },
  /** `at`: where, in the words of who calls. */
  PanicPressed: { at: Schema.optionalKey(Schema.String) },
  VibrationDetected: {},
  /** A detector that tells no end of the motion: it says so anew each time. */
  MotionDetected: {},
  /** Somebody rings at the door, or calls from its intercom. */
  DoorbellPressed: {},
  /** A lock was worked: `action` is what it did, in the device's own word. */
  LockOperated: {
    action: Schema.String,
    credential: Schema.optionalKey(Schema.String),
    method: Schema.optionalKey(Schema.String)
  },
  /** Video analytics began to follow something: `object` is its class, `track` names it while it is followed. */
  ObjectDetected: {
    object: Schema.String,
    track: Schema.optionalKey(Schema.String),
    zones: Schema.optionalKey(Schema.String)
  },
  /** It follows it no longer. */
  ObjectLeft: { object: Schema.String, track: Schema.optionalKey(Schema.String) },
  /** Video analytics hold what they see for worth a person's look. */
  CameraAlerted: {
    objects: Schema.optionalKey(Schema.String),
    zones: Schema.optionalKey(Schema.String),
    person: Schema.optionalKey(Schema.String)
  },
  /** ONVIF Analytics Service Specification, `RuleEngine/LineDetector/Crossed`. */
  LineCrossed: { object: Schema.optionalKey(Schema.String), direction: Schema.optionalKey(Schema.String) },
  FaceRecognised: { person: Schema.String, confidence: Schema.optionalKey(Schema.String) },
  PlateRecognised: {
    plate: Schema.String,
    holder: Schema.optionalKey(Schema.String),
    confidence: Schema.optionalKey(Schema.String)
  },
  /** A sound was recognised: a shot, a scream, breaking glass. ONVIF Analytics, `RuleEngine/AudioDetector/Class`. */
  SoundDetected: { sound: Schema.String },
  /** A credential went in twice, or out twice. ONVIF Credential Service, `Credential/State/ApbViolation`. */
  AntiPassbackViolated: { credential: Schema.String },
  /** A credential opens nothing any more: locked out, lost, expired. ONVIF Credential Service, `Credential/State/Enabled`. */
  CredentialDisabled: {
    credential: Schema.String,
    /** The device's own word for the reason, for people to read. */
    detail: Schema.optionalKey(Schema.String)
  },
  /** Somebody failed to log in at the device. ONVIF Core Specification, `Device/SecurityPolicy/AuthFailed`. */
  DeviceAuthenticationFailed: { from: Schema.optionalKey(Schema.String) },
  DoorForcedReported: {},
  DoorHeldReported: {},
  DeviceRestarted: {},
  DeviceConfigurationChanged: {}
})
export type OccurrenceWord = typeof OccurrenceWord.Type

/** Where in the protocol an observation came from, for people who trace it back. */
const provenance = {
  /** MQTT topic, ONVIF topic, OPC UA node. */
  source: Schema.String,
  /** The message as it came (redacted), when the profile asks for it to be kept. */
  raw: Schema.optionalKey(Schema.String)
}

const told = {
  device: DeviceId,
  point: Schema.String,
  origin: Origin,
  /** When the device says it happened; absent when it does not say. */
  deviceTime: Schema.optionalKey(EpochMs),
  /** Where it is, of a source that is not at one place: a phone. Absent: where its device hangs. */
  area: Schema.optionalKey(AreaId),
  /** The source marks it as a test or simulation: stored and shown, never alerted. */
  test: Schema.optionalKey(Schema.Boolean),
  ...provenance
}

const signal = {
  ...told,
  /** The source's own identity of this happening, unique for ever: a second one with this key is the same happening. */
  nativeKey: Schema.optionalKey(Schema.String),
  /** The condition of a panel that it was made of. */
  condition: Schema.optionalKey(ConditionRef)
}

/** How it came that something could not be seen. */
export const GapCause = Schema.Literals(["SessionLost", "SubscriptionRefused", "EventsDropped", "QueueDropped"])

/** What an adapter reports, in our words. Adapters never decide that something changed: only the stored state knows. */
export const Observation = Schema.TaggedUnion({
  /** A point has a value. */
  Reading: { ...signal, reading: PointValue },
  /** Something momentary happened at a point. */
  Occurrence: { ...signal, occurrence: OccurrenceWord },
  /**
   * A condition of a panel is in another state, or is told again (OPC 10000-9). It comes before what it makes of its
   * point. A branch makes nothing of it: it tells of the past.
   */
  PanelCondition: {
    ...told,
    condition: ConditionRef,
    /** The EventId of this state. */
    event: Schema.String,
    /** Absent while the panel does not know: it is disabled. */
    active: Schema.optionalKey(Schema.Boolean),
    acked: Schema.Boolean,
    /** The panel holds it for interesting still; else it wants no answer any more. */
    retain: Schema.Boolean,
    /** The panel did not tell it when it was asked for all. */
    gone: Schema.optionalKey(Schema.Boolean),
    /** What was said last at the panel, and by whom, as far as it tells. */
    comment: Schema.optionalKey(Schema.String),
    by: Schema.optionalKey(Schema.String),
    /** What it makes of its point while it is active: a reading, or an occurrence by its word. */
    means: Schema.Union([Schema.Struct({ reading: PointValue }), Schema.Struct({ occurrence: Schema.String })]),
    /** The panel has shelved it (OPC 10000-9, ShelvingState); absent where it does not tell. */
    shelved: Schema.optionalKey(Schema.Boolean),
    /** Officers' acknowledgements are to go back to it. */
    answerable: Schema.Boolean,
    /** Their notes are, too. */
    commentable: Schema.optionalKey(Schema.Boolean),
    /** Their shelving is, too. */
    shelvable: Schema.optionalKey(Schema.Boolean)
  },
  /** Is the device there? A bridge that is lost takes every device `via` it along. */
  Availability: {
    device: DeviceId,
    state: Schema.Literals(["online", "offline", "unknown"]),
    origin: Origin,
    reason: Schema.String,
    deviceTime: Schema.optionalKey(EpochMs),
    ...provenance
  },
  /** A certificate that the link rests on, told when it is another one than before. */
  Certificate: {
    /** The device whose own link it is; absent: it is the link's. */
    device: Schema.optionalKey(DeviceId),
    ...certificateSays,
    ...provenance
  },
  /** A message that could not be read: kept whole (redacted, cut at 4 kB), counted, never blocking. */
  Unreadable: { device: Schema.optionalKey(DeviceId), why: Schema.String, source: Schema.String, raw: Schema.String },
  /** A message of a device that the configuration does not know. */
  UnknownDevice: {
    address: Schema.String,
    profile: Schema.optionalKey(Schema.String),
    source: Schema.String,
    raw: Schema.String
  },
  /** Something we could not see. Readings of the devices concerned are unknown from here on. */
  Gap: {
    cause: GapCause,
    /** Absent: every device of the link. */
    devices: Schema.optionalKey(Schema.Array(DeviceId)),
    from: Schema.optionalKey(EpochMs),
    to: Schema.optionalKey(EpochMs),
    count: Schema.optionalKey(Schema.Finite),
    detail: Schema.String
  }
})
export type Observation = typeof Observation.Type

/** Three-valued by construction: what was never read, or can no longer be trusted. */
export const unknownValue = (kind: PointKind): PointValue =>
  kind === "mode" ? { kind, value: "Unknown" } : ({ kind, value: "unknown" } as PointValue)
