import { createServer, request as forward } from "node:http"
import type { AddressInfo } from "node:net"
import { Effect, Result, Schema } from "effect"
import { afterEach, beforeEach, describe, expect, it, test } from "vitest"
import { NotKept } from "../../../adapters/adapter.ts"
import { DeviceId } from "../../../gateway/domain/ids.ts"
import { freePort } from "../../road/peers.ts"
import { startLink } from "../start-link.ts"
import {
  controller,
  failureOf,
  grant,
  listen,
  listening,
  onvif,
  openDevice,
  type OnvifPeer,
  reading,
  until
} from "./peers.ts"

const pushing = { mode: "push", push: { host: "127.0.0.1", port: 0 }, pullSeconds: 1 }

/** What a stranger gets who sends something to the listener. */
const send = async (port: number, path: string, init: RequestInit): Promise<number> =>
  (await fetch(`http://127.0.0.1:${port}${path}`, init)).status

describe("a link to a device that sends its events", () => {
  let peer: OnvifPeer
  beforeEach(async () => {
    peer = await openDevice(controller, {}, pushing)
  })
  afterEach(() => peer.stop())

  it("hears what happens, after the state and the gap before it", async () => {
    const link = listen(peer)
    expect((await link.hear(reading("door-door-1.position", "closed"))).origin).toBe("recovery")
    peer.device.door("door-1", { _tag: "Opened" })
    expect((await link.hear(reading("door-door-1.position", "open"))).origin).toBe("change")
    expect(link.gaps).toMatchObject([{ cause: "SessionLost", devices: ["device"] }])
    expect(peer.device.counters.requests("PullMessages")).toBe(0)
    await link.stop()
    expect(peer.device.subscriptions.open()).toBe(0)
  })

  it("answers the device only when its message is on disk, and holds what the store refuses", async () => {
    const quiet = await openDevice(controller, { initialState: "none", synchronizationUnsupported: true }, pushing)
    const link = startLink(onvif, quiet)
    await link.online()
    await quiet.say("held")
    const refused = await link.told.next()
    refused.settled(new NotKept({ reason: "the disk is full" }))
    const again = await link.told.next()
    expect(again.report.observations).toEqual(refused.report.observations)
    // The device sends one at a time: the next one comes when it was told that the first is kept.
    await quiet.say("next")
    again.settled()
    const next = await link.told.next()
    expect(JSON.stringify(next.report.observations)).toContain("next")
    next.settled()
    await link.stop()
    await quiet.stop()
  })

  it("is lost when the device is gone, though nothing is pulled", async () => {
    const link = listen(peer)
    await link.online()
    await Effect.runPromise(peer.device.stop)
    expect(failureOf(await link.ended())._tag).toBe("LinkLost")
  })

  it("renews its subscription in time, and begins a new one when the device has forgotten it", async () => {
    let aheadMs = 0
    const link = listen(peer, new Map(), () => Date.now() + aheadMs)
    await link.online()
    aheadMs = 500_000
    await until(peer, () => peer.device.counters.requests("Renew") === 1)
    await peer.say("renewed")
    await link.hear(grant("renewed"))
    expect(link.gaps).toHaveLength(1)
    peer.device.setFaults({
      answers: {
        Renew: { _tag: "Fault", code: "Receiver", subcode: "wsrf-r:ResourceUnknownFault", status: 500, times: 1 }
      }
    })
    aheadMs = 1_000_000
    await until(peer, () => peer.device.counters.requests("Subscribe") === 2)
    await peer.say("again")
    await link.hear(grant("again"))
    expect(link.gaps).toHaveLength(2)
    await link.stop()
  })
})

/** A reverse proxy before the listener, which sees where a device sends to. */
const recordedWay = async (port: number) => {
  let path = ""
  const server = createServer((request, response) => {
    path = request.url ?? ""
    const { method = "POST", headers } = request
    const onward = forward({ host: "127.0.0.1", port, path, method, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502)
      answer.pipe(response)
    })
    onward.on("error", () => response.destroy())
    request.pipe(onward)
  })
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    path: () => path,
    stop: () => {
      server.closeAllConnections()
      return new Promise<void>((done) => server.close(() => done()))
    }
  }
}

