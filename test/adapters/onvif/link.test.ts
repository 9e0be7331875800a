import { X509Certificate } from "node:crypto"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect, Logger } from "effect"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest"
import {
  camera,
  changedTo,
  controller,
  grant,
  listen,
  listening,
  onvif,
  openDevice,
  type OnvifPeer,
  reading,
  until,
  failureOf
} from "./peers.ts"
import { makeCertificates } from "../../deploy/certificates.ts"
import { temporaryDirectory } from "../../road/peers.ts"
import { startLink } from "../start-link.ts"

/** The device answers this operation with what says nothing of ONVIF, once: the link is lost, the device is not. */
const losing = (operation: string) => ({ answers: { [operation]: { _tag: "Html", status: 503, times: 1 } } }) as const

describe("a link to a door controller", () => {
  let peer: OnvifPeer
  beforeEach(async () => {
    peer = await openDevice(controller)
  })
  afterEach(() => peer.stop())

  it("hears what happens, each in the order it happened", async () => {
    const link = listen(peer)
    await link.online()
    for (const word of ["first", "second", "third"]) await peer.say(word)
    await link.hear(grant("third"))
    const granted = link.heard.flatMap((one) =>
      one._tag === "Occurrence" && "credential" in one.occurrence ? [one.occurrence.credential] : []
    )
    expect(granted).toEqual(["first", "second", "third"])
    await link.stop()
  })

  it("takes what a subscription begins with for a recovery, and what comes later for a change", async () => {
    const link = listen(peer)
    expect((await link.hear(reading("door-door-1.position", "closed"))).origin).toBe("recovery")
    peer.device.door("door-1", { _tag: "Opened" })
    expect((await link.hear(reading("door-door-1.position", "open"))).origin).toBe("change")
    await link.stop()
  })

  it("says of the time before its first subscription that nothing of it was seen, before anything else", async () => {
    const memory = new Map()
    const link = startLink(onvif, peer, peer.settings, memory)
    expect(await link.gap()).toContain("SessionLost")
    expect(link.gaps).toMatchObject([{ devices: ["device"] }])
    expect(link.gaps[0]).not.toHaveProperty("from")
    await link.stop()
  })

  it("tells a property that is repeated on request, with the value it has anyway, once", async () => {
    const link = listen(peer)
    await link.online()
    await until(peer, () => peer.device.counters.requests("SetSynchronizationPoint") === 1)
    await peer.say("after")
    await link.hear(grant("after"))
    const positions = link.heard.filter(reading("door-door-1.position", "closed"))
    expect(positions).toHaveLength(1)
    expect(link.counts["repeated"]).toBeGreaterThan(0)
    await link.stop()
  })

  it("tells the state of a device that calls nothing a property once, until it changes", async () => {
    peer.device.setFaults({ omits: ["PropertyOperation"] })
    const link = listen(peer)
    await link.online()
    await until(peer, () => peer.device.counters.requests("SetSynchronizationPoint") === 1)
    peer.device.door("door-1", { _tag: "Opened" })
    await link.hear(reading("door-door-1.position", "open"))
    peer.device.door("door-1", { _tag: "Closed" })
    await link.hear(reading("door-door-1.position", "closed"), 2)
    expect(link.heard.filter(reading("door-door-1.position", "closed"))).toHaveLength(2)
    expect(link.counts["repeated"]).toBeGreaterThan(0)
    // What happens is told each time.
    await peer.say("same")
    await peer.say("same")
    await link.hear(grant("same"), 2)
    await link.stop()
  })

  it("pulls nothing more before all that came is on disk", async () => {
    const link = startLink(onvif, peer)
    await link.online()
    await peer.say("held")
    const first = await link.told.next()
    const pulls = peer.device.counters.requests("PullMessages")
    // The device is asked something else meanwhile: that is how we know that time has passed.
    const command = link.abilities.get("device")?.command?.("door-door-1.mode", "Unlock")
    void Effect.runPromise(Effect.ignore(command ?? Effect.void))
    await until(peer, () => peer.device.counters.requests("GetDoorState") > 0)
    expect(peer.device.counters.requests("PullMessages")).toBe(pulls)
    first.settled()
    await link.stop()
  })

  it("gives its place at the device back when it is stopped", async () => {
    const link = listen(peer)
    await link.online()
    expect(peer.device.subscriptions.open()).toBe(1)
    await link.stop()
    expect(peer.device.subscriptions.open()).toBe(0)
  })

  it("is replaced by one that first ends the subscription it could not end itself", async () => {
    peer.device.setFaults({ maxPullPoints: 1, ...losing("PullMessages") })
    const memory = new Map()
    const first = listen(peer, memory)
    expect(failureOf(await first.ended())._tag).toBe("LinkLost")
    expect(peer.device.subscriptions.open()).toBe(1)
    const second = listen(peer, memory)
    await second.online()
    expect(peer.device.subscriptions.open()).toBe(1)
    expect(peer.device.counters.requests("Unsubscribe")).toBe(1)
    await second.stop()
  })

  it("ends no subscription at a device where that would end everybody's", async () => {
    const shy = await openDevice(controller, {}, { unsubscribe: "never" })
    const link = listen(shy)
    await link.online()
    await link.stop()
    expect(shy.device.counters.requests("Unsubscribe")).toBe(0)
    await shy.stop()
  })

  it("says that nothing was heard between its last pull and its new subscription, before the state comes", async () => {
    const memory = new Map()
    const first = listen(peer, memory)
    await first.hear(reading("door-door-1.position", "closed"))
    await Effect.runPromise(peer.device.stop)
    expect(failureOf(await first.ended())._tag).toBe("LinkLost")
    await Effect.runPromise(peer.device.start)
    const second = startLink(onvif, peer, peer.settings, memory)
    const told = await second.told.next()
    expect(second.gaps).toMatchObject([{ cause: "SessionLost", devices: ["device"] }])
    const [{ from, to } = {}] = second.gaps
    expect(from).toBeLessThanOrEqual(to ?? 0)
    expect(told.report.receivedAt).toBeGreaterThanOrEqual(to ?? Number.POSITIVE_INFINITY)
    expect(told.report.observations).toMatchObject([{ origin: "recovery" }])
    told.settled()
    await second.stop()
  })

  it("tells the same gap once, however many attempts it takes to hear again", async () => {
    const memory = new Map()
    const first = listen(peer, memory)
    await first.hear(reading("door-door-1.position", "closed"))
    peer.device.setFaults(losing("PullMessages"))
    await peer.say("lost")
    await first.ended()
    for (let nth = 0; nth < 3; nth++) {
      peer.device.setFaults(losing("PullMessages"))
      const again = listen(peer, memory)
      await again.ended()
      expect(again.gaps).toHaveLength(nth === 0 ? 1 : 0)
    }
    const last = listen(peer, memory)
    await last.hear(reading("door-door-1.position", "closed"))
    await last.stop()
  })

  it("subscribes anew where the device forgets the subscription, and says so, without going offline", async () => {
    const link = listen(peer)
    await link.hear(reading("door-door-1.position", "closed"))
    peer.device.setFaults({ resourceUnknownOnPull: 1 })
    await peer.say("lost")
    await until(peer, () => peer.device.counters.requests("CreatePullPointSubscription") === 2)
    await peer.say("after")
    await link.hear(grant("after"))
    expect(link.gaps.map(({ detail }) => detail)).toEqual([
      expect.stringContaining("no subscription"),
      "the device has forgotten the subscription"
    ])
    // Its state is known again.
    expect(link.heard.filter(reading("door-door-1.position", "closed"))).toHaveLength(2)
    expect(link.counts["resubscribed"]).toBe(1)
    await link.stop()
  })

  it("tells a happening that is repeated in a new subscription by the key it had, and one that happens anew by its own", async () => {
    peer.device.setFaults({ repeatsOnSubscribe: 10 })
    const link = listen(peer)
    await link.online()
    await peer.say("once")
    await link.hear(grant("once"))
    peer.device.setFaults({ resourceUnknownOnPull: 1 })
    await peer.say("lost")
    await peer.say("once")
    await link.hear(grant("lost"))
    await peer.say("after")
    await link.hear(grant("after"))
    const keys = link.heard.filter(grant("once")).map(({ nativeKey }) => nativeKey)
    expect(keys).toHaveLength(3)
    expect(new Set(keys).size).toBe(2)
    await link.stop()
  })

  it("takes a message without a time for a happening of its own, in a new subscription too", async () => {
    const again = () =>
      peer.device.happen({ _tag: "AccessGranted", accessPoint: "reader-in", by: { _tag: "Credential", token: "same" } })
    peer.device.setFaults({ omits: ["UtcTime"] })
    const link = listen(peer)
    await link.online()
    again()
    await link.hear(grant("same"))
    peer.device.setFaults({ resourceUnknownOnPull: 1, initialState: "none" })
    peer.device.happen({ _tag: "Motion", source: "none", on: true })
    await until(peer, () => peer.device.counters.requests("CreatePullPointSubscription") === 2)
    again()
    await link.hear(grant("same"), 2)
    const told = link.heard.filter(grant("same"))
    expect(new Set(told.map(({ nativeKey }) => nativeKey)).size).toBe(2)
    expect(told.map(({ origin }) => origin)).toEqual(["change", "change"])
    await link.stop()
  })

  it("asks for the names of doors and readers again when they may have changed", async () => {
    const link = listen(peer)
    await link.online()
    expect(peer.device.counters.requests("GetAccessPointInfoList")).toBe(1)
    peer.device.happen({ _tag: "ConfigurationChanged", of: "Door", token: "door-1" })
    await until(peer, () => peer.device.counters.requests("GetAccessPointInfoList") === 2)
    await link.stop()
  })

  it("renews its subscription in time", async () => {
    const lazy = await openDevice(controller, { extendOnPull: false, omitTimes: ["pull"] }, { pullSeconds: 1 })
    let aheadMs = 0
    const link = listen(lazy, new Map(), () => Date.now() + aheadMs)
    await link.online()
    await until(lazy, () => lazy.device.counters.requests("PullMessages") === 1)
    expect(lazy.device.counters.requests("Renew")).toBe(0)
    aheadMs = 500_000
    await until(lazy, () => lazy.device.counters.requests("Renew") === 1)
    await lazy.say("after")
    await link.hear(grant("after"))
    expect(link.gaps).toHaveLength(1)
    await link.stop()
    await lazy.stop()
  })

  it("says once in the gateway's own log what its profile knows nothing of", async () => {
    const granted =
      "{ topic: AccessControl/AccessGranted, point: reader, word: AccessGranted, fields: {" +
      " credential: { path: items.CredentialToken } } }"
    writeFileSync(
      join(peer.profilesDirectory, "readers.yaml"),
      `protocol: onvif\ndescription: readers alone\ntests: []\nignore: [AccessPoint]\noccurrences:\n  - ${granted}\n`
    )
    const said: Array<string> = []
    const logger = Logger.make<unknown, void>(({ message }) => void said.push(String(message)))
    const logged: typeof onvif = {
      ...onvif,
      link: (settings, context) => onvif.link(settings, context).pipe(Effect.provide(Logger.layer([logger])))
    }
    const [device] = peer.devices
    const link = listening(startLink(logged, { ...peer, devices: [{ ...device!, profile: "readers" }] }))
    await link.online()
    peer.device.door("door-1", { _tag: "Opened" })
    peer.device.door("door-1", { _tag: "Closed" })
    await peer.say("first")
    await link.hear(grant("first"))
    const unknown = said.filter((line) => line.includes('profile "readers" knows nothing of that'))
    expect(unknown.join().split("Door/State/DoorPhysicalState")).toHaveLength(2)
    expect(unknown.join()).not.toContain("AccessPoint/State")
    expect(link.heard.filter(({ _tag }) => _tag === "Unreadable")).toEqual([])
    await link.stop()
  })

  it("waits for a person when there is no profile of that name, no password, or no address", async () => {
    const [device] = peer.devices
    const reasonFor = async (changed: object, settings = peer.settings) => {
      const link = startLink(onvif, { ...peer, devices: [{ ...device!, ...changed }] }, settings)
      const failure = failureOf(await link.ended())
      expect(failure._tag).toBe("CredentialsRejected")
      return failure.reason
    }
    expect(await reasonFor({ profile: "nobody" })).toContain('no usable ONVIF profile "nobody"')
    expect(await reasonFor({ address: "ftp://x" })).toContain("no address of a device")
    expect(await reasonFor({ parameters: { passwordEnv: "GATEHOUSE_TEST_NO_SUCH" } })).toContain(
      "GATEHOUSE_TEST_NO_SUCH"
    )
    expect(await reasonFor({ parameters: { fingerprint: "ab:cd" } })).toContain("64 hex digits")
  })
})

