import type { Response } from "express"
import { Clock, Effect } from "effect"
import { caseFileOf, type CaseFile, hashOfExport } from "../alerts/case/case-file.ts"
import { cleryCsv, incidentsCsv, timelineCsv } from "../alerts/case/csv.ts"
import { printed } from "../alerts/case/printing.ts"
import { clockIn, picturesOf, type Report, type ReportPicture, reportOf } from "../alerts/case/report.ts"
import { reportHtml } from "../alerts/case/report-html.ts"
import type { Incident } from "../domain/incident.ts"
import type { IncidentQuery } from "../log/security-log.ts"
import { endpoint, type Endpoint } from "./endpoint.ts"
import { queryOf } from "./incident-routes.ts"
import { CaseExport, CleryQuery, IncidentsExported, IncidentsExportQuery } from "./incident-shapes.ts"
import type { Sources, TaggedFailure } from "./sources.ts"
import { whereIsAlert } from "../domain/where.ts"
import { wireJson } from "../domain/wire.ts"

/** The report brings its own style and pictures, and nothing in it runs or is fetched. */
const onlyRead = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox"

interface Sent {
  readonly type: string
  readonly name: string
  readonly disposition: "inline" | "attachment"
}

const send = (response: Response, body: string | Uint8Array, { type, name, disposition }: Sent): void => {
  response.status(200).set({
    "Content-Type": type,
    "Content-Disposition": `${disposition}; filename="${name}"`,
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": onlyRead,
    "Cache-Control": "no-store"
  })
  response.end(typeof body === "string" ? body : Buffer.from(body))
}

const pageRows = 500

/** All cases of a question, a page at a time. */
const every = Effect.fnUntraced(function* (
  { incidents }: Sources,
  query: Omit<IncidentQuery, "limit">
): Effect.fn.Return<ReadonlyArray<Incident>, TaggedFailure> {
  const all: Array<Incident> = []
  for (let before: number | undefined; ;) {
    const page = yield* incidents.list({ ...query, ...(before === undefined ? {} : { before }), limit: pageRows })
    all.push(...page)
    before = page.at(-1)?.opened
    if (page.length < pageRows) return all
    yield* Effect.sleep(0)
  }
})

const caseOf = Effect.fnUntraced(function* (
  { incidents, log, intake }: Sources,
  id: string
): Effect.fn.Return<CaseFile, TaggedFailure> {
  const incident = yield* incidents.one(id)
  const { campus } = intake.situation()
  return yield* caseFileOf(incident, { log, campus, whereOf: (alert) => whereIsAlert(campus, alert) })
})

/** The report of a case, with the pictures that are still there. */
const reportFor = Effect.fnUntraced(function* (
  sources: Sources,
  id: string,
  by: string
): Effect.fn.Return<{ readonly report: Report; readonly timeZone: string }, TaggedFailure> {
  const file = yield* caseOf(sources, id)
  const pictures = new Map<string, ReportPicture["picture"]>()
  for (const { hash } of picturesOf(file.alerts)) {
    const picture = yield* sources.evidence.read(hash).pipe(
      Effect.map((found) => found as ReportPicture["picture"]),
      // One picture that cannot be read is no reason to have no report.
      Effect.catchTag("EvidenceUnavailable", () => Effect.as(Effect.void, undefined))
    )
    pictures.set(hash, picture)
  }
  const { campus, at } = sources.intake.situation()
  const report = reportOf(file, {
    by,
    at: Math.max(at, yield* Clock.currentTimeMillis),
    hash: hashOfExport(wireJson(file)),
    cameraName: (camera) => campus?.cameras.find((one) => one.id === camera)?.name ?? camera,
    pictureOf: (hash) => pictures.get(hash)
  })
  return { report, timeZone: file.site.timeZone }
})

const ofOne = (sources: Sources): ReadonlyArray<Endpoint> => [
  endpoint({
    method: "get",
    path: "/incidents/{id}/case",
    right: "see",
    summary: "An incident with its alerts, their evidence and procedures, and its timeline from the log",
    answer: CaseExport,
    problems: [404],
    handle: ({ param }) =>
      Effect.map(caseOf(sources, param("id")), (file) => ({ ...file, hash: hashOfExport(wireJson(file)) }))
  }),
  endpoint({
    method: "get",
    path: "/incidents/{id}/report.html",
    right: "keep-incidents",
    summary: "The report of an incident as one HTML document, pictures included",
    media: "text/html",
    problems: [404],
    handle: ({ param, response, caller }) =>
      Effect.map(reportFor(sources, param("id"), caller.name), ({ report }) =>
        send(response, reportHtml(report), {
          type: "text/html; charset=utf-8",
          name: `${report.number}.html`,
          disposition: "inline"
        })
      )
  }),
  endpoint({
    method: "get",
    path: "/incidents/{id}/report.pdf",
    right: "keep-incidents",
    summary: "The report of an incident as PDF, pictures and fonts included",
    media: "application/pdf",
    problems: [404],
    handle: Effect.fnUntraced(function* ({ param, response, caller }) {
      const { report, timeZone } = yield* reportFor(sources, param("id"), caller.name)
      const pdf = yield* printed(report, timeZone)
      send(response, pdf, { type: "application/pdf", name: `${report.number}.pdf`, disposition: "inline" })
    })
  }),
  endpoint({
    method: "get",
    path: "/incidents/{id}/timeline.csv",
    right: "keep-incidents",
    summary: "The timeline of an incident as CSV",
    media: "text/csv",
    problems: [404],
    handle: ({ param, response }) =>
      Effect.map(caseOf(sources, param("id")), (file) =>
        send(response, timelineCsv(file, clockIn(file.site.timeZone)), {
          type: "text/csv; charset=utf-8",
          name: `${file.incident.id}.csv`,
          disposition: "attachment"
        })
      )
  })
]

/** Reports and exports of incidents. */
export const reportRoutes = (sources: Sources): ReadonlyArray<Endpoint> => {
  const clock = () => clockIn(sources.intake.situation().campus?.site.timeZone ?? "UTC")
  const csv = (name: string): Sent => ({ type: "text/csv; charset=utf-8", name, disposition: "attachment" })
  return [
    endpoint({
      method: "get",
      path: "/incidents.csv",
      right: "export",
      summary: "Incidents as CSV, by state, door, area, day and disposition; times by the site's clocks",
      query: IncidentsExportQuery,
      media: "text/csv",
      handle: ({ query, response }) =>
        Effect.map(every(sources, queryOf(sources, query)), (all) =>
          send(response, incidentsCsv(all, clock()), csv("incidents.csv"))
        )
    }),
    endpoint({
      method: "get",
      path: "/incidents.json",
      right: "export",
      summary: "Incidents as JSON, all that the question finds",
      query: IncidentsExportQuery,
      answer: IncidentsExported,
      handle: ({ query }) => Effect.map(every(sources, queryOf(sources, query)), (items) => ({ items }))
    }),
    endpoint({
      method: "get",
      path: "/clery-log.csv",
      right: "export",
      summary: "The Clery Act's daily crime log as CSV: what was reported in these days and belongs there",
      query: CleryQuery,
      media: "text/csv",
      handle: ({ query, response }) =>
        Effect.map(every(sources, { ...queryOf(sources, query), by: "reported", clery: "belongs" }), (all) => {
          const inEarnest = all.filter(({ reality }) => reality === "actual")
          send(response, cleryCsv(inEarnest, clock()), csv("clery-log.csv"))
        })
    }),
    ...ofOne(sources)
  ]
}
