import type Database from "better-sqlite3"

/** What entries are found by. */
export type SubjectKind = "device" | "door"

/** A device or door as the table of what is about it names them. */
export const subjectOf = (kind: SubjectKind, id: string): string => `${kind}:${id}`

/** A row holds at most so many positions, none of them so far behind its first: a span of the log is found by `first`. */
const [positionsInRow, rowSpan] = [256, 32_768]

/**
 * Which entries are about a device or a door, up to the position in `meta.filed`: later ones are looked through. An index
 * of SQLite's own would be written with every entry, a page for each device that spoke: on a campus of a thousand it costs
 * more than the entry itself. Filed by the thousand, many of one device are one row.
 */
export const aboutTable = `
CREATE TABLE entry_about (
  subject TEXT NOT NULL, first INTEGER NOT NULL, positions TEXT NOT NULL, PRIMARY KEY (subject, first)
) STRICT, WITHOUT ROWID;
`

const takenOver = (kind: SubjectKind): string => `
  INSERT INTO entry_about
    SELECT '${kind}:' || ${kind}, min(seq), json_group_array(seq ORDER BY seq) FROM (
      SELECT ${kind}, seq, seq / ${rowSpan} AS span,
        (row_number() OVER (PARTITION BY ${kind}, seq / ${rowSpan} ORDER BY seq) - 1) / ${positionsInRow} AS part
      FROM entry WHERE ${kind} IS NOT NULL
    ) GROUP BY ${kind}, span, part;
  DROP INDEX IF EXISTS entry_${kind};
`

/** Takes over what an earlier release had indexed by itself. */
export const aboutFromIndexes = `
  ${aboutTable}
  ${takenOver("device")}
  ${takenOver("door")}
  ALTER TABLE meta ADD COLUMN filed INTEGER NOT NULL DEFAULT 0;
  UPDATE meta SET filed = (SELECT coalesce(max(seq), 0) FROM entry);
`

const marks = (many: number): string => Array.from({ length: many }, () => "?").join(", ")

/**
 * The positions, within a span, of the entries about one of so many devices or doors: to stand in a statement, where
 * `valuesAbout` gives the values of its marks.
 */
export const positionsAbout = (kind: SubjectKind, many: number): string =>
  `SELECT value FROM entry_about CROSS JOIN json_each(positions)
     WHERE subject IN (${marks(many)}) AND first > ? AND first <= ? AND value > ? AND value <= ?
   UNION SELECT seq FROM entry
     WHERE ${kind} IN (${marks(many)}) AND seq > max(?, (SELECT filed FROM meta)) AND seq <= ?`

/** The values of `positionsAbout`: positions behind `after` up to `upTo`. */
export const valuesAbout = (
  kind: SubjectKind,
  ids: ReadonlyArray<string>,
  { after, upTo }: { readonly after: number; readonly upTo: number }
): ReadonlyArray<string | number> => [
  ...ids.map((id) => subjectOf(kind, id)),
  after - rowSpan,
  upTo,
  after,
  upTo,
  ...ids,
  after,
  upTo
]

/** Positions from which to look, and in which direction: behind the one in growing order, before the other in falling. */
export type Look = { readonly after: number } | { readonly before: number }

/** Reads what is filed under one subject. */
export class FiledPositions {
  readonly #filed: Database.Statement<[], { readonly filed: number }>
  readonly #forward: Database.Statement<[string, number], { readonly positions: string }>
  readonly #backward: Database.Statement<[string, number], { readonly positions: string }>

  constructor(database: Database.Database) {
    this.#filed = database.prepare("SELECT filed FROM meta")
    const ofSubject = "SELECT positions FROM entry_about WHERE subject = ?"
    this.#forward = database.prepare(`${ofSubject} AND first > ? ORDER BY first`)
    this.#backward = database.prepare(`${ofSubject} AND first < ? ORDER BY first DESC`)
  }

  /** Up to where entries are filed. */
  upTo(): number {
    return this.#filed.get()?.filed ?? 0
  }

  /** Positions up to `upTo` that are filed under a subject, row by row. */
  *rows(subject: string, look: Look, upTo: number): Iterable<ReadonlyArray<number>> {
    const rows =
      "after" in look
        ? this.#forward.iterate(subject, look.after - rowSpan)
        : this.#backward.iterate(subject, look.before)
    const isSought = (position: number): boolean =>
      position <= upTo && ("after" in look ? position > look.after : position < look.before)
    for (const { positions } of rows) yield (JSON.parse(positions) as ReadonlyArray<number>).filter(isSought)
  }
}

/** Entries that are not filed under what they are about though they should be, and what is filed that is not so: in words. */
export const misfiled = (database: Database.Database): ReadonlyArray<string> => {
  const isThere = database.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'entry_about'").get()
  if (isThere === undefined) return []
  const positionsOf = (sql: string): ReadonlyArray<number> =>
    database
      .prepare<[], { readonly position: number }>(sql)
      .all()
      .map(({ position }) => position)
  const askew = positionsOf(
    `SELECT first AS position FROM entry_about WHERE first <> json_extract(positions, '$[0]')
       OR json_extract(positions, '$[#-1]') >= first + ${rowSpan} ORDER BY first`
  )
  const filed = "SELECT value AS position, subject FROM entry_about CROSS JOIN json_each(positions)"
  return [
    ...askew.map((position) => `what is found by entry ${position} stands in the wrong place`),
    ...(["device", "door"] as const).flatMap((kind) => {
      const told = `SELECT seq AS position, '${kind}:' || ${kind} AS subject FROM entry WHERE ${kind} IS NOT NULL`
      const missing = positionsOf(`${told} AND seq <= (SELECT filed FROM meta) EXCEPT ${filed} ORDER BY position`)
      const strange = positionsOf(`${filed} WHERE subject LIKE '${kind}:%' EXCEPT ${told} ORDER BY position`)
      return [
        ...missing.map((seq) => `entry ${seq} is not found by its ${kind}`),
        ...strange.map((seq) => `entry ${seq} is found by a ${kind} that is not its own`)
      ]
    })
  ]
}

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