describe("the listener", () => {
  it("is one for all the devices of a link, and closed when the last of them is stopped", async () => {
    const port = await freePort()
    const peer = await openDevice(controller, {}, { ...pushing, push: { host: "127.0.0.1", port } })
    const [device] = peer.devices
    // What is decoded once is one link.
    const settings = Result.getOrThrow(Schema.decodeUnknownResult(onvif.Settings)(peer.settings))
    const adapter = { ...onvif, Settings: Schema.Unknown }
    const linkFor = (id: string) =>
      listening(startLink(adapter, { ...peer, settings, devices: [{ ...device!, id: DeviceId.make(id) }] }))
    const first = linkFor("first")
    await first.online()
    const second = linkFor("second")
    await second.online()
    await first.stop()
    await peer.say("after")
    await second.hear(grant("after"))
    await second.stop()
    await expect(send(port, "/", { method: "POST" })).rejects.toThrow("fetch failed")
    await peer.stop()
  })

  it("that cannot have its port is a lost link, which is tried again", async () => {
    const port = await freePort()
    const settings = { ...pushing, push: { host: "127.0.0.1", port } }
    const peer = await openDevice(controller, {}, settings)
    const link = startLink(onvif, peer)
    await link.online()
    const other = startLink(onvif, peer)
    const failure = failureOf(await other.ended())
    expect([failure._tag, failure.reason]).toEqual(["LinkLost", expect.stringContaining("EADDRINUSE")])
    await link.stop()
    await peer.stop()
  })

  it("lets nobody in who does not know the way, or comes from elsewhere", async () => {
    const port = await freePort()
    // Called by a name, the device is at home on the loopback; what comes from 127.0.0.1 is then its own.
    const peer = await openDevice(
      { ...controller, host: "127.0.0.2" },
      {},
      { ...pushing, push: { host: "127.0.0.1", port } },
      {}
    )
    const [device] = peer.devices
    const elsewhere = { ...peer, devices: [{ ...device!, address: `127.0.0.2:${peer.device.port}` }] }
    const link = startLink(onvif, elsewhere)
    await link.online()
    expect(await send(port, "/", { method: "POST", body: "x" })).toBe(404)
    expect(await send(port, "/onvif/notify/guessed", { method: "POST", body: "x" })).toBe(404)
    // The simulated device sends from 127.0.0.1, though it is called at 127.0.0.2.
    peer.device.happen({ _tag: "AccessGranted", accessPoint: "reader-in", by: { _tag: "Anonymous" } })
    expect(await link.refused()).toMatch(/^127\.0\.0\.1 it sends notifications in a device's name/)
    await link.stop()
    await peer.stop()
  })

  const bodies: ReadonlyArray<readonly [string, RequestInit, number]> = [
    ["what is no XML", { method: "POST", body: "hello" }, 400],
    ["XML that is no notification", { method: "POST", body: "<a/>" }, 400],
    ["an entity bomb", { method: "POST", body: '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>' }, 400],
    ["more than anybody reads", { method: "POST", body: "x".repeat(3_000_000) }, 413],
    ["a GET", { method: "GET" }, 405]
  ]
  test.each(bodies)("answers %s as it deserves, and goes on", async (_, init, status) => {
    const port = await freePort()
    const way = await recordedWay(port)
    const peer = await openDevice(
      controller,
      {},
      { ...pushing, push: { host: "127.0.0.1", port, address: way.address } }
    )
    const link = listen(peer)
    await link.hear(reading("door-door-1.position", "closed"))
    expect(await send(port, way.path(), init).catch(() => 413)).toBe(status)
    await peer.say("after")
    await link.hear(grant("after"))
    await link.stop()
    await peer.stop()
    await way.stop()
  })
})

it("a device without pull points is told to send, or a person to say where", async () => {
  const faults = { unsupported: ["CreatePullPointSubscription"] }
  const peer = await openDevice(controller, faults, { push: pushing.push })
  const link = listen(peer)
  await link.hear(reading("door-door-1.position", "closed"))
  expect(peer.device.counters.requests("Subscribe")).toBe(1)
  await link.stop()
  await peer.stop()
  const mute = await openDevice(controller, faults)
  expect(failureOf(await listen(mute).ended())).toEqual({
    _tag: "CredentialsRejected",
    reason: "the device has no pull points: say in push where it is to send its events"
  })
  await mute.stop()
})