describe("a link to a camera", () => {
  it("hears motion begin and end, and tells what the camera can do", async () => {
    const peer = await openDevice(camera)
    const link = listen(peer)
    await link.online()
    expect(Object.keys(link.abilities.get("device") ?? {})).toEqual(["snapshot"])
    peer.device.happen({ _tag: "Motion", source: "source-1", on: true })
    const begun = await link.hear(reading("motion-source-1", "on"))
    expect(begun.origin).toBe("change")
    peer.device.happen({ _tag: "Motion", source: "source-1", on: false })
    await link.hear(changedTo("motion-source-1", "off"))
    await link.stop()
    expect(link.abilities.size).toBe(0)
    await peer.stop()
  })

  it("tells the end of a motion that the camera never ends", async () => {
    const peer = await openDevice(
      camera,
      { motionNeverEnds: true },
      {},
      { parameters: { motionEndsAfterSeconds: "1" } }
    )
    const link = listen(peer)
    await link.online()
    peer.device.happen({ _tag: "Motion", source: "source-1", on: true })
    await link.hear(reading("motion-source-1", "on"))
    const ended = await link.hear(changedTo("motion-source-1", "off"))
    expect(ended).not.toHaveProperty("deviceTime")
    await link.stop()
    await peer.stop()
  })
})

