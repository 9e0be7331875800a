import { join } from "node:path"
import type Database from "better-sqlite3"
import type { Alert } from "../domain/alert.ts"
import type { Fact } from "../domain/fact.ts"
import type { EpochMs } from "../domain/ids.ts"
import { type AlertStep, alertSteps, type FloodStep, floodSteps, openSince, type StaleAlert } from "./alert-steps.ts"
import { positionsAbout, valuesAbout } from "./entries-about.ts"
import type { Entry } from "./entry.ts"
import { marks } from "./marks.ts"
import { openUnwritten } from "./recorded-log.ts"
import { concernsAll } from "./schema.ts"
import { alertOf, entryOf, type StoredEntry } from "./stored.ts"

/** A fact with its position in the log. */
export interface Placed<F extends Fact = Fact> {
  readonly seq: number
  readonly fact: F
}

/** Which facts: those behind `after` up to `upTo`, that can tell something of these devices and doors. */
export interface FactsOf {
  readonly after: number
  readonly upTo: number
  readonly devices: ReadonlyArray<string>
  readonly doors: ReadonlyArray<string>
}

/** How often alerts of a span are asked for at most; an answer that would be longer is cut, and says so by its length. */
export const alertsAtMost = 10_000

/**
 * A log's past, to be folded again: from its file alone, on a read-only connection of its own, beside a gateway that runs
 * or without one. Every read is synchronous and may be long: not for the thread that takes facts in.
 */
export class History {
  readonly #database: Database.Database

  /** Throws `LogUnreadable` where there is no log or another release's, or SQLite's own error. */
  constructor(dataDir: string) {
    this.#database = openUnwritten(join(dataDir, "gatehouse.db"))
  }

  close(): void {
    this.#database.close()
  }

  /** Position of the newest entry; 0 when there is none. */
  head(): number {
    return this.#number("SELECT max(seq) AS n FROM entry")
  }

  /** When the newest entry was recorded, epoch milliseconds; 0 when there is none. */
  newestAt(): EpochMs {
    return this.#number("SELECT recorded_at AS n FROM entry ORDER BY seq DESC LIMIT 1")
  }

