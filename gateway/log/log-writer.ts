import type Database from "better-sqlite3"
import type { Delivery } from "../../adapters/adapter.ts"
import type { Decision } from "../correlation/decision.ts"
import type { Alert } from "../domain/alert.ts"
import type { Fact } from "../domain/fact.ts"
import { DeviceId, DoorId, SiteId } from "../domain/ids.ts"
import type { Entry } from "./entry.ts"
import { leafHash } from "./merkle.ts"
import { entryOf, type StoredEntry } from "./stored.ts"

/** A redelivery is looked for among this many of a link's last messages; packet ids wrap at 65 535. */
export const deliveryWindow = 10_000

/** Native keys older than this are forgotten: no field source repeats an event after a month. */
const nativeKeyKeptMs = 30 * 24 * 3600 * 1000

/** About so many native keys are kept at most, the newest: some 100 MB on disk. */
const nativeKeysKept = 1_000_000

const deviceOfFact = (fact: Fact): DeviceId | undefined => {
  if (fact._tag !== "Observed" || !("device" in fact.observation)) return undefined
  return fact.observation.device
}

const factEntry = (site: SiteId, seq: number, recordedAt: number, fact: Fact): Entry => {
  const device = deviceOfFact(fact)
  const door = "door" in fact ? fact.door : undefined
  const alert = "alert" in fact ? fact.alert : undefined
  return {
    _tag: "Fact",
    seq,
    site,
    recordedAt,
    ...(device === undefined ? {} : { device }),
    ...(door === undefined ? {} : { door }),
    ...(alert === undefined ? {} : { alert }),
    fact
  }
}

const decisionEntry = (site: SiteId, seq: number, recordedAt: number, cause: number, decision: Decision): Entry => {
  const subject: { readonly device?: DeviceId | undefined; readonly door?: DoorId | undefined } =
    decision._tag === "Event" ? decision.event : decision.change.alert
  const common = {
    seq,
    site,
    recordedAt,
    cause,
    ...(subject.device === undefined ? {} : { device: subject.device }),
    ...(subject.door === undefined ? {} : { door: subject.door })
  }
  return decision._tag === "Event"
    ? { _tag: "Event", ...common, event: decision.event }
    : { _tag: "Alert", ...common, alert: decision.change.alert.id, change: decision.change }
}

const prepare = (database: Database.Database) => ({
  entry: database.prepare(
    "INSERT INTO entry (seq, kind, recorded_at, device, door, alert, cause, body, leaf) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
  ),
  alert: database.prepare(
    "INSERT INTO alert (id, raised_by, closed, door, body) VALUES (?, ?, ?, ?, ?) " +
      "ON CONFLICT (id) DO UPDATE SET closed = excluded.closed, body = excluded.body"
  ),
  delivery: database.prepare<[string, string], { session: string; digest: string; ordinal: number }>(
    "SELECT session, digest, ordinal FROM delivery WHERE link = ? AND slot = ?"
  ),
  newestDelivery: database.prepare<[string], { ordinal: number | null }>(
    "SELECT max(ordinal) AS ordinal FROM delivery WHERE link = ?"
  ),
  keepDelivery: database.prepare(
    "INSERT INTO delivery (link, slot, session, digest, ordinal) VALUES (?, ?, ?, ?, ?) " +
      "ON CONFLICT (link, slot) DO UPDATE SET session = excluded.session, digest = excluded.digest, ordinal = excluded.ordinal"
  ),
  newestDeliveries: database.prepare<[], { link: string; ordinal: number }>(
    "SELECT link, max(ordinal) AS ordinal FROM delivery GROUP BY link"
  ),
  forgetDeliveries: database.prepare("DELETE FROM delivery WHERE link = ? AND ordinal <= ?"),
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
  readonly #ordinals = new Map<string, number>()

  constructor(database: Database.Database, site: string) {
    this.#database = database
    this.#statements = prepare(database)
    this.#site = SiteId.make(site)
  }

  /** Commits what `work` writes, or nothing of it. `commitMode` IMMEDIATE: the write lock is taken at once. */
  transact<A>(work: () => A): A {
    try {
      return this.#database.transaction(work).immediate()
    } catch (error) {
      // What was counted for rows that are not there must not be trusted.
      this.#ordinals.clear()
      throw error
    }
  }

  /** Position of the newest entry, and the newest evidence of life. */
  head(): { readonly seq: number; readonly aliveAt: number } {
    const newest = this.#statements.head.get()
    const alive = this.#statements.aliveAt.get()?.alive_at ?? 0
    return { seq: newest?.seq ?? 0, aliveAt: Math.max(alive, newest?.recorded_at ?? 0) }
  }

  /** Writes a fact and its decisions behind `seq`; answers the entries, the fact's first. */
  append(seq: number, recordedAt: number, fact: Fact, decisions: ReadonlyArray<Decision>): ReadonlyArray<Entry> {
    const entries = [
      factEntry(this.#site, seq, recordedAt, fact),
      ...decisions.map((decision, nth) => decisionEntry(this.#site, seq + 1 + nth, recordedAt, seq, decision))
    ]
    for (const entry of entries) this.#put(entry)
    for (const decision of decisions) if (decision._tag === "Alert") this.#putAlert(decision.change.alert)
    return entries
  }

  #put(entry: Entry): void {
    const body = JSON.stringify(entry)
    this.#statements.entry.run(
      entry.seq,
      entry._tag,
      entry.recordedAt,
      entry.device ?? null,
      entry.door ?? null,
      entry.alert ?? null,
      entry._tag === "Fact" ? null : entry.cause,
      body,
      leafHash(body)
    )
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

  /** Whether the transport delivers a message again that is kept already; remembers the message if not. */
  isRedelivery(link: string, delivery: Delivery): boolean {
    const newest = this.#ordinals.get(link) ?? this.#statements.newestDelivery.get(link)?.ordinal ?? 0
    const known = delivery.redelivered ? this.#statements.delivery.get(link, delivery.slot) : undefined
    const again =
      known !== undefined &&
      known.session !== delivery.session &&
      known.digest === delivery.digest &&
      known.ordinal > newest - deliveryWindow
    if (again) return true
    this.#statements.keepDelivery.run(link, delivery.slot, delivery.session, delivery.digest, newest + 1)
    this.#ordinals.set(link, newest + 1)
    return false
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
      for (const { link, ordinal } of this.#statements.newestDeliveries.all()) {
        this.#statements.forgetDeliveries.run(link, ordinal - deliveryWindow)
      }
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
