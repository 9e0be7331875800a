import { describe, expect, it } from "vitest"
import { DeviceId } from "../../gateway/domain/ids.ts"
import type { Observation } from "../../gateway/domain/observation.ts"
import { makeBounds } from "../../gateway/links/bounded.ts"
import { makeLosses } from "../../gateway/links/losses.ts"
import { makeTurnedAway, tamed } from "../../gateway/links/turned-away.ts"
import { position } from "../intake/open-intake.ts"

const device = DeviceId.make("contact")

const unreadable = (why: string): Observation => ({ _tag: "Unreadable", device, why, source: "t/contact", raw: why })

describe("a sender that floods", () => {
  it("has its first unreadable messages kept, and the others counted and told once a minute", () => {
    const bounds = makeBounds()
    bounds.overdue(60_000)
    let kept = 0
    for (let nth = 0; nth < 500; nth++) kept += bounds.of([unreadable("not JSON")]).length
    expect(kept).toBe(20)
    expect(bounds.overdue(119_000)).toEqual([])
    expect(bounds.overdue(121_000)).toMatchObject([
      { _tag: "Unreadable", device, why: "480 more unreadable messages came within a minute: not JSON" }
    ])
    expect(bounds.of([unreadable("not JSON")])).toHaveLength(1)
  })

  it("gets no more room by making up names: what no device sent has one budget", () => {
    const bounds = makeBounds()
    bounds.overdue(60_000)
    const nameless = (nth: number): Observation => ({
      _tag: "Unreadable",
      why: "not JSON",
      source: `zigbee2mqtt/made-up-${nth}`,
      raw: "{"
    })
    let kept = 0
    for (let nth = 0; nth < 5000; nth++) kept += bounds.of([nameless(nth)]).length
    expect(kept).toBe(20)
    expect(bounds.overdue(121_000)).toMatchObject([
      { why: "4980 more unreadable messages came within a minute: not JSON" }
    ])
    expect(bounds.of([unreadable("a known device has its own")])).toHaveLength(1)
  })

  it("never has a reading held back for it", () => {
    const bounds = makeBounds()
    for (let nth = 0; nth < 500; nth++) bounds.of([unreadable("not JSON")])
    expect(bounds.of([unreadable("not JSON"), position("open")])).toEqual([position("open")])
  })

  it("cannot make one message fill the log", () => {
    const bounds = makeBounds()
    expect(JSON.stringify(bounds.of([unreadable("x".repeat(250_000))])).length).toBeLessThan(6000)
    expect(bounds.of(Array.from({ length: 9000 }, () => position("open")))).toHaveLength(256)
  })
})

describe("strangers that knock", () => {
  it("are a bounded number of facts a minute, whatever they call themselves, and the next one says how many more", () => {
    const turnedAway = makeTurnedAway()
    const told = Array.from({ length: 9000 }, (_, nth) => turnedAway.tell(`stranger ${nth}`, 100_000))
    expect(told.filter((more) => more !== undefined)).toHaveLength(20)
    expect(turnedAway.tell("stranger", 170_000)).toBe(" (8980 more were turned away before)")
  })

  it("forge no lines where they are printed, and are read in a glance", () => {
    expect(tamed("a\u001b[2Jb\nc")).toBe("a\uFFFD[2Jb\uFFFDc")
    expect(tamed("x".repeat(3000))).toHaveLength(201)
  })
})

describe("what a full disk has cost", () => {
  const report = (delivery?: "again") => ({
    observations: [position("open")],
    receivedAt: 1000,
    ...(delivery === undefined ? {} : { delivery: { slot: "1", session: "s", redelivered: false, digest: "d" } })
  })

  it("is a gap of the devices whose messages nobody will send again", () => {
    const losses = makeLosses()
    losses.refused(report())
    losses.refused(report())
    const gap = losses.take(9000)
    expect(gap).toMatchObject({ cause: "EventsDropped", devices: [device], from: 1000, to: 9000, count: 2 })
    expect(losses.take(9000)).toBeUndefined()
    if (gap !== undefined) losses.putBack(gap)
    expect(losses.take(9500)).toMatchObject({ from: 1000, count: 2 })
  })

  it("is nothing where the message comes again", () => {
    const losses = makeLosses()
    losses.refused(report("again"))
    expect(losses.take(9000)).toBeUndefined()
  })

  it("is nothing where the adapter holds it and will report it again", () => {
    const losses = makeLosses()
    losses.refused({ ...report(), held: true })
    expect(losses.take(9000)).toBeUndefined()
  })
})
