import { Schema } from "effect"
import { Outcome } from "./alert.ts"
import { ArmingState } from "./arming.ts"
import { Campus } from "./campus.ts"
import { StepId } from "./checklist.ts"
import { CommandOutcome } from "./command-record.ts"
import { consoleFacts } from "./console.ts"
import { DoorCommand } from "./command.ts"
import { ConfigProblem } from "./configuration.ts"
import { EvidenceHash, frameOf, PictureType } from "./evidence.ts"
import { Gap } from "./gap.ts"
import {
  AlertId,
  AreaId,
  CameraId,
  ChannelId,
  CommandId,
  DeviceId,
  DoorId,
  EpochMs,
  IncidentId,
  LinkId,
  PersonId,
  PointRef
} from "./ids.ts"
import { CaseAlert, CaseFields, CaseRole, Disposition, Incident } from "./incident.ts"
import { LinkState } from "./link.ts"
import { NotificationId, NotificationOutcome, RefusalScope } from "./notification.ts"
import { Observation } from "./observation.ts"
import { servicedThing } from "./out-of-service.ts"
import { RuleId } from "./rule.ts"
import { ConditionRef, WriteBackKind, WriteBackOutcome } from "./panel-condition.ts"
import { LocalDate } from "./schedule.ts"
import { shiftFacts } from "./shift.ts"
import { signInFacts } from "./sign-in.ts"
import { ThreatLevelName } from "./threat-level.ts"

/**
 * A device's clock may be off by so much without being wrong: a live alert waits as long for what is on its way
 * (scenarios reference: 2 s watermark).
 */
export const clockToleranceMs = 2000

/** How far a device's clock can be trusted, as measured when the observation came. */
export const ClockQuality = Schema.Struct({
  trusted: Schema.Boolean,
  /** Device clock minus ours, best estimate. */
  offsetMs: Schema.Finite,
  uncertaintyMs: Schema.Finite,
  /** The device says what has not happened yet, by so much: its time lies beyond the tolerance after we heard of it. */
  aheadMs: Schema.optionalKey(Schema.Finite)
})
export type ClockQuality = typeof ClockQuality.Type

/** Which of officers' acts: of which alert, at which condition, and to which state of it. */
const writeBack = {
  alert: AlertId,
  device: DeviceId,
  condition: ConditionRef,
  kind: WriteBackKind,
  /** Log entry of the officer's fact that asks for it. */
  asked: Schema.optionalKey(Schema.Finite),
  /** The EventId of the state that it is for. */
  event: Schema.String
}

/** Which step of an alert's procedure, and who speaks of it. */
const step = { alert: AlertId, step: StepId, by: Schema.NonEmptyString }

/** Which case, and who speaks of it. */
const ofCase = { incident: IncidentId, by: Schema.NonEmptyString }

