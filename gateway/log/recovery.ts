import type Database from "better-sqlite3"
import type { EpochMs } from "../domain/ids.ts"
import type { Fact } from "../domain/fact.ts"
import { entryOf, type StoredEntry } from "./stored.ts"

const prepare = (database: Database.Database) => ({
  aliveAt: database.prepare<[], { alive_at: number }>("SELECT alive_at FROM meta"),
  head: database.prepare<[], { seq: number; recorded_at: number }>(
    "SELECT seq, recorded_at FROM entry ORDER BY seq DESC LIMIT 1"
  ),
  snapshots: database.prepare<[], StoredEntry>("SELECT seq, body FROM snapshot ORDER BY seq DESC"),
  factsAfter: database.prepare<[number], StoredEntry>(
    "SELECT seq, body FROM entry WHERE seq > ? AND kind = 'Fact' ORDER BY seq"
  )
})

/** What a start reads of the log that the process before has left. */
export class Recovery {
  readonly #statements: ReturnType<typeof prepare>

  constructor(database: Database.Database) {
    this.#statements = prepare(database)
  }

  /** Position of the newest entry, and the newest evidence of life. */
  head(): { readonly seq: number; readonly aliveAt: EpochMs } {
    const newest = this.#statements.head.get()
    const alive = this.#statements.aliveAt.get()?.alive_at ?? 0
    return { seq: newest?.seq ?? 0, aliveAt: Math.max(alive, newest?.recorded_at ?? 0) }
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
