import { HashMap, Option } from "effect"
import {
  applyToCase,
  type CaseFact,
  type CaseLived,
  cleryIsOverdue,
  cleryLacks,
  openIncident,
  reopen
} from "../alerts/incident-life.ts"
import type { Campus } from "../domain/campus.ts"
import type { Fact } from "../domain/fact.ts"
import type { EpochMs } from "../domain/ids.ts"
import type { CaseAlert, Incident } from "../domain/incident.ts"
import { endOfBusinessDay } from "./business-days.ts"
import type { Draft } from "./draft.ts"

/** The daily crime log's entry is made within so many business days of the report (34 CFR 668.46(f)(2)). */
export const cleryBusinessDays = 2

/** When the entry is due; `undefined`: there is to be none. */
const dueOf = (campus: Campus | undefined, incident: Incident): EpochMs | undefined => {
  if (campus === undefined || campus.incidents?.clery === false) return undefined
  if (incident.reality !== "actual" || incident.clery === "does-not-belong") return undefined
  const calendar = campus.calendars?.find(({ id }) => id === campus.incidents?.calendar)
  return endOfBusinessDay(incident.reportedAt, cleryBusinessDays, campus.site.timeZone, calendar)
}

/** The case with its deadline as things stand. What was found late is no longer so once it is whole, or not due yet. */
const withDue = (draft: Draft, incident: Incident): Incident => {
  const { cleryDue: _due, cleryOverdue, ...rest } = incident
  const due = dueOf(draft.situation.campus, rest)
  if (due === undefined) return rest
  const isLate = cleryOverdue === true && due <= draft.now && cleryLacks(rest).length > 0
  return { ...rest, cleryDue: due, ...(isLate ? { cleryOverdue } : {}) }
}

const isWaitedFor = ({ closed, cleryDue, cleryOverdue }: Incident): boolean =>
  !closed && cleryDue !== undefined && cleryOverdue === undefined

const isOpenIn = (draft: Draft, alert: string): boolean =>
  HashMap.some(draft.situation.incidents, ({ alerts }) => alerts.some(({ id }) => id === alert))

/** Takes over what a case has become. A closed one leaves the situation; the log keeps it. */
const take = (draft: Draft, { incident, change }: CaseLived): void => {
  const { incidents } = draft.situation
  const settled = withDue(draft, incident)
  draft.situation.incidents = settled.closed
    ? HashMap.remove(incidents, settled.id)
    : HashMap.set(incidents, settled.id, settled)
  const awaited = isWaitedFor(settled) && cleryLacks(settled).length > 0
  draft.grace(`clery:${settled.id}`, awaited ? settled.cleryDue : undefined)
  draft.decisions.push({ _tag: "Incident", change: { ...change, incident: settled } })
}

const openOne = (draft: Draft, id: string): Incident | undefined =>
  Option.getOrUndefined(HashMap.get(draft.situation.incidents, id))

const areFree = (draft: Draft, alerts: ReadonlyArray<CaseAlert>): boolean =>
  alerts.every(({ id }) => !isOpenIn(draft, id))

/** A case is opened, unless one of its alerts belongs to another one that is open. */
export const incidentOpened = (draft: Draft, fact: Extract<Fact, { _tag: "IncidentOpened" }>): void => {
  if (areFree(draft, fact.alerts)) take(draft, openIncident(fact, draft.seq))
}

/** Something is said of an open case. */
export const caseChanged = (draft: Draft, fact: CaseFact): void => {
  const open = openOne(draft, fact.incident)
  if (open === undefined || (fact._tag === "IncidentAlertAdded" && !areFree(draft, [fact.added]))) return
  const lived = applyToCase(open, fact, draft.seq)
  if (lived !== undefined) take(draft, lived)
}

/** A closed case is taken up again, unless it is open, or one of its alerts belongs to another one by now. */
export const incidentReopened = (draft: Draft, fact: Extract<Fact, { _tag: "IncidentReopened" }>): void => {
  if (openOne(draft, fact.incident) !== undefined || !areFree(draft, fact.was.alerts)) return
  take(draft, reopen(fact))
}

/** The time of an entry of the Clery log has come. */
export const cleryFalls = (draft: Draft, id: string): void => {
  draft.endGrace(`clery:${id}`)
  const open = openOne(draft, id)
  if (open !== undefined && cleryLacks(open).length > 0) take(draft, cleryIsOverdue(open, draft.now))
}

/** Another configuration may have other holidays, or no Clery log: deadlines follow, and nothing is told but what is late. */
export const reviseIncidents = (draft: Draft): void => {
  const { incidents } = draft.situation
  draft.situation.incidents = HashMap.map(incidents, (incident) => withDue(draft, incident))
  for (const incident of HashMap.values(draft.situation.incidents)) {
    const awaited = isWaitedFor(incident) && cleryLacks(incident).length > 0
    draft.grace(`clery:${incident.id}`, awaited ? incident.cleryDue : undefined)
  }
}
