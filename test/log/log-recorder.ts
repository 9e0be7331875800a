import type Database from "better-sqlite3"
import type { Decision } from "../../gateway/correlation/decision.ts"
import { freeze } from "../../gateway/correlation/snapshot.ts"
import type { Situation } from "../../gateway/correlation/situation.ts"
import type { Fact } from "../../gateway/domain/fact.ts"
import { BatchMaker } from "../../gateway/log/log-batch.ts"
import { LogWriter } from "../../gateway/log/log-writer.ts"

/** Writes a log by the gateway's own batches and writer, without a gateway: `append`, then `commit`. */
export class LogRecorder {
  readonly #writer: LogWriter
  readonly #site: string
  #made: BatchMaker

  constructor(database: Database.Database, site: string) {
    this.#writer = new LogWriter(database)
    this.#site = site
    this.#made = new BatchMaker(site)
  }

  /** Takes a fact and its decisions as entries from `seq` on; answers how many these are. */
  append(seq: number, recordedAt: number, fact: Fact, decisions: ReadonlyArray<Decision>): number {
    return this.#made.append(seq, recordedAt, fact, decisions)
  }

  /** Commits what was appended since the last time, or throws, and forgets it. */
  commit(): void {
    const batch = this.#made.batch()
    this.#made = new BatchMaker(this.#site)
    this.#writer.write(batch)
  }

  keepSnapshot(seq: number, at: number, situation: Situation): void {
    this.#writer.keepSnapshot({ seq, at, body: JSON.stringify(freeze(situation)) })
  }
}
