import type Database from "better-sqlite3"
import type { EpochMs } from "../domain/ids.ts"

/** A happening by its source's own key, and when it was kept. */
export type KeyRow = readonly [key: string, at: EpochMs]

/** The happenings that are kept already, by their sources' own keys. */
export class NativeKeys {
  readonly #known: Database.Statement<[string]>
  /** Those of the batch that was taken last, and of the one that is made. */
  #taken: ReadonlyMap<string, EpochMs> = new Map()
  #fresh = new Map<string, EpochMs>()

  /** `reading`: sees every batch but the one that was taken last. */
  constructor(reading: Database.Database) {
    this.#known = reading.prepare("SELECT 1 FROM native_key WHERE key = ?")
  }

  /** Whether this happening is kept already; remembers its key if not. */
  isKnown(key: string, at: EpochMs): boolean {
    if (this.#fresh.has(key) || this.#taken.has(key) || this.#known.get(key) !== undefined) return true
    this.#fresh.set(key, at)
    return false
  }

  /** Those that are remembered since the last time: they are to be written with what they are keys of. */
  taken(): ReadonlyArray<KeyRow> {
    this.#taken = this.#fresh
    this.#fresh = new Map()
    return [...this.#taken]
  }

  /** Believes the disk alone: what was taken last is not on it, nor will be what is remembered since. */
  drop(): void {
    this.#taken = new Map()
    this.#fresh = new Map()
  }
}