  /** The last position recorded at or before then; 0 when there is none. Found by halving: entries come in the order of time. */
  seqAt(at: EpochMs): number {
    let [low, high] = [0, this.head()]
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      const recordedAt = this.#number(
        "SELECT recorded_at AS n FROM entry WHERE seq <= ? ORDER BY seq DESC LIMIT 1",
        middle
      )
      if (recordedAt <= at) low = middle
      else high = middle - 1
    }
    return low
  }

  entry(seq: number): Entry | undefined {
    const row = this.#database.prepare<[number], StoredEntry>("SELECT seq, body FROM entry WHERE seq = ?").get(seq)
    return row === undefined ? undefined : entryOf(row)
  }

  alert(id: string): Alert | undefined {
    const row = this.#database.prepare<[string], { body: string }>("SELECT body FROM alert WHERE id = ?").get(id)
    return row === undefined ? undefined : alertOf(row)
  }

  /** The entries of an alert, oldest first, at most so many. */
  entriesOfAlert(id: string, limit: number): ReadonlyArray<Entry> {
    return this.#database
      .prepare<[string, number], StoredEntry>("SELECT seq, body FROM entry WHERE alert = ? ORDER BY seq LIMIT ?")
      .all(id, limit)
      .map(entryOf)
  }

  /** The alerts that facts of this span raised, as they stand now, oldest first; `door` leaves out those of others. */
  alertsRaised(after: number, upTo: number, door?: string): ReadonlyArray<Alert> {
    const ofDoor = door === undefined ? "" : "AND door = ?"
    return this.#database
      .prepare<Array<number | string>, { body: string }>(
        `SELECT body FROM alert WHERE raised_by > ? AND raised_by <= ? AND door IS NOT NULL ${ofDoor}
         ORDER BY raised_by, id LIMIT ${alertsAtMost}`
      )
      .all(after, upTo, ...(door === undefined ? [] : [door]))
      .map(alertOf)
  }

  /** The steps of alerts of this span, oldest first, at most so many. */
  alertSteps(after: number, upTo: number, limit: number): ReadonlyArray<AlertStep> {
    return alertSteps(this.#database, { after, upTo }, limit)
  }

  /** The floods that began or ended in this span. */
  floodSteps(after: number, upTo: number): ReadonlyArray<FloodStep> {
    return floodSteps(this.#database, { after, upTo })
  }

  /** For how long officers had consoles make no sound in this span, each time, in milliseconds. */
  silences(after: number, upTo: number): ReadonlyArray<number> {
    const wanted = `${concernsAll} AND seq > ? AND seq <= ? AND json_extract(body, '$.fact._tag') = 'AlarmSilenced'`
    const rows = this.#factsOf(wanted, [after, upTo])
    return [...rows].flatMap(({ fact }) => (fact._tag === "AlarmSilenced" ? [Math.max(0, fact.until - fact.at)] : []))
  }

  /** The alerts that had been open for so long at an instant, the oldest first. */
  openFor(longMs: number, at: EpochMs): ReadonlyArray<StaleAlert> {
    return openSince(this.#database, { raisedBefore: at - longMs, at })
  }

  /** What the newest snapshot of a situation up to this position says, of those that `usable` takes. */
  snapshotUpTo<T>(
    seq: number,
    usable: (body: unknown) => T | undefined
  ): { readonly seq: number; readonly made: T } | undefined {
    const rows = this.#database
      .prepare<[number], StoredEntry>("SELECT seq, body FROM snapshot WHERE seq <= ? ORDER BY seq DESC")
      .all(seq)
    for (const row of rows) {
      const made = usable(JSON.parse(row.body) as unknown)
      if (made !== undefined) return { seq: row.seq, made }
    }
    return undefined
  }

  /**
   * The events, and the steps of alerts, of this span in which one of these words stands, in their order: the newest so
   * many. Whoever asks looks closer; the words are looked for in the text.
   */
  tellingOf(
    span: { readonly after: number; readonly upTo: number },
    words: Iterable<string>,
    limit: number
  ): ReadonlyArray<Entry> {
    const wanted = [...words].map((word) => `"${word}"`)
    if (wanted.length === 0) return []
    const anyOf = wanted.map(() => "instr(body, ?) > 0").join(" OR ")
    return this.#database
      .prepare<Array<number | string>, StoredEntry>(
        `SELECT seq, body FROM entry WHERE seq > ? AND seq <= ? AND (event = 1 OR kind = 'Alert') AND (${anyOf})
         ORDER BY seq DESC LIMIT ?`
      )
      .all(span.after, span.upTo, ...wanted, limit)
      .map(entryOf)
      .reverse()
  }

  /** The configurations applied up to this position, oldest first. */
  *configurations(upTo: number): Iterable<Placed<Extract<Fact, { _tag: "ConfigApplied" }>>> {
    const wanted = `${concernsAll} AND door IS NULL AND alert IS NULL AND seq <= ?`
    for (const { seq, fact } of this.#factsOf(wanted, [upTo])) if (fact._tag === "ConfigApplied") yield { seq, fact }
  }

  /** The configuration in force at this position; `undefined` before the first. */
  lastConfiguration(upTo: number): Placed<Extract<Fact, { _tag: "ConfigApplied" }>> | undefined {
    return [...this.configurations(upTo)].at(-1)
  }

  /**
   * The facts that can tell something of these doors and devices, in their order: what the devices said, what was done to the
   * doors, and what concerns the whole gateway (its starts, links, configurations, gaps). The passing of time only where it
   * led to something at one of the doors: whoever folds lets time pass with every other fact.
   */
  *facts({ after, upTo, devices, doors }: FactsOf): Iterable<Placed> {
    const span = { after, upTo }
    const here = "seq > ? AND seq <= ?"
    // Each part by what it is filed under: a long log is not read through for one door.
    const wanted = `kind = 'Fact' AND seq <= ? AND seq IN (
      ${positionsAbout("device", devices.length)}
      UNION SELECT seq FROM entry WHERE ${concernsAll} AND ${here} AND (door IS NULL OR door IN (${marks(doors.length)}))
      UNION SELECT cause FROM entry WHERE seq IN (${positionsAbout("door", doors.length)}) AND cause > ?
    )`
    yield* this.#factsOf(wanted, [
      upTo,
      ...valuesAbout("device", devices, span),
      after,
      upTo,
      ...doors,
      // What a fact came to stands behind it.
      ...valuesAbout("door", doors, { after, upTo: Number.MAX_SAFE_INTEGER }),
      after
    ])
  }

  *#factsOf(wanted: string, values: ReadonlyArray<number | string>): Iterable<Placed> {
    const rows = this.#database
      .prepare<Array<number | string>, StoredEntry>(`SELECT seq, body FROM entry WHERE ${wanted} ORDER BY seq`)
      .iterate(...values)
    for (const row of rows) {
      const entry = entryOf(row)
      if (entry._tag === "Fact") yield { seq: row.seq, fact: entry.fact }
    }
  }

  #number(sql: string, ...values: ReadonlyArray<number>): number {
    return this.#database.prepare<Array<number>, { n: number | null }>(sql).get(...values)?.n ?? 0
  }
}
