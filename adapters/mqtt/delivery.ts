import { hash } from "node:crypto"
import type { Delivery } from "../adapter.ts"

/** What tells a packet from another with the same id: its topic and its payload. */
interface Content {
  readonly topic: string
  readonly payload: string | Uint8Array
}

const bytesOf = (payload: string | Uint8Array): Uint8Array =>
  typeof payload === "string" ? Buffer.from(payload) : payload

/** A QoS 1 packet as intake needs it to know it again: `slot` is its packet id, with the sender where several share us. */
export const deliveryOf = (packet: Content, slot: string, session: string, redelivered: boolean): Delivery => ({
  slot,
  session,
  redelivered,
  digest: hash("sha1", Buffer.concat([Buffer.from(`${packet.topic}\0`), bytesOf(packet.payload)]), "base64")
})
