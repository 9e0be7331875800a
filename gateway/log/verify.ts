import { join } from "node:path"
import Database from "better-sqlite3"
import { misfiled } from "./entries-about.ts"
import { leafHash, treeHasher } from "./merkle.ts"

export interface Verified {
  readonly entries: number
  /** Root of the RFC 6962 tree over all entries, in hexadecimal: whoever kept an earlier one can compare. */
  readonly root: string
  readonly faults: ReadonlyArray<string>
}

interface Row {
  readonly seq: number
  readonly kind: string
  readonly recorded_at: number
  readonly device: string | null
  readonly door: string | null
  readonly alert: string | null
  readonly cause: number | null
  /** Absent in a log of schema version 1. */
  readonly event?: number
  readonly body: string
  readonly leaf: Buffer
}

interface Body {
  readonly _tag?: unknown
  readonly seq?: unknown
  readonly site?: unknown
  readonly recordedAt?: unknown
  readonly device?: unknown
  readonly door?: unknown
  readonly alert?: unknown
  readonly cause?: unknown
  readonly event?: unknown
  readonly change?: { readonly alert?: { readonly id?: unknown }; readonly incident?: { readonly id?: unknown } }
}

const bodyOf = (text: string): Body | undefined => {
  try {
    const body = JSON.parse(text) as unknown
    return typeof body === "object" && body !== null ? body : undefined
  } catch {
    return undefined
  }
}

/** What is stored beside an entry, to find it by, must be what the entry itself says. */
const beside = (row: Row, body: Body, site: string): ReadonlyArray<string> => {
  const pairs: ReadonlyArray<readonly [string, unknown, unknown]> = [
    ["position", row.seq, body.seq],
    ["site", site, body.site],
    ["kind", row.kind, body._tag],
    ["time", row.recorded_at, body.recordedAt],
    ["device", row.device, body.device ?? null],
    ["door", row.door, body.door ?? null],
    ["alert", row.alert, body.alert ?? null],
    ["cause", row.cause, body.cause ?? null],
    ["event", row.event ?? 0, row.event === undefined || body.event === undefined ? 0 : 1]
  ]
  return pairs
    .filter(([, stored, said]) => stored !== said)
    .map(
      ([name, stored, said]) => `entry ${row.seq} is filed under ${name} ${String(stored)}, but says ${String(said)}`
    )
}

/** What is listed as it stands now, beside the entries that said so. */
type Listed = "alert" | "incident"

/** The alerts and cases as they are listed must be what the log last said of each. */
const checkListed = (
  database: Database.Database,
  what: Listed,
  last: ReadonlyMap<string, string>
): ReadonlyArray<string> => {
  const isThere = database.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?").get(what)
  // A log of an earlier release knows no cases.
  if (isThere === undefined && last.size === 0) return []
  const listed = new Map(
    database
      .prepare<[], { readonly id: string; readonly body: string }>(`SELECT id, body FROM ${what}`)
      .all()
      .map(({ id, body }) => [id, body] as const)
  )
  const wrong = [...last].filter(([id, body]) => listed.get(id) !== body).map(([id]) => id)
  const strange = [...listed.keys()].filter((id) => !last.has(id))
  return [
    ...wrong.map((id) => `${what} ${id} is not listed as the log last said of it`),
    ...strange.map((id) => `${what} ${id} is listed, but the log never spoke of it`)
  ]
}

const checkEntries = (database: Database.Database, site: string) => {
  const faults: Array<string> = []
  const alerts = new Map<string, string>()
  const incidents = new Map<string, string>()
  const tree = treeHasher()
  let entries = 0
  for (const row of database.prepare<[], Row>("SELECT * FROM entry ORDER BY seq").iterate()) {
    entries++
    if (row.seq !== entries) {
      faults.push(`entry ${entries} is missing: the next one is ${row.seq}`)
      entries = row.seq
    }
    if (!leafHash(row.body).equals(row.leaf)) faults.push(`entry ${row.seq} is not what was written`)
    const body = bodyOf(row.body)
    if (body === undefined) faults.push(`entry ${row.seq} is no entry`)
    else faults.push(...beside(row, body, site))
    const alert = body?.change?.alert
    if (typeof alert?.id === "string") alerts.set(alert.id, JSON.stringify(alert))
    const incident = body?.change?.incident
    if (typeof incident?.id === "string") incidents.set(incident.id, JSON.stringify(incident))
    tree.add(row.leaf)
  }
  return { entries, faults, alerts, incidents, root: tree.root().toString("hex") }
}

/**
 * Recomputes every leaf and the tree over them from the log file alone, without the gateway and without writing, and
 * holds what stands beside the entries against them. It cannot know of entries cut off at the end, nor of a log written
 * anew as a whole: for that, compare the root and the count with those of an earlier run.
 */
export const verifyLog = (dataDir: string): Verified => {
  const database = new Database(join(dataDir, "gatehouse.db"), { readonly: true })
  try {
    const site = database.prepare<[], { readonly site: string }>("SELECT site FROM meta").get()?.site ?? ""
    const { entries, faults, alerts, incidents, root } = checkEntries(database, site)
    const listed = [...checkListed(database, "alert", alerts), ...checkListed(database, "incident", incidents)]
    return { entries, root, faults: [...faults, ...listed, ...misfiled(database)] }
  } finally {
    database.close()
  }
}
