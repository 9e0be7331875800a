import { Schema } from "effect"
import { AlertCondition, Priority, Reason } from "./alert.ts"
import { AreaId, DeviceId, DoorId, EpochMs } from "./ids.ts"

const subject = {
  condition: AlertCondition,
  key: Schema.String,
  at: EpochMs,
  why: Schema.Array(Reason)
}

/** What a rule concluded about one condition and key, with the facts that made it. */
export const Finding = Schema.TaggedUnion({
  /** The condition holds. Raises an alert, or updates (and counts on) the open one. */
  ConditionActive: {
    ...subject,
    rule: Schema.String,
    priority: Priority,
    title: Schema.String,
    /** Something that happens instead of lasting (a panic button): each one counts, and asks a person again. */
    momentary: Schema.optionalKey(Schema.Boolean),
    /** What its rule says to do, whom to go to, and whether the cameras beside it keep frames (absent: they do). */
    procedure: Schema.optionalKey(Schema.String),
    escalation: Schema.optionalKey(Schema.String),
    evidence: Schema.optionalKey(Schema.Boolean),
    door: Schema.optionalKey(DoorId),
    device: Schema.optionalKey(DeviceId),
    area: Schema.optionalKey(AreaId)
  },
  /** The condition no longer holds. The alert stays until a person closes it. */
  ConditionNormal: subject,
  /** Evidence that was on its way explains the condition. */
  LateEvidence: {
    ...subject,
    /** Of several happenings behind the alert it explains some; the alert stands. */
    partly: Schema.optionalKey(Schema.Boolean)
  },
  /** A second kind of sensor says so too. Confirms an open alert, and raises none. */
  Confirmed: {
    ...subject,
    rule: Schema.String,
    /** TMA-AVS-01; an alert's level never falls. */
    validationLevel: Schema.Finite,
    priority: Schema.optionalKey(Priority)
  }
})
export type Finding = typeof Finding.Type
