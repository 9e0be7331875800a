import type { Alert } from "../domain/alert.ts"
import type { Entry } from "./entry.ts"

/** An entry as its row holds it. `body` is the entry's own JSON, the bytes that the leaf is the hash of. */
export interface StoredEntry {
  readonly seq: number
  readonly body: string
}

/** Drops what an entry is stored beside, and brings it back: the stored bytes hold the whole entry. */
export const entryOf = (row: StoredEntry): Entry => JSON.parse(row.body) as Entry

export const alertOf = (row: { readonly body: string }): Alert => JSON.parse(row.body) as Alert
