import { join } from "node:path"
import Database from "better-sqlite3"
import type { EvidenceHash, PictureType } from "../domain/evidence.ts"
import { entryOf, type StoredEntry } from "./stored.ts"

/** A picture that the log says is on disk. */
export interface NamedPicture {
  readonly hash: EvidenceHash
  readonly mediaType: PictureType
  /** Log entry of the fact that named it last. */
  readonly seq: number
  readonly alert: string
}

/** The pictures that the log in `dataDir` names, those told to be expired since left out; needs only the file. */
export const evidenceNamed = (dataDir: string): ReadonlyArray<NamedPicture> => {
  const database = new Database(join(dataDir, "gatehouse.db"), { readonly: true })
  try {
    const named = new Map<EvidenceHash, NamedPicture>()
    const facts = database.prepare<[], StoredEntry>(
      "SELECT seq, body FROM entry WHERE kind = 'Fact' AND alert IS NOT NULL ORDER BY seq"
    )
    for (const row of facts.iterate()) {
      const entry = entryOf(row)
      if (entry._tag !== "Fact") continue
      const { fact } = entry
      if (fact._tag === "EvidenceExpired") named.delete(fact.hash)
      if (fact._tag !== "EvidenceKept") continue
      const { hash, mediaType, alert } = fact
      named.set(hash, { hash, mediaType, alert, seq: entry.seq })
    }
    return [...named.values()]
  } finally {
    database.close()
  }
}
