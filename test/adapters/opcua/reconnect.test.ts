import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { type Proxy, startProxy } from "../../road/proxy.ts"
import { accessEvents, type Rig, type RigOptions, type Site, startRig, startSite, upTo, value } from "./rig.ts"

/** An outage or a cut takes its time, whatever happens meanwhile. */
const pass = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

describe("a link whose connection breaks", () => {
  let site: Site
  let proxy: Proxy
  const rigs: Array<Rig> = []
  const start = (options: RigOptions): Rig => {
    const rig = startRig(options)
    rigs.push(rig)
    return rig
  }
  const url = (): string => `opc.tcp://127.0.0.1:${proxy.port}`
  const sources = { values: [], events: [accessEvents()] }
  const burst = (from: number, count: number) => site.panel.tell("burst", { door: "Door1", from, count })

  beforeAll(async () => {
    site = await startSite()
    proxy = await startProxy(site.panel.options.port)
  })
  afterAll(async () => {
    await proxy.stop()
    await site.stop()
  })
  afterEach(async () => {
    await site.panel.tell("stopStream")
    for (const rig of rigs.splice(0)) await rig.stop()
    proxy.refuse(false)
    // What waits to be taken over would go on to queue events; a session whose beginning was cut would outlive its test.
    await site.panel.tell("dropSubscriptions")
    await site.panel.tell("closeSessions")
  })

  it("loses nothing when packets vanish on an idle link", async () => {
    const rig = start({ settings: site.secured(url()), sources })
    await rig.online()
    await burst(1, 3)
    await rig.keeper.until(() => rig.keeper.numbers.length === 3)
    // Two keep-alives later, what the panel said last was one of them.
    await pass(4500)
    proxy.freeze()
    await burst(4, 10)
    await rig.online(2)
    await rig.keeper.until(() => rig.keeper.numbers.length >= 13)
    expect(rig.keeper.numbers).toEqual(upTo(13))
    expect(rig.losses).toEqual([])
    expect(rig.keeper.gaps).toHaveLength(1)
  })

  it("loses nothing when it is cut at once after it has begun", async () => {
    const rig = start({ settings: site.secured(url()), sources })
    await rig.online()
    const raised = burst(1, 40)
    await pass(50)
    proxy.cut()
    await raised
    await rig.keeper.until(() => rig.keeper.numbers.length >= 40)
    expect(rig.keeper.numbers).toEqual(upTo(40))
    expect(rig.keeper.gaps).toHaveLength(1)
  })

  it.each([
    // Eighty and more, and what else networks do, are test/road/opcua-torture.ts.
    ["sixteen cuts, secured", 16, () => site.secured(url())],
    ["eight cuts, anonymous and not secured", 8, () => site.open(url())]
  ])(
    "keeps each event once and in order over %s",
    async (_, cuts, settings) => {
      const rig = start({ settings: settings(), sources })
      await rig.online()
      await site.panel.tell("stream", { door: "Door1", perSecond: 200 })
      for (let cut = 0; cut < cuts; cut++) {
        await pass(50 + (cut % 8) * 60)
        const before = rig.onlines.length
        proxy.cut()
        await rig.online(before + 1)
      }
      const sent = await site.panel.tell("stopStream")
      await rig.keeper.until(() => rig.keeper.numbers.length >= sent)
      expect(rig.keeper.numbers).toEqual(upTo(sent))
      expect(rig.losses).toEqual([])
      expect(rig.keeper.gaps).toHaveLength(1)
      expect((await site.panel.tell("subscriptions")).parkedPublishRequests).toBeLessThanOrEqual(5)
    },
    180_000
  )

  it("notices within 7 s that the panel is away, says so, and loses nothing though its session has ended", async () => {
    const settings = site.secured(url(), { sessionTimeoutSeconds: 10 })
    const rig = start({ settings, sources })
    await rig.online()
    await burst(1, 5)
    await rig.keeper.until(() => rig.keeper.numbers.length >= 5)
    expect(rig.memory.has("opcua")).toBe(true)
    const from = performance.now()
    proxy.freeze()
    proxy.refuse(true)
    await burst(6, 20)
    const lost = await rig.lost()
    const seconds = (performance.now() - from) / 1000
    expect(lost?._tag).toBe("LinkLost")
    // The grace of 7 s, and half a second for a machine that does other things as well.
    expect(seconds).toBeLessThan(7.5)
    // Until the panel has ended the session.
    await expect.poll(async () => (await site.panel.tell("subscriptions")).sessions).toBe(0)
    await burst(26, 5)
    proxy.refuse(false)
    await rig.keeper.until(() => rig.keeper.numbers.length >= 30)
    expect(rig.keeper.numbers).toEqual(upTo(30))
    expect(rig.keeper.gaps).toHaveLength(1)
  }, 90_000)

  it("asks for the values again after a break, as what has been so", async () => {
    const rig = start({
      settings: site.secured(url()),
      sources: { values: [value("contact", "Doors/Door1/Contact")], events: [] }
    })
    await rig.keeper.until(() => rig.keeper.reached >= 1)
    proxy.cut()
    await rig.keeper.until(() => rig.keeper.reached >= 2)
    const values = rig.keeper.of("Value")
    expect(values.length).toBeGreaterThanOrEqual(2)
    expect(values.filter(({ origin }) => origin !== "recovery")).toEqual([])
  })

  it("goes on as soon as the store keeps again, and asks for what it refused", async () => {
    const { NotKept } = await import("../../../adapters/adapter.ts")
    const rig = start({ settings: site.secured(url()), sources })
    await rig.keeper.until(() => rig.keeper.reached >= 1)
    rig.keeper.refusal = new NotKept({ reason: "the disk is full" })
    await burst(1, 10)
    expect((await rig.lost())?.reason).toContain("the disk is full")
    rig.keeper.refusal = undefined
    await rig.keeper.until(() => rig.keeper.numbers.length >= 10)
    expect(rig.keeper.numbers).toEqual(upTo(10))
  })

  it("takes no more from the panel than it can put on disk, and loses nothing by it", async () => {
    const rig = start({ settings: site.secured(url()), sources })
    await rig.keeper.until(() => rig.keeper.reached >= 1)
    rig.keeper.held = []
    await burst(1, 2000)
    await pass(1000)
    rig.keeper.release()
    await rig.keeper.until(() => rig.keeper.numbers.length >= 2000)
    expect(rig.keeper.numbers).toEqual(upTo(2000))
  })

  it("tells the gap and begins anew when the panel has given up the subscription", async () => {
    const rig = start({ settings: site.secured(url()), sources })
    await rig.keeper.until(() => rig.keeper.reached >= 1)
    await site.panel.tell("dropSubscriptions")
    await rig.keeper.until(() => rig.keeper.gaps.length >= 2)
    expect(rig.keeper.gaps[1]).toMatchObject({ cause: "SessionLost", from: expect.any(Number) })
    await burst(1, 3)
    await rig.keeper.until(() => rig.keeper.numbers.length >= 3)
    expect(rig.keeper.numbers).toEqual(upTo(3))
  })

  it("gives up a subscription that says nothing any more though the connection holds", async () => {
    const rig = start({ settings: site.secured(url()), sources })
    await rig.keeper.until(() => rig.keeper.reached >= 1)
    await site.panel.tell("muteSubscriptions")
    await rig.keeper.until(() => rig.keeper.gaps.length >= 2)
    expect(rig.losses).toEqual([])
    await burst(1, 3)
    await rig.keeper.until(() => rig.keeper.numbers.length >= 3)
    expect(rig.keeper.numbers).toEqual(upTo(3))
  })

  it("ends in good order while a thousand events a second come", async () => {
    const rig = start({ settings: site.secured(url()), sources })
    await rig.online()
    await site.panel.tell("stream", { door: "Door1", perSecond: 1000 })
    await rig.keeper.until(() => rig.keeper.numbers.length >= 500)
    await rig.stop()
    const kept = rig.keeper.numbers.length
    await site.panel.tell("stopStream")
    await pass(500)
    expect(rig.keeper.numbers.length).toBe(kept)
    expect(rig.keeper.numbers).toEqual(upTo(kept))
  })
})
