import { chmodSync, existsSync, writeFileSync } from "node:fs"
import Database from "better-sqlite3"
import { create, makeFindable, schemaVersion, upgrade } from "./schema.ts"

/** Another program may hold the log for this long; then the store refuses. What comes in meanwhile waits. */
const busyMs = 100

/**
 * How large the pages of a new log are: twice SQLite's own size. Each page is written and copied by some calls of the
 * system, and a row is half a kilobyte: a full batch costs an eighth less, a commit of one event the same. A log that is
 * there keeps its size.
 */
const pageBytes = 8192

/** The file cannot be this gateway's log: another site's, a newer release's, or not durable here. */
export class LogUnusable extends Error {
  override readonly name = "LogUnusable"
}

/**
 * Sets, and reads back, what the first promise rests on: better-sqlite3 opens WAL databases with synchronous=NORMAL,
 * which survives a killed process and loses acknowledged rows when the power goes.
 */
const makeDurable = (database: Database.Database, file: string): void => {
  database.pragma("journal_mode = WAL")
  database.pragma("synchronous = FULL")
  const journal = database.pragma("journal_mode", { simple: true })
  const synchronous = database.pragma("synchronous", { simple: true })
  if (journal !== "wal" || synchronous !== 2) {
    throw new LogUnusable(
      `${file}: journal_mode is ${String(journal)} and synchronous is ${String(synchronous)}, but the log needs wal ` +
        "and 2 (FULL); put dataDir on a local disk that SQLite can keep a write-ahead log on"
    )
  }
}

const createOrCheck = (database: Database.Database, file: string, site: string, now: number): void => {
  const version = database.pragma("user_version", { simple: true }) as number
  if (version > schemaVersion) {
    throw new LogUnusable(
      `${file}: written by a newer release (schema ${version}, this one knows ${schemaVersion}); start that release`
    )
  }
  if (version < schemaVersion) {
    database.transaction(() => {
      if (version === 0) create(database, site, now)
      else upgrade(database, version)
      database.pragma(`user_version = ${schemaVersion}`)
    })()
  }
  const owner = database.prepare<[], { readonly site: string }>("SELECT site FROM meta").get()
  if (owner?.site !== site) {
    throw new LogUnusable(
      `${file}: is the log of site "${owner?.site}", not of "${site}"; give this site its own dataDir`
    )
  }
  makeFindable(database)
}

/** Makes sure that a file is there, and that nobody but us can read it: it tells who went where. */
const keepPrivate = (file: string): void => {
  if (existsSync(file)) chmodSync(file, 0o600)
  else writeFileSync(file, "", { mode: 0o600 })
}

/** The newest instant that the log knows of, epoch milliseconds; 0 when there is no log yet, or none that can be read. */
export const newestInstant = (file: string): number => {
  if (!existsSync(file)) return 0
  const database = new Database(file, { readonly: true })
  try {
    const alive = database.prepare<[], { at: number }>("SELECT alive_at AS at FROM meta").get()?.at ?? 0
    const entry = database.prepare<[], { at: number }>("SELECT recorded_at AS at FROM entry ORDER BY seq DESC LIMIT 1")
    return Math.max(alive, entry.get()?.at ?? 0)
  } catch (error) {
    if (error instanceof Database.SqliteError) return 0
    throw error
  } finally {
    database.close()
  }
}

/**
 * Claims the log for this process until the claim is closed, or the process ends however it ends. The lock is the
 * operating system's, held through a database of its own beside the log. Throws `LogUnusable` when another process has it.
 */
export const claim = (file: string): Database.Database => {
  keepPrivate(`${file}.lock`)
  const lock = new Database(`${file}.lock`, { timeout: 0 })
  try {
    lock.exec("BEGIN EXCLUSIVE")
    return lock
  } catch (error) {
    lock.close()
    if (error instanceof Database.SqliteError && error.code === "SQLITE_BUSY") {
      throw new LogUnusable(
        `${file}: another gateway is running on it; stop that one, or give this one its own dataDir`
      )
    }
    throw error
  }
}

/** What SQLite says of a file that is not, or no longer, a database. */
const damaged: ReadonlySet<string> = new Set(["SQLITE_NOTADB", "SQLITE_CORRUPT"])

const explained = (error: unknown, file: string): unknown =>
  error instanceof Database.SqliteError && damaged.has(error.code)
    ? new LogUnusable(`${file}: ${error.message}; restore it from a backup, or move it away to begin a new log`)
    : error

/** Opens the log for its one writer. Throws `LogUnusable`, or SQLite's own error. */
export const openForWriting = (file: string, site: string, now: number): Database.Database => {
  keepPrivate(file)
  const database = new Database(file, { timeout: busyMs })
  try {
    database.pragma(`page_size = ${pageBytes}`)
    makeDurable(database, file)
    createOrCheck(database, file, site, now)
    return database
  } catch (error) {
    database.close()
    throw explained(error, file)
  }
}

/** Opens the log for readers; they never wait for the writer, nor it for them. */
export const openForReading = (file: string): Database.Database => {
  const database = new Database(file, { fileMustExist: true })
  try {
    makeDurable(database, file)
    database.pragma("query_only = ON")
    return database
  } catch (error) {
    database.close()
    throw error
  }
}
