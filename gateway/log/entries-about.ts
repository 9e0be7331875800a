import type Database from "better-sqlite3"
import { marks } from "./marks.ts"

/** What entries are found by. */
export type SubjectKind = "device" | "door"

/** A device or door as the table of what is about it names them. */
export const subjectOf = (kind: SubjectKind, id: string): string => `${kind}:${id}`

/** A row holds at most so many positions, none of them so far behind its first: a span of the log is found by `first`. */
export const [positionsInRow, rowSpan] = [256, 32_768]

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
