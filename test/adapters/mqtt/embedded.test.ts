import { connect } from "node:net"
import mqttClient from "mqtt"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { adapters } from "../../../adapters/adapters.ts"
import { NotKept } from "../../../adapters/adapter.ts"
import { freePort } from "../../road/peers.ts"
import { startLink } from "../start-link.ts"
import { button, profilesDirectory } from "./peers.ts"

const mqtt = adapters["mqtt"]!
const devices = [button]

let port: number
let link: ReturnType<typeof startLink>

const start = async (more: object = {}) => {
  link = startLink(mqtt, { settings: { broker: "embedded", port, ...more }, devices, profilesDirectory })
  await link.online()
}

const device = (options: mqttClient.IClientOptions = {}) =>
  mqttClient.connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion: 4, reconnectPeriod: 0, ...options })

beforeEach(async () => {
  port = await freePort()
})
afterEach(() => link.stop())

describe("the embedded broker", () => {
  it("says that what devices said while it was away is unseen, before it lets anybody speak", async () => {
    await start()
    expect(await link.gap()).toContain("SessionLost")
  })

  it("answers a device only when its message is on disk", async () => {
    await start()
    const client = await device()
    let answered = false
    const sent = client
      .publishAsync("zigbee2mqtt/button", '{"action":"single"}', { qos: 1 })
      .then(() => void (answered = true))
    const told = await link.told.next()
    expect(answered).toBe(false)
    told.settled()
    await sent
    await client.endAsync(true)
  })

  it("gives no answer, and closes the connection, when the store refuses", async () => {
    await start()
    const client = await device()
    const closed = new Promise<void>((resolve) => client.once("close", resolve))
    client.publish("zigbee2mqtt/button", '{"action":"single"}', { qos: 1 })
    ;(await link.told.next()).settled(new NotKept({ reason: "disk full" }))
    await closed
    expect(client.getLastMessageId()).toBeGreaterThan(0)
    await client.endAsync(true)
  })

  it("keeps a device's last will before anybody hears of it", async () => {
    await start()
    const will = {
      topic: "zigbee2mqtt/button/availability",
      payload: Buffer.from('{"state":"offline"}'),
      qos: 1 as const
    }
    const client = await device({ will: { ...will, retain: true } })
    client.stream.destroy()
    const told = await link.told.next()
    expect(told.report.observations).toMatchObject([{ _tag: "Availability", state: "offline", origin: "change" }])
    told.settled()
    await client.endAsync(true)
  })

  it("lets in the users it knows alone, and tells of the others", async () => {
    process.env["GATEHOUSE_TEST_SECRET"] = "open sesame"
    await start({ users: [{ name: "bridge", password: { env: "GATEHOUSE_TEST_SECRET" }, publish: ["zigbee2mqtt/#"] }] })
    await expect(device({ clientId: "thief", username: "bridge", password: "guess" })).rejects.toThrow(/Bad username/i)
    expect(await link.refused()).toBe('thief at 127.0.0.1 connected as "bridge" with a wrong name or password')
    await expect(device({ clientId: "nobody" })).rejects.toThrow(/Bad username/i)
    const client = await device({ username: "bridge", password: "open sesame" })
    await client.endAsync(true)
  })

  it("refuses topics that are the broker's own", async () => {
    await start()
    const client = await device({ clientId: "spoof" })
    client.on("error", () => {})
    client.publish("$SYS/broker/uptime", "1", { qos: 1 })
    expect(await link.refused()).toContain("spoof at 127.0.0.1 published to $SYS/broker/uptime")
    await client.endAsync(true)
  })

  it("cuts a sender that claims a packet of 256 MB before it is known, and one that really sends too much", async () => {
    await start()
    const stranger = connect(port, "127.0.0.1").on("error", () => {})
    stranger.write(Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]))
    await new Promise<void>((resolve) => stranger.once("close", () => resolve()))
    expect(await link.refused()).toContain("larger than the 16384 that are accepted")
    const client = await device()
    client.on("error", () => {})
    const closed = new Promise<void>((resolve) => client.once("close", resolve))
    client.publish("zigbee2mqtt/button", "x".repeat(300_000), { qos: 1 })
    expect(await link.refused()).toContain("larger than the 262144 that are accepted")
    await closed
    await client.endAsync(true)
  })

  it("answers a message on a topic no profile reads, and counts it", async () => {
    await start()
    const client = await device()
    await client.publishAsync("somewhere/else", "hello", { qos: 1 })
    expect(link.counts["unknown-topic"]).toBe(1)
    await client.endAsync(true)
  })

  it("says which port is taken, and what to do", async () => {
    await start()
    const second = startLink(mqtt, { settings: { broker: "embedded", port }, devices, profilesDirectory })
    expect(JSON.stringify(await second.ended())).toContain("another program listens there, choose another port")
  })
})
