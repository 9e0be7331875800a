import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import type { Sources } from "../../../adapters/opcua/sources.ts"
import {
  accessEvents,
  device,
  node,
  panelNamespace,
  type Rig,
  type Site,
  startRig,
  startSite,
  upTo,
  value
} from "./rig.ts"

const step = (name: string, uri: string | undefined = panelNamespace) => (uri === undefined ? { name } : { uri, name })

describe("what is asked of a panel", () => {
  let site: Site
  const rigs: Array<Rig> = []
  const start = (sources: Partial<Sources>, more: Record<string, unknown> = {}): Rig => {
    const rig = startRig({
      settings: site.secured(site.panel.url, more),
      sources: { values: [], events: [], ...sources }
    })
    rigs.push(rig)
    return rig
  }
  const gapsOf = (rig: Rig, cause: string) => rig.keeper.gaps.filter((gap) => gap.cause === cause)

  beforeAll(async () => {
    site = await startSite({ doors: 12 })
  })
  afterAll(() => site.stop())
  afterEach(async () => {
    for (const rig of rigs.splice(0)) await rig.stop()
    await site.panel.tell("dropSubscriptions")
  })

  it("hears a first value as what has been so, and later ones as changes, with the panel's own times", async () => {
    const rig = start({ values: [value("contact", "Doors/Door1/Contact")] })
    await rig.keeper.until(() => rig.keeper.of("Value").length === 1)
    const before = Date.now()
    await site.panel.tell("set", { door: "Door1", variable: "Contact", value: true })
    await rig.keeper.until(() => rig.keeper.of("Value").length === 2)
    const [first, second] = rig.keeper.of("Value")
    expect(first).toMatchObject({ value: false, origin: "recovery", status: "good", overflow: false, device })
    expect(second).toMatchObject({ value: true, origin: "change", node: `nsu=${panelNamespace};s=Doors/Door1/Contact` })
    expect(second?.sourceTime).toBeGreaterThanOrEqual(before - 1)
    expect(second?.sourceTime).toBeLessThanOrEqual(Date.now())
  })

  it("hears that the panel itself does not know, and that it is not sure", async () => {
    const rig = start({ values: [value("contact", "Doors/Door2/Contact")] })
    await rig.keeper.until(() => rig.keeper.of("Value").length === 1)
    await site.panel.tell("set", { door: "Door2", variable: "Contact", value: true, status: "bad" })
    await rig.keeper.until(() => rig.keeper.of("Value").length === 2)
    await site.panel.tell("set", { door: "Door2", variable: "Contact", value: false, status: "uncertain" })
    await rig.keeper.until(() => rig.keeper.of("Value").length === 3)
    expect(rig.keeper.of("Value").slice(1)).toMatchObject([
      { status: "bad", statusName: "BadNoCommunication", value: null },
      { status: "uncertain", value: false }
    ])
  })

  it("finds every door that a pattern of browse names leads to", async () => {
    const path = [step("Doors"), step("Door*"), step("Contact")]
    const rig = start({ values: [{ ...value("contact", ""), node: { path } }] })
    await rig.keeper.until(() => rig.keeper.of("Value").length === 12)
    expect(rig.keeper.of("Value").map(({ matched }) => matched[0])).toEqual(upTo(12).map((door) => `Door${door}`))
  })

  it("finds a node by its browse path, whatever index its namespace has", async () => {
    const path = [step("Doors"), step("Door3"), step("LockState")]
    const rig = start({ values: [{ ...value("lock", "", "number"), node: { path } }] })
    await rig.keeper.until(() => rig.keeper.of("Value").length === 1)
    expect(rig.keeper.of("Value")[0]).toMatchObject({ value: 0, matched: [] })
  })

  it("says which sources are not there or not what they should be, and hears the others", async () => {
    const rig = start({
      values: [
        value("contact", "Doors/Door1/Contact"),
        value("none", "Doors/Door99/Contact"),
        value("object", "Doors/Door1"),
        value("lock", "Doors/Door1/LockState", "boolean"),
        { ...value("elsewhere", ""), node: { nodeId: "nsu=urn:other;s=Door" } },
        { ...value("nothing", ""), node: { path: [step("Doors"), step("Gate*"), step("Contact")] } }
      ],
      events: [{ ...accessEvents(node("Doors/Door1/Contact")), key: "deaf" }]
    })
    await rig.keeper.until(() => rig.keeper.of("Value").length === 1 && gapsOf(rig, "SubscriptionRefused").length === 6)
    const said = gapsOf(rig, "SubscriptionRefused").map(({ detail }) => detail)
    expect(said.find((text) => text.startsWith("none:"))).toContain("does not exist")
    expect(said.find((text) => text.startsWith("object:"))).toContain("is no variable")
    expect(said.find((text) => text.startsWith("lock:"))).toContain("is a number, not a boolean")
    expect(said.find((text) => text.startsWith("elsewhere:"))).toContain("has no namespace urn:other")
    expect(said.find((text) => text.startsWith("nothing:"))).toContain("nothing is at /Doors/Gate*")
    expect(said.find((text) => text.startsWith("deaf:"))).toMatch(/tells no events|does not exist/)
    expect(gapsOf(rig, "SubscriptionRefused")[0]?.devices).toEqual([device])
  })

  it("is no link where nothing of what is asked for is there", async () => {
    const rig = start({ values: [value("none", "Doors/Door99/Contact")] })
    expect((await rig.lost())?.reason).toContain("nothing of what is configured is at the server")
  })

  it("hears events of a type and of its subtypes, with the types above each", async () => {
    const all = start({ events: [accessEvents()] })
    await all.online()
    await site.panel.tell("access", { door: "Door1", seq: 1, granted: true })
    await site.panel.tell("access", { door: "Door1", seq: 2, granted: false })
    await all.keeper.until(() => all.keeper.numbers.length === 2)
    const [granted, denied] = all.keeper.of("Event")
    expect(denied?.types.slice(1)).toEqual(granted?.types)
    expect(granted?.types.slice(1)).toEqual(["i=2041", "i=58"])
    const only = start({
      events: [{ ...accessEvents(), where: { types: [{ nodeId: denied?.types[0] ?? "" }], severityAtLeast: 100 } }]
    })
    const none = start({ events: [{ ...accessEvents(), where: { severityAtLeast: 101 } }] })
    await Promise.all([only.online(), none.online()])
    for (const [seq, isGranted] of [
      [3, true],
      [4, false],
      [5, true],
      [6, false]
    ] as const) {
      await site.panel.tell("access", { door: "Door1", seq, granted: isGranted })
    }
    await only.keeper.until(() => only.keeper.numbers.length === 2)
    await all.keeper.until(() => all.keeper.numbers.length === 6)
    expect(only.keeper.numbers).toEqual([4, 6])
    expect(none.keeper.numbers).toEqual([])
  })

  it("tells the gap when the panel's queue for events ran over, and asks what is so", async () => {
    const rig = start({
      values: [value("contact", "Doors/Door1/Contact")],
      events: [accessEvents({ nodeId: "i=2253" })]
    })
    await rig.keeper.until(() => rig.keeper.reached === 1)
    await site.panel.tell("overflowEvent")
    await rig.keeper.until(() => gapsOf(rig, "QueueDropped").length === 1 && rig.keeper.reached >= 2)
    expect(gapsOf(rig, "QueueDropped")[0]).toMatchObject({ devices: [device], from: expect.any(Number) })
    expect(rig.keeper.of("Event")).toEqual([])
    expect(rig.keeper.of("Value").at(-1)).toMatchObject({ origin: "recovery" })
  })

  it("keeps what the mapping cannot read, and goes on", async () => {
    const rig = start({ values: [value("count", "Doors/Door2/Count", "number")] })
    await rig.keeper.until(() => rig.keeper.of("Value").length === 1)
    await site.panel.tell("set", { door: "Door2", variable: "Count", value: 666 })
    await rig.keeper.until(() => rig.keeper.unreadable.length === 1)
    await site.panel.tell("set", { door: "Door2", variable: "Count", value: 7 })
    await rig.keeper.until(() => rig.keeper.of("Value").length === 2)
    expect(rig.keeper.unreadable).toEqual(["nobody can read this"])
  })

  it("hears alarms that were there before it, as what has been so, each with its states", async () => {
    await site.panel.tell("set", { door: "Door9", variable: "Forced", value: true })
    const rig = start({ events: [accessEvents({ nodeId: "i=2253" })] })
    await rig.keeper.until(() => rig.keeper.of("Condition").length >= 1)
    const [alarm] = rig.keeper.of("Condition")
    expect(alarm).toMatchObject({
      origin: "recovery",
      condition: { name: "DoorForced", active: true, acked: false, shelved: false, retain: true, enabled: true }
    })
    await site.panel.tell("set", { door: "Door9", variable: "Forced", value: false })
    await rig.keeper.until(() => rig.keeper.of("Condition").some(({ condition }) => !condition.active))
    expect(rig.keeper.of("Condition").at(-1)).toMatchObject({ origin: "change" })
  })

  it("watches two thousand values of one panel", async () => {
    const names = ["Contact", "LockState", "Command", "Count", "Forced"]
    const values = upTo(12).flatMap((door) =>
      names.map((name) => ({ ...value(`${door} ${name}`, `Doors/Door${door}/${name}`), kind: "any" as const }))
    )
    const many = upTo(34).flatMap((nth) => values.map((one) => ({ ...one, key: `${nth} ${one.key}` })))
    const rig = start({ values: many })
    await rig.keeper.until(() => rig.keeper.of("Value").length >= many.length)
    expect(new Set(rig.keeper.of("Value").map(({ key }) => key)).size).toBe(many.length)
    expect(many.length).toBeGreaterThan(2000)
  })
})
