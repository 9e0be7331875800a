import { X509Certificate } from "node:crypto"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import mqttClient from "mqtt"
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { makeAccess } from "../../../adapters/mqtt/broker-access.ts"
import { adapters } from "../../../adapters/adapters.ts"
import { freePort, temporaryDirectory } from "../../road/peers.ts"
import { makeCertificates } from "../../deploy/certificates.ts"
import { startLink } from "../start-link.ts"
import { button, profilesDirectory } from "./peers.ts"

const mqtt = adapters["mqtt"]!

const directory = temporaryDirectory("access")
const path = (name: string): string => join(directory.path, name)

beforeAll(() => makeCertificates(directory.path, ["broker", "button-7"]))

let port: number
let link: ReturnType<typeof startLink> | undefined

const start = async (more: object) => {
  const started = startLink(mqtt, {
    settings: { broker: "embedded", port, ...more },
    devices: [button],
    profilesDirectory
  })
  link = started
  await started.online()
  return started
}

const secret = (text: string): { readonly file: string } => {
  writeFileSync(path(text), `${text}\n`)
  return { file: path(text) }
}

beforeEach(async () => {
  port = await freePort()
})
afterEach(async () => {
  await link?.stop()
  link = undefined
})

describe("a user of the embedded broker", () => {
  const users = () => [
    { name: "bridge", password: secret("b-secret"), publish: ["zigbee2mqtt/#"], subscribe: ["zigbee2mqtt/+/set"] },
    { name: "shelly-1", password: secret("s-secret"), publish: ["{user}/#"] }
  ]
  const connect = (username: string, password: string, more: mqttClient.IClientOptions = {}) =>
    mqttClient.connectAsync(`mqtt://127.0.0.1:${port}`, {
      protocolVersion: 4,
      reconnectPeriod: 0,
      clientId: username,
      username,
      password,
      ...more
    })

  it("publishes under its own topics, and is cut with a fact when it publishes under another's", async () => {
    const { told, refused } = await start({ users: users() })
    const shelly = await connect("shelly-1", "s-secret")
    shelly.on("error", () => {})
    await shelly.publishAsync("shelly-1/online", "true", { qos: 1 })
    const closed = new Promise<void>((resolve) => shelly.once("close", resolve))
    shelly.publish("zigbee2mqtt/button", '{"action":"single"}', { qos: 1 })
    expect(await refused()).toBe("shelly-1 at 127.0.0.1 published to zigbee2mqtt/button, which shelly-1 may not")
    await closed
    const bridge = await connect("bridge", "b-secret")
    const sent = bridge.publishAsync("zigbee2mqtt/button", '{"action":"double"}', { qos: 1 })
    const real = await told.next()
    expect(JSON.stringify(real.report.observations)).toContain("double")
    real.settled()
    await sent
    await bridge.endAsync(true)
  })

  it("cannot take over the client id of another, and its last will with it", async () => {
    const { refused } = await start({ users: users() })
    const bridge = await connect("bridge", "b-secret", { clientId: "the-bridge" })
    let cut = false
    bridge.once("close", () => (cut = true))
    await expect(connect("shelly-1", "s-secret", { clientId: "the-bridge" })).rejects.toThrow(/Bad username/)
    expect(await refused()).toContain("with the client id of another user who is connected")
    await bridge.publishAsync("zigbee2mqtt/nobody/else", "{}", { qos: 0 })
    expect(cut).toBe(false)
    await bridge.endAsync(true)
    const again = await connect("bridge", "b-secret", { clientId: "the-bridge" })
    await again.endAsync(true)
  })

  it("that leaves as it should is not one that was turned away", async () => {
    const { counts } = await start({ users: users() })
    for (let nth = 0; nth < 5; nth++) await (await connect("bridge", "b-secret")).endAsync()
    expect(counts["refused"]).toBeUndefined()
  })

  it("cannot speak for another by its last will either", async () => {
    const { refused } = await start({ users: users() })
    const will = { topic: "zigbee2mqtt/bridge/state", payload: Buffer.from('{"state":"online"}'), qos: 1 as const }
    const shelly = await connect("shelly-1", "s-secret", { will: { ...will, retain: true } })
    shelly.stream.destroy()
    expect(await refused()).toBe("shelly-1 at 127.0.0.1 published to zigbee2mqtt/bridge/state, which shelly-1 may not")
    await shelly.endAsync(true)
  })

  it.each([
    ["everything", "#"],
    ["everything, as a group", "$share/g/#"],
    ["more than it may", "zigbee2mqtt/#"],
    ["the broker's own", "$SYS/#"]
  ])("is refused a subscription to %s", async (_, filter) => {
    const { refused } = await start({ users: users() })
    const bridge = await connect("bridge", "b-secret")
    await expect(bridge.subscribeAsync(filter, { qos: 1 })).rejects.toThrow(/Subscribe error/)
    expect(await refused()).toBe(`bridge at 127.0.0.1 subscribed to ${filter}, which bridge may not`)
    await bridge.subscribeAsync("zigbee2mqtt/lamp/set", { qos: 1 })
    await bridge.endAsync(true)
  })
})

