import { Schema } from "effect"
import { CaseFile } from "../alerts/case/case-file.ts"
import { AlertId } from "../domain/ids.ts"
import { CaseRole, CleryStanding, Disposition, Incident, Reality } from "../domain/incident.ts"
import { LocalDate } from "../domain/schedule.ts"
import { instant, limit, position, prose } from "./shapes.ts"

/** What an officer writes at length: a narrative. */
const longText = (what: string) =>
  Schema.String.pipe(Schema.check(Schema.isMaxLength(20_000, { expected: `${what}: at most 20000 characters` })))
const shortText = (what: string) =>
  Schema.String.pipe(Schema.check(Schema.isMaxLength(300, { expected: `${what}: at most 300 characters` })))

/** The fields of a case as a client changes them: instants in ISO 8601, `occurredUntil: null` takes it away. */
export const CaseFieldsBody = Schema.Struct({
  title: Schema.optionalKey(
    Schema.String.pipe(
      Schema.check(Schema.isPattern(/^(?=[^]*\S)[^\p{Cc}]{1,200}$/u, { expected: "a title: 1 to 200 characters" }))
    )
  ),
  reality: Schema.optionalKey(Reality),
  nature: Schema.optionalKey(shortText("the nature")),
  reportedAt: Schema.optionalKey(instant),
  occurredAt: Schema.optionalKey(instant),
  occurredUntil: Schema.optionalKey(Schema.NullOr(instant)),
  generalLocation: Schema.optionalKey(shortText("the general location")),
  narrative: Schema.optionalKey(longText("the narrative")),
  clery: Schema.optionalKey(CleryStanding)
}).annotate({ identifier: "CaseFieldsBody" })

export const OpenIncidentBody = Schema.Struct({
  alerts: Schema.Array(AlertId).pipe(Schema.check(Schema.isMaxLength(100))),
  fields: Schema.optionalKey(CaseFieldsBody)
})
export const AddAlertBody = Schema.Struct({ alert: AlertId })
export const IncidentNoteBody = Schema.Struct({ note: prose("a note") })
export const PersonBody = Schema.Struct({
  name: Schema.String.pipe(
    Schema.check(Schema.isPattern(/^(?=[^]*\S)[^\p{Cc}]{1,200}$/u, { expected: "a name: 1 to 200 characters" }))
  ),
  role: CaseRole,
  note: Schema.optionalKey(prose("a note"))
})
export const RemoveBody = Schema.Struct({ reason: prose("a reason") })
export const FieldsBody = Schema.Struct({
  revision: Schema.Int.annotate({ description: "The revision that was seen; 409 where it is not the newest" }),
  fields: CaseFieldsBody
})
export const CloseIncidentBody = Schema.Struct({ disposition: Disposition, reason: prose("a reason") })

const filter = Schema.optionalKey(Schema.NonEmptyString)
const day = (description: string) => Schema.optionalKey(LocalDate.annotate({ description }))

/** Which cases: days are those of the site's calendar. */
const which = {
  state: Schema.optionalKey(Schema.Literals(["open", "closed", "all"])),
  door: filter,
  area: filter.annotate({ description: "In this area, or in what lies in it" }),
  from: day("Occurred on this day or later"),
  to: day("Occurred on this day or before"),
  disposition: Schema.optionalKey(Disposition.fields.kind)
}
export const IncidentsQuery = Schema.Struct({
  ...which,
  alert: filter,
  before: position("the `next` of the page before"),
  limit
})
export const IncidentsExportQuery = Schema.Struct(which)
export const CleryQuery = Schema.Struct({
  from: day("Reported on this day or later"),
  to: day("Reported on this day or before")
})
export const IncidentItems = Schema.Struct({
  items: Schema.Array(Incident),
  next: Schema.NullOr(Schema.String)
})
export const IncidentsExported = Schema.Struct({ items: Schema.Array(Incident) })

/** A case with all that belongs to it, and the hash that its reports print. */
export const CaseExport = Schema.Struct({
  ...CaseFile.fields,
  hash: Schema.String.annotate({
    description: "SHA-256 over the canonical JSON (keys in order, no blanks) of all the rest"
  })
}).annotate({ identifier: "CaseExport" })

export const StepBody = Schema.Union([
  Schema.Struct({ done: Schema.Literal(true) }),
  Schema.Struct({ answer: Schema.NonEmptyString }),
  Schema.Struct({ skip: prose("a reason") }),
  Schema.Struct({ undo: Schema.Literal(true) })
]).annotate({
  identifier: "StepBody",
  description: "What is said of a step: it is done, a question's answer, why it is left out, or that none of this holds"
})
