import { Effect } from "effect"
import { describe, expect, it, test } from "vitest"
import { NotKept } from "../../../adapters/adapter.ts"
import type { Faults } from "../../../simulators/onvif/faults.ts"
import type { Authentication } from "../../../simulators/onvif/options.ts"
import type { Spoiling } from "../../../simulators/onvif/spoil.ts"
import { startLink } from "../start-link.ts"
import { controller, failureOf, grant, listen, onvif, openDevice, type OnvifPeer, reading, until } from "./peers.ts"

/** What is heard of a device that says two things, and how much is thought to be lost before, between and after. */
const lived = async (peer: OnvifPeer) => {
  const link = listen(peer)
  await link.online()
  await peer.say("first")
  await link.hear(grant("first"))
  await peer.say("second")
  await link.hear(grant("second"))
  await link.stop()
  await peer.stop()
  return link.gaps.map(({ cause }) => cause)
}

/** Nothing but what came before the first subscription. */
const whole = ["SessionLost"]

describe.concurrent("a device that differs from the standard is heard all the same", () => {
  const quirks: ReadonlyArray<readonly [string, Partial<Faults>]> = [
    ["answers only with WS-Addressing", { addressing: "required" }],
    ["wants the action in the Content-Type", { contentTypeAction: "required" }],
    ["answers nothing without the action in the Content-Type", { contentTypeAction: "silent" }],
    ["faults because of the action in the Content-Type", { contentTypeAction: "refused" }],
    ["knows its subscriptions by a reference parameter", { referenceParameters: true }],
    ["advertises addresses without a host", { advertisedHost: "none" }],
    ["advertises an address that cannot be reached", { advertisedHost: { authority: "192.0.2.1:8080" } }],
    ["tells no address for its subscription", { subscriptionAddress: "none" }],
    ["tells a name for its subscription's address", { subscriptionAddress: "name" }],
    ["advertises another scheme than it speaks", { advertisedScheme: "https" }],
    ["grants less than was asked", { grantedLeaseMs: 15_000 }],
    ["says that its subscription is over already", { terminationInPast: true, renewUnsupported: true }],
    ["tells no times", { omitTimes: ["create", "pull", "renew"] }],
    ["cannot renew", { renewUnsupported: true, grantedLeaseMs: 15_000 }],
    ["ends every subscription with one", { cancelAllOnUnsubscribe: true }],
    ["forgets its nonces soon", { nonceLifeMs: 50 }],
    ["gives a nonce with each answer", { nextNonce: true }],
    ["repeats our credentials in its answers", { echoesHeader: true }],
    ["cannot be asked for its state", { synchronizationUnsupported: true }],
    ["tells no state by itself", { initialState: "none" }],
    ["tells its state as if it had changed", { initialState: "changed" }],
    ["wants to know who asks for the time", { clockNeedsAuth: true }],
    ["tells local time only", { noUtcDateTime: true }],
    ["is an hour ahead", { clockSkewMs: 3_600_000 }],
    ["is a year behind", { clockSkewMs: -365 * 86_400_000 }],
    ["serves two pulls at a time", { parallelPull: "served" }],
    ["is of before ONVIF 2.0", { unsupported: ["GetServices"] }],
    ["does not say what its event service can do", { unsupported: ["GetServiceCapabilities"] }],
    ["does not tell its time", { unsupported: ["GetSystemDateAndTime"] }],
    ["does not say who made it", { unsupported: ["GetDeviceInformation"] }],
    ["does not list its doors", { unsupported: ["GetDoorInfoList", "GetAccessPointInfoList"] }],
    ["writes no dialect", { omits: ["Dialect"] }],
    ["writes no time of the event", { omits: ["UtcTime"] }]
  ]

  test.each(quirks)("it %s", async (_, faults) => {
    expect(await lived(await openDevice(controller, faults))).toEqual(whole)
  })

  const styles: ReadonlyArray<Faults["timeStyle"]> = [
    "no-zone",
    "white-space",
    "offset",
    "local-as-utc",
    "microseconds",
    "nanoseconds",
    "1970",
    "2000",
    "stale",
    "minute-61",
    "all-zero",
    "dash-in-time",
    "empty"
  ]
  test.each(styles)("it writes its times and those of its events as %s", async (style) => {
    expect(await lived(await openDevice(controller, { timeStyle: style, utcTime: style }))).toEqual(whole)
  })

  const spellings: ReadonlyArray<Faults["topicSpelling"]> = [
    "every-segment",
    "other-prefix",
    "undeclared-prefix",
    "no-prefix",
    "trailing-slash",
    "trailing-wildcard",
    "trailing-dot",
    "white-space"
  ]
  test.each(spellings)("it spells topics with %s", async (topicSpelling) => {
    expect(await lived(await openDevice(controller, { topicSpelling, dialect: "junk" }))).toEqual(whole)
  })

  const ways: ReadonlyArray<Authentication> = [
    "digest-md5",
    "digest-sha256",
    "digest-both",
    "username-token",
    "any",
    "none"
  ]
  test.each(ways)("it proves who asks by %s", async (authentication) => {
    expect(await lived(await openDevice({ ...controller, authentication }))).toEqual(whole)
  })

  it("by WS-UsernameToken, with a clock that is two hours off and is set while it is heard", async () => {
    const peer = await openDevice({ ...controller, authentication: "username-token" }, { clockSkewMs: 7_200_000 })
    const link = listen(peer)
    await link.online()
    await peer.say("first")
    await link.hear(grant("first"))
    peer.device.setFaults({ clockSkewMs: -7_200_000 })
    await peer.say("second")
    await link.hear(grant("second"))
    await peer.say("third")
    await link.hear(grant("third"))
    expect(link.gaps).toHaveLength(1)
    await link.stop()
    await peer.stop()
  })
})

