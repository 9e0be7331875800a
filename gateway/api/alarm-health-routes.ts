import { Clock, Effect, Schema } from "effect"
import { AlarmHealth } from "../explain/alarm-health/alarm-health.ts"
import { alarmHealthCsv } from "../explain/alarm-health/csv.ts"
import { endpoint, type Endpoint } from "./endpoint.ts"
import { invalidRequest } from "./problem.ts"
import { SpanQuery } from "./shapes.ts"
import type { Sources } from "./sources.ts"

const dayMs = 86_400_000

/** A week has each day and each hour once. */
const usualSpanMs = 7 * dayMs

/** A year and a bit: longer spans are asked for in parts. */
const spanAtMostMs = 400 * dayMs

const spanIn = Effect.fnUntraced(function* ({ from, to }: typeof SpanQuery.Type) {
  const until = to === undefined ? yield* Clock.currentTimeMillis : Date.parse(to)
  const since = from === undefined ? until - usualSpanMs : Date.parse(from)
  if (!(since < until))
    return yield* invalidRequest("query", [{ path: "from", message: "Expected an instant before `to`" }])
  if (until - since > spanAtMostMs)
    return yield* invalidRequest("query", [{ path: "from", message: "Expected at most 400 days before `to`" }])
  return { from: since, to: until }
})

/** How alerts serve the people who answer them: worked out beside the gateway from its log. */
export const alarmHealthRoutes = ({ explanations }: Sources): ReadonlyArray<Endpoint> => [
  endpoint({
    method: "get",
    path: "/alarm-health",
    right: "see",
    summary:
      "Figures of the alerts of a span (default: 7 days) beside their targets: how many, how fast answered, floods, nuisance",
    query: SpanQuery,
    answer: AlarmHealth,
    handle: Effect.fnUntraced(function* ({ query }) {
      return yield* explanations.ask({ _tag: "AlarmHealth", ...(yield* spanIn(query)) })
    })
  }),
  endpoint({
    method: "get",
    path: "/alarm-health.csv",
    right: "see",
    summary: "The same figures as one table for a spreadsheet",
    query: SpanQuery,
    answer: Schema.String,
    media: "text/csv",
    handle: Effect.fnUntraced(function* ({ query, response }) {
      const health = yield* explanations.ask({ _tag: "AlarmHealth", ...(yield* spanIn(query)) })
      const day = (at: number): string => new Date(at).toISOString().slice(0, 10)
      response
        .status(200)
        .set({
          "Content-Type": "text/csv; charset=utf-8; header=present",
          "Content-Disposition": `attachment; filename="alarm-health-${day(health.from)}-${day(health.to)}.csv"`,
          "Cache-Control": "no-store"
        })
        .end(alarmHealthCsv(health))
      return ""
    })
  })
]
