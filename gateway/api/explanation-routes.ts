import { Clock, Effect } from "effect"
import { DoctorReport } from "../explain/doctor/report.ts"
import { AlertExplanation, DoorExplanation } from "../explain/explanation.ts"
import { endpoint, type Endpoint } from "./endpoint.ts"
import { invalidRequest, notFound } from "./problem.ts"
import { DoctorQuery, ExplainDoorQuery } from "./shapes.ts"
import type { Sources } from "./sources.ts"

/** A nuisance shows itself over weeks. */
const usualSpanMs = 30 * 86_400_000

/** Why an alert fired, and why a door did not: worked out beside the gateway from its log. */
export const explanationRoutes = ({ explanations }: Sources): ReadonlyArray<Endpoint> => [
  endpoint({
    method: "get",
    path: "/alerts/{id}/explanation",
    right: "see",
    summary: "Why an alert fired, with the rule's numbers, the clocks, and what would have had to be otherwise",
    answer: AlertExplanation,
    problems: [404],
    handle: Effect.fnUntraced(function* ({ param }) {
      const found = yield* explanations.ask({ _tag: "Alert", id: param("id") })
      return found ?? (yield* notFound("unknown-alert", `there is no alert ${param("id")}`))
    })
  }),
  endpoint({
    method: "get",
    path: "/doors/{id}/explanation",
    right: "see",
    summary: "Why a door did not alarm, or did, around an instant (`at`, default now)",
    query: ExplainDoorQuery,
    answer: DoorExplanation,
    problems: [404],
    handle: Effect.fnUntraced(function* ({ param, query }) {
      const now = yield* Clock.currentTimeMillis
      const asked = query.at === undefined ? now : Date.parse(query.at)
      if (Number.isNaN(asked))
        return yield* invalidRequest("query", [{ path: "at", message: "Expected a date that exists" }])
      // What is yet to come cannot be explained.
      const at = Math.min(asked, now)
      const found = yield* explanations.ask({ _tag: "Door", id: param("id"), at })
      const detail = `no configuration of that time has a door ${param("id")}`
      return found ?? (yield* notFound("unknown-door", detail))
    })
  }),
  endpoint({
    method: "get",
    path: "/doctor",
    right: "see",
    summary: "What the forced, held and late-exit alerts of a span (default: 30 days) were put down to, door by door",
    query: DoctorQuery,
    answer: DoctorReport,
    handle: Effect.fnUntraced(function* ({ query: { from, to, door } }) {
      const until = to === undefined ? yield* Clock.currentTimeMillis : Date.parse(to)
      const since = from === undefined ? until - usualSpanMs : Date.parse(from)
      if (!(since < until)) {
        return yield* invalidRequest("query", [{ path: "from", message: "Expected an instant before `to`" }])
      }
      return yield* explanations.ask({
        _tag: "Doctor",
        from: since,
        to: until,
        ...(door === undefined ? {} : { door })
      })
    })
  })
]
