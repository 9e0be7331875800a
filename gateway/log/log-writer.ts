import type Database from "better-sqlite3"
import type { Delivery } from "../../adapters/adapter.ts"
import type { Decision } from "../correlation/decision.ts"
import type { Alert } from "../domain/alert.ts"
import type { Fact } from "../domain/fact.ts"
import type { Incident } from "../domain/incident.ts"
import { SiteId } from "../domain/ids.ts"
import { Deliveries } from "./deliveries.ts"
import type { Entry } from "./entry.ts"
import { EntryRows } from "./entry-rows.ts"
import { entriesOf } from "./entries.ts"
import { EntriesAbout } from "./filing.ts"
import { entryOf, type StoredEntry } from "./stored.ts"

/** Native keys older than this are forgotten: no field source repeats an event after a month. */
const nativeKeyKeptMs = 30 * 24 * 3600 * 1000

/** About so many native keys are kept at most, the newest: some 100 MB on disk. */
const nativeKeysKept = 1_000_000

const prepare = (database: Database.Database) => ({
  alert: database.prepare(
    "INSERT INTO alert (id, raised_by, closed, door, body) VALUES (?, ?, ?, ?, ?) " +
      "ON CONFLICT (id) DO UPDATE SET closed = excluded.closed, body = excluded.body"
  ),
  incident: database.prepare(
    "INSERT INTO incident (id, opened, closed, body) VALUES (?, ?, ?, ?) " +
      "ON CONFLICT (id) DO UPDATE SET closed = excluded.closed, body = excluded.body"
  ),
  noAlerts: database.prepare("DELETE FROM incident_alert WHERE incident = ?"),
  incidentAlert: database.prepare("INSERT OR REPLACE INTO incident_alert (alert, incident) VALUES (?, ?)"),
  nativeKey: database.prepare("INSERT INTO native_key (key, at) VALUES (?, ?) ON CONFLICT (key) DO NOTHING"),
  forgetKeys: database.prepare("DELETE FROM native_key WHERE at < ?"),
  // An index walk, not a sort: the time of the first key beyond the newest so many.
  firstKeyBeyond: database.prepare<[number], { at: number }>(
    "SELECT at FROM native_key ORDER BY at DESC LIMIT 1 OFFSET ?"
  ),
  alive: database.prepare("UPDATE meta SET alive_at = ?"),
  aliveAt: database.prepare<[], { alive_at: number }>("SELECT alive_at FROM meta"),
  head: database.prepare<[], { seq: number; recorded_at: number }>(
    "SELECT seq, recorded_at FROM entry ORDER BY seq DESC LIMIT 1"
  ),
  snapshot: database.prepare("INSERT OR REPLACE INTO snapshot (seq, body) VALUES (?, ?)"),
  forgetSnapshots: database.prepare(
    "DELETE FROM snapshot WHERE seq NOT IN (SELECT seq FROM snapshot ORDER BY seq DESC LIMIT 2)"
  ),
  snapshots: database.prepare<[], StoredEntry>("SELECT seq, body FROM snapshot ORDER BY seq DESC"),
  factsAfter: database.prepare<[number], StoredEntry>(
    "SELECT seq, body FROM entry WHERE seq > ? AND kind = 'Fact' ORDER BY seq"
  )
})

/**
 * The log's one writer: everything of a batch goes into one transaction. Its methods are to be called inside
 * `transact`, save for the reads.
 */
export class LogWriter {
  readonly #database: Database.Database
  readonly #statements: ReturnType<typeof prepare>
  readonly #site: SiteId
  readonly #rows: EntryRows
  readonly #deliveries: Deliveries
  readonly #about: EntriesAbout

  constructor(database: Database.Database, site: string) {
    this.#database = database
    this.#statements = prepare(database)
    this.#site = SiteId.make(site)
    this.#rows = new EntryRows(database)
    this.#deliveries = new Deliveries(database)
    this.#about = new EntriesAbout(database)
  }

