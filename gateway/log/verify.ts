import { join } from "node:path"
import { openForReading } from "./database.ts"
import { leafHash, treeHasher } from "./merkle.ts"

export interface Verified {
  readonly entries: number
  /** Root of the RFC 6962 tree over all entries, in hexadecimal. */
  readonly root: string
  readonly faults: ReadonlyArray<string>
}

/** Recomputes every leaf and the tree over them from the log file alone, without the gateway. */
export const verifyLog = (dataDir: string): Verified => {
  const database = openForReading(join(dataDir, "gatehouse.db"))
  try {
    const faults: Array<string> = []
    const tree = treeHasher()
    let entries = 0
    const rows = database.prepare<[], { readonly seq: number; readonly body: string; readonly leaf: Buffer }>(
      "SELECT seq, body, leaf FROM entry ORDER BY seq"
    )
    for (const row of rows.iterate()) {
      entries++
      if (row.seq !== entries) {
        faults.push(`entry ${entries} is missing: the next one is ${row.seq}`)
        entries = row.seq
      }
      if (!leafHash(row.body).equals(row.leaf)) faults.push(`entry ${row.seq} is not what was written`)
      tree.add(row.leaf)
    }
    return { entries, root: tree.root().toString("hex"), faults }
  } finally {
    database.close()
  }
}
