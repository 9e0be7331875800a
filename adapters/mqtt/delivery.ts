import { createHash } from "node:crypto"
import type { Delivery } from "../adapter.ts"

/** What tells a packet from another with the same id: its topic and its payload. */
interface Content {
  readonly topic: string
  readonly payload: string | Uint8Array
}

/** A QoS 1 packet as intake needs it to know it again: `slot` is its packet id, with the sender where several share us. */
export const deliveryOf = (packet: Content, slot: string, session: string, redelivered: boolean): Delivery => ({
  slot,
  session,
  redelivered,
  digest: createHash("sha1").update(packet.topic).update("\0").update(packet.payload).digest("base64")
})
