import type Database from "better-sqlite3"
import type { Entry } from "./entry.ts"
import { marks } from "./marks.ts"
import { leafHash } from "./merkle.ts"

type Cell = number | string | Buffer | null

const columns = ["seq", "kind", "recorded_at", "device", "door", "alert", "cause", "event", "body", "leaf"]

/** Rows in one statement; with more of them, binding the values is what costs. */
const rowsAtOnce = 10

const insertOf = (rows: number): string => {
  const row = `(${marks(columns.length)})`
  return `INSERT INTO entry (${columns.join(", ")}) VALUES ${Array.from({ length: rows }, () => row).join(", ")}`
}

/** Writes entries as rows, several with one statement: `put` each of a transaction, then `finish`. */
export class EntryRows {
  readonly #several: Database.Statement<[ReadonlyArray<Cell>]>
  readonly #one: Database.Statement<[ReadonlyArray<Cell>]>
  #cells: Array<Cell> = []

  constructor(database: Database.Database) {
    this.#several = database.prepare(insertOf(rowsAtOnce))
    this.#one = database.prepare(insertOf(1))
  }

  /** Answers the entry's JSON, as its row holds it. */
  put(entry: Entry): string {
    const body = JSON.stringify(entry)
    this.#cells.push(
      entry.seq,
      entry._tag,
      entry.recordedAt,
      entry.device ?? null,
      entry.door ?? null,
      entry.alert ?? null,
      entry._tag === "Fact" ? null : entry.cause,
      "event" in entry ? 1 : 0,
      body,
      leafHash(body)
    )
    if (this.#cells.length >= rowsAtOnce * columns.length) {
      this.#several.run(this.#cells)
      this.#cells = []
    }
    return body
  }

  /** Writes what still waits. */
  finish(): void {
    for (let at = 0; at < this.#cells.length; at += columns.length) {
      this.#one.run(this.#cells.slice(at, at + columns.length))
    }
    this.#cells = []
  }

  /** Drops what still waits: the transaction is rolled back. */
  drop(): void {
    this.#cells = []
  }
}
