import { hash } from "node:crypto"
import { crc32 } from "node:zlib"
import type { Publish } from "./publish-packet.ts"

/** What tells a packet from another with the same id. */
type Content = Pick<Publish, "topic" | "payload">

/** Where topic and payload are put together, if they have room there: memory of its own for each costs more than the rest. */
const together = Buffer.allocUnsafeSlow(4096)

/** What is hashed of a message: its topic, a zero, its payload. */
const bytesOf = ({ topic, payload }: Content): Buffer => {
  // At most three bytes a UTF-16 unit.
  if (topic.length * 3 + 1 + payload.length > together.length)
    return Buffer.concat([Buffer.from(`${topic}\0`), payload])
  const end = together.write(topic)
  together[end] = 0
  together.set(payload, end + 1)
  return together.subarray(0, end + 1 + payload.length)
}

/** Of messages that a broker passes on: one sender shall not be able to make its message look like another's. */
export const digestOf = (message: Content): string => hash("sha1", bytesOf(message), "base64")

/**
 * Of messages that their senders give to us themselves, at a quarter of the price: packet ids are each user's and client's
 * own, so that it could deceive nobody but itself. Two payloads of one length that differ in four bytes or fewer, next to one
 * another, never have the same.
 */
export const checksumOf = ({ topic, payload }: Content): string =>
  `${payload.length} ${crc32(payload, crc32(topic)) | 0}`
