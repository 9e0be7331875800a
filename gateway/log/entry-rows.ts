import type Database from "better-sqlite3"
import type { Entry } from "./entry.ts"
import { marks } from "./marks.ts"
import { leafHash } from "./merkle.ts"

export type EntryCell = number | string | null

/** What a row holds beside the entry's JSON and its leaf. */
export const entryColumns = ["seq", "kind", "recorded_at", "device", "door", "alert", "cause", "event"] as const

const columns = [...entryColumns, "body", "leaf"]

/** Rows in one statement; with more of them, binding the values is what costs. */
const rowsAtOnce = 10

const insertOf = (rows: number): string => {
  const row = `(${marks(columns.length)})`
  return `INSERT INTO entry (${columns.join(", ")}) VALUES ${Array.from({ length: rows }, () => row).join(", ")}`
}

/** Adds the cells of an entry's row, in the order of `entryColumns`. */
export const pushCells = (cells: Array<EntryCell>, entry: Entry): void =>
  void cells.push(
    entry.seq,
    entry._tag,
    entry.recordedAt,
    entry.device ?? null,
    entry.door ?? null,
    entry.alert ?? null,
    entry._tag === "Fact" ? null : entry.cause,
    "event" in entry ? 1 : 0
  )

/** Writes entries as rows, several with one statement. */
export class EntryRows {
  readonly #several: Database.Statement<[ReadonlyArray<EntryCell | Buffer>]>
  readonly #one: Database.Statement<[ReadonlyArray<EntryCell | Buffer>]>

  constructor(database: Database.Database) {
    this.#several = database.prepare(insertOf(rowsAtOnce))
    this.#one = database.prepare(insertOf(1))
  }

  /** Writes the rows of these cells and of the JSON beside them. */
  write(cells: ReadonlyArray<EntryCell>, bodies: ReadonlyArray<string>): void {
    for (let from = 0; from < bodies.length;) {
      const rows = bodies.length - from < rowsAtOnce ? 1 : rowsAtOnce
      const bound: Array<EntryCell | Buffer> = []
      for (const end = from + rows; from < end; from++) {
        const body = bodies[from]!
        for (let nth = 0; nth < entryColumns.length; nth++) bound.push(cells[from * entryColumns.length + nth]!)
        bound.push(body, leafHash(body))
      }
      if (rows === 1) this.#one.run(bound)
      else this.#several.run(bound)
    }
  }
}
