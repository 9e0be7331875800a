import { Effect } from "effect"
import { StepId } from "../domain/checklist.ts"
import { type CaseFields, Incident } from "../domain/incident.ts"
import { Alert } from "../domain/alert.ts"
import { dayMs, dayNamed } from "../correlation/day-plan.ts"
import { zoneNamed } from "../correlation/zone.ts"
import type { StepWanted } from "../alerts/procedure-life.ts"
import type { IncidentQuery } from "../log/security-log.ts"
import { endpoint, type Endpoint } from "./endpoint.ts"
import {
  AddAlertBody,
  type CaseFieldsBody,
  CloseIncidentBody,
  FieldsBody,
  IncidentItems,
  IncidentNoteBody,
  IncidentsQuery,
  OpenIncidentBody,
  PersonBody,
  RemoveBody,
  StepBody
} from "./incident-shapes.ts"
import { notFound } from "./problem.ts"
import { pageUsual } from "./shapes.ts"
import type { Sources, TaggedFailure } from "./sources.ts"

/** What officers write of a case fits: 20 000 characters of four bytes, and the rest. */
const bodyMaxBytes = 128 * 1024

const fieldsOf = (body: typeof CaseFieldsBody.Type): CaseFields => {
  const { reportedAt, occurredAt, occurredUntil, ...rest } = body
  return {
    ...rest,
    ...(reportedAt === undefined ? {} : { reportedAt: Date.parse(reportedAt) }),
    ...(occurredAt === undefined ? {} : { occurredAt: Date.parse(occurredAt) }),
    ...(occurredUntil === undefined ? {} : { occurredUntil: occurredUntil === null ? null : Date.parse(occurredUntil) })
  }
}

interface Wanted {
  readonly state?: "open" | "closed" | "all"
  readonly door?: string
  readonly area?: string
  readonly from?: string
  readonly to?: string
  readonly disposition?: string
}

/** The question to the log: days by the site's calendar, an area with all that lies in it. */
export const queryOf = ({ intake }: Pick<Sources, "intake">, wanted: Wanted): Omit<IncidentQuery, "limit"> => {
  const { state = "all", door, area, from, to, disposition } = wanted
  const { campus } = intake.situation()
  const zone = zoneNamed(campus?.site.timeZone ?? "UTC")
  const around = new Map((campus?.areas ?? []).map((one) => [String(one.id), one.in]))
  const lies = (id: string | undefined): boolean => {
    const seen = new Set<string>()
    for (let here = id; here !== undefined && !seen.has(here); here = around.get(here)) {
      if (here === area) return true
      seen.add(here)
    }
    return false
  }
  return {
    ...(state === "all" ? {} : { closed: state === "closed" }),
    ...(door === undefined ? {} : { door }),
    ...(area === undefined ? {} : { areas: [area, ...[...around.keys()].filter(lies)] }),
    ...(from === undefined ? {} : { from: zone.firstAt(dayNamed(from) * dayMs) }),
    ...(to === undefined ? {} : { to: zone.firstAt((dayNamed(to) + 1) * dayMs) }),
    ...(disposition === undefined ? {} : { disposition })
  }
}

const listRoutes = (sources: Sources): ReadonlyArray<Endpoint> => {
  const { incidents } = sources
  const page = (query: IncidentQuery): Effect.Effect<typeof IncidentItems.Type, TaggedFailure> =>
    Effect.map(incidents.list({ ...query, limit: query.limit + 1 }), (found) => {
      const items = found.slice(0, query.limit)
      return { items, next: found.length > query.limit ? String(items.at(-1)?.opened) : null }
    })
  return [
    endpoint({
      method: "get",
      path: "/incidents",
      right: "see",
      summary: "Incidents, newest first: by state, door, area, day, disposition, or the one that an alert belongs to",
      query: IncidentsQuery,
      answer: IncidentItems,
      handle: ({ query: { alert, before, limit = pageUsual, ...wanted } }) =>
        alert === undefined
          ? page({ ...queryOf(sources, wanted), ...(before === undefined ? {} : { before }), limit })
          : Effect.map(incidents.ofAlert(alert), (found) => ({ items: found === undefined ? [] : [found], next: null }))
    }),
    endpoint({
      method: "get",
      path: "/incidents/{id}",
      right: "see",
      summary: "One incident",
      answer: Incident,
      problems: [404],
      handle: ({ param }) => incidents.one(param("id"))
    }),
    endpoint({
      method: "post",
      path: "/incidents",
      right: "keep-incidents",
      summary: "Open an incident from one alert, several, or none",
      body: OpenIncidentBody,
      bodyMaxBytes,
      answer: Incident,
      problems: [404, 409, 422],
      handle: ({ by, body: { alerts, fields = {} } }) => incidents.open(by, alerts, fieldsOf(fields))
    })
  ]
}

