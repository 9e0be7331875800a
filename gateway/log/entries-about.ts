import type Database from "better-sqlite3"

/** What entries are found by. */
export type SubjectKind = "device" | "door"

/** A device or door as the table of what is about it names them. */
export const subjectOf = (kind: SubjectKind, id: string): string => `${kind}:${id}`

/**
 * Which entries are about a device or a door, up to the position in `meta.filed`: later ones are looked through. An index
 * of SQLite's own would be written with every entry, a page for each device that spoke: on a campus of a thousand it costs
 * more than the entry itself. Filed by the thousand, those of one device lie side by side.
 */
export const aboutTable = `
CREATE TABLE entry_about (
  subject TEXT NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (subject, position)
) STRICT, WITHOUT ROWID;
`

/** Takes over what an earlier release had indexed by itself. */
export const aboutFromIndexes = `
  ${aboutTable}
  INSERT INTO entry_about SELECT 'device:' || device, seq FROM entry WHERE device IS NOT NULL ORDER BY device, seq;
  INSERT INTO entry_about SELECT 'door:' || door, seq FROM entry WHERE door IS NOT NULL ORDER BY door, seq;
  DROP INDEX IF EXISTS entry_device;
  DROP INDEX IF EXISTS entry_door;
  ALTER TABLE meta ADD COLUMN filed INTEGER NOT NULL DEFAULT 0;
  UPDATE meta SET filed = (SELECT coalesce(max(seq), 0) FROM entry);
`

const marks = (many: number): string => Array.from({ length: many }, () => "?").join(", ")

/**
 * The positions, within a span, of the entries about one of so many devices or doors: to stand in a statement, where
 * `valuesAbout` gives the values of its marks.
 */
export const positionsAbout = (kind: SubjectKind, many: number): string =>
  `SELECT position FROM entry_about WHERE subject IN (${marks(many)}) AND position > ? AND position <= ?
   UNION SELECT seq FROM entry
     WHERE ${kind} IN (${marks(many)}) AND seq > max(?, (SELECT filed FROM meta)) AND seq <= ?`

/** The values of `positionsAbout`: positions behind `after` up to `upTo`. */
export const valuesAbout = (
  kind: SubjectKind,
  ids: ReadonlyArray<string>,
  { after, upTo }: { readonly after: number; readonly upTo: number }
): ReadonlyArray<string | number> => [...ids.map((id) => subjectOf(kind, id)), after, upTo, ...ids, after, upTo]

/**
 * So many entries wait before they are filed: those of one device are many by then. Fewer than three times as many are
 * ever looked through, for what waits is filed faster than it comes.
 */
export const filedFrom = 8192

/** At most so many rows are filed with one commit, which nobody then has to wait for noticeably longer. */
const filedAtOnce = 512

/** Rows in one statement. */
const rowsAtOnce = 32

const insertOf = (rows: number): string =>
  `INSERT OR IGNORE INTO entry_about (subject, position) VALUES ${Array.from({ length: rows }, () => "(?, ?)").join(", ")}`

/** Entries that are not filed under what they are about though they should be, and what is filed that is not so: in words. */
export const misfiled = (database: Database.Database): ReadonlyArray<string> => {
  const isThere = database.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'entry_about'").get()
  if (isThere === undefined) return []
  return (["device", "door"] as const).flatMap((kind) => {
    const missing = database
      .prepare<[], { readonly seq: number }>(
        `SELECT seq FROM entry WHERE ${kind} IS NOT NULL AND seq <= (SELECT filed FROM meta) AND NOT EXISTS
           (SELECT 1 FROM entry_about WHERE subject = '${kind}:' || ${kind} AND position = seq) ORDER BY seq`
      )
      .all()
    const strange = database
      .prepare<[], { readonly position: number }>(
        `SELECT position FROM entry_about WHERE subject LIKE '${kind}:%' AND NOT EXISTS
           (SELECT 1 FROM entry WHERE seq = position AND '${kind}:' || ${kind} = subject) ORDER BY position`
      )
      .all()
    return [
      ...missing.map(({ seq }) => `entry ${seq} is not found by its ${kind}`),
      ...strange.map(({ position }) => `entry ${position} is found by a ${kind} that is not its own`)
    ]
  })
}

const prepare = (database: Database.Database) => ({
  waiting: database.prepare<[], { readonly seq: number; readonly device: string | null; readonly door: string | null }>(
    "SELECT seq, device, door FROM entry WHERE seq > (SELECT filed FROM meta) ORDER BY seq"
  ),
  several: database.prepare<[ReadonlyArray<string | number>]>(insertOf(rowsAtOnce)),
  one: database.prepare<[ReadonlyArray<string | number>]>(insertOf(1)),
  filed: database.prepare("UPDATE meta SET filed = ?")
})

/** Positions by what they are about. */
type Positions = Map<string, Array<number>>

const note = (positions: Positions, id: string, seq: number): void => {
  const known = positions.get(id)
  if (known === undefined) positions.set(id, [seq])
  else known.push(seq)
}

/** Adds the rows of a round in the order of their table, cell by cell. */
const addRows = (cells: Array<string | number>, kind: SubjectKind, positions: Positions): void => {
  for (const id of [...positions.keys()].sort()) {
    const subject = subjectOf(kind, id)
    for (const seq of positions.get(id)!) cells.push(subject, seq)
  }
}

/** What is being filed, a part with each commit. */
interface Round {
  /** Subject and position of each row in turn. */
  readonly cells: ReadonlyArray<string | number>
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
    if (this.#round !== undefined) this.#go(this.#round)
  }

  /** Believes the disk alone: what was added is of a transaction that is rolled back. */
  drop(): void {
    this.#positions = undefined
    this.#round = undefined
    this.#waiting = 0
  }

  #unfiled(): { readonly device: Positions; readonly door: Positions } {
    const positions = { device: new Map<string, Array<number>>(), door: new Map<string, Array<number>>() }
    for (const { seq, device, door } of this.#statements.waiting.all()) {
      if (device !== null) note(positions.device, device, seq)
      if (door !== null) note(positions.door, door, seq)
      this.#waiting++
    }
    return positions
  }

  #begun(): Round {
    const { device, door } = this.#positions ?? this.#unfiled()
    this.#positions = { device: new Map(), door: new Map() }
    this.#waiting = 0
    const cells: Array<string | number> = []
    addRows(cells, "device", device)
    addRows(cells, "door", door)
    return { cells, upTo: this.#newest, done: 0 }
  }

  #go(round: Round): void {
    const { cells } = round
    const end = Math.min(cells.length, round.done + 2 * filedAtOnce)
    for (; end - round.done >= 2 * rowsAtOnce; round.done += 2 * rowsAtOnce)
      this.#statements.several.run(cells.slice(round.done, round.done + 2 * rowsAtOnce))
    for (; round.done < end; round.done += 2) this.#statements.one.run(cells.slice(round.done, round.done + 2))
    if (end < cells.length) return
    this.#statements.filed.run(round.upTo)
    this.#round = undefined
  }
}