/** Whatever enters the log. `at` is the gateway's own clock, never running backwards within one log. */
export const Fact = Schema.TaggedUnion({
  Observed: {
    at: EpochMs,
    link: LinkId,
    observation: Observation,
    /** We heard. */
    receivedAt: EpochMs,
    /** It happened: the device's time corrected by its clock's offset when trusted, else `receivedAt`. */
    occurredAt: EpochMs,
    clock: Schema.optionalKey(ClockQuality)
  },
  /** Time has come to `at`: whatever was due fires. */
  TimePassed: { at: EpochMs },
  AlertAcknowledged: {
    at: EpochMs,
    alert: AlertId,
    by: Schema.NonEmptyString,
    note: Schema.optionalKey(Schema.String),
    /** It counts although somebody else has the alert in hand. */
    forced: Schema.optionalKey(Schema.Literal(true))
  },
  /** Who acknowledged it takes that back, within `undoWithinMs`: it asks for somebody again. */
  AcknowledgementUndone: { at: EpochMs, alert: AlertId, by: Schema.NonEmptyString },
  /** An officer takes an alert in hand. `from`: out of whose hands; it counts only while that one has it. */
  AlertClaimed: {
    at: EpochMs,
    alert: AlertId,
    by: Schema.NonEmptyString,
    from: Schema.optionalKey(Schema.NonEmptyString),
    note: Schema.optionalKey(Schema.String)
  },
  /** Nobody has it in hand any more; a supervisor may say so of what another has. */
  AlertReleased: {
    at: EpochMs,
    alert: AlertId,
    by: Schema.NonEmptyString,
    note: Schema.optionalKey(Schema.String)
  },
  AlertClosed: {
    at: EpochMs,
    alert: AlertId,
    by: Schema.NonEmptyString,
    outcome: Outcome,
    reason: Schema.NonEmptyString
  },
  AlertNoted: { at: EpochMs, alert: AlertId, by: Schema.NonEmptyString, note: Schema.NonEmptyString },
  /** An alert makes no sound for so long, or, `oneShot`, until its condition is normal again, if that comes first. */
  AlertShelved: {
    at: EpochMs,
    alert: AlertId,
    by: Schema.NonEmptyString,
    minutes: Schema.Finite,
    oneShot: Schema.optionalKey(Schema.Literal(true)),
    reason: Schema.NonEmptyString
  },
  /** An officer ends it before its time. */
  AlertUnshelved: { at: EpochMs, alert: AlertId, by: Schema.NonEmptyString, reason: Schema.NonEmptyString },
  /** A step of the alert's procedure is done. */
  StepDone: { at: EpochMs, ...step },
  /** A question of the alert's procedure is answered. */
  StepAnswered: { at: EpochMs, ...step, answer: Schema.NonEmptyString },
  /** A step of the alert's procedure is left out. */
  StepSkipped: { at: EpochMs, ...step, reason: Schema.NonEmptyString },
  /** What was said of a step does not hold after all. */
  StepUndone: { at: EpochMs, ...step },
  /** A case is opened; its id is `I-<seq of this fact>`. */
  IncidentOpened: {
    at: EpochMs,
    by: Schema.NonEmptyString,
    alerts: Schema.Array(CaseAlert),
    fields: CaseFields
  },
  /** An alert belongs to the case; the fact holds what the case is found by, for the alert may be closed long since. */
  IncidentAlertAdded: { at: EpochMs, ...ofCase, added: CaseAlert },
  IncidentAlertRemoved: { at: EpochMs, ...ofCase, alert: AlertId, reason: Schema.NonEmptyString },
  IncidentNoted: { at: EpochMs, ...ofCase, note: Schema.NonEmptyString },
  IncidentPersonAdded: {
    at: EpochMs,
    ...ofCase,
    name: Schema.NonEmptyString,
    role: CaseRole,
    note: Schema.optionalKey(Schema.NonEmptyString)
  },
  /** `person`: log entry of the fact that named them. */
  IncidentPersonRemoved: { at: EpochMs, ...ofCase, person: Schema.Finite, reason: Schema.NonEmptyString },
  /** `revision`: the one that was seen; over another one nothing is changed. */
  IncidentFieldsChanged: { at: EpochMs, ...ofCase, revision: Schema.Finite, fields: CaseFields },
  IncidentClosed: { at: EpochMs, ...ofCase, disposition: Disposition, reason: Schema.NonEmptyString },
  /** A closed case is taken up again; `was`: as the log has it, for the fold forgets what is closed. */
  IncidentReopened: { at: EpochMs, ...ofCase, reason: Schema.NonEmptyString, was: Incident },
  /** A door, a device or an area is worked on, for so long at most: its alerts make no sound meanwhile. */
  MaintenanceBegan: {
    at: EpochMs,
    ...servicedThing,
    by: Schema.NonEmptyString,
    reason: Schema.NonEmptyString,
    minutes: Schema.Finite
  },
  /** An officer ends it before its time. */
  MaintenanceEnded: { at: EpochMs, ...servicedThing, by: Schema.NonEmptyString },
  /** One point of a door is not believed, for so long at most. */
  PointBypassed: {
    at: EpochMs,
    door: DoorId,
    point: PointRef,
    by: Schema.NonEmptyString,
    reason: Schema.NonEmptyString,
    minutes: Schema.Finite
  },
  /** An officer ends it before its time. */
  BypassEnded: { at: EpochMs, door: DoorId, point: PointRef, by: Schema.NonEmptyString },
  /** The daily report: everything that was not protected then. `total`: how many there were, where the list was cut. */
  GapsReported: { at: EpochMs, date: LocalDate, total: Schema.Finite, gaps: Schema.Array(Gap) },
  /** A door is told to do something. It is on disk before it is sent; the command's id is `C-<seq of this fact>`. */
  DoorCommanded: {
    at: EpochMs,
    door: DoorId,
    command: DoorCommand,
    by: Schema.NonEmptyString,
    reason: Schema.optionalKey(Schema.NonEmptyString),
    /** The caller's own name for this request, so that asking again sends nothing twice. */
    idempotencyKey: Schema.optionalKey(Schema.NonEmptyString)
  },
  /** What the door's device answered. Whether the command was carried out only its readings show. */
  DoorCommandAnswered: {
    at: EpochMs,
    commandId: CommandId,
    door: DoorId,
    outcome: CommandOutcome,
    detail: Schema.optionalKey(Schema.String)
  },
  /** An officer's act goes back to the panel. It is on disk before it is sent. */
  WriteBackSent: { at: EpochMs, ...writeBack },
  /** What came of it. */
  WriteBackAnswered: {
    at: EpochMs,
    ...writeBack,
    outcome: WriteBackOutcome,
    detail: Schema.optionalKey(Schema.String)
  },
  /** A notification goes out. It is on disk before it is sent. */
  NotificationSent: { at: EpochMs, notification: NotificationId, channel: ChannelId },
  /** What came of it. `retryAt`: when it is tried again, the chance in it decided already. */
  NotificationAnswered: {
    at: EpochMs,
    notification: NotificationId,
    channel: ChannelId,
    outcome: NotificationOutcome,
    /** Of a refusal: whether the channel as a whole was refused, or this recipient. */
    scope: Schema.optionalKey(RefusalScope),
    retryAt: Schema.optionalKey(EpochMs),
    detail: Schema.optionalKey(Schema.String)
  },
  /** A person's device itself says that it has a notification. */
  NotificationReceived: { at: EpochMs, notification: NotificationId, channel: ChannelId },
  /** A test alert sets out: it goes the whole road of an alert, and asks nobody. */
  TestAlertRaised: { at: EpochMs },
  /** The outbox has taken it up. `raised`: log entry of the fact that raised it. */
  TestAlertSent: { at: EpochMs, raised: Schema.Finite },
  /** It has come back through a channel. */
  TestAlertReturned: { at: EpochMs, raised: Schema.Finite },
  /** Somebody has registered a device of theirs for a channel: a phone, a browser. Where it is written to stands in no log. */
  DeviceRegistered: { at: EpochMs, person: PersonId, channel: ChannelId, device: Schema.String, name: Schema.String },
  /** A registered device is written to no more: its service says that it is gone, or the person wants it so. */
  DeviceUnregistered: {
    at: EpochMs,
    person: PersonId,
    channel: ChannelId,
    device: Schema.String,
    reason: Schema.String
  },
  /** A channel was tested: by an officer, or by itself, and then `by` says so. */
  ChannelTested: {
    at: EpochMs,
    channel: ChannelId,
    by: Schema.NonEmptyString,
    outcome: NotificationOutcome,
    scope: Schema.optionalKey(RefusalScope),
    detail: Schema.optionalKey(Schema.String)
  },
  /** An officer arms or disarms an area against its schedule, until then. A second one takes the place of the first. */
  AreaArmingOverridden: {
    at: EpochMs,
    area: AreaId,
    state: ArmingState,
    until: EpochMs,
    by: Schema.NonEmptyString,
    reason: Schema.NonEmptyString
  },
  /** An officer ends that before its time. */
  AreaArmingOverrideEnded: {
    at: EpochMs,
    area: AreaId,
    by: Schema.NonEmptyString,
    reason: Schema.NonEmptyString
  },
  /** An officer sets the site's threat level, until somebody sets another one or until then. */
  ThreatLevelSet: {
    at: EpochMs,
    level: ThreatLevelName,
    until: Schema.optionalKey(EpochMs),
    by: Schema.NonEmptyString,
    reason: Schema.NonEmptyString
  },
  /** A rule forgets what it holds against one subject: somebody left through a door without a reader. `key`: its alert's. */
  RuleForgiven: {
    at: EpochMs,
    rule: RuleId,
    key: Schema.NonEmptyString,
    by: Schema.NonEmptyString,
    reason: Schema.NonEmptyString
  },
  /** The whole configuration the fold runs with from here on; `version` is a hash of it. */
  ConfigApplied: {
    at: EpochMs,
    version: Schema.String,
    campus: Campus,
    by: Schema.String,
    /** What is other than before, in a clause each; absent at a start, where nothing ran before. */
    changes: Schema.optionalKey(Schema.Array(Schema.String))
  },
  /** The configuration was changed and is wrong: nothing of it is in force, and what was in force stays. */
  ConfigRefused: { at: EpochMs, by: Schema.String, problems: Schema.Array(ConfigProblem) },
  /** The process began. `blindFrom` is the last instant the log shows it alive; absent on the very first start. */
  GatewayStarted: { at: EpochMs, blindFrom: Schema.optionalKey(EpochMs) },
  GatewayStopped: { at: EpochMs },
  LinkChanged: { at: EpochMs, link: LinkId, state: LinkState },
  /** A sender was turned away: wrong token, wrong topic. */
  AccessRefused: { at: EpochMs, who: Schema.String, what: Schema.String },
  /** The store refused to keep, and keeps again. */
  StoreRefused: { at: EpochMs, from: EpochMs, reason: Schema.String, refused: Schema.Finite },
  /** A frame of an alert is on disk, under its hash. */
  EvidenceKept: {
    at: EpochMs,
    alert: AlertId,
    ...frameOf,
    /** The picture was complete, by our clock. */
    takenAt: EpochMs,
    hash: EvidenceHash,
    bytes: Schema.Finite,
    mediaType: PictureType
  },
  /** A frame of an alert will not come. */
  EvidenceMissing: { at: EpochMs, alert: AlertId, ...frameOf, reason: Schema.String },
  /** The alert was closed so long ago that this picture of it is removed. */
  EvidenceExpired: { at: EpochMs, alert: AlertId, hash: EvidenceHash },
  /** A camera has given the same picture, to the last byte, so many times since then. */
  PictureUnchanged: { at: EpochMs, camera: CameraId, since: EpochMs, frames: Schema.Finite },
  /** A camera that had given the same picture over and over gives another one. */
  PictureChanged: { at: EpochMs, camera: CameraId },
  ...consoleFacts,
  ...shiftFacts,
  ...signInFacts
})
export type Fact = typeof Fact.Type
