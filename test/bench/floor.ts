/**
 * The floor of the road, as a process of its own: bare mqtt.js and bare better-sqlite3 at the same durability, with the
 * same group commit and the answer after it. It parses each message, stores it as one row with two indexes, and says on
 * standard output that it has; it does nothing else: no mapping, no fold, no tree, no second row, no HTTP.
 *
 *     node test/bench/floor.ts <broker url> <database file>
 */
import Database from "better-sqlite3"
import mqtt, { type MqttClient } from "mqtt"

interface Press {
  readonly action: string
}

/** As durable as the log: WAL, synchronous=FULL. Whatever waits when it is idle is one commit. */
const openStore = (file: string) => {
  const database = new Database(file)
  database.pragma("journal_mode = WAL")
  database.pragma("synchronous = FULL")
  database.exec(`
    CREATE TABLE event (seq INTEGER PRIMARY KEY, device TEXT NOT NULL, kind TEXT NOT NULL, at INTEGER NOT NULL,
      body TEXT NOT NULL) STRICT;
    CREATE INDEX event_device ON event (device, seq);
    CREATE INDEX event_kind ON event (kind, seq);
  `)
  const insert = database.prepare("INSERT INTO event (device, kind, at, body) VALUES (?, ?, ?, ?)")
  let waiting: Array<{ readonly topic: string; readonly press: Press; readonly kept: () => void }> = []
  const commit = database.transaction((batch: typeof waiting) => {
    for (const { topic, press } of batch) {
      const at = Date.now()
      insert.run(topic, "press", at, JSON.stringify({ topic, at, site: "road", link: "mqtt", point: "button", press }))
    }
  })
  const flush = (): void => {
    const batch = waiting
    waiting = []
    commit(batch)
    for (const { kept } of batch) kept()
    process.stdout.write(`${batch.map(({ press }) => press.action).join("\n")}\n`)
  }
  return (topic: string, press: Press, kept: () => void): void => {
    waiting.push({ topic, press, kept })
    if (waiting.length === 1) setImmediate(flush)
  }
}

/** Holds PUBACK until the commit, as the road does, with nothing around it. */
const hold = (client: MqttClient, keep: ReturnType<typeof openStore>): void => {
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
  properties: { sessionExpiryInterval: 3600, receiveMaximum: 1000 },
  manualConnect: true
})
hold(client, openStore(file))
client.connect()
await new Promise<void>((resolve) => client.once("connect", () => resolve()))
await client.subscribeAsync("zigbee2mqtt/#", { qos: 1 })
process.stdout.write("ready\n")
