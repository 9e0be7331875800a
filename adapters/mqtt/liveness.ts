import type { MqttClient } from "mqtt"

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
