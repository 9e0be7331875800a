import { Schema } from "effect"
import { Checklist } from "./checklist.ts"
import { Frame } from "./evidence.ts"
import { AlertId, AreaId, DeviceId, DoorId, EpochMs } from "./ids.ts"
import { OutOfService } from "./out-of-service.ts"
import { AlertPanelCondition } from "./panel-condition.ts"

/** 1 critical, 2 high, 3 medium, 4 low (ANSI/ISA-18.2 asks for three to four). */
export const Priority = Schema.Literals([1, 2, 3, 4]).annotate({ identifier: "Priority" })
export type Priority = typeof Priority.Type

/** Why an officer closed an alert; feeds the nuisance report. */
export const Outcome = Schema.Literals([
  "real",
  "nuisance-hardware",
  "nuisance-user",
  "test-drill",
  "unknown"
]).annotate({
  identifier: "Outcome"
})
export type Outcome = typeof Outcome.Type

/** The conditions that the gateway itself knows; rules add their own. */
export const builtInConditions = [
  "DoorForcedOpen",
  "DoorOpenTooLong",
  "UnverifiedOpening",
  "ProbableExit",
  "DoorTampered",
  "DoorFaulted",
  "DuressSignalled",
  "PanicPressed",
  "CommandNotProved",
  "DeviceOffline",
  "LinkLost",
  "PictureFrozen",
  "RuleOverloaded",
  "ChannelBroken",
  "TestAlertLost",
  "AddressRefused"
] as const

/** What an alert says: one of the gateway's own words, or a rule's. Each key has at most one open alert per condition. */
export const AlertCondition = Schema.String.pipe(
  Schema.check(
    Schema.isPattern(/^[A-Z][A-Za-z0-9]{2,47}$/, { expected: 'a condition in PascalCase, such as "DeniedBurst"' })
  )
).annotate({
  identifier: "AlertCondition",
  description: `One of the gateway's own (${builtInConditions.join(", ")}), or the word of a rule`
})
export type AlertCondition = typeof AlertCondition.Type

/** One measured fact behind an alert, in words an officer reads, with the log entry that holds it. */
export const Reason = Schema.Struct({
  /** Log entry of the fact; absent for the absence of one ("no grant in the 8 s before"). */
  seq: Schema.optionalKey(Schema.Finite),
  at: EpochMs,
  text: Schema.String
}).annotate({ identifier: "Reason" })
export type Reason = typeof Reason.Type

/** Why an alert makes no sound for a while, who said so, and until when (ANSI/ISA-18.2: shelved by an operator, never for good). */
export const Shelving = Schema.Struct({
  by: Schema.String,
  at: EpochMs,
  reason: Schema.String,
  /** When it ends by itself at the latest. */
  until: EpochMs,
  /** It ends as soon as the condition is normal again. */
  oneShot: Schema.optionalKey(Schema.Literal(true)),
  /** How often the condition came meanwhile. */
  meanwhile: Schema.Finite
}).annotate({ identifier: "Shelving" })
export type Shelving = typeof Shelving.Type

/** Who has an alert in hand, and since when: the others leave it to them, and it asks until it is acknowledged all the same. */
export const Claim = Schema.Struct({ by: Schema.String, at: EpochMs }).annotate({ identifier: "Claim" })
export type Claim = typeof Claim.Type

/** A consequence of an alert, which stands for it while it is active (ANSI/ISA-18.2: suppressed by design). */
export const HeldBack = Schema.Struct({
  condition: AlertCondition,
  key: Schema.String,
  title: Schema.String,
  at: EpochMs
}).annotate({ identifier: "HeldBack" })
export type HeldBack = typeof HeldBack.Type

/** An alert that came too often (ANSI/ISA-18.2: chattering): how often in that time, and since when it is held for it. */
export const Chattering = Schema.Struct({
  since: EpochMs,
  times: Schema.Finite,
  rule: Schema.String
}).annotate({ identifier: "Chattering" })
export type Chattering = typeof Chattering.Type

/**
 * A finding that asks a person to act. Its condition (active or returned to normal), its acknowledgement, who has it in
 * hand and its shelving are independent of one another; it ends only when a person closes it with an outcome.
 */