describe.concurrent("the clock of a device", () => {
  const clockOf = (report: object): { readonly offsetMs: number; readonly uncertaintyMs: number } =>
    (report as { readonly clock: { readonly offsetMs: number; readonly uncertaintyMs: number } }).clock

  it("comes measured with each report, and is measured anew when it was set", async () => {
    const peer = await openDevice(controller, { clockSkewMs: 7_200_000 })
    const link = listen(peer)
    await link.online()
    await peer.say("before")
    await link.hear(grant("before"))
    const before = clockOf(link.reports.at(-1) ?? {})
    expect(Math.abs(before.offsetMs - 7_200_000)).toBeLessThanOrEqual(before.uncertaintyMs + 1)
    expect(before.uncertaintyMs).toBeLessThan(1000)
    peer.device.setFaults({ clockSkewMs: 0 })
    await peer.say("after")
    await link.hear(grant("after"))
    const after = clockOf(link.reports.at(-1) ?? {})
    expect(Math.abs(after.offsetMs)).toBeLessThanOrEqual(after.uncertaintyMs + 1)
    await link.stop()
    await peer.stop()
  })
})

describe.concurrent("what a device sends and nobody can read", () => {
  const spoilt: ReadonlyArray<readonly [string, Spoiling]> = [
    ["XML that breaks off", { _tag: "Truncate", bytes: 300 }],
    ["a connection cut in the middle of an answer", { _tag: "Reset" }],
    ["a web page", { _tag: "Html", status: 200 }],
    ["nothing", { _tag: "Empty", status: 200 }],
    ["broken XML", { _tag: "BadXml" }],
    ["entities that grow a billionfold", { _tag: "EntityBomb" }],
    ["an entity that names a file of ours", { _tag: "ExternalEntity" }],
    ["more than anybody reads", { _tag: "Huge", bytes: 3_000_000 }]
  ]

  test.each(spoilt)(
    "%s is kept, told as a gap, and followed by the state; the subscription stays",
    async (_, spoiling) => {
      const peer = await openDevice(controller)
      const link = listen(peer)
      await link.hear(reading("door-door-1.position", "closed"))
      peer.device.setFaults({ answers: { PullMessages: { ...spoiling, times: 1 } } })
      await peer.say("lost")
      await link.hear((one): one is Extract<typeof one, { _tag: "Unreadable" }> => one._tag === "Unreadable")
      await peer.say("after")
      await link.hear(grant("after"))
      expect(link.gaps.map(({ cause }) => cause)).toEqual(["SessionLost", "EventsDropped"])
      expect(link.gaps[1]).toMatchObject({ devices: ["device"], from: expect.any(Number), to: expect.any(Number) })
      // What was known and is unknown by the gap is asked for again.
      await link.hear(reading("door-door-1.position", "closed"), 2)
      expect(peer.device.counters.requests("CreatePullPointSubscription")).toBe(1)
      await link.stop()
      await peer.stop()
    }
  )

  it("ends the link when it goes on, and the pulls grow fewer", async () => {
    const peer = await openDevice(controller, { answers: { PullMessages: { _tag: "BadXml" } } })
    const link = listen(peer)
    expect(failureOf(await link.ended())._tag).toBe("LinkLost")
    expect(peer.device.counters.requests("PullMessages")).toBeLessThanOrEqual(5)
    await peer.stop()
  })
})

