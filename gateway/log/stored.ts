import type { Alert } from "../domain/alert.ts"
import type { Incident } from "../domain/incident.ts"
import type { Entry } from "./entry.ts"

/** An entry as its row holds it. `body` is the entry's own JSON, the bytes that the leaf is the hash of. */
export interface StoredEntry {
  readonly seq: number
  readonly body: string
}

/** Drops what an entry is stored beside, and brings it back: the stored bytes hold the whole entry. */
export const entryOf = (row: StoredEntry): Entry => JSON.parse(row.body) as Entry

/** With this an entry's own event begins, which is the last thing in it: see `entriesOf`. */
const ownEvent = ',"event":{'

/**
 * The entry without the event that it tells of itself, for who makes that anew: a third of a busy campus's bytes need not
 * be read. Where the cut is not clean the whole entry is read.
 */
export const entryWithoutEvent = (row: StoredEntry): Entry => {
  const at = row.body.lastIndexOf(ownEvent)
  if (at === -1) return entryOf(row)
  try {
    return JSON.parse(`${row.body.slice(0, at)}}`) as Entry
  } catch {
    return entryOf(row)
  }
}

export const alertOf = (row: { readonly body: string }): Alert => JSON.parse(row.body) as Alert
export const incidentOf = (row: { readonly body: string }): Incident => JSON.parse(row.body) as Incident
