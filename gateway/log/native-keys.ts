import type Database from "better-sqlite3"
import type { EpochMs } from "../domain/ids.ts"

/** A happening by its source's own key, and when it was kept. */
export type KeyRow = readonly [key: string, at: EpochMs]

/** The happenings that are kept already, by their sources' own keys. */
export class NativeKeys {
  readonly #known: Database.Statement<[string]>
  #fresh = new Map<string, EpochMs>()

  /** `reading`: sees every batch that was taken before. */
  constructor(reading: Database.Database) {
    this.#known = reading.prepare("SELECT 1 FROM native_key WHERE key = ?")
  }

  /** Whether this happening is kept already; remembers its key if not. */
  isKnown(key: string, at: EpochMs): boolean {
    if (this.#fresh.has(key) || this.#known.get(key) !== undefined) return true
    this.#fresh.set(key, at)
    return false
  }

  /** Those that are remembered since the last time: they are to be written with what they are keys of. */
  taken(): ReadonlyArray<KeyRow> {
    const rows = [...this.#fresh]
    this.#fresh.clear()
    return rows
  }
}
