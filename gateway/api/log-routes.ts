import { Effect } from "effect"
import type { EntryQuery, SecurityLog } from "../log/security-log.ts"
import { endpoint, type Endpoint } from "./endpoint.ts"
import { invalidRequest, notFound } from "./problem.ts"
import { Entry, EntryItems, EventsQuery, LogQuery, pageUsual, StreamQuery } from "./shapes.ts"
import type { Sources, TaggedFailure } from "./sources.ts"

type Span = typeof LogQuery.Type

const pageOf = (
  log: SecurityLog["Service"],
  { limit = pageUsual, ...rest }: Span
): Effect.Effect<typeof EntryItems.Type, TaggedFailure> => {
  if (rest.after !== undefined && rest.before !== undefined) {
    return Effect.fail(
      invalidRequest("query", [{ path: "before", message: "Expected either after or before, not both" }])
    )
  }
  const query: EntryQuery = { ...rest, limit: limit + 1 }
  return Effect.map(log.entries(query), (found) => {
    const items = found.slice(0, limit)
    return { items, next: found.length > limit ? String(items.at(-1)?.seq) : null }
  })
}

/** A position in the log as a client writes it; undefined for anything else. */
const seqOf = (text: string): number | undefined => {
  const seq = Number(text)
  return /^\d{1,16}$/.test(text) && Number.isSafeInteger(seq) ? seq : undefined
}

/** The security log: entries, events, one entry, the stream. */
export const logRoutes = ({ log, stream, consoles }: Sources): ReadonlyArray<Endpoint> => [
  endpoint({
    method: "get",
    path: "/log",
    right: "see",
    summary: "Entries of the security log, newest first, or oldest first behind `after`",
    query: LogQuery,
    answer: EntryItems,
    handle: ({ query }) => pageOf(log, query)
  }),
  endpoint({
    method: "get",
    path: "/events",
    right: "see",
    summary: "Device events of the security log, paged as /log is",
    query: EventsQuery,
    answer: EntryItems,
    handle: ({ query }) => pageOf(log, { ...query, kind: "Event" })
  }),
  endpoint({
    method: "get",
    path: "/log/{seq}",
    right: "see",
    summary: "One entry",
    answer: Entry,
    problems: [404],
    handle: Effect.fnUntraced(function* (call) {
      const seq = seqOf(call.param("seq"))
      const entry = seq === undefined ? undefined : yield* log.entry(seq)
      if (entry !== undefined) return entry
      return yield* notFound("unknown-entry", `The log has no entry ${call.param("seq")}; it ends at ${log.head()}.`)
    })
  }),
  endpoint({
    method: "get",
    path: "/stream",
    right: "see",
    summary:
      "The log as server-sent events: `entry` (an Entry, its seq as id) and `heartbeat`; resumes by Last-Event-ID",
    query: StreamQuery,
    media: "text/event-stream",
    handle: Effect.fnUntraced(function* (call) {
      const header = call.request.get("last-event-id")
      const after = header === undefined ? call.query.after : seqOf(header)
      if (header === undefined || after !== undefined) {
        const { console } = call.query
        const left = console === undefined ? () => {} : consoles.follow(console, call.by)
        return yield* stream.serve(call.response, after).pipe(Effect.ensuring(Effect.sync(left)))
      }
      return yield* invalidRequest("query", [
        { path: "Last-Event-ID", message: "Expected the seq of the last entry seen, a whole number" }
      ])
    })
  })
]