describe("a broker with certificates", () => {
  const tls = () => ({ cert: path("broker.pem"), key: path("broker.key"), ca: path("ca.pem") })
  const connect = (more: mqttClient.IClientOptions) =>
    mqttClient.connectAsync(`mqtts://127.0.0.1:${port}`, {
      protocolVersion: 4,
      reconnectPeriod: 0,
      ca: readFileSync(path("ca.pem")),
      ...more
    })
  const mine = () => ({ cert: readFileSync(path("button-7.pem")), key: readFileSync(path("button-7.key")) })

  it("knows a device by its certificate, and lets it do what that name may", async () => {
    const { told } = await start({ tls: tls(), users: [{ name: "button-7", publish: ["zigbee2mqtt/button"] }] })
    const device = await connect(mine())
    const sent = device.publishAsync("zigbee2mqtt/button", '{"action":"single"}', { qos: 1 })
    const said = await told.next()
    expect(JSON.stringify(said.report.observations)).toContain("single")
    said.settled()
    await sent
    await device.endAsync(true)
  })

  it("tells of its own certificate and of each client's, once for each, and until when they are valid", async () => {
    const memory = new Map<string, unknown>()
    const settings = { broker: "embedded", port, tls: tls(), users: [{ name: "button-7", publish: ["#"] }] }
    const begin = () => startLink(mqtt, { settings, devices: [button], profilesDirectory }, settings, memory)
    const first = begin()
    const shown = new X509Certificate(readFileSync(path("broker.pem")))
    expect(await first.certificate()).toMatchObject({ holder: "ours", validUntil: Date.parse(shown.validTo) })
    await first.online()
    const device = await connect(mine())
    expect(await first.certificate()).toMatchObject({ holder: "client", name: "button-7", subject: "CN=button-7" })
    await device.endAsync(true)
    await first.stop()
    // Those that are told are no news; renewed ones are.
    makeCertificates(directory.path, ["broker", "button-7"])
    link = begin()
    expect(await link.certificate()).toMatchObject({ holder: "ours" })
    await link.online()
    const renewed = await connect(mine())
    const again = await connect({ ...mine(), clientId: "again" })
    expect(await link.certificate()).toMatchObject({ holder: "client", name: "button-7" })
    await Promise.all([renewed.endAsync(true), again.endAsync(true)])
    expect(await Promise.race([link.certificate(), Promise.resolve("none")])).toBe("none")
  })

  it("turns away a certificate whose name nobody configured, and a client without one", async () => {
    const { refused } = await start({ tls: tls(), users: [{ name: "button-8", publish: ["zigbee2mqtt/button"] }] })
    await expect(connect({ ...mine(), clientId: "seven" })).rejects.toThrow(/Bad username/)
    expect(await refused()).toBe('seven at 127.0.0.1 connected as "button-7" with a wrong name or password')
    await expect(connect({})).rejects.toThrow(/alert|closed|reset/i)
  })

  it("does not start when its certificate cannot be read, and says which", async () => {
    const settings = { broker: "embedded", port, tls: { cert: path("none.pem"), key: path("broker.key") } }
    const failed = startLink(mqtt, { settings, devices: [button], profilesDirectory })
    expect(JSON.stringify(await failed.ended())).toContain("tls.cert cannot be read")
  })
})

describe("access", () => {
  it("never lets a topic with wildcards be published, nor a name without its password", () => {
    const access = makeAccess([{ name: "a", password: secret("a-secret"), publish: ["#"], subscribe: [] }])
    const presented = { name: "a", password: Buffer.from("a-secret"), certificate: undefined }
    expect(access.admit(presented)?.mayPublish("x/+/y")).toBe(false)
    expect(access.admit(presented)?.mayPublish("x/y")).toBe(true)
    expect(access.admit({ ...presented, password: undefined })).toBeUndefined()
    expect(access.admit({ ...presented, name: undefined })).toBeUndefined()
  })
})
