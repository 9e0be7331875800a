import { Schema } from "effect"
import { Priority } from "./alert.ts"
import { AlertId, AreaId, DeviceId, DoorId, EpochMs, IncidentId } from "./ids.ts"

/** Whether it is meant in earnest (as CAP 1.2 says it: Actual, Exercise, Test). */
export const Reality = Schema.Literals(["actual", "exercise", "test"]).annotate({ identifier: "Reality" })
export type Reality = typeof Reality.Type

/** What somebody is to the case. */
export const CaseRole = Schema.Literals(["witness", "subject", "victim", "officer", "other"]).annotate({
  identifier: "CaseRole"
})
export type CaseRole = typeof CaseRole.Type

/** Whether the case belongs in the daily crime log of the Clery Act (34 CFR 668.46(f)). */
export const CleryStanding = Schema.Literals(["undecided", "belongs", "does-not-belong"]).annotate({
  identifier: "CleryStanding"
})
export type CleryStanding = typeof CleryStanding.Type

/** What it turned out to be. A nuisance has a cause, so that it can be mended. */
export const Disposition = Schema.Struct({
  kind: Schema.Literals(["real", "nuisance", "test", "drill"]),
  cause: Schema.optionalKey(Schema.NonEmptyString)
}).annotate({ identifier: "Disposition" })
export type Disposition = typeof Disposition.Type

/** An alert of the case, with what the case is found by; the alert itself stands in the log. */
export const CaseAlert = Schema.Struct({
  id: AlertId,
  title: Schema.String,
  priority: Priority,
  validationLevel: Schema.Finite,
  occurredAt: EpochMs,
  door: Schema.optionalKey(DoorId),
  device: Schema.optionalKey(DeviceId),
  area: Schema.optionalKey(AreaId),
  /** Who put it there, and when. */
  by: Schema.String,
  at: EpochMs
}).annotate({ identifier: "CaseAlert" })
export type CaseAlert = typeof CaseAlert.Type

/** Somebody in the case. No more than what the report needs: a name, or what there is in its place. */
export const CasePerson = Schema.Struct({
  /** Log entry of the fact that named them. */
  id: Schema.Finite,
  name: Schema.NonEmptyString,
  role: CaseRole,
  note: Schema.optionalKey(Schema.String),
  by: Schema.String,
  at: EpochMs
}).annotate({ identifier: "CasePerson" })
export type CasePerson = typeof CasePerson.Type

export const CaseNote = Schema.Struct({
  /** Log entry of its fact. */
  id: Schema.Finite,
  text: Schema.String,
  by: Schema.String,
  at: EpochMs
}).annotate({ identifier: "CaseNote" })
export type CaseNote = typeof CaseNote.Type

/** One step of a case's life. */
export const IncidentTransition = Schema.Literals([
  "opened",
  "alert-added",
  "alert-removed",
  "noted",
  "person-added",
  "person-removed",
  "fields-changed",
  "clery-overdue",
  "closed",
  "reopened"
])
export type IncidentTransition = typeof IncidentTransition.Type

/** What was done to the case, by whom; who goes on writing does one thing. */
export const CaseAct = Schema.Struct({
  what: IncidentTransition,
  /** Of several in one: the last. */
  at: EpochMs,
  by: Schema.String,
  note: Schema.optionalKey(Schema.String)
}).annotate({ identifier: "CaseAct" })
export type CaseAct = typeof CaseAct.Type

/** What officers write of a case, and rewrite: each change is a new revision. */
const written = {
  title: Schema.NonEmptyString,
  reality: Reality,
  /** What happened, in a form's words: the nature of the crime. */
  nature: Schema.String,
  /** Somebody told of it first; the two business days count from here. */
  reportedAt: EpochMs,
  occurredAt: EpochMs,
  /** It lasted until then, or happened at some time before then; absent: it was a moment. */
  occurredUntil: Schema.optionalKey(EpochMs),
  generalLocation: Schema.String,
  narrative: Schema.String,
  clery: CleryStanding
}

/** The fields of a case as they are changed: those that are named are; `occurredUntil: null` takes it away. */
export const CaseFields = Schema.Struct({
  title: Schema.optionalKey(written.title),
  reality: Schema.optionalKey(written.reality),
  nature: Schema.optionalKey(written.nature),
  reportedAt: Schema.optionalKey(written.reportedAt),
  occurredAt: Schema.optionalKey(written.occurredAt),
  occurredUntil: Schema.optionalKey(Schema.NullOr(EpochMs)),
  generalLocation: Schema.optionalKey(written.generalLocation),
  narrative: Schema.optionalKey(written.narrative),
  clery: Schema.optionalKey(written.clery)
}).annotate({ identifier: "CaseFields" })
export type CaseFields = typeof CaseFields.Type

/** The case an officer keeps: alerts, people, notes, what is written of it, and what it turned out to be. */
export const Incident = Schema.Struct({
  id: IncidentId,
  /** Log entry of the fact that opened it. */
  opened: Schema.Finite,
  openedAt: EpochMs,
  author: Schema.String,
  updatedAt: EpochMs,
  /** Raised with each change of a field; who changes one names the revision that they saw. */
  revision: Schema.Finite,
  ...written,
  alerts: Schema.Array(CaseAlert),
  people: Schema.Array(CasePerson),
  notes: Schema.Array(CaseNote),
  /** The course of the case, oldest first. */
  acts: Schema.Array(CaseAct),
  closed: Schema.Boolean,
  closedBy: Schema.optionalKey(Schema.String),
  closedAt: Schema.optionalKey(EpochMs),
  disposition: Schema.optionalKey(Disposition),
  /** Why it was closed so. */
  closing: Schema.optionalKey(Schema.String),
  /** The Clery log's entry is to be whole by then: the end of the second business day after the report. */
  cleryDue: Schema.optionalKey(EpochMs),
  /** That time has come, and the entry was not whole. */
  cleryOverdue: Schema.optionalKey(Schema.Literal(true)),
  /** The entry was whole for the first time. */
  cleryEnteredAt: Schema.optionalKey(EpochMs)
}).annotate({ identifier: "Incident" })
export type Incident = typeof Incident.Type

/** One step of a case's life, with who, when and what, and the case as it stands after it. */
export const IncidentChange = Schema.Struct({
  transition: IncidentTransition,
  at: EpochMs,
  by: Schema.String,
  note: Schema.optionalKey(Schema.String),
  incident: Incident
}).annotate({ identifier: "IncidentChange" })
export type IncidentChange = typeof IncidentChange.Type

/** How a site keeps its cases. */
export const IncidentKeeping = Schema.Struct({
  clery: Schema.optionalKey(
    Schema.Boolean.annotate({
      description: "false: a campus without a Clery log, so that no timer runs (default true)"
    })
  ),
  calendar: Schema.optionalKey(
    Schema.String.annotate({ description: "The calendar whose holidays are no business days; absent: there are none" })
  )
}).annotate({ identifier: "IncidentKeeping" })
export type IncidentKeeping = typeof IncidentKeeping.Type
