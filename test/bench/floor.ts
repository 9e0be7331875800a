import Database from "better-sqlite3"
import mqtt, { type MqttClient } from "mqtt"

/** Bare SQLite as durable as the log: WAL, synchronous=FULL, one table. Whatever waits when it is idle is one commit. */
const openStore = (file: string, onKept: (payload: Buffer) => void) => {
  const database = new Database(file)
  database.pragma("journal_mode = WAL")
  database.pragma("synchronous = FULL")
  database.exec(
    "CREATE TABLE entry (seq INTEGER PRIMARY KEY, topic TEXT NOT NULL, at INTEGER NOT NULL, body TEXT NOT NULL) STRICT"
  )
  const insert = database.prepare("INSERT INTO entry (topic, at, body) VALUES (?, ?, ?)")
  let waiting: Array<{ readonly topic: string; readonly payload: Buffer; readonly kept: () => void }> = []
  const commit = database.transaction((batch: typeof waiting) => {
    for (const { topic, payload } of batch)
      insert.run(topic, Date.now(), JSON.stringify(JSON.parse(payload.toString())))
  })
  const flush = (): void => {
    const batch = waiting
    waiting = []
    commit(batch)
    for (const { kept, payload } of batch) {
      kept()
      onKept(payload)
    }
  }
  return {
    keep: (topic: string, payload: Buffer, kept: () => void): void => {
      waiting.push({ topic, payload, kept })
      if (waiting.length === 1) setImmediate(flush)
    },
    close: () => database.close()
  }
}

/** Holds PUBACK until the commit, as the road does, with nothing around it. */
const hold = (client: MqttClient, keep: ReturnType<typeof openStore>["keep"]): void => {
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
    keep(packet.topic, packet.payload as Buffer, () => mine.packet !== undefined && send(mine.packet))
    held = mine
    goOn()
    held = undefined
  }
}

/**
 * The floor of the road: bare mqtt.js and bare better-sqlite3 at the same durability, with the same group commit and the
 * answer after it. It parses each message and stores it, and does nothing else: no mapping, no fold, no tree, no stream.
 */
export const startFloor = async (brokerUrl: string, file: string, onKept: (payload: Buffer) => void) => {
  const store = openStore(file, onKept)
  const client = mqtt.connect(brokerUrl, {
    clientId: "floor",
    clean: false,
    protocolVersion: 5,
    properties: { sessionExpiryInterval: 3600, receiveMaximum: 1000 },
    manualConnect: true
  })
  hold(client, store.keep)
  client.connect()
  await new Promise<void>((resolve) => client.once("connect", () => resolve()))
  await client.subscribeAsync("zigbee2mqtt/#", { qos: 1 })
  return {
    stop: async () => {
      await client.endAsync(true)
      store.close()
    }
  }
}
