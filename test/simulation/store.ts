import { rmSync } from "node:fs"
import Database from "better-sqlite3"
import type { EventLoop } from "../../gateway/intake/event-loop.ts"
import type { LogStore } from "../../gateway/log/log-store.ts"
import { openForReading, openForWriting } from "../../gateway/log/database.ts"

/** The connections of a process: to write, and to read. */
export interface Connections {
  readonly database: Database.Database
  readonly reading: Database.Database
}

/** The simulated process is gone, wherever it just was. */
export class Died extends Error {
  override readonly name = "Died"
}

/** A commit takes less than this, milliseconds: what comes in meanwhile is folded over what is not on disk yet. */
const slowestCommitMs = 20

/** What is due is on disk within so long, milliseconds: it may have to wait for the batch that is at the store. */
export const latestMs = 2 * slowestCommitMs

/** A store that takes its time, as the gateway's own thread does. */
export const takingTime = (store: LogStore, loop: EventLoop, chance: () => number): LogStore => ({
  ...store,
  write: (batch, wantsFrames, answer) =>
    void loop.after(Math.floor(chance() * slowestCommitMs), () => store.write(batch, wantsFrames, answer))
})

/** What the next commits meet. `Full` refuses them until it is over; the others happen to one commit. */
export type StoreFault = "none" | "full" | "fsync fails" | "dies before the commit" | "dies after the commit"

/**
 * The log's own SQLite file, opened as the gateway opens it, on a disk that can be full, fail, or lose its process before
 * or after any commit. What is committed stays.
 */
export class Store {
  readonly file: string
  readonly #site: string
  fault: StoreFault = "none"
  #open: Connections | undefined

  constructor(file: string, site: string) {
    this.file = file
    this.#site = site
  }

  open(now: number): Connections {
    const database = openForWriting(this.file, this.#site, now)
    this.#spoil(database)
    this.#open = { database, reading: openForReading(this.file) }
    return this.#open
  }

  /** What a dead process leaves: its connections are gone, and with them all that was not committed. */
  close(): void {
    this.#open?.reading.close()
    this.#open?.database.close()
    this.#open = undefined
  }

  remove(): void {
    this.close()
    for (const end of ["", "-wal", "-shm"]) rmSync(`${this.file}${end}`, { force: true })
  }

  #spoil(database: Database.Database): void {
    const real = database.transaction.bind(database)
    const spoilt = (work: () => unknown) => {
      const whole = real(() => {
        const done = work()
        this.#meet("before")
        return done
      })
      const immediate = (): unknown => {
        const done = whole.immediate()
        this.#meet("after")
        return done
      }
      return Object.assign(immediate, { immediate })
    }
    Object.assign(database, { transaction: spoilt })
  }

  #meet(when: "before" | "after"): void {
    if (when === "after") {
      if (this.fault !== "dies after the commit") return
      this.fault = "none"
      throw new Died("after the commit")
    }
    if (this.fault === "full") throw new Database.SqliteError("database or disk is full", "SQLITE_FULL")
    if (this.fault === "fsync fails") {
      this.fault = "none"
      throw new Database.SqliteError("disk I/O error", "SQLITE_IOERR_FSYNC")
    }
    if (this.fault !== "dies before the commit") return
    this.fault = "none"
    throw new Died("before the commit")
  }
}
