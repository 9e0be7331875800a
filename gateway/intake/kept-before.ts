import type Database from "better-sqlite3"
import type { Delivery } from "../../adapters/adapter.ts"
import type { EpochMs } from "../domain/ids.ts"
import { Deliveries } from "../log/deliveries.ts"
import type { LogBatch } from "../log/log-batch.ts"
import { NativeKeys } from "../log/native-keys.ts"

/** What is kept already, so that it is not kept twice: messages of transports that deliver twice, and what sources tell again. */
export class KeptBefore {
  readonly #deliveries: Deliveries
  readonly #keys: NativeKeys

  /** `reading`: sees every batch but, maybe, the one that was taken last. */
  constructor(reading: Database.Database) {
    this.#deliveries = new Deliveries(reading)
    this.#keys = new NativeKeys(reading)
  }

  /** Whether the transport delivers a message again that is kept already; remembers the message if not. */
  isRedelivery(link: string, delivery: Delivery): boolean {
    return this.#deliveries.isAgain(link, delivery)
  }

  /** Whether this happening, by its source's own key, is kept already; remembers the key if not. */
  isKnownKey(key: string, at: EpochMs): boolean {
    return this.#keys.isKnown(key, at)
  }

  /** What was remembered since the last time: part of the batch that it was remembered for. */
  taken(): Pick<LogBatch, "keys" | "deliveries"> {
    return { keys: this.#keys.taken(), deliveries: this.#deliveries.taken() }
  }

  /** Believes the disk alone: what was taken last is not on it, nor will be what is remembered since. */
  drop(): void {
    this.#keys.drop()
    this.#deliveries.drop()
  }

  /** Lets go of what is too old to come again. */
  forget(): void {
    this.#deliveries.forget()
  }
}