export const Alert = Schema.Struct({
  id: AlertId,
  condition: AlertCondition,
  /**
   * What the condition is about: `door:<id>`, `device:<id>`, `link:<id>`, `camera:<id>`, `channel:<id>`, a person by a channel,
   * `person:<id>:<channel>`, or one condition of a panel,
   * `condition:<device>:<ConditionId>`, with `#<BranchId>` where it is a branch. A rule's may be about a `reader`, a
   * `point`, a `credential`, an `area`, a `building` or the `site` too, and about a `key:<text>` of its own. One open
   * alert per condition and key.
   */
  key: Schema.String,
  door: Schema.optionalKey(DoorId),
  device: Schema.optionalKey(DeviceId),
  area: Schema.optionalKey(AreaId),
  priority: Priority,
  /** TMA-AVS-01 validation level, 0 to 4: a single sensor is 1. */
  validationLevel: Schema.Finite,
  title: Schema.String,
  active: Schema.Boolean,
  acknowledged: Schema.Boolean,
  closed: Schema.Boolean,
  /** The evidence came late and explains it: a grant that was still on its way. Stays until a person closes it. */
  resolvedByLateEvidence: Schema.Boolean,
  /** How often the condition came while this alert was open. */
  count: Schema.Finite,
  occurredAt: EpochMs,
  raisedAt: EpochMs,
  updatedAt: EpochMs,
  acknowledgedBy: Schema.optionalKey(Schema.String),
  acknowledgedAt: Schema.optionalKey(EpochMs),
  /** Absent while nobody has it in hand. */
  claimed: Schema.optionalKey(Claim),
  /** Absent while it is not shelved. */
  shelved: Schema.optionalKey(Shelving),
  /** Absent while nothing of what it is about is in maintenance. */
  outOfService: Schema.optionalKey(OutOfService),
  closedBy: Schema.optionalKey(Schema.String),
  closedAt: Schema.optionalKey(EpochMs),
  outcome: Schema.optionalKey(Outcome),
  /** Log entry of the fact that raised it. */
  raisedBy: Schema.Finite,
  rule: Schema.String,
  configVersion: Schema.String,
  /** What an officer is to do, and whom it goes to when nobody does: as its rule says. */
  procedure: Schema.optionalKey(Schema.String),
  /** Its procedure with what became of each step; in place of `procedure` where that is the id of one. */
  checklist: Schema.optionalKey(Checklist),
  escalation: Schema.optionalKey(Schema.String),
  /** What is not told by alerts of its own while this one is active; absent where there is nothing. */
  holdsBack: Schema.optionalKey(Schema.Array(HeldBack)),
  /** It comes so often that it asks nobody anew; absent while it does not. */
  chattering: Schema.optionalKey(Chattering),
  why: Schema.Array(Reason),
  /** The frames of the cameras beside it, in the order they were wanted; absent where there is no camera. */
  evidence: Schema.optionalKey(Schema.Array(Frame)),
  /** The conditions of panels that tell it too, with what became of officers' acts there; absent where there is none. */
  panelConditions: Schema.optionalKey(Schema.Array(AlertPanelCondition))
}).annotate({ identifier: "Alert" })
export type Alert = typeof Alert.Type

/** One step of an alert's life. */
export const AlertTransition = Schema.Literals([
  "raised",
  "updated",
  "returned-to-normal",
  "reactivated",
  "resolved-by-late-evidence",
  "acknowledged",
  "acknowledgement-undone",
  "claimed",
  "released",
  "closed",
  "noted",
  "step-done",
  "step-answered",
  "step-skipped",
  "step-undone",
  "shelved",
  "unshelved",
  "confirmed",
  "evidence-kept",
  "evidence-missing",
  "acknowledged-at-panel",
  "write-back"
])
export type AlertTransition = typeof AlertTransition.Type

/** One step of an alert's life, with who, when and why, and the alert as it stands after it. */
export const AlertChange = Schema.Struct({
  transition: AlertTransition,
  at: EpochMs,
  /** The officer, or the rule. */
  by: Schema.String,
  note: Schema.optionalKey(Schema.String),
  why: Schema.Array(Reason),
  alert: Alert
}).annotate({ identifier: "AlertChange" })
export type AlertChange = typeof AlertChange.Type
