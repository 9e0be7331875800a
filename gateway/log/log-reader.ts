import type Database from "better-sqlite3"
import { Effect } from "effect"
import { FiledPositions, subjectOf } from "./entries-about.ts"
import type { Entry } from "./entry.ts"
import {
  type AlertQuery,
  type EntryQuery,
  type IncidentQuery,
  type SecurityLog,
  StoreUnavailable
} from "./security-log.ts"
import { concernsAll } from "./schema.ts"
import { alertOf, entryOf, incidentOf, type StoredEntry } from "./stored.ts"

type Conditions = ReadonlyArray<readonly [string, string | number | undefined]>

/** SQL conditions with their values, only those that are asked for. */
const where = (conditions: Conditions) => {
  const asked = conditions.filter((condition): condition is readonly [string, string | number] => {
    return condition[1] !== undefined
  })
  return {
    sql: asked.length === 0 ? "" : `WHERE ${asked.map(([text]) => text).join(" AND ")}`,
    values: asked.map(([, value]) => value)
  }
}

/** Cases are few, hundreds a year: what they are found by is read out of them. */
const casesWhere = (query: IncidentQuery) => {
  const when = query.by === "reported" ? "$.reportedAt" : "$.occurredAt"
  const areas = query.areas === undefined ? undefined : JSON.stringify(query.areas)
  const some = (what: string, is: string): string =>
    `EXISTS (SELECT 1 FROM json_each(body, '$.alerts') AS one WHERE json_extract(one.value, '$.${what}') ${is})`
  return where([
    ["closed = ?", query.closed === undefined ? undefined : query.closed ? 1 : 0],
    [some("door", "= ?"), query.door],
    [some("area", "IN (SELECT value FROM json_each(?))"), areas],
    ["json_extract(body, '$.disposition.kind') = ?", query.disposition],
    ["json_extract(body, '$.clery') = ?", query.clery],
    [`json_extract(body, '${when}') >= ?`, query.from],
    [`json_extract(body, '${when}') < ?`, query.to],
    ["opened < ?", query.before]
  ])
}

/** What the entries asked for are filed under, those of an alert aside: a door has fewer of them than its devices. */
const subjectAsked = ({ door, device, alert }: EntryQuery): string | undefined => {
  if (alert !== undefined) return undefined
  if (door !== undefined) return subjectOf("door", door)
  return device === undefined ? undefined : subjectOf("device", device)
}

/** At most so many rows of one part of the log. */
type Part = (limit: number) => ReadonlyArray<StoredEntry>

const attempt = <A>(read: () => A): Effect.Effect<A, StoreUnavailable> =>
  Effect.try({
    try: read,
    catch: (cause) => new StoreUnavailable({ reason: cause instanceof Error ? cause.message : String(cause) })
  })

/** What the security log answers, on a connection of its own. Statements are prepared once a shape of question. */
export const readerOf = (
  database: Database.Database
): Pick<SecurityLog["Service"], "entries" | "entry" | "alerts" | "alert" | "incidents" | "incident" | "incidentOf"> => {
  const statements = new Map<string, Database.Statement<Array<string | number>, StoredEntry>>()
  const all = (sql: string, values: ReadonlyArray<string | number>): ReadonlyArray<StoredEntry> => {
    const statement = statements.get(sql) ?? database.prepare<Array<string | number>, StoredEntry>(sql)
    statements.set(sql, statement)
    return statement.all(...values)
  }
  /** Of all entries that meet these conditions too, at most so many. */
  const select = (conditions: Conditions, query: EntryQuery, limit: number): ReadonlyArray<StoredEntry> => {
    const { sql, values } = where([
      ...conditions,
      query.kind === "Event" ? ["event = ?", 1] : ["kind = ?", query.kind],
      ["door = ?", query.door],
      ["device = ?", query.device],
      ["alert = ?", query.alert],
      // In these very words, so that their index is used.
      [`${concernsAll} AND 1 = ?`, query.ofAll === true ? 1 : undefined],
      ["seq > ?", query.after],
      ["seq < ?", query.before]
    ])
    const order = query.after === undefined ? "DESC" : "ASC"
    return all(`SELECT seq, body FROM entry ${sql} ORDER BY seq ${order} LIMIT ?`, [...values, limit])
  }
  const filed = new FiledPositions(database)
  const filedOnes = (subject: string, query: EntryQuery, upTo: number, limit: number): ReadonlyArray<StoredEntry> => {
    const found: Array<StoredEntry> = []
    const look = query.after === undefined ? { before: query.before ?? upTo + 1 } : { after: query.after }
    for (const positions of filed.rows(subject, look, upTo)) {
      const those = ["seq IN (SELECT value FROM json_each(?))", JSON.stringify(positions)] as const
      found.push(...select([those], query, limit - found.length))
      if (found.length === limit) break
    }
    return found
  }
  /** Of a device or door: what is filed under it, and what has come since. */
  const about = (subject: string, query: EntryQuery): ReadonlyArray<StoredEntry> => {
    const upTo = filed.upTo()
    const filedPart: Part = (limit) => filedOnes(subject, query, upTo, limit)
    const laterPart: Part = (limit) => select([["seq > ?", upTo]], query, limit)
    const [first, then] = query.after === undefined ? [laterPart, filedPart] : [filedPart, laterPart]
    const found = first(query.limit)
    return found.length === query.limit ? found : [...found, ...then(query.limit - found.length)]
  }
  const entries = (query: EntryQuery): ReadonlyArray<Entry> => {
    const subject = subjectAsked(query)
    return (subject === undefined ? select([], query, query.limit) : about(subject, query)).map(entryOf)
  }
  const alerts = (query: AlertQuery) => {
    const closed = query.closed === undefined ? undefined : query.closed ? 1 : 0
    const { sql, values } = where([
      ["closed = ?", closed],
      ["door = ?", query.door],
      ["raised_by < ?", query.before]
    ])
    const order = "ORDER BY raised_by DESC, id DESC LIMIT ?"
    return all(`SELECT raised_by AS seq, body FROM alert ${sql} ${order}`, [...values, query.limit]).map(alertOf)
  }
  const selectCases = "SELECT opened AS seq, body FROM incident"
  const incidents = (query: IncidentQuery) => {
    const { sql, values } = casesWhere(query)
    return all(`${selectCases} ${sql} ORDER BY opened DESC LIMIT ?`, [...values, query.limit]).map(incidentOf)
  }
  const ofAlert = `${selectCases} WHERE id = (SELECT incident FROM incident_alert WHERE alert = ?)`
  return {
    incidents: (query) => attempt(() => incidents(query)),
    incident: (id) => attempt(() => all(`${selectCases} WHERE id = ?`, [id]).map(incidentOf)[0]),
    incidentOf: (alert) => attempt(() => all(ofAlert, [alert]).map(incidentOf)[0]),
    entries: (query) => attempt(() => entries(query)),
    entry: (seq) => attempt(() => all("SELECT seq, body FROM entry WHERE seq = ?", [seq]).map(entryOf)[0]),
    alerts: (query) => attempt(() => alerts(query)),
    alert: (id) => attempt(() => all("SELECT raised_by AS seq, body FROM alert WHERE id = ?", [id]).map(alertOf)[0])
  }
}
