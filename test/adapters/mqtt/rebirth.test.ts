import mqttClient from "mqtt"
import { describe, expect, it } from "vitest"
import { adapters } from "../../../adapters/adapters.ts"
import type { Device } from "../../../gateway/domain/campus.ts"
import { DeviceId, LinkId } from "../../../gateway/domain/ids.ts"
import { hasMosquitto } from "../../road/peers.ts"
import { type Peer, startLink } from "../start-link.ts"
import { embeddedPeer, mosquittoPeer } from "./peers.ts"

const mqtt = adapters["mqtt"]!

const cabinet: Device = {
  id: DeviceId.make("cabinet"),
  link: LinkId.make("link"),
  profile: "sparkplug",
  address: "Plant/Cabinet"
}

/** A metric by alias 5 alone, Boolean, true (Sparkplug B, `alias` is field 2): nobody knows its name without the birth. */
const dataByAlias = Buffer.from([0x12, 0x06, 0x10, 0x05, 0x20, 0x0b, 0x70, 0x01])

const urlOf = ({ settings }: Peer): string => {
  const { broker, port } = settings as { broker: { url: string } | "embedded"; port: number }
  return broker === "embedded" ? `mqtt://127.0.0.1:${port}` : broker.url
}

/** An edge node that listens for commands; answers what it was told. */
const node = async (peer: Peer, user: mqttClient.IClientOptions) => {
  const client = await mqttClient.connectAsync(urlOf(peer), { clientId: "edge-node", ...user })
  await client.subscribeAsync("spBv1.0/Plant/NCMD/Cabinet")
  const command = new Promise<Buffer>((resolve) => client.once("message", (_, payload) => resolve(payload)))
  return { client, command }
}

/** What a node is told that speaks by an alias nobody knows. */
const askedOf = async (peer: Peer, user: mqttClient.IClientOptions = {}) => {
  const link = startLink(mqtt, { ...peer, devices: [cabinet] })
  await link.online()
  const { client, command } = await node(peer, user)
  void client.publishAsync("spBv1.0/Plant/NDATA/Cabinet", dataByAlias, { qos: 1 })
  const told = await link.told.next()
  expect(told.report.observations).toMatchObject([{ _tag: "Unreadable", device: "cabinet" }])
  told.settled()
  const asked = (await command).toString("latin1")
  await expect.poll(() => link.counts["asked"]).toBe(1)
  await client.endAsync(true)
  await link.stop()
  await peer.stop()
  return asked
}

describe("a Sparkplug node whose birth was never heard", () => {
  it("is asked for it through the embedded broker", async () => {
    expect(await askedOf(await embeddedPeer())).toContain("Node Control/Rebirth")
  })

  it.skipIf(!hasMosquitto())("is asked for it through a Mosquitto", async () => {
    const user = { username: "device", password: "device" }
    expect(await askedOf(await mosquittoPeer(5), user)).toContain("Node Control/Rebirth")
  })
})