describe("a link to a device with a certificate", () => {
  let certificates: ReturnType<typeof temporaryDirectory>
  beforeAll(() => {
    certificates = temporaryDirectory("onvif-link-tls")
    makeCertificates(certificates.path, ["camera", "other"])
  })
  afterAll(() => certificates.dispose())

  const pem = (name: string): string => readFileSync(join(certificates.path, name), "utf8")
  const fingerprintOf = (name: string): string => new X509Certificate(pem(`${name}.pem`)).fingerprint256

  const secured = (fingerprint: string) =>
    openDevice(
      { ...controller, tls: { key: pem("camera.key"), cert: pem("camera.pem") } },
      {},
      {},
      { parameters: { fingerprint } }
    )

  it("holds when it is the one that was enrolled", async () => {
    const peer = await secured(fingerprintOf("camera"))
    const link = listen(peer)
    await link.online()
    await peer.say("secret")
    expect((await link.hear(grant("secret"))).point).toBe("reader-reader-in")
    await link.stop()
    await peer.stop()
  })

  it("tells of it once, with its end, however many connections show it", async () => {
    const peer = await secured(fingerprintOf("camera"))
    const memory = new Map<string, unknown>()
    const { validTo } = new X509Certificate(pem("camera.pem"))
    const link = listen(peer, memory)
    expect(await link.certificate()).toMatchObject({
      holder: "peer",
      device: "device",
      fingerprint: fingerprintOf("camera").replaceAll(":", "").toLowerCase(),
      validUntil: Date.parse(validTo)
    })
    await link.online()
    await link.stop()
    const again = listen(peer, memory)
    await again.online()
    await again.stop()
    expect(await Promise.race([again.certificate(), Promise.resolve("none")])).toBe("none")
    await peer.stop()
  })

  it("waits for a person when it is another one, and has told the device nothing", async () => {
    const peer = await secured(fingerprintOf("other"))
    expect(failureOf(await listen(peer).ended())._tag).toBe("CredentialsRejected")
    expect(peer.device.counters.byOperation).toEqual({})
    await peer.stop()
  })

  it("waits for a person when nobody vouches for it and none was enrolled", async () => {
    const peer = await secured(fingerprintOf("camera"))
    const [device] = peer.devices
    const { parameters: _, ...unpinned } = device!
    const address = `https://127.0.0.1:${peer.device.port}`
    const failure = failureOf(await startLink(onvif, { ...peer, devices: [{ ...unpinned, address }] }).ended())
    expect([failure._tag, failure.reason]).toEqual(["CredentialsRejected", expect.stringContaining("enrol")])
    await peer.stop()
  })
})
