import type { Fact } from "../domain/fact.ts"
import { type EpochMs, IncidentId } from "../domain/ids.ts"
import type {
  CaseAct,
  CaseAlert,
  CaseFields,
  Disposition,
  Incident,
  IncidentChange,
  IncidentTransition
} from "../domain/incident.ts"

/** A fact about a case that is open. */
export type CaseFact = Extract<
  Fact,
  {
    _tag:
      | "IncidentAlertAdded"
      | "IncidentAlertRemoved"
      | "IncidentNoted"
      | "IncidentPersonAdded"
      | "IncidentPersonRemoved"
      | "IncidentFieldsChanged"
      | "IncidentClosed"
  }
>

/** The case after one step of its life, and the step itself. */
export interface CaseLived {
  readonly incident: Incident
  readonly change: IncidentChange
}

export const incidentIdOf = (seq: number): IncidentId => IncidentId.make(`I-${seq}`)

/** Who writes on at the same text goes on with one act: a narrative is kept every few words. */
const withAct = (acts: ReadonlyArray<CaseAct>, act: CaseAct): ReadonlyArray<CaseAct> => {
  const before = acts.at(-1)
  const goesOn = act.what === "fields-changed" && before?.what === act.what && before.by === act.by
  if (!goesOn) return [...acts, act]
  const named = new Set([...(before.note ?? "").split(", "), ...(act.note ?? "").split(", ")])
  return [...acts.slice(0, -1), { ...act, note: [...named].filter((name) => name !== "").join(", ") }]
}

const step = (
  incident: Incident,
  transition: IncidentTransition,
  at: EpochMs,
  by: string,
  note?: string
): CaseLived => {
  const said = note === undefined ? {} : { note }
  const acts = withAct(incident.acts, { what: transition, at, by, ...said })
  const after = withEntry({ ...incident, updatedAt: at, acts }, at)
  return { incident: after, change: { transition, at, by, ...said, incident: after } }
}

/** What the Clery log's entry of this case still lacks; empty: it is whole. Where nothing happened in earnest there is none. */
export const cleryLacks = ({ nature, generalLocation, clery }: Incident): ReadonlyArray<string> => [
  ...(clery === "undecided" ? ["whether it belongs in the Clery log"] : []),
  ...(clery === "belongs" && nature.trim() === "" ? ["the nature"] : []),
  ...(clery === "belongs" && generalLocation.trim() === "" ? ["the general location"] : [])
]

/** The entry is whole from the first time on that it is: that is what the two business days are for. */
const withEntry = (incident: Incident, at: EpochMs): Incident => {
  const whole = incident.clery === "belongs" && cleryLacks(incident).length === 0
  return whole && incident.cleryEnteredAt === undefined ? { ...incident, cleryEnteredAt: at } : incident
}

const withFields = (incident: Incident, { occurredUntil, ...fields }: CaseFields): Incident => {
  const { occurredUntil: was, ...rest } = incident
  const until = occurredUntil === undefined ? was : (occurredUntil ?? undefined)
  return { ...rest, ...fields, ...(until === undefined ? {} : { occurredUntil: until }) }
}

/** A case as it is opened from alerts, or from none: what nobody has said yet is taken from them. */
export const openIncident = (fact: Extract<Fact, { _tag: "IncidentOpened" }>, seq: number): CaseLived => {
  const { at, by, alerts, fields } = fact
  const first = [...alerts].sort((a, b) => a.occurredAt - b.occurredAt)[0]
  const begun: Incident = {
    id: incidentIdOf(seq),
    opened: seq,
    openedAt: at,
    author: by,
    updatedAt: at,
    revision: 0,
    title: first?.title ?? "Incident",
    reality: "actual",
    nature: "",
    reportedAt: at,
    occurredAt: first?.occurredAt ?? at,
    generalLocation: "",
    narrative: "",
    clery: "undecided",
    alerts: alerts.map((alert) => ({ ...alert, by, at })),
    people: [],
    notes: [],
    acts: [],
    closed: false
  }
  return step(withFields(begun, fields), "opened", at, by)
}

/** `generalLocation` as "general location". */
const fieldsNamed = (fields: CaseFields): string =>
  Object.keys(fields)
    .map((name) => name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).replace(/ at$/, ""))
    .join(", ")

