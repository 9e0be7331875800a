import Database from "better-sqlite3"

/** What a full or read-only disk says. Space may come back: refuse, and try the next batch afresh. */
const mayRecover: ReadonlySet<string> = new Set([
  "SQLITE_FULL",
  "SQLITE_BUSY",
  "SQLITE_LOCKED",
  "SQLITE_READONLY",
  "SQLITE_IOERR_WRITE",
  "SQLITE_CANTOPEN"
])

const adviceOf = (code: string): string =>
  code === "SQLITE_BUSY" || code === "SQLITE_LOCKED"
    ? "another program holds it: end that one"
    : "free space on the disk of dataDir"

/**
 * Why the store refuses, when it may accept again later; `undefined` for everything else. A failed fsync is among the
 * latter: the kernel may have dropped the pages, so trying again would acknowledge what is not on disk.
 */
export const refusalOf = (error: unknown): string | undefined =>
  error instanceof Database.SqliteError && mayRecover.has(error.code)
    ? `the log cannot be written (${error.code}: ${error.message}); ${adviceOf(error.code)}`
    : undefined