const partRoutes = ({ incidents }: Sources): ReadonlyArray<Endpoint> => [
  endpoint({
    method: "post",
    path: "/incidents/{id}/alerts",
    right: "keep-incidents",
    summary: "Add an alert; one belongs to one incident at most",
    body: AddAlertBody,
    answer: Incident,
    problems: [404, 409],
    handle: ({ by, param, body }) => incidents.addAlert(param("id"), by, body.alert)
  }),
  endpoint({
    method: "post",
    path: "/incidents/{id}/alerts/{alert}/remove",
    right: "keep-incidents",
    summary: "Take an alert out of an incident",
    body: RemoveBody,
    answer: Incident,
    problems: [404, 409],
    handle: ({ by, param, body }) => incidents.removeAlert(param("id"), by, param("alert"), body.reason)
  }),
  endpoint({
    method: "post",
    path: "/incidents/{id}/notes",
    right: "keep-incidents",
    summary: "Note something on an incident",
    body: IncidentNoteBody,
    answer: Incident,
    problems: [404, 409],
    handle: ({ by, param, body }) => incidents.note(param("id"), by, body.note)
  }),
  endpoint({
    method: "post",
    path: "/incidents/{id}/people",
    right: "keep-incidents",
    summary: "Name somebody in an incident: no more of them than the report needs",
    body: PersonBody,
    answer: Incident,
    problems: [404, 409],
    handle: ({ by, param, body }) => incidents.addPerson(param("id"), by, body)
  }),
  endpoint({
    method: "post",
    path: "/incidents/{id}/people/{person}/remove",
    right: "keep-incidents",
    summary: "Take somebody out of an incident",
    body: RemoveBody,
    answer: Incident,
    problems: [404, 409],
    handle: ({ by, param, body }) => incidents.removePerson(param("id"), by, Number(param("person")), body.reason)
  })
]

const courseRoutes = ({ incidents }: Sources): ReadonlyArray<Endpoint> => [
  endpoint({
    method: "post",
    path: "/incidents/{id}/fields",
    right: "keep-incidents",
    summary: "Change what is written of an incident, over the revision that was seen",
    body: FieldsBody,
    bodyMaxBytes,
    answer: Incident,
    problems: [404, 409, 422],
    handle: ({ by, param, body }) => incidents.change(param("id"), by, body.revision, fieldsOf(body.fields))
  }),
  endpoint({
    method: "post",
    path: "/incidents/{id}/close",
    right: "keep-incidents",
    summary: "Close an incident with what it turned out to be; a nuisance has a cause",
    body: CloseIncidentBody,
    answer: Incident,
    problems: [404, 409, 422],
    handle: ({ by, param, body }) => incidents.close(param("id"), by, body.disposition, body.reason)
  }),
  endpoint({
    method: "post",
    path: "/incidents/{id}/reopen",
    right: "review-incidents",
    summary: "Take a closed incident up again",
    body: RemoveBody,
    answer: Incident,
    problems: [404, 409],
    handle: ({ by, param, body }) => incidents.reopen(param("id"), by, body.reason)
  })
]

const wantedOf = (step: StepId, body: typeof StepBody.Type): StepWanted => {
  if ("done" in body) return { _tag: "StepDone", step }
  if ("answer" in body) return { _tag: "StepAnswered", step, answer: body.answer }
  return "skip" in body ? { _tag: "StepSkipped", step, reason: body.skip } : { _tag: "StepUndone", step }
}

const isStepId = (text: string): boolean => /^[a-z0-9][a-z0-9-]{0,63}$/.test(text)

/** Officers' words on the steps of an alert's procedure, and the incidents that they keep. */
export const incidentRoutes = (sources: Sources): ReadonlyArray<Endpoint> => [
  endpoint({
    method: "post",
    path: "/alerts/{id}/steps/{step}",
    right: "acknowledge",
    summary: "Say of a step of an alert's procedure that it is done, what the answer is, or why it is left out",
    body: StepBody,
    answer: Alert,
    problems: [404, 409, 422],
    handle: ({ by, param, body }) => {
      const step = param("step")
      return isStepId(step)
        ? sources.procedures.say(param("id"), by, wantedOf(StepId.make(step), body))
        : Effect.fail(notFound("unknown-step", `${step.slice(0, 64)} is no step's id`))
    }
  }),
  ...listRoutes(sources),
  ...partRoutes(sources),
  ...courseRoutes(sources)
]
