import { Context, Effect, Exit, Layer, Result, Schema, Scope } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { Entry } from "../../../gateway/log/entry.ts"
import { IntakeLive } from "../../../gateway/intake/intake-layer.ts"
import { Links } from "../../../gateway/links/links.ts"
import { SecurityLog } from "../../../gateway/log/security-log.ts"
import { temporaryDirectory } from "../../road/peers.ts"
import { controller, onvif, openDevice, type OnvifPeer, until } from "./peers.ts"

/** A gateway's intake and links over a real log, with the device on one link. */
const supervise = async (peer: OnvifPeer) => {
  const directory = temporaryDirectory("onvif-supervised")
  const scope = Scope.makeUnsafe()
  const settings = Result.getOrThrow(Schema.decodeUnknownResult(onvif.Settings)(peer.settings))
  const { devices, profilesDirectory } = peer
  const links = [{ id: "link", adapter: "onvif", settings }]
  const options = { links, adapters: { onvif }, devices, timeZone: "UTC", profilesDirectory, now: Date.now }
  const layer = Links.layer(options).pipe(
    Layer.provideMerge(IntakeLive({ file: `${directory.path}/gatehouse.db`, site: "test", now: Date.now }))
  )
  const entries: Array<Entry> = []
  const watchers = new Set<() => void>()
  const context = await Effect.runPromise(Layer.build(layer).pipe(Scope.provide(scope)))
  const log = Context.get(context, SecurityLog)
  const take = (more: ReadonlyArray<Entry>): void => {
    entries.push(...more)
    for (const look of watchers) look()
  }
  take(await Effect.runPromise(log.entries({ after: 0, limit: 1000 })))
  log.subscribe(take)
  return {
    entries,
    /** The observations on disk so far, as short words. */
    words: () =>
      entries.flatMap((entry) => {
        if (entry._tag !== "Fact" || entry.fact._tag !== "Observed") return []
        const { observation } = entry.fact
        switch (observation._tag) {
          case "Availability":
            return [observation.state]
          case "Gap":
            return ["gap"]
          case "Reading":
            return observation.point === "door-door-1.position" ? [observation.reading.value] : []
          default:
            return []
        }
      }),
    /** Completes when that is so of what is on disk. */
    until: (holds: () => boolean) =>
      new Promise<void>((resolve) => {
        const look = (): void => {
          if (!holds()) return
          watchers.delete(look)
          resolve()
        }
        watchers.add(look)
        look()
      }),
    stop: async () => {
      await Effect.runPromise(Scope.close(scope, Exit.void))
      directory.dispose()
    }
  }
}

describe("a supervised ONVIF device", () => {
  let peer: OnvifPeer
  beforeEach(async () => {
    peer = await openDevice(controller)
  })
  afterEach(() => peer.stop())

  it("is available while it is heard, unavailable while it is away, and known again when it is back", async () => {
    const gateway = await supervise(peer)
    const count = (word: string): number => gateway.words().filter((one) => one === word).length
    await gateway.until(() => count("closed") === 1)
    await Effect.runPromise(peer.device.stop)
    await gateway.until(() => count("offline") === 1)
    await Effect.runPromise(peer.device.start)
    await gateway.until(() => count("closed") === 2)
    expect(gateway.words()).toEqual(["gap", "online", "closed", "offline", "gap", "online", "closed"])
    await gateway.stop()
  })

  it("is asked no oftener than the back-off allows while it refuses us its events", async () => {
    peer.device.setFaults({ refuseCreate: 1_000_000 })
    const beganAt = performance.now()
    const gateway = await supervise(peer)
    const asked = (): number => peer.device.counters.requests("CreatePullPointSubscription")
    await until(peer, () => asked() === 4)
    // 0.5, 1 and 2 s, each at least 80 % of it; a slow machine makes it more.
    expect(performance.now() - beganAt).toBeGreaterThan(0.8 * 3500)
    const requests = Object.values(peer.device.counters.byOperation).reduce((sum, one) => sum + one, 0)
    expect(requests).toBeLessThanOrEqual(4 * 10)
    await gateway.stop()
  })

  it("is not asked again for a minute when it refuses who we are", async () => {
    peer.device.setFaults({ refuseEveryone: true })
    const gateway = await supervise(peer)
    await gateway.until(() => gateway.words().includes("offline"))
    const refused = peer.device.counters.unauthorized
    expect(refused).toBeLessThanOrEqual(3)
    await gateway.stop()
    expect(peer.device.counters.unauthorized).toBe(refused)
  })

  it("dates its first event rightly by a clock that is an hour off, for it was asked what it shows", async () => {
    peer.device.setFaults({ clockSkewMs: 3_600_000 })
    const gateway = await supervise(peer)
    await gateway.until(() => gateway.words().includes("closed"))
    const before = Date.now()
    peer.device.door("door-1", { _tag: "Opened" })
    await gateway.until(() => gateway.words().includes("open"))
    const opened = gateway.entries.flatMap((entry) =>
      entry._tag === "Fact" && entry.fact._tag === "Observed" ? [entry.fact] : []
    )
    const { clock, occurredAt, receivedAt } = opened.find(
      ({ observation }) => observation._tag === "Reading" && observation.reading.value === "open"
    )!
    expect(clock?.trusted).toBe(true)
    // The clock is read to the second; an event cannot be known better.
    expect(Math.abs((clock?.offsetMs ?? 0) - 3_600_000)).toBeLessThanOrEqual(1500)
    expect(occurredAt).toBeGreaterThan(before - 1500)
    expect(occurredAt).toBeLessThanOrEqual(receivedAt)
    await gateway.stop()
  })

  it("is subscribed to anew without being called away", async () => {
    const gateway = await supervise(peer)
    await gateway.until(() => gateway.words().includes("closed"))
    peer.device.setFaults({ resourceUnknownOnPull: 1 })
    await peer.say("something")
    await gateway.until(() => gateway.words().filter((word) => word === "closed").length === 2)
    expect(gateway.words()).toEqual(["gap", "online", "closed", "gap", "online", "closed"])
    await gateway.stop()
  })
})
