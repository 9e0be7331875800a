import { Effect, Option, Schema } from "effect"
import { Gap } from "../domain/gap.ts"
import { EpochMs, PointRef } from "../domain/ids.ts"
import { Bypass, Maintenance, servicedThing, type ServicedThing } from "../domain/out-of-service.ts"
import { LocalDate } from "../domain/schedule.ts"
import { endpoint, type Endpoint } from "./endpoint.ts"
import { notFound, type Problem } from "./problem.ts"
import { limit, minutes, pageAtMost, prose } from "./shapes.ts"
import type { Sources } from "./sources.ts"

const GapItems = Schema.Struct({
  items: Schema.Array(Gap),
  total: Schema.Finite.annotate({ description: "How many there are; the worst are listed" })
})
const GapsQuery = Schema.Struct({ limit })
const GapReport = Schema.Struct({
  date: LocalDate,
  at: EpochMs,
  total: Schema.Finite.annotate({ description: "How many there were; of very many the worst are listed" }),
  gaps: Schema.Array(Gap)
}).annotate({ identifier: "GapReport" })

const forMinutes = Schema.optionalKey(minutes).annotate({
  description: "How long; left out: as long as the configuration allows"
})

const MaintenanceBody = Schema.Struct({
  ...servicedThing,
  minutes: forMinutes,
  reason: prose("a reason")
}).pipe(
  Schema.check(
    Schema.makeFilter(
      ({ door, device, area }) => [door, device, area].filter((one) => one !== undefined).length === 1,
      { expected: "exactly one of door, device and area" }
    )
  )
)
const BypassBody = Schema.Struct({ point: PointRef, minutes: forMinutes, reason: prose("a reason") })

const decodeThing = Schema.decodeUnknownOption(Schema.Struct(servicedThing), { onExcessProperty: "error" })

/** The thing of an address; what cannot be the id of one is none. */
const thingOf = (what: string, id: string): Effect.Effect<ServicedThing, Problem> => {
  const found = decodeThing({ [what]: id })
  return Option.isSome(found)
    ? Effect.succeed(found.value)
    : Effect.fail(
        notFound("unknown-thing", `Expected /maintenance/door, device or area and its id, got ${what}/${id}.`)
      )
}

const pointOf = (text: string): Effect.Effect<PointRef, Problem> => {
  const point = Schema.decodeUnknownOption(PointRef)(text)
  return Option.isSome(point)
    ? Effect.succeed(point.value)
    : Effect.fail(notFound("unknown-point", `${text} is no point; expected <device>/<point>.`))
}

const maintenanceRoutes = ({ gaps }: Sources): ReadonlyArray<Endpoint> => [
  endpoint({
    method: "post",
    path: "/maintenance",
    right: "take-out-of-service",
    summary:
      "Put a door, a device or an area in maintenance: its alerts are kept and make no sound until it ends. A second time, that counts",
    body: MaintenanceBody,
    answer: Maintenance,
    problems: [404, 422],
    handle: ({ by, body: { minutes: long, reason, ...about } }) => gaps.begin(about, { by, reason, minutes: long })
  }),
  endpoint({
    method: "delete",
    path: "/maintenance/{what}/{id}",
    right: "take-out-of-service",
    summary: "End the maintenance of a door, a device or an area; alerts that hold still ask for an officer again",
    status: 204,
    problems: [404],
    handle: ({ by, param }) => Effect.flatMap(thingOf(param("what"), param("id")), (about) => gaps.end(about, by))
  }),
  endpoint({
    method: "post",
    path: "/bypasses",
    right: "take-out-of-service",
    summary:
      "Bypass a point of a door: what it says is kept and not believed until it ends. A second time, that counts",
    body: BypassBody,
    answer: Bypass,
    problems: [404, 422],
    handle: ({ by, body: { point, minutes: long, reason } }) => gaps.bypass(point, { by, reason, minutes: long })
  }),
  endpoint({
    method: "delete",
    path: "/bypasses/{device}/{point}",
    right: "take-out-of-service",
    summary: "Believe a point again",
    status: 204,
    problems: [404],
    handle: ({ by, param }) =>
      Effect.flatMap(pointOf(`${param("device")}/${param("point")}`), (point) => gaps.endBypass(point, by))
  })
]

/** What is not protected, and what people take out of service. */
export const gapRoutes = (sources: Sources): ReadonlyArray<Endpoint> => [
  endpoint({
    method: "get",
    path: "/gaps",
    right: "see",
    summary: "Everything that is not protected right now, worst first",
    query: GapsQuery,
    answer: GapItems,
    handle: ({ query: { limit: most = pageAtMost } }) =>
      Effect.sync(() => {
        const gaps = sources.gaps.list()
        return { items: gaps.slice(0, most), total: gaps.length }
      })
  }),
  endpoint({
    method: "get",
    path: "/gaps/reports",
    right: "see",
    summary: "The days of which there is a report, newest first",
    answer: Schema.Struct({ items: Schema.Array(Schema.String) }),
    handle: () => Effect.sync(() => ({ items: sources.gaps.reports() }))
  }),
  endpoint({
    method: "get",
    path: "/gaps/reports/{date}",
    right: "see",
    summary: "The report of a day, as it was made then",
    answer: GapReport,
    problems: [404],
    handle: ({ param }) =>
      Effect.map(sources.gaps.report(param("date")), ({ date, at, total, gaps }) => ({ date, at, total, gaps }))
  }),
  ...maintenanceRoutes(sources)
]
