import type Database from "better-sqlite3"
import type { EpochMs } from "../domain/ids.ts"
import { type Frames, framesOf } from "./entry-frames.ts"
import { entryColumns } from "./entry-rows.ts"
import type { LogBatch } from "./log-batch.ts"
import { LogWriter, type Snapshot } from "./log-writer.ts"
import { refusalOf } from "./refusal.ts"

/** Told of a batch, once. `frames` are there when they were wanted and it is kept. */
export type Kept = (refusal?: string, frames?: Frames) => void

/**
 * Where intake's batches go. What is given first is written first. What a full disk refuses may be tried again later;
 * whatever else fails, the process must not go on as if nothing had been, and it ends.
 */
export interface LogStore {
  /**
   * Calls back once all of it is on disk, or with why nothing of it is. One batch at a time. `framed`: its entries are wanted
   * as frames too, by those who stream them.
   */
  readonly write: (batch: LogBatch, framed: boolean, kept: Kept) => void
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

const framed = ({ bodies, cells }: LogBatch): Frames =>
  framesOf(bodies, (nth) => cells[nth * entryColumns.length] as number)

/** Writes on the thread that asks: it has been written, or refused, when `write` comes back. */
export const storeOver = (database: Database.Database): LogStore => {
  const writer = new LogWriter(database)
  return {
    write: (batch, isFramed, kept) => {
      const refusal = refused(() => writer.write(batch))
      kept(refusal, isFramed && refusal === undefined ? framed(batch) : undefined)
    },
    alive: (at) => void refused(() => writer.alive(at)),
    keepSnapshot: (snapshot) => void refused(() => writer.keepSnapshot(snapshot))
  }
}
