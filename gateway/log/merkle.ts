import { createHash, hash } from "node:crypto"

/** RFC 6962, 2.1: a leaf is hashed behind a zero byte, so that no leaf can pass for an inner node. The text as UTF-8. */
export const leafHash = (text: string): Buffer =>
  // Node hands a digest out as text in half the time that it takes for a buffer.
  Buffer.from(hash("sha256", `\0${text}`, "binary"), "latin1")

/** RFC 6962, 2.1: an inner node is hashed behind a one byte. */
const nodeHash = (left: Uint8Array, right: Uint8Array): Buffer =>
  createHash("sha256").update(Uint8Array.of(1)).update(left).update(right).digest()

/** Takes leaves one by one and gives the root of RFC 6962, 2.1; holds log n hashes, whatever the log's size. */
export const treeHasher = () => {
  // Complete subtrees from large to small, as the binary digits of the size.
  const peaks: Array<{ readonly leaves: number; readonly hash: Buffer }> = []
  return {
    add: (leaf: Buffer): void => {
      let grown = { leaves: 1, hash: leaf }
      for (let last = peaks.at(-1); last !== undefined && last.leaves === grown.leaves; last = peaks.at(-1)) {
        peaks.pop()
        grown = { leaves: last.leaves * 2, hash: nodeHash(last.hash, grown.hash) }
      }
      peaks.push(grown)
    },
    root: (): Buffer => {
      const [smallest, ...larger] = peaks.toReversed()
      if (smallest === undefined) return createHash("sha256").digest()
      return larger.reduce((right, left) => nodeHash(left.hash, right), smallest.hash)
    }
  }
}