describe.concurrent("a pull", () => {
  it("is asked for anew without hurry where the device answers empty at once", async () => {
    const peer = await openDevice(controller, { emptyReplyEarly: true, initialState: "none" })
    const link = listen(peer)
    await link.online()
    const pulls = () => peer.device.counters.requests("PullMessages")
    await until(peer, () => pulls() >= 2)
    const beganAt = performance.now()
    const before = pulls()
    await until(peer, () => pulls() >= before + 4)
    // A slow machine makes it more.
    expect(performance.now() - beganAt).toBeGreaterThan(3 * 700)
    await link.stop()
    await peer.stop()
  })

  it("is shorter at a device that closes the long ones, from then on, and nothing is lost by it", async () => {
    const peer = await openDevice(controller, { closePullAfterMs: 1300 }, { pullSeconds: 4 })
    const memory = new Map()
    const link = listen(peer, memory)
    await link.online()
    await until(peer, () => peer.device.counters.requests("PullMessages") >= 4)
    await peer.say("after")
    await link.hear(grant("after"))
    expect(link.gaps).toHaveLength(1)
    expect(link.counts["pulls_held"]).toBe(1)
    expect(link.counts["pulls_failed"]).toBeUndefined()
    // Nothing was missed: the state is not asked for again.
    expect(peer.device.counters.requests("SetSynchronizationPoint")).toBe(1)
    await link.stop()
    const again = listen(peer, memory)
    await again.online()
    const pulls = peer.device.counters.requests("PullMessages")
    await until(peer, () => peer.device.counters.requests("PullMessages") >= pulls + 3)
    expect(again.counts["pulls_held"]).toBeUndefined()
    await again.stop()
    await peer.stop()
  })

  it.each<[string, Spoiling]>([
    ["HTTP 408", { _tag: "Html", status: 408 }],
    ["HTTP 504", { _tag: "Html", status: 504 }],
    ["an empty 200", { _tag: "Empty", status: 200 }],
    ["a fault", { _tag: "Fault", code: "Receiver", subcode: "Action", status: 500 }]
  ])(
    "that a quiet device holds, and ends with %s, is an empty one: the link stays, without a gap",
    async (_, ending) => {
      const peer = await openDevice(controller, { initialState: "none" }, { pullSeconds: 1 })
      const link = listen(peer)
      await link.online()
      peer.device.setFaults({ answers: { PullMessages: { ...ending, times: 7 } } })
      const pulls = peer.device.counters.requests("PullMessages")
      await until(peer, () => peer.device.counters.requests("PullMessages") > pulls + 8)
      await peer.say("after")
      await link.hear(grant("after"))
      expect(link.gaps).toHaveLength(1)
      expect(link.counts["pulls_held"]).toBe(7)
      expect(peer.device.counters.requests("CreatePullPointSubscription")).toBe(1)
      await link.stop()
      await peer.stop()
    }
  )

  it("that the device refuses never shows it online", async () => {
    const peer = await openDevice(controller, { answers: { PullMessages: { _tag: "Html", status: 404 } } })
    const link = startLink(onvif, peer, peer.settings)
    let online = false
    void link.online().then(() => (online = true))
    expect(failureOf(await link.ended())._tag).toBe("LinkLost")
    expect(online).toBe(false)
    await peer.stop()
  })

  it("is as long as the device allows", async () => {
    const peer = await openDevice(controller, { maxPullTimeoutMs: 1000 })
    const link = listen(peer)
    await link.online()
    await peer.say("after")
    await link.hear(grant("after"))
    expect(link.counts["pulls_failed"]).toBe(1)
    await link.stop()
    await peer.stop()
  })

  it("that is never answered ends the link", async () => {
    const peer = await openDevice(controller, { answers: { PullMessages: { _tag: "Hang" } } }, { pullSeconds: 1 })
    const link = listen(peer)
    await link.online()
    expect(failureOf(await link.ended())).toEqual({ _tag: "LinkLost", reason: "no answer to a pull of 1 s" })
    await peer.stop()
  })

  it("whose messages the store refuses is followed by no other until they are kept, and the lease is held meanwhile", async () => {
    const peer = await openDevice(controller, { initialState: "none", synchronizationUnsupported: true })
    let aheadMs = 0
    const link = startLink(onvif, peer, peer.settings, new Map(), () => Date.now() + aheadMs)
    await link.online()
    await peer.say("first")
    const refuse = async () => {
      const { report, settled } = await link.told.next()
      settled(new NotKept({ reason: "the disk is full" }))
      return JSON.stringify(report.observations)
    }
    const told = [await refuse()]
    const pulls = peer.device.counters.requests("PullMessages")
    aheadMs = 590_000
    told.push(await refuse())
    await until(peer, () => peer.device.counters.requests("Renew") === 1)
    const { report, settled } = await link.told.next()
    expect([told[0], told[1], JSON.stringify(report.observations)].every((text) => text?.includes("first"))).toBe(true)
    expect(peer.device.counters.requests("PullMessages")).toBe(pulls)
    await peer.say("second")
    settled()
    const next = await link.told.next()
    expect(JSON.stringify(next.report.observations)).toContain("second")
    next.settled()
    expect(link.gaps).toHaveLength(1)
    await link.stop()
    await peer.stop()
  })
})