const closedBy = (open: Incident, fact: Extract<CaseFact, { _tag: "IncidentClosed" }>): CaseLived => {
  const { at, by, disposition, reason } = fact
  const closed = { ...open, closed: true, closedBy: by, closedAt: at, disposition, closing: reason }
  const cause = disposition.cause === undefined ? "" : ` (${disposition.cause})`
  return step(closed, "closed", at, by, `${disposition.kind}${cause}: ${reason}`)
}

const withPerson = (
  open: Incident,
  { at, by, name, role, note }: Extract<CaseFact, { _tag: "IncidentPersonAdded" }>,
  seq: number
): CaseLived => {
  const person = { id: seq, name, role, ...(note === undefined ? {} : { note }), by, at }
  return step({ ...open, people: [...open.people, person] }, "person-added", at, by, role)
}

/**
 * What a fact does to an open case. `undefined`: nothing, for it speaks of what is not there, or of a revision that is not
 * the newest: of two who write at once the first counts, and the second is told.
 */
export const applyToCase = (open: Incident, fact: CaseFact, seq: number): CaseLived | undefined => {
  const { at, by } = fact
  switch (fact._tag) {
    case "IncidentAlertAdded": {
      if (open.alerts.some(({ id }) => id === fact.added.id)) return undefined
      const added: CaseAlert = { ...fact.added, by, at }
      return step({ ...open, alerts: [...open.alerts, added] }, "alert-added", at, by, added.id)
    }
    case "IncidentAlertRemoved": {
      const alerts = open.alerts.filter(({ id }) => id !== fact.alert)
      if (alerts.length === open.alerts.length) return undefined
      return step({ ...open, alerts }, "alert-removed", at, by, `${fact.alert}: ${fact.reason}`)
    }
    case "IncidentNoted": {
      const note = { id: seq, text: fact.note, by, at }
      return step({ ...open, notes: [...open.notes, note] }, "noted", at, by, fact.note)
    }
    case "IncidentPersonAdded":
      return withPerson(open, fact, seq)
    case "IncidentPersonRemoved": {
      const people = open.people.filter(({ id }) => id !== fact.person)
      if (people.length === open.people.length) return undefined
      return step({ ...open, people }, "person-removed", at, by, fact.reason)
    }
    case "IncidentFieldsChanged": {
      if (fact.revision !== open.revision) return undefined
      const revised = { ...withFields(open, fact.fields), revision: open.revision + 1 }
      return step(revised, "fields-changed", at, by, fieldsNamed(fact.fields))
    }
    case "IncidentClosed":
      return closedBy(open, fact)
  }
}

/** A closed case is taken up again, with all that it was. */
export const reopen = ({ at, by, reason, was }: Extract<Fact, { _tag: "IncidentReopened" }>): CaseLived => {
  const { closedBy: _by, closedAt: _at, disposition: _disposition, closing: _closing, ...rest } = was
  return step({ ...rest, closed: false }, "reopened", at, by, reason)
}

/** The two business days are over, and the entry of the Clery log is not whole. */
export const cleryIsOverdue = (open: Incident, at: EpochMs): CaseLived => {
  const note = `the Clery log lacks ${cleryLacks(open).join(", ")}`
  return step({ ...open, cleryOverdue: true }, "clery-overdue", at, "incidents.clery", note)
}

/** Why the fields of a case cannot be so; `before`: as they are. `undefined`: they can. */
export const whyNotFields = (fields: CaseFields, before?: Incident): string | undefined => {
  const occurredAt = fields.occurredAt ?? before?.occurredAt
  const until = fields.occurredUntil === undefined ? before?.occurredUntil : (fields.occurredUntil ?? undefined)
  return occurredAt !== undefined && until !== undefined && until < occurredAt
    ? "it would have ended before it began"
    : undefined
}

/** Why a case cannot be closed so; `undefined`: it can. `keepsLog`: the campus has a Clery log. */
export const whyNotClosed = (
  open: Incident,
  { kind, cause }: Disposition,
  keepsLog: "keeps a Clery log" | "keeps none"
): string | undefined => {
  if (kind === "nuisance" && cause === undefined) return "a nuisance has a cause: say what made it"
  if (kind !== "real" || open.reality !== "actual" || keepsLog === "keeps none") return undefined
  const lacks = cleryLacks(open)
  return lacks.length === 0 ? undefined : `before it is closed as real it needs ${lacks.join(", ")}`
}
