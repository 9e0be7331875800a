import type { MqttClient } from "mqtt"
import { PacketLengths } from "./frame-guard.ts"

/**
 * A broker's packet may be larger than what we read of a payload, so that one oversized message is put down as
 * unreadable and the link goes on; but no broker makes us hold more than this.
 */
export const brokerPacketMaxBytes = 16 * 1024 * 1024

/** `bytesRead` of a TCP or TLS socket. */
const bytesRead = ({ stream }: MqttClient): number => (stream as { readonly bytesRead?: number }).bytesRead ?? 0

/**
 * mqtt.js takes a broker for dead whose PINGRESP is late, though on a slow line it may wait behind what the broker is
 * still sending, and behind what we do not read while our own store is slow (`isHeld`). Any byte is a sign of life.
 * Called before the client connects.
 */
export const keepAlive = (client: MqttClient, isHeld: () => boolean): void => {
  let readAtPing = 0
  const sendPing = client.sendPing.bind(client)
  const giveUp = client.onKeepaliveTimeout.bind(client)
  client.sendPing = () => {
    readAtPing = bytesRead(client)
    sendPing()
  }
  client.onKeepaliveTimeout = () => {
    if (isHeld() || bytesRead(client) > readAtPing) client.sendPing()
    else giveUp()
  }
}

/** Tells of a packet too large, before its bytes are held in memory. Called once the client connects. */
export const watchLengths = ({ stream }: MqttClient, tooLarge: (problem: string) => void): void => {
  const lengths = new PacketLengths({ first: brokerPacketMaxBytes, others: brokerPacketMaxBytes })
  const see = (chunk: Uint8Array): void => {
    const problem = lengths.see(chunk)
    if (problem === undefined) return
    stream.off("data", see)
    tooLarge(problem)
  }
  stream.on("data", see)
}