describe.concurrent("a subscription", () => {
  it("is asked for by the device's own clock where the device cannot add to it, and the next one at once so", async () => {
    const peer = await openDevice(controller, { relativeTimeBroken: true, clockSkewMs: -86_400_000 })
    const memory = new Map()
    const link = listen(peer, memory)
    await link.hear(reading("door-door-1.position", "closed"))
    expect(peer.device.counters.requests("Renew")).toBe(1)
    await link.stop()
    const again = listen(peer, memory)
    await again.hear(reading("door-door-1.position", "closed"))
    expect(peer.device.counters.requests("Renew")).toBe(1)
    await again.stop()
    await peer.stop()
  })

  it("that is refused ends the link, with the device's reason", async () => {
    const peer = await openDevice(controller, { maxPullPoints: 0 })
    expect(failureOf(await listen(peer).ended())).toEqual({ _tag: "LinkLost", reason: "all pull points are taken" })
    await peer.stop()
  })

  it("that falls silent is asked for the state, and replaced when none comes", async () => {
    const peer = await openDevice(controller, {}, { pullSeconds: 1, silenceSeconds: 1 })
    const link = listen(peer)
    await link.hear(reading("door-door-1.position", "closed"))
    peer.device.setFaults({ silent: true })
    await until(peer, () => peer.device.counters.requests("CreatePullPointSubscription") === 2)
    peer.device.setFaults({ silent: false })
    await peer.say("after")
    await link.hear(grant("after"))
    expect(link.gaps.at(-1)?.detail).toContain("silent")
    await link.stop()
    await peer.stop()
  })

  it("that is silent because nothing happens is kept", async () => {
    const peer = await openDevice(controller, {}, { pullSeconds: 1, silenceSeconds: 1 })
    const link = listen(peer)
    await link.online()
    await until(peer, () => peer.device.counters.requests("SetSynchronizationPoint") >= 4)
    expect(peer.device.counters.requests("CreatePullPointSubscription")).toBe(1)
    // The proof itself fills no log.
    expect(link.heard.filter(reading("door-door-1.position", "closed"))).toHaveLength(1)
    await link.stop()
    await peer.stop()
  })
})

describe.concurrent("an account that is locked while we listen", () => {
  it("waits for a person, after two refusals", async () => {
    const peer = await openDevice(controller)
    const link = listen(peer)
    await link.online()
    const before = peer.device.counters.unauthorized
    peer.device.setFaults({ refuseEveryone: true })
    await peer.say("unheard")
    expect(failureOf(await link.ended())._tag).toBe("CredentialsRejected")
    expect(peer.device.counters.unauthorized - before).toBeLessThanOrEqual(8)
    await peer.stop()
  })
})

it("a device that comes and goes is found again each time, with a gap for each time it was away", async () => {
  const peer = await openDevice(controller)
  const memory = new Map()
  for (const word of ["first", "second", "third"]) {
    const link = listen(peer, memory)
    await link.online()
    await peer.say(word)
    await link.hear(grant(word))
    expect(link.gaps).toHaveLength(1)
    await Effect.runPromise(peer.device.stop)
    expect(failureOf(await link.ended())._tag).toBe("LinkLost")
    await Effect.runPromise(peer.device.start)
  }
  await peer.stop()
})
