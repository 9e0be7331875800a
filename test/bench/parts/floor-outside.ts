/**
 * The floor of the road through a broker of the campus's own, as a process of its own: bare mqtt.js and the floors'
 * store, the answer after the commit. It parses each message and keeps it; it does nothing else: no mapping, no fold, no
 * tree, no second row, no HTTP.
 *
 *     node test/bench/parts/floor-outside.ts <broker url> <database file>
 */
import mqtt, { type MqttClient } from "mqtt"
import { type Keep, openFloorStore, type Press } from "./floor-store.ts"

/** Holds PUBACK until the commit, as the road does, with nothing around it. */
const hold = (client: MqttClient, keep: Keep): void => {
  const sender = client as unknown as { _sendPacket: (packet: { cmd: string }, done?: () => void) => void }
  const send = sender._sendPacket.bind(client)
  let held: { packet?: { cmd: string } } | undefined
  sender._sendPacket = (packet, done) => {
    if (packet.cmd !== "puback" || held === undefined) return send(packet, done)
    held.packet = packet
    held = undefined
    done?.()
  }
  client.handleMessage = (packet, goOn) => {
    const mine: { packet?: { cmd: string } } = {}
    const press = JSON.parse(packet.payload.toString()) as Press
    keep(packet.topic, press, () => mine.packet !== undefined && send(mine.packet))
    held = mine
    goOn()
    held = undefined
  }
}

const [url = "", file = ""] = process.argv.slice(2)
const client = mqtt.connect(url, {
  clientId: "floor",
  clean: false,
  protocolVersion: 5,
  properties: { sessionExpiryInterval: 3600, receiveMaximum: 2000 },
  manualConnect: true
})
hold(client, openFloorStore(file))
client.connect()
await new Promise<void>((resolve) => client.once("connect", () => resolve()))
await client.subscribeAsync("zigbee2mqtt/#", { qos: 1 })
process.stdout.write("ready\n")
