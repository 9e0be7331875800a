import { Schema } from "effect"
import { Alert, AlertCondition, AlertTransition, Reason } from "../domain/alert.ts"
import { DoorMode, DoorPhysicalState, DoorStanding, DoorTimes, LockPhysicalState } from "../domain/door.ts"
import { ClockQuality } from "../domain/fact.ts"
import { AlertId, DeviceId, DoorId, EpochMs, PointRef } from "../domain/ids.ts"
import { Entry } from "../log/entry.ts"

/** What would have had to be otherwise for another end, and how near it came. */
export const Otherwise = Schema.Struct({
  text: Schema.String,
  /** The span of time in which it would have changed the outcome. */
  from: Schema.optionalKey(EpochMs),
  until: Schema.optionalKey(EpochMs),
  /** The entry that came nearest. */
  seq: Schema.optionalKey(Schema.Finite),
  missedByMs: Schema.optionalKey(Schema.Finite)
}).annotate({ identifier: "Otherwise" })
export type Otherwise = typeof Otherwise.Type

/** Something that could have made an opening rightful, and what was found of it. */
export const Weighed = Schema.Struct({
  by: Schema.Literals(["mode", "schedule", "grant", "rex"]),
  at: EpochMs,
  seq: Schema.optionalKey(Schema.Finite),
  /** `covers`, or why not. */
  verdict: Schema.String,
  missedByMs: Schema.optionalKey(Schema.Finite),
  text: Schema.String
}).annotate({ identifier: "Weighed" })
export type Weighed = typeof Weighed.Type

export const OpeningOutcome = Schema.Literals([
  "covered",
  "waiting",
  "relatch",
  "bounce",
  "found-open",
  "forced",
  "unverified",
  "reported-forced",
  "covered-late"
])
export type OpeningOutcome = typeof OpeningOutcome.Type

/** One opening of a door, and how it was judged. */
export const OpeningExplained = Schema.Struct({
  at: EpochMs,
  seq: Schema.Finite,
  /** It waited in a queue: it opened between then and `at`. */
  from: Schema.optionalKey(EpochMs),
  /** When it closed; absent while it was open. */
  until: Schema.optionalKey(EpochMs),
  outcome: OpeningOutcome,
  /** It was held open as well. */
  held: Schema.Boolean,
  text: Schema.String,
  /** Each judgement, in the order they fell. */
  steps: Schema.Array(Reason),
  /** What was weighed at the last judgement that looked for a right to open. */
  weighed: Schema.Array(Weighed),
  /** What would have made it rightful, or what made it so and was not to be missed. */
  otherwise: Schema.Array(Otherwise),
  /** What would have kept it from being held, or made it so. */
  otherwiseHeld: Schema.Array(Otherwise)
}).annotate({ identifier: "OpeningExplained" })
export type OpeningExplained = typeof OpeningExplained.Type

/** A rule at one door: whether it fired around then, and what decided. */
export const RuleExplained = Schema.Struct({
  rule: Schema.String,
  condition: Schema.optionalKey(Schema.String),
  fired: Schema.Boolean,
  /** How near it came to firing: 0 it heard nothing, 1 its condition held. */
  near: Schema.Finite,
  /** The condition that failed, or that held, with its value. */
  text: Schema.String,
  at: Schema.optionalKey(EpochMs),
  seq: Schema.optionalKey(Schema.Finite),
  alert: Schema.optionalKey(AlertId),
  otherwise: Schema.Array(Otherwise)
}).annotate({ identifier: "RuleExplained" })
export type RuleExplained = typeof RuleExplained.Type

/** The configuration in force, and who applied it. */
export const ConfigInForce = Schema.Struct({
  version: Schema.String,
  by: Schema.String,
  at: EpochMs,
  seq: Schema.Finite
}).annotate({ identifier: "ConfigInForce" })
export type ConfigInForce = typeof ConfigInForce.Type

/** A point of a door as it was known then. */
export const PointExplained = Schema.Struct({
  point: PointRef,
  role: Schema.String,
  value: Schema.String,
  since: Schema.optionalKey(EpochMs),
  seq: Schema.optionalKey(Schema.Finite),
  /** Why its value is not known. */
  unknownBecause: Schema.optionalKey(Schema.String),
  device: DeviceId,
  availability: Schema.Literals(["online", "offline", "unknown"])
}).annotate({ identifier: "PointExplained" })
export type PointExplained = typeof PointExplained.Type

/** Something that was to fall due at the door. */
export const PendingExplained = Schema.Struct({ what: Schema.String, dueAt: EpochMs, text: Schema.String }).annotate({
  identifier: "PendingExplained"
})
export type PendingExplained = typeof PendingExplained.Type

/** Why a door did, or did not, alarm around an instant. */
export const DoorExplanation = Schema.Struct({
  door: DoorId,
  name: Schema.String,
  at: EpochMs,
  config: Schema.optionalKey(ConfigInForce),
  state: Schema.Struct({
    standing: DoorStanding,
    position: DoorPhysicalState,
    lock: LockPhysicalState,
    mode: DoorMode,
    since: EpochMs,
    text: Schema.String
  }),
  /** What kept the gateway from seeing the door whole then; empty: nothing. */
  blind: Schema.Array(Reason),
  /** What held there beside its points: maintenance, bypasses, its schedule, its area's arming, the threat level. */
  circumstances: Schema.Array(Reason),
  points: Schema.Array(PointExplained),
  pending: Schema.Array(PendingExplained),
  times: DoorTimes,
  openings: Schema.Array(OpeningExplained),
  /** Steps of the door's alerts around then. */
  alerts: Schema.Array(
    Schema.Struct({
      at: EpochMs,
      alert: AlertId,
      condition: AlertCondition,
      transition: AlertTransition,
      by: Schema.String
    })
  ),
  rules: Schema.Array(RuleExplained),
  /** How many facts were folded for this answer. */
  facts: Schema.Finite
}).annotate({ identifier: "DoorExplanation" })
export type DoorExplanation = typeof DoorExplanation.Type

/** How a fact behind an alert was timed. */
const timed = {
  occurredAt: EpochMs,
  receivedAt: EpochMs,
  /** When the device says it was, on its own clock; absent where it does not say. */
  deviceTime: Schema.optionalKey(EpochMs),
  clock: Schema.optionalKey(ClockQuality),
  text: Schema.String
}

/** Why an alert fired, what it has gone through since, and what would have had to be otherwise. */
export const AlertExplanation = Schema.Struct({
  alert: Alert,
  /** Each measured fact behind it, in an officer's words, with the log entry that holds it and how it was timed. */
  reasons: Schema.Array(
    Schema.Struct({
      ...Reason.fields,
      entry: Schema.optionalKey(Entry.annotate({ identifier: "Entry" })),
      timing: Schema.optionalKey(Schema.Struct(timed))
    })
  ),
  /** The alert's own entries, oldest first. */
  timeline: Schema.Array(Entry.annotate({ identifier: "Entry" })),
  rule: Schema.Struct({
    id: Schema.String,
    text: Schema.String,
    /** Its numbers, each named with its unit. */
    numbers: Schema.Record(Schema.String, Schema.Finite)
  }),
  config: Schema.optionalKey(ConfigInForce),
  /** The opening that it is about, where it is about one. */
  opening: Schema.optionalKey(OpeningExplained),
  otherwise: Schema.Array(Otherwise)
}).annotate({ identifier: "AlertExplanation" })
export type AlertExplanation = typeof AlertExplanation.Type
