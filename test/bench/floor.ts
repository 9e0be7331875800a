import Database from "better-sqlite3"
import mqtt from "mqtt"

/**
 * The floor of the road: bare mqtt.js and bare better-sqlite3 at the same durability (WAL, synchronous=FULL, one table,
 * one index), one message in flight as `handleMessage` gives them, acknowledged after the commit. No mapping, no fold.
 */
export const startFloor = async (brokerUrl: string, file: string, onKept: (payload: Buffer) => void) => {
  const database = new Database(file)
  database.pragma("journal_mode = WAL")
  database.pragma("synchronous = FULL")
  database.exec("CREATE TABLE entry (seq INTEGER PRIMARY KEY, topic TEXT NOT NULL, body BLOB NOT NULL) STRICT")
  const insert = database.prepare("INSERT INTO entry (topic, body) VALUES (?, ?)")
  const client = mqtt.connect(brokerUrl, {
    clientId: "floor",
    clean: false,
    protocolVersion: 5,
    properties: { sessionExpiryInterval: 3600, receiveMaximum: 200 },
    manualConnect: true
  })
  client.handleMessage = (packet, acknowledge) => {
    insert.run(packet.topic, packet.payload as Buffer)
    acknowledge()
    onKept(packet.payload as Buffer)
  }
  client.connect()
  await new Promise<void>((resolve) => client.once("connect", () => resolve()))
  await client.subscribeAsync("zigbee2mqtt/#", { qos: 1 })
  return {
    stop: async () => {
      await client.endAsync(true)
      database.close()
    }
  }
}
