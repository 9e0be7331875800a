import { existsSync } from "node:fs"
import Database from "better-sqlite3"
import type { Alert } from "../domain/alert.ts"
import type { EpochMs } from "../domain/ids.ts"
import type { Entry } from "./entry.ts"
import { schemaVersion } from "./schema.ts"
import { alertOf, entryWithoutEvent, type StoredEntry } from "./stored.ts"

/** A place in the log, and when its entry was recorded. */
export interface LogPosition {
  readonly seq: number
  readonly at: EpochMs
}

/** What is recorded, to be read and never written. */
export interface RecordedLog {
  readonly site: string
  /** The oldest and the newest entry; absent of an empty log. */
  readonly span: { readonly first: LogPosition; readonly last: LogPosition } | undefined
  /** The first entry that was recorded at or after an instant; one behind the newest where there is none. */
  readonly seqAt: (at: EpochMs) => number
  /** The newest snapshot of the fold taken before an entry; `undefined`: none is kept of then. */
  readonly snapshotBefore: (seq: number) => { readonly seq: number; readonly frozen: unknown } | undefined
  /** Facts, without the events that they came to, and steps of alerts, from one entry on, some thousand at a time. */
  readonly pages: (from: number) => Iterable<ReadonlyArray<Entry>>
  /** An alert as it stands now. */
  readonly alert: (id: string) => Alert | undefined
  readonly close: () => void
}

/** The log cannot be replayed: there is none, or another release wrote it. */
export class LogUnreadable extends Error {
  override readonly name = "LogUnreadable"
}

/** Between two pages nothing is held: a reader that stays in one transaction keeps the gateway's write-ahead log growing. */
const pageRows = 4000

/**
 * A log at rest is opened so that it looks the same afterwards: a read-only connection would leave the files of an empty
 * write-ahead log behind. Where there is one already, a gateway runs or was killed, and nothing of it may be touched.
 */
const open = (file: string): Database.Database => {
  const inUse = existsSync(`${file}-wal`)
  const database = new Database(file, { readonly: inUse, fileMustExist: true })
  database.pragma("query_only = ON")
  return database
}

const prepare = (database: Database.Database) => ({
  site: database.prepare<[], { readonly site: string }>("SELECT site FROM meta"),
  first: database.prepare<[], LogPosition>("SELECT seq, recorded_at AS at FROM entry ORDER BY seq LIMIT 1"),
  last: database.prepare<[], LogPosition>("SELECT seq, recorded_at AS at FROM entry ORDER BY seq DESC LIMIT 1"),
  from: database.prepare<[number], LogPosition>(
    "SELECT seq, recorded_at AS at FROM entry WHERE seq >= ? ORDER BY seq LIMIT 1"
  ),
  page: database.prepare<[number, number], StoredEntry>(
    "SELECT seq, body FROM entry WHERE seq >= ? AND kind <> 'Event' ORDER BY seq LIMIT ?"
  ),
  snapshot: database.prepare<[number], StoredEntry>(
    "SELECT seq, body FROM snapshot WHERE seq < ? ORDER BY seq DESC LIMIT 1"
  ),
  alert: database.prepare<[string], StoredEntry>("SELECT raised_by AS seq, body FROM alert WHERE id = ?")
})

type Statements = ReturnType<typeof prepare>

/** Entries are recorded in the order of their positions, so that an instant is found by halving. */
const firstAt = ({ from }: Statements, span: NonNullable<RecordedLog["span"]>, at: EpochMs): number => {
  let [low, high] = [span.first.seq, span.last.seq + 1]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const found = from.get(middle)
    if (found === undefined || found.at >= at) high = middle
    else low = found.seq + 1
  }
  return low
}

function* pagesFrom({ page }: Statements, from: number): Iterable<ReadonlyArray<Entry>> {
  for (let next = from; ;) {
    const rows = page.all(next, pageRows)
    const last = rows.at(-1)
    if (last === undefined) return
    yield rows.map(entryWithoutEvent)
    next = last.seq + 1
  }
}

const readerOf = (database: Database.Database): RecordedLog => {
  const statements = prepare(database)
  const [first, last] = [statements.first.get(), statements.last.get()]
  const span = first === undefined || last === undefined ? undefined : { first, last }
  return {
    site: statements.site.get()?.site ?? "",
    span,
    seqAt: (at) => (span === undefined ? 1 : firstAt(statements, span, at)),
    snapshotBefore: (seq) => {
      const row = statements.snapshot.get(seq)
      return row === undefined ? undefined : { seq: row.seq, frozen: JSON.parse(row.body) as unknown }
    },
    pages: (from) => pagesFrom(statements, from),
    alert: (id) => {
      const row = statements.alert.get(id)
      return row === undefined ? undefined : alertOf(row)
    },
    close: () => database.close()
  }
}

/** Opens a log's file without a trace, also while a gateway writes it. Throws `LogUnreadable`, or SQLite's own error. */
export const openUnwritten = (file: string): Database.Database => {
  if (!existsSync(file)) throw new LogUnreadable(`${file}: there is no log; name the gateway's data directory`)
  const database = open(file)
  try {
    const version = database.pragma("user_version", { simple: true })
    if (version !== schemaVersion) {
      throw new LogUnreadable(
        `${file}: another release wrote it (schema ${String(version)}, this one reads ${schemaVersion}); start this ` +
          "release's gateway on it once, or read it with the release that wrote it"
      )
    }
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/**
 * Opens a log to replay it, also while a gateway writes it: what comes after the opening is read, too, but not waited
 * for. Throws `LogUnreadable`, or SQLite's own error.
 */
export const openRecordedLog = (file: string): RecordedLog => readerOf(openUnwritten(file))
