import { join } from "node:path"
import type Database from "better-sqlite3"
import { positionsAbout, type SubjectKind, valuesAbout } from "../entries-about.ts"
import type { Entry } from "../entry.ts"
import { marks } from "../marks.ts"
import { openUnwritten } from "../recorded-log.ts"
import { concernsAll } from "../schema.ts"
import { entryOf, type StoredEntry } from "../stored.ts"
import { type JournalKind, matches, type Wanted } from "./matching.ts"

/** One page of a search, newest first. */
export interface JournalSearch extends Wanted {
  /** Recorded at or after then, and before then, epoch milliseconds. */
  readonly from?: number
  readonly to?: number
  /** Entries with a smaller seq: where the page before ended. */
  readonly before?: number
  /** At most this many. */
  readonly limit: number
}

/** What was found. A page ends when it is full, when all was looked through, or when its time was over. */
export interface JournalPage {
  readonly entries: ReadonlyArray<Entry>
  /** Where the next page begins; absent: everything was looked through. */
  readonly before?: number
  /** When what was looked at last was recorded: how far back the search has come. */
  readonly reachedAt?: number
}

/** So many positions are looked through at a time: what is not indexed is found without a transaction that lasts. */
const windowSeqs = 20_000

type Condition = readonly [sql: string, ...values: ReadonlyArray<string | number>]

/** Which rows may be of a kind; `matches` decides. The words of `concernsAll` are those of its index. */
const ofKind: Readonly<Record<JournalKind, string>> = {
  alert: "kind = 'Alert'",
  incident: "kind = 'Incident'",
  notification: "kind = 'Notification'",
  event: "event = 1",
  act: concernsAll,
  system: concernsAll,
  reading: "(kind = 'Fact' AND event = 0 AND device IS NOT NULL)",
  time: "(kind = 'Fact' AND instr(substr(body, 1, 160), '\"TimePassed\"') > 0)"
}

const either = (conditions: ReadonlyArray<string>): string => `(${[...new Set(conditions)].join(" OR ")})`

/** What a row must be to be worth decoding. */
const conditionsOf = ({ terms = [], by, alert, kinds }: Wanted): ReadonlyArray<Condition> => [
  ...(alert === undefined ? [] : [["alert = ?", alert] as const]),
  ...(kinds === undefined ? [] : [[either(kinds.map((kind) => `(${ofKind[kind]})`))] as const]),
  ...(by === undefined ? [] : [["instr(body, '\"by\"') > 0"] as const]),
  ...terms.map(({ text, doors, devices }): Condition => {
    // Other letters than ASCII's, and what JSON writes otherwise, are not compared here: `matches` sees them.
    const isPlain = /^[\x20-\x7e]*$/.test(text) && !/["\\]/.test(text)
    const said = isPlain ? "instr(lower(body), ?) > 0" : "1"
    const inNames = `door IN (${marks(doors.length)}) OR device IN (${marks(devices.length)})`
    return [`(${said} OR ${inNames})`, ...(isPlain ? [text] : []), ...doors, ...devices]
  })
]

/** What the rows of a window must be filed under, and the values for it. */
const subjectsOf = ({ door, device }: Wanted): ReadonlyArray<readonly [SubjectKind, string]> => [
  ...(door === undefined ? [] : [["door", door] as const]),
  ...(device === undefined ? [] : [["device", device] as const])
]

/** The log's file, to be looked through beside the gateway that writes it: synchronous, for a thread of its own. */
export class JournalReader {
  readonly #database: Database.Database

  constructor(dataDir: string) {
    this.#database = openUnwritten(join(dataDir, "gatehouse.db"))
  }

  close(): void {
    this.#database.close()
  }

  /** Looks for at most so many milliseconds, `now` telling them; at least one window is looked through. */
  page(search: JournalSearch, lookMs: number, now: () => number): JournalPage {
    const [low, end] = this.#span(search)
    const conditions = conditionsOf(search)
    const sql = conditions.map(([text]) => `AND ${text}`).join(" ")
    const subjects = subjectsOf(search)
    const filed = subjects.map(([kind]) => `AND seq IN (${positionsAbout(kind, 1)})`).join(" ")
    const statement = this.#database.prepare<Array<string | number>, StoredEntry>(
      `SELECT seq, body FROM entry WHERE seq > ? AND seq <= ? ${filed} ${sql} ORDER BY seq DESC`
    )
    const values = conditions.flatMap(([, ...given]) => given)
    const entries: Array<Entry> = []
    const until = now() + lookMs
    let high = end
    while (high > low) {
      const from = Math.max(low, high - windowSeqs)
      const span = { after: from - 1, upTo: high - 1 }
      const about = subjects.flatMap(([kind, id]) => valuesAbout(kind, [id], span))
      for (const row of statement.iterate(span.after, span.upTo, ...about, ...values)) {
        const entry = entryOf(row)
        if (!matches(entry, search)) continue
        entries.push(entry)
        if (entries.length === search.limit) return this.#reached(entries, entry.seq, low)
      }
      high = from
      if (now() >= until) break
    }
    return this.#reached(entries, high, low)
  }

  #reached(entries: ReadonlyArray<Entry>, high: number, low: number): JournalPage {
    const at = this.#recordedAt(high)
    return {
      entries,
      ...(high > low ? { before: high } : {}),
      ...(at === undefined ? {} : { reachedAt: at })
    }
  }

  /** The positions that a search is about: from the first on, below the second. */
  #span({ from, to, before }: JournalSearch): readonly [number, number] {
    const ends = this.#database
      .prepare<[], { low: number | null; high: number | null }>("SELECT min(seq) AS low, max(seq) AS high FROM entry")
      .get()
    const [first, past] = [ends?.low ?? 1, (ends?.high ?? 0) + 1]
    const low = from === undefined ? first : this.#firstAt(from, first, past)
    const high = to === undefined ? past : this.#firstAt(to, first, past)
    return [low, Math.min(high, before ?? high)]
  }

  /** The first position recorded at or after then, by halving: entries come in the order of time. */
  #firstAt(at: number, first: number, past: number): number {
    let [low, high] = [first, past]
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      if ((this.#recordedAt(middle) ?? Infinity) >= at) high = middle
      else low = middle + 1
    }
    return low
  }

  #recordedAt(seq: number): number | undefined {
    return this.#database
      .prepare<[number], { at: number }>("SELECT recorded_at AS at FROM entry WHERE seq >= ? ORDER BY seq LIMIT 1")
      .get(seq)?.at
  }
}