  /** Commits what `work` writes, or nothing of it. `commitMode` IMMEDIATE: the write lock is taken at once. */
  transact<A>(work: () => A): A {
    const whole = (): A => {
      const done = work()
      this.#rows.finish()
      this.#deliveries.write()
      this.#about.write()
      return done
    }
    try {
      return this.#database.transaction(whole).immediate()
    } catch (error) {
      // What was remembered of rows that are not there must not be trusted.
      this.#rows.drop()
      this.#deliveries.drop()
      this.#about.drop()
      throw error
    }
  }

  /** Position of the newest entry, and the newest evidence of life. */
  head(): { readonly seq: number; readonly aliveAt: number } {
    const newest = this.#statements.head.get()
    const alive = this.#statements.aliveAt.get()?.alive_at ?? 0
    return { seq: newest?.seq ?? 0, aliveAt: Math.max(alive, newest?.recorded_at ?? 0) }
  }

  /** Writes a fact and its decisions behind `seq`; answers the entries, the fact's first. `bodies` gets the JSON of each. */
  append(
    seq: number,
    recordedAt: number,
    fact: Fact,
    decisions: ReadonlyArray<Decision>,
    bodies: Array<string> = []
  ): ReadonlyArray<Entry> {
    const entries = entriesOf(this.#site, seq, recordedAt, fact, decisions)
    for (const entry of entries) {
      this.#about.add(entry.seq, entry.device, entry.door)
      bodies.push(this.#rows.put(entry))
      if (entry._tag === "Alert") this.#putAlert(entry.change.alert)
      if (entry._tag === "Incident") this.#putIncident(entry.change.incident)
    }
    return entries
  }

  #putAlert(alert: Alert): void {
    this.#statements.alert.run(
      alert.id,
      alert.raisedBy,
      alert.closed ? 1 : 0,
      alert.door ?? null,
      JSON.stringify(alert)
    )
  }

  #putIncident(incident: Incident): void {
    const { id, opened, closed, alerts } = incident
    this.#statements.incident.run(id, opened, closed ? 1 : 0, JSON.stringify(incident))
    this.#statements.noAlerts.run(id)
    for (const alert of alerts) this.#statements.incidentAlert.run(alert.id, id)
  }

  /** Whether the transport delivers a message again that is kept already; remembers the message if not. */
  isRedelivery(link: string, delivery: Delivery): boolean {
    return this.#deliveries.isAgain(link, delivery)
  }

  /** Whether this happening, by its source's own key, is kept already; remembers the key if not. */
  isKnownKey(key: string, at: number): boolean {
    return this.#statements.nativeKey.run(key, at).changes === 0
  }

  /** The process is alive: bounds the blind time that the next start will log. */
  alive(at: number): void {
    this.#statements.alive.run(at)
  }

  keepSnapshot(seq: number, at: number, frozen: unknown): void {
    this.transact(() => {
      this.#statements.snapshot.run(seq, JSON.stringify(frozen))
      this.#statements.forgetSnapshots.run()
      const beyond = this.#statements.firstKeyBeyond.get(nativeKeysKept)?.at ?? 0
      this.#statements.forgetKeys.run(Math.max(at - nativeKeyKeptMs, beyond))
      this.#deliveries.forget()
    })
  }

  /** The snapshots that can be read, newest first. */
  snapshots(): ReadonlyArray<{ readonly seq: number; readonly frozen: unknown }> {
    return this.#statements.snapshots.all().flatMap((row) => {
      try {
        return [{ seq: row.seq, frozen: JSON.parse(row.body) as unknown }]
      } catch {
        return []
      }
    })
  }

  *factsAfter(seq: number): Iterable<{ readonly seq: number; readonly fact: Fact }> {
    for (const row of this.#statements.factsAfter.iterate(seq)) {
      const entry = entryOf(row)
      if (entry._tag === "Fact") yield { seq: row.seq, fact: entry.fact }
    }
  }
}
