import type Database from "better-sqlite3"
import type { EpochMs } from "../domain/ids.ts"
import { deliveryWindow } from "./deliveries.ts"
import { EntryRows, entryColumns } from "./entry-rows.ts"
import { EntriesAbout } from "./filing.ts"
import type { LogBatch } from "./log-batch.ts"

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
  nativeKey: database.prepare("INSERT INTO native_key (key, at) VALUES (?, ?)"),
  forgetKeys: database.prepare("DELETE FROM native_key WHERE at < ?"),
  // An index walk, not a sort: the time of the first key beyond the newest so many.
  firstKeyBeyond: database.prepare<[number], { at: number }>(
    "SELECT at FROM native_key ORDER BY at DESC LIMIT 1 OFFSET ?"
  ),
  delivery: database.prepare("INSERT INTO delivery (link, last, body) VALUES (?, ?, ?)"),
  newestDeliveries: database.prepare<[], { readonly link: string; readonly last: number }>(
    "SELECT link, max(last) AS last FROM delivery GROUP BY link"
  ),
  forgetDeliveries: database.prepare("DELETE FROM delivery WHERE link = ? AND last <= ?"),
  alive: database.prepare("UPDATE meta SET alive_at = ?"),
  snapshot: database.prepare("INSERT OR REPLACE INTO snapshot (seq, body) VALUES (?, ?)"),
  forgetSnapshots: database.prepare(
    "DELETE FROM snapshot WHERE seq NOT IN (SELECT seq FROM snapshot ORDER BY seq DESC LIMIT 2)"
  )
})

/** The situation as it was behind an entry, for the next start. */
export interface Snapshot {
  readonly seq: number
  readonly at: EpochMs
  /** JSON. */
  readonly body: string
}

const [device, door] = [entryColumns.indexOf("device"), entryColumns.indexOf("door")]

/** The log's one writer. Each of its methods is one transaction: done, or thrown and not done. */
export class LogWriter {
  readonly #database: Database.Database
  readonly #statements: ReturnType<typeof prepare>
  readonly #rows: EntryRows
  readonly #about: EntriesAbout

  constructor(database: Database.Database) {
    this.#database = database
    this.#statements = prepare(database)
    this.#rows = new EntryRows(database)
    this.#about = new EntriesAbout(database)
  }

  write(batch: LogBatch): void {
    try {
      this.#transact(() => {
        this.#entries(batch)
        for (const row of batch.alerts) this.#statements.alert.run(row)
        for (const { row, alerts } of batch.incidents) {
          const [id] = row
          this.#statements.incident.run(row)
          this.#statements.noAlerts.run(id)
          for (const alert of alerts) this.#statements.incidentAlert.run(alert, id)
        }
        for (const row of batch.keys) this.#statements.nativeKey.run(row)
        for (const row of batch.deliveries) this.#statements.delivery.run(row)
        this.#about.write()
      })
    } catch (error) {
      this.#about.drop()
      throw error
    }
  }

  /** The process is alive: bounds the blind time that the next start will log. */
  alive(at: EpochMs): void {
    this.#transact(() => void this.#statements.alive.run(at))
  }

  /** Keeps it as the newest, and forgets what nobody looks for any more. */
  keepSnapshot({ seq, at, body }: Snapshot): void {
    this.#transact(() => {
      this.#statements.snapshot.run(seq, body)
      this.#statements.forgetSnapshots.run()
      const beyond = this.#statements.firstKeyBeyond.get(nativeKeysKept)?.at ?? 0
      this.#statements.forgetKeys.run(Math.max(at - nativeKeyKeptMs, beyond))
      for (const { link, last } of this.#statements.newestDeliveries.all())
        this.#statements.forgetDeliveries.run(link, last - deliveryWindow)
    })
  }

  #entries({ cells, bodies }: LogBatch): void {
    for (let at = 0; at < cells.length; at += entryColumns.length) {
      this.#about.add(
        cells[at] as number,
        (cells[at + device] as string | null) ?? undefined,
        (cells[at + door] as string | null) ?? undefined
      )
    }
    this.#rows.write(cells, bodies)
  }

  /** `commitMode` IMMEDIATE: the write lock is taken at once. */
  #transact(work: () => void): void {
    this.#database.transaction(work).immediate()
  }
}
