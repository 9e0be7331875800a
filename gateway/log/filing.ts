import type Database from "better-sqlite3"
import { positionsInRow, rowSpan, subjectOf, type SubjectKind } from "./entries-about.ts"

/**
 * So many entries wait before they are filed: those of one device are many by then. What comes while they are is looked
 * through as well; once that is as many again, all the rest is filed with one commit.
 */
export const filedFrom = 8192

/** At most so many rows are filed with one commit, which nobody then has to wait for noticeably longer. */
const filedAtOnce = 100

/** An entry that is not filed yet. */
interface Unfiled {
  readonly seq: number
  readonly device: string | null
  readonly door: string | null
}

const prepare = (database: Database.Database) => ({
  unfiled: database.prepare<[], Unfiled>(
    "SELECT seq, device, door FROM entry WHERE seq > (SELECT filed FROM meta) ORDER BY seq"
  ),
  // A gateway that ended in the midst of a round has left the beginnings of some rows.
  file: database.prepare<[string, number, string]>(
    "INSERT OR REPLACE INTO entry_about (subject, first, positions) VALUES (?, ?, ?)"
  ),
  filed: database.prepare<[number]>("UPDATE meta SET filed = ?")
})

/** Positions by what they are about. */
type Positions = Map<string, Array<number>>

const note = (positions: Positions, id: string, seq: number): void => {
  const known = positions.get(id)
  if (known === undefined) positions.set(id, [seq])
  else known.push(seq)
}

interface Row {
  readonly subject: string
  readonly positions: ReadonlyArray<number>
}

/** The rows of one subject: cut at the same places whenever they are made from the same beginning. */
const rowsOf = (subject: string, seqs: ReadonlyArray<number>): ReadonlyArray<Row> => {
  const rows: Array<Row> = []
  for (let from = 0; from < seqs.length;) {
    const first = seqs[from]!
    let end = from + 1
    while (end < seqs.length && end - from < positionsInRow && seqs[end]! < first + rowSpan) end++
    rows.push({ subject, positions: seqs.slice(from, end) })
    from = end
  }
  return rows
}

/** In the order of their table. */
const rowsOfAll = (kind: SubjectKind, positions: Positions): ReadonlyArray<Row> =>
  [...positions.keys()].sort().flatMap((id) => rowsOf(subjectOf(kind, id), positions.get(id)!))

/** What is being filed, a part with each commit. */
interface Round {
  readonly rows: ReadonlyArray<Row>
  readonly entries: number
  readonly upTo: number
  done: number
}

/** Files entries by the device and the door that they are about: `add` each of a transaction, then `write`. */
export class EntriesAbout {
  readonly #statements: ReturnType<typeof prepare>
  #positions: { readonly device: Positions; readonly door: Positions } | undefined
  #newest = 0
  #waiting = 0
  #round: Round | undefined

  constructor(database: Database.Database) {
    this.#statements = prepare(database)
  }

  /** Takes an entry that is about to be written. */
  add(seq: number, device: string | undefined, door: string | undefined): void {
    const positions = (this.#positions ??= this.#unfiled())
    if (device !== undefined) note(positions.device, device, seq)
    if (door !== undefined) note(positions.door, door, seq)
    this.#newest = seq
    this.#waiting++
  }

  /** Files a part of what waits, once that is enough: to be called inside the transaction, at its end. */
  write(): void {
    if (this.#round === undefined && this.#waiting >= filedFrom) this.#round = this.#begun()
    const round = this.#round
    if (round === undefined) return
    const isPressed = Math.max(this.#waiting, round.entries - filedFrom) >= filedFrom
    this.#go(round, isPressed ? round.rows.length : Math.min(round.rows.length, round.done + filedAtOnce))
  }

  /** Believes the disk alone: what was added is of a transaction that is rolled back. */
  drop(): void {
    this.#positions = undefined
    this.#round = undefined
    this.#waiting = 0
  }

  #unfiled(): { readonly device: Positions; readonly door: Positions } {
    const positions = { device: new Map<string, Array<number>>(), door: new Map<string, Array<number>>() }
    for (const { seq, device, door } of this.#statements.unfiled.all()) {
      if (device !== null) note(positions.device, device, seq)
      if (door !== null) note(positions.door, door, seq)
      this.#waiting++
    }
    return positions
  }

  #begun(): Round {
    const { device, door } = this.#positions ?? this.#unfiled()
    this.#positions = { device: new Map(), door: new Map() }
    const rows = [...rowsOfAll("device", device), ...rowsOfAll("door", door)]
    const round = { rows, entries: this.#waiting, upTo: this.#newest, done: 0 }
    this.#waiting = 0
    return round
  }

  /** Files the rows of a round up to one of them. */
  #go(round: Round, end: number): void {
    for (; round.done < end; round.done++) {
      const { subject, positions } = round.rows[round.done]!
      this.#statements.file.run(subject, positions[0]!, JSON.stringify(positions))
    }
    if (end < round.rows.length) return
    this.#statements.filed.run(round.upTo)
    this.#round = undefined
  }
}
