import { once } from "node:events"
import { type AddressInfo, createServer, type Socket } from "node:net"
import { Aedes, type PublishPacket } from "aedes"
import { Schema } from "effect"
import mqtt, { type IPublishPacket } from "mqtt"
import { afterEach, describe, expect, test } from "vitest"
import { MqttChannelSettings, mqttChannel } from "../../gateway/notify/mqtt-channel.ts"
import { openBroker } from "../road/broker.ts"
import { hasMosquitto } from "../road/peers.ts"
import { messageOf, openChannel } from "./channel-stage.ts"

const cleanups: Array<() => unknown> = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).toReversed()) await clean()
})

/** A broker on a socket that knows one user, and lets nobody write to `forbidden/`. */
const startBroker = async (port = 0) => {
  const broker = await Aedes.createBroker({
    authenticate: (_client, user, password, done) =>
      done(null, user === "gatehouse" && password?.toString() === "right"),
    authorizePublish: (_client, packet, done) =>
      done(packet.topic.startsWith("forbidden/") ? new Error("not authorized") : null)
  })
  const kept: Array<PublishPacket> = []
  broker.on("publish", (packet, client) => void (client !== null && kept.push(packet)))
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    broker.handle(socket)
  })
  server.listen(port, "127.0.0.1")
  await once(server, "listening")
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((done) => broker.close(() => done()))
    for (const socket of sockets) socket.destroy()
    await closed
    await new Promise<void>((done) => server.close(() => done()))
  }
  return { port: (server.address() as AddressInfo).port, kept, close }
}

const settings = (port: number, more: object = {}) => ({
  url: `mqtt://127.0.0.1:${port}`,
  topic: "{site}/alerts/{alert}",
  protocolVersion: 4,
  username: "gatehouse",
  password: { env: "TEST_MQTT_PASSWORD" },
  ...more
})

const stage = async (written: unknown, password = "right") => {
  process.env["TEST_MQTT_PASSWORD"] = password
  const channel = await openChannel(mqttChannel, written, { dataDir: "/nowhere", channel: "broker" })
  cleanups.push(channel.close)
  return channel
}

describe("alerts to a topic of a broker", () => {
  test("are handed over when the broker has confirmed them, with the message's key", async () => {
    const broker = await startBroker()
    cleanups.push(broker.close)
    const channel = await stage(settings(broker.port))
    expect(await channel.send(messageOf())).toEqual({ _tag: "HandedOver" })
    const [packet] = broker.kept
    expect(packet).toMatchObject({ topic: "north/alerts/A-4821", qos: 1, retain: false })
    const body = JSON.parse(packet?.payload.toString() ?? "") as Record<string, unknown>
    expect(body).toMatchObject({
      key: "A-4821:1:r-alvarez:phone",
      kind: "alert",
      urgency: "life-safety",
      site: { id: "north" },
      alert: { id: "A-4821", condition: "DoorForcedOpen", occurredAt: "2026-11-27T11:59:57.000Z" }
    })
    expect(JSON.stringify(body)).not.toContain("555 010")
  })

  test.skipIf(!hasMosquitto())(
    "stay with a broker of MQTT 5 for who subscribes later, where that is wanted, and for so long only",
    async () => {
      const broker = await openBroker({ password: "right" })
      cleanups.push(broker.close)
      const written = { ...settings(broker.port), protocolVersion: 5, retainMinutes: 30 }
      const channel = await stage(written)
      expect(await channel.send(messageOf())).toEqual({ _tag: "HandedOver" })
      const late = await mqtt.connectAsync(broker.url, { protocolVersion: 5, username: "gatehouse", password: "right" })
      cleanups.push(() => late.endAsync(true))
      const heard = new Promise<readonly [string, IPublishPacket]>((done) =>
        late.once("message", (to, _payload, kept) => done([to, kept]))
      )
      await late.subscribeAsync("north/alerts/#")
      const [topic, packet] = await heard
      expect([topic, packet.retain]).toEqual(["north/alerts/A-4821", true])
      expect(packet.properties?.messageExpiryInterval).toBeGreaterThan(1790)
      expect(packet.properties?.userProperties).toEqual({ "idempotency-key": "A-4821:1:r-alvarez:phone" })
    }
  )

  test("of MQTT 3.1.1 are never retained: they would stand there for ever", () => {
    const decode = () => Schema.decodeUnknownSync(MqttChannelSettings)(settings(1, { retainMinutes: 30 }))
    expect(decode).toThrow("knows no end of what is retained")
  })

  test("are refused with a password that the broker does not take", async () => {
    const broker = await startBroker()
    cleanups.push(broker.close)
    const channel = await stage(settings(broker.port), "wrong")
    expect(await channel.send(messageOf())).toMatchObject({ _tag: "Refused", scope: "channel" })
    expect(await channel.selfTest()).toMatchObject({ _tag: "Refused", scope: "channel" })
  })

  test("are tried later while the broker is away, and go once it is there again", async () => {
    const first = await startBroker()
    const channel = await stage(settings(first.port))
    expect(await channel.selfTest()).toMatchObject({ _tag: "HandedOver" })
    await first.close()
    const away = await channel.send(messageOf())
    expect(away).toMatchObject({ _tag: "TryLater" })
    const second = await startBroker(first.port)
    cleanups.push(second.close)
    expect(await channel.send(messageOf())).toEqual({ _tag: "HandedOver" })
    // What was given up is the outbox's to send again, not the client's.
    expect(second.kept).toHaveLength(1)
  })

  test("are refused where the password is missing", async () => {
    delete process.env["TEST_MQTT_PASSWORD"]
    const channel = await openChannel(mqttChannel, settings(1), { dataDir: "/nowhere" })
    cleanups.push(channel.close)
    expect(await channel.send(messageOf())).toMatchObject({
      _tag: "Refused",
      reason: expect.stringContaining("TEST_MQTT_PASSWORD")
    })
  })
})
