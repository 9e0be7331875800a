import type Database from "better-sqlite3"
import type { EpochMs } from "../domain/ids.ts"
import { type Frames, framesOf } from "./entry-frames.ts"
import { entryColumns } from "./entry-rows.ts"
import type { LogBatch } from "./log-batch.ts"
import { LogWriter, type Snapshot } from "./log-writer.ts"
import { refusalOf } from "./refusal.ts"

/** Told of a batch, once. `frames` are there when they were wanted and it is kept. */
export type Answer = (refusal?: string, frames?: Frames) => void

/**
 * Where intake's batches go. What is given first is written first. What a full disk refuses may be tried again later;
 * whatever else fails, the process must not go on as if nothing had been, and it ends.
 */
export interface LogStore {
  /**
   * Calls back once all of it is on disk, or with why nothing of it is. One batch at a time. `wantsFrames`: its entries are
   * wanted as frames too, by those who stream them.
   */
  readonly write: (batch: LogBatch, wantsFrames: boolean, answer: Answer) => void
  /** The process is alive: bounds the blind time that the next start will log. Left out where the disk refuses it. */
  readonly alive: (at: EpochMs) => void
  /** Keeps a snapshot for the next start. Left out where the disk refuses it. */
  readonly keepSnapshot: (snapshot: Snapshot) => void
}

/** Why the store refuses what is written, if it does. Whatever else is thrown goes on. */
const refused = (write: () => void): string | undefined => {
  try {
    write()
    return undefined
  } catch (error) {
    const refusal = refusalOf(error)
    if (refusal === undefined) throw error
    return refusal
  }
}

/** The entries of a batch that is on disk: it is, whatever becomes of these. */
const framesIn = ({ bodies, cells }: LogBatch): Frames | undefined => {
  try {
    return framesOf(bodies, (nth) => cells[nth * entryColumns.length] as number)
  } catch {
    // Who streams them makes its own, and is told what is wrong with them.
    return undefined
  }
}

/** Writes on the thread that asks: it has been written, or refused, when `write` comes back. */
export const storeOver = (database: Database.Database): LogStore => {
  const writer = new LogWriter(database)
  return {
    write: (batch, wantsFrames, answer) => {
      const refusal = refused(() => writer.write(batch))
      answer(refusal, wantsFrames && refusal === undefined ? framesIn(batch) : undefined)
    },
    alive: (at) => void refused(() => writer.alive(at)),
    keepSnapshot: (snapshot) => void refused(() => writer.keepSnapshot(snapshot))
  }
}
