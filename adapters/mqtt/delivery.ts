import { hash } from "node:crypto"
import { crc32 } from "node:zlib"
import type { Publish } from "./publish-packet.ts"

/** What tells a packet from another with the same id. */
type Content = Pick<Publish, "topic" | "payload">

/** Of messages that a broker passes on: one sender shall not be able to make its message look like another's. */
export const digestOf = ({ topic, payload }: Content): string =>
  hash("sha1", Buffer.concat([Buffer.from(`${topic}\0`), payload]), "base64")

/**
 * Of messages that their senders give to us themselves, at a quarter of the price: packet ids are each user's and client's
 * own, so that it could deceive nobody but itself. Two payloads of one length that differ in four bytes or fewer, next to one
 * another, never have the same.
 */
export const checksumOf = ({ topic, payload }: Content): string =>
  `${payload.length} ${crc32(payload, crc32(topic)) | 0}`
