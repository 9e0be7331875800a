import { Effect } from "effect"
import { Alert } from "../domain/alert.ts"
import type { AlertQuery } from "../log/security-log.ts"
import { endpoint, type Endpoint } from "./endpoint.ts"
import {
  AlertExplained,
  AlertItem,
  AlertItems,
  AlertsQuery,
  CloseBody,
  NoteBody,
  pageUsual,
  ReasonBody,
  ShelveBody
} from "./shapes.ts"
import { answerRoutes } from "./answer-routes.ts"
import type { AlertSource, Sources, TaggedFailure } from "./sources.ts"
import { whereIsAlert } from "../domain/where.ts"

interface Page {
  readonly alerts: ReadonlyArray<Alert>
  readonly next: string | null
}

/**
 * One page, cut only between two facts: the cursor is the fact that raised an alert, and one fact can raise several.
 * When a single fact raised more than a page holds, the page grows to hold them all.
 */
const pageOf = (source: AlertSource, query: AlertQuery): Effect.Effect<Page, TaggedFailure> =>
  Effect.gen(function* () {
    const found = yield* source.list({ ...query, limit: query.limit + 1 })
    const beyond = found[query.limit]
    if (beyond === undefined) return { alerts: found, next: null }
    const alerts = found.filter((alert) => alert.raisedBy > beyond.raisedBy)
    const last = alerts.at(-1)
    if (last !== undefined) return { alerts, next: String(last.raisedBy) }
    return yield* pageOf(source, { ...query, limit: query.limit * 2 })
  })

/** What officers do to an alert beside answering it. */
const actRoutes = ({ alerts }: Sources): ReadonlyArray<Endpoint> => [
  endpoint({
    method: "post",
    path: "/alerts/{id}/notes",
    right: "note",
    summary: "Note something on an alert",
    body: NoteBody,
    answer: Alert,
    problems: [404, 409],
    handle: (call) => alerts.note(call.param("id"), call.by, call.body.note)
  }),
  endpoint({
    method: "post",
    path: "/alerts/{id}/shelve",
    right: "shelve",
    summary:
      "Shelve an alert: it makes no sound for so many minutes, or until it is normal again. A second time, that counts",
    body: ShelveBody,
    answer: Alert,
    problems: [404, 409, 422],
    handle: ({ param, by, body: { minutes, reason } }) =>
      alerts.shelve(param("id"), by, minutes === undefined ? { oneShot: true } : { minutes }, reason)
  }),
  endpoint({
    method: "post",
    path: "/alerts/{id}/unshelve",
    right: "shelve",
    summary: "End the shelving of an alert before its time; one that is active asks for an officer again",
    body: ReasonBody,
    answer: Alert,
    problems: [404, 409],
    handle: (call) => alerts.unshelve(call.param("id"), call.by, call.body.reason)
  }),
  endpoint({
    method: "post",
    path: "/alerts/{id}/close",
    right: "close",
    summary: "Close an alert with its outcome and a reason",
    body: CloseBody,
    answer: Alert,
    problems: [404, 409],
    handle: (call) => alerts.close(call.param("id"), call.by, call.body.outcome, call.body.reason)
  })
]

/** Alerts: list, one, what officers do to one, explain. */
export const alertRoutes = (sources: Sources): ReadonlyArray<Endpoint> => {
  const { alerts, intake } = sources
  const item = (alert: Alert): typeof AlertItem.Type => ({
    ...alert,
    where: whereIsAlert(intake.situation().campus, alert)
  })
  return [
    endpoint({
      method: "get",
      path: "/alerts",
      right: "see",
      summary: "Alerts, newest first; open ones unless `state` says otherwise",
      query: AlertsQuery,
      answer: AlertItems,
      handle: ({ query: { state = "open", door, before, limit = pageUsual } }) =>
        pageOf(alerts, {
          ...(state === "all" ? {} : { closed: state === "closed" }),
          ...(door === undefined ? {} : { door }),
          ...(before === undefined ? {} : { before }),
          limit
        }).pipe(Effect.map((page) => ({ items: page.alerts.map(item), next: page.next })))
    }),
    endpoint({
      method: "get",
      path: "/alerts/{id}",
      right: "see",
      summary: "One alert",
      answer: AlertItem,
      problems: [404],
      handle: (call) => Effect.map(alerts.one(call.param("id")), item)
    }),
    ...answerRoutes(sources),
    ...actRoutes(sources),
    endpoint({
      method: "get",
      path: "/alerts/{id}/timeline",
      right: "see",
      summary: "The facts behind an alert, and its course; why it fired is told by `/alerts/{id}/explanation`",
      answer: AlertExplained,
      problems: [404],
      handle: (call) => alerts.explain(call.param("id"))
    })
  ]
}
