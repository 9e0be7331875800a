import { type AddressInfo, createServer } from "node:net"
import { Aedes } from "aedes"
import mqttClient from "mqtt"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { adapters } from "../../../adapters/adapters.ts"
import type { Device } from "../../../gateway/domain/campus.ts"
import { DeviceId, LinkId } from "../../../gateway/domain/ids.ts"
import { hasMosquitto } from "../../road/peers.ts"
import { startLink } from "../start-link.ts"
import { button, type MosquittoPeer, mosquittoPeer, profilesDirectory } from "./peers.ts"

const mqtt = adapters["mqtt"]!

const panel: Device = {
  id: DeviceId.make("panel"),
  link: LinkId.make("link"),
  profile: "uhppoted",
  address: "405419896"
}

describe.skipIf(!hasMosquitto())("a link to a Mosquitto", () => {
  let peer: MosquittoPeer
  beforeEach(async () => {
    peer = await mosquittoPeer(5)
  })
  afterEach(() => peer.stop())

  it("says that everything before its first session is unseen, and nothing of the kind when the session is resumed", async () => {
    const first = startLink(mqtt, peer)
    expect(await first.gap()).toContain("SessionLost")
    await first.online()
    await first.stop()
    const second = startLink(mqtt, peer)
    await second.online()
    expect(second.counts["gaps"]).toBeUndefined()
    await second.stop()
  })

  it("says so when the broker comes back without our session", async () => {
    const first = startLink(mqtt, peer)
    await first.online()
    await peer.restart()
    await first.ended()
    const second = startLink(mqtt, peer)
    expect(await second.gap()).toContain("SessionLost")
    await second.stop()
  })

  it("takes what the broker kept for a recovery, and what comes live for a change", async () => {
    await peer.publish("zigbee2mqtt/button", '{"tamper":true}', true)
    const link = startLink(mqtt, peer)
    const kept = await link.told.next()
    expect(kept.report.observations).toMatchObject([{ origin: "recovery" }])
    kept.settled()
    await link.online()
    await peer.publish("zigbee2mqtt/button", '{"tamper":false}', true)
    const live = await link.told.next()
    expect(live.report.observations).toMatchObject([{ origin: "change" }])
    live.settled()
    await link.stop()
  })

  it("marks what the broker sends again in a resumed session", async () => {
    const first = startLink(mqtt, peer)
    await first.online()
    await peer.publish("zigbee2mqtt/button", '{"action":"single"}')
    const once = await first.told.next()
    expect(once.report.delivery).toMatchObject({ redelivered: false })
    await first.stop()
    const second = startLink(mqtt, peer)
    const again = await second.told.next()
    expect(again.report.delivery).toMatchObject({ redelivered: true, slot: once.report.delivery?.slot })
    expect(again.report.delivery?.session).not.toBe(once.report.delivery?.session)
    again.settled()
    await second.stop()
  })

  it("tells of a device nobody configured once, and counts its messages", async () => {
    const link = startLink(mqtt, peer)
    await link.online()
    for (const state of ["true", "false", "true"]) await peer.publish("zigbee2mqtt/stranger", `{"contact":${state}}`)
    await peer.publish("zigbee2mqtt/button", '{"action":"single"}')
    const stranger = await link.told.next()
    expect(stranger.report.observations).toMatchObject([{ _tag: "UnknownDevice", address: "stranger" }])
    stranger.settled()
    const known = await link.told.next()
    expect(known.report.observations).toMatchObject([{ _tag: "Occurrence" }])
    known.settled()
    expect(link.counts["unknown-device"]).toBe(3)
    await link.stop()
  })
})

it.skipIf(!hasMosquitto())("tells how many messages the broker has thrown away", async () => {
  const peer = await mosquittoPeer(5, ["max_queued_messages 1", "max_inflight_messages 1", "sys_interval 1"])
  const link = startLink(mqtt, peer)
  expect(await link.gap()).toContain("SessionLost")
  await link.online()
  // A subscriber of its own that never answers: its queue is full at once.
  const slow = await peer.connect({ clientId: "slow", protocolVersion: 5, properties: { receiveMaximum: 1 } })
  slow.handleMessage = () => {}
  await slow.subscribeAsync("zigbee2mqtt/#", { qos: 1 })
  for (let nth = 0; nth < 50; nth++) await peer.publish("zigbee2mqtt/stranger/x", "{}")
  expect(await link.gap()).toMatch(/QueueDropped: the broker has thrown away \d+ messages/)
  await slow.endAsync(true)
  await link.stop()
  await peer.stop()
})

it("says which subscription the broker refuses, and hears the rest", async () => {
  // Mosquitto 2.0 grants what its ACL forbids and then stays silent; a broker that says so is needed.
  const broker = await Aedes.createBroker()
  broker.authorizeSubscribe = (_, subscription, answer) =>
    answer(null, subscription.topic.startsWith("uhppoted") ? null : subscription)
  const server = createServer(broker.handle)
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  const url = `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`
  const settings = { broker: { url, clientId: "gatehouse", protocolVersion: 4 } }
  const link = startLink(mqtt, { settings, devices: [button, panel], profilesDirectory })
  expect(await link.gap()).toContain("SessionLost")
  expect(await link.gap()).toContain("SubscriptionRefused: the broker refuses the subscription to uhppoted/gateway")
  await link.online()
  const device = await mqttClient.connectAsync(url, { protocolVersion: 4 })
  await device.publishAsync("zigbee2mqtt/button", '{"action":"single"}', { qos: 1 })
  const told = await link.told.next()
  expect(told.report.observations).toMatchObject([{ _tag: "Occurrence" }])
  told.settled()
  await device.endAsync(true)
  await link.stop()
  await new Promise<void>((done) => broker.close(() => server.close(() => done())))
})

it("waits for a person when the password is not where the configuration says", async () => {
  const broker = { url: "mqtt://127.0.0.1:1", clientId: "g", password: { env: "GATEHOUSE_TEST_NO_SUCH_VARIABLE" } }
  const peer = { settings: { broker }, devices: [], profilesDirectory: "config/profiles" }
  const link = startLink(mqtt, peer)
  expect(JSON.stringify(await link.ended())).toContain("GATEHOUSE_TEST_NO_SUCH_VARIABLE is not set")
})
