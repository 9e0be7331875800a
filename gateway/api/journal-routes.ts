import type { Response } from "express"
import { Effect } from "effect"
import type { Entry } from "../log/entry.ts"
import type { JournalKind } from "../log/journal/matching.ts"
import { termsOf } from "../log/journal/matching.ts"
import type { JournalSearch } from "../log/journal/reader.ts"
import { endpoint, type Endpoint } from "./endpoint.ts"
import { csvHead, csvLine } from "./journal-csv.ts"
import { invalidRequest } from "./problem.ts"
import { JournalExportQuery, JournalItems, JournalQuery, pageAtMost, pageUsual } from "./shapes.ts"
import type { Sources } from "./sources.ts"
import { wireJson } from "../domain/wire.ts"
import { whereIsDoor } from "../domain/where.ts"

type Looked = Omit<typeof JournalExportQuery.Type, "format">

const emptyCampus = { doors: [], devices: [] }

const searchOf = (
  { intake }: Sources,
  { text = "", kinds, from, to, ...asked }: Looked
): Effect.Effect<Omit<JournalSearch, "limit">, ReturnType<typeof invalidRequest>> => {
  const [since, until] = [from, to].map((at) => (at === undefined ? undefined : Date.parse(at)))
  if (since !== undefined && until !== undefined && since >= until) {
    return Effect.fail(invalidRequest("query", [{ path: "to", message: "Expected an instant after `from`" }]))
  }
  const terms = termsOf(text, intake.situation().campus ?? emptyCampus)
  return Effect.succeed({
    ...asked,
    ...(terms.length === 0 ? {} : { terms }),
    ...(kinds === undefined ? {} : { kinds: kinds.split(",") as ReadonlyArray<JournalKind> }),
    ...(since === undefined ? {} : { from: since }),
    ...(until === undefined ? {} : { to: until })
  })
}

/** Writes, and waits until the client has taken what waits for it; one that has gone ends it. */
const written = (response: Response, text: string): Effect.Effect<void> =>
  Effect.callback((resume) => {
    if (response.write(text)) return resume(Effect.void)
    const done = (): void => {
      response.off("drain", done).off("close", done)
      resume(Effect.void)
    }
    response.on("drain", done).on("close", done)
  })

const exports = {
  csv: { media: "text/csv; charset=utf-8", head: csvHead, foot: "" },
  json: { media: "application/json; charset=utf-8", head: "[\n", foot: "\n]\n" }
} as const

/** Sends all that a search finds, page after page, as fast as the client takes it. */
const exportTo = Effect.fnUntraced(function* (
  sources: Sources,
  response: Response,
  { format, ...looked }: typeof JournalExportQuery.Type
) {
  const { journal, intake } = sources
  const search = yield* searchOf(sources, looked)
  const { media, head, foot } = exports[format]
  let sent = 0
  const lineOf = (entry: Entry): string => {
    const json = wireJson(entry)
    sent += 1
    if (format === "json") return sent === 1 ? json : `,\n${json}`
    return csvLine(entry, entry.door === undefined ? "" : whereIsDoor(intake.situation().campus, entry.door), json)
  }
  let page = yield* journal.page({ ...search, limit: pageAtMost })
  response.status(200).set({
    "Content-Type": media,
    "Content-Disposition": `attachment; filename="journal.${format}"`,
    "Cache-Control": "no-store"
  })
  yield* written(response, head)
  for (;;) {
    yield* written(response, page.entries.map(lineOf).join(""))
    if (page.before === undefined) break
    page = yield* journal.page({ ...search, before: page.before, limit: pageAtMost })
  }
  response.end(foot)
})

/** Looking things up in the security log: what was, when, where and by whom. */
export const journalRoutes = (sources: Sources): ReadonlyArray<Endpoint> => [
  endpoint({
    method: "get",
    path: "/journal",
    right: "see",
    summary: "Entries of the security log by words, person, door, device, alert, kind and time, newest first",
    query: JournalQuery,
    answer: JournalItems,
    problems: [503],
    handle: Effect.fnUntraced(function* ({ query: { limit = pageUsual, before, ...looked } }) {
      const search = yield* searchOf(sources, looked)
      const page = yield* sources.journal.page({ ...search, ...(before === undefined ? {} : { before }), limit })
      return {
        items: page.entries,
        next: page.before === undefined ? null : String(page.before),
        ...(page.reachedAt === undefined ? {} : { reachedAt: page.reachedAt })
      }
    })
  }),
  endpoint({
    method: "get",
    path: "/journal/export",
    right: "export",
    summary: "Everything that a search of the journal finds, newest first, as a file: CSV or a JSON array",
    query: JournalExportQuery,
    media: "*/*",
    problems: [503],
    handle: ({ query, response }) => exportTo(sources, response, query)
  })
]
