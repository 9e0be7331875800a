import { join } from "node:path"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import {
  accessEvents,
  panelNamespace,
  type Rig,
  type RigOptions,
  type Site,
  startRig,
  startSite,
  upTo,
  value
} from "./rig.ts"

const sources = {
  values: [value("contact", "Doors/Door1/Contact")],
  // The Server object is where panels say that they repeat their conditions.
  events: [accessEvents({ nodeId: "i=2253" })]
}

describe("a panel that is killed", () => {
  let site: Site
  const rigs: Array<Rig> = []
  const start = (options: RigOptions): Rig => {
    const rig = startRig(options)
    rigs.push(rig)
    return rig
  }
  beforeAll(async () => {
    site = await startSite()
  })
  afterAll(() => site.stop())
  afterEach(async () => {
    for (const rig of rigs.splice(0)) await rig.stop()
  })

  it("leaves a gap, says anew what is so, and has its alarms that it does not repeat told as gone", async () => {
    const rig = start({ settings: site.secured(site.panel.url), sources })
    const { keeper } = rig
    await keeper.until(() => keeper.reached >= 1)
    await site.panel.tell("set", { door: "Door1", variable: "Forced", value: true })
    await keeper.until(() => keeper.of("Condition").some(({ condition }) => condition.active))
    const [alarm] = keeper.of("Condition").filter(({ condition }) => condition.active)
    await site.panel.tell("burst", { door: "Door1", from: 1, count: 5 })
    await keeper.until(() => keeper.numbers.length >= 5)
    const killedAt = Date.now()
    // The firmware that comes back has its namespaces in another order.
    await site.panel.restart({ namespaceBefore: "urn:campus:new" })
    await keeper.until(() => keeper.of("ConditionGone").length >= 1)
    expect(keeper.of("ConditionGone")[0]?.condition).toMatchObject({
      conditionId: alarm?.condition.conditionId,
      name: "DoorForced"
    })
    expect(keeper.gaps[1]).toMatchObject({ cause: "SessionLost", from: expect.any(Number) })
    expect(keeper.gaps[1]?.from).toBeLessThanOrEqual(killedAt)
    await site.panel.tell("burst", { door: "Door1", from: 6, count: 5 })
    await site.panel.tell("set", { door: "Door1", variable: "Contact", value: true })
    await keeper.until(() => keeper.numbers.length >= 10 && keeper.of("Value").some((heard) => heard.value === true))
    expect(keeper.numbers).toEqual(upTo(10))
    expect(keeper.of("Value").map((heard) => [heard.value, heard.origin])).toEqual([
      [false, "recovery"],
      [false, "recovery"],
      [true, "change"]
    ])
    const types = new Set(keeper.of("Event").map((heard) => heard.types[0]))
    expect([...types].every((type) => type?.startsWith(`nsu=${panelNamespace};`))).toBe(true)
  }, 90_000)

  it("is not believed when it comes back with another certificate", async () => {
    const rig = start({ settings: site.secured(site.panel.url), sources: { values: [], events: [accessEvents()] } })
    await rig.online()
    await site.panel.restart({ pki: join(site.directory, "another-pki") })
    const exit = await rig.ended()
    expect(exit._tag).toBe("Failure")
    const last = rig.losses.at(-1)
    expect(last?._tag).toBe("CredentialsRejected")
    expect(last?.reason).toMatch(/certificate is not trusted \(thumbprint [0-9a-f]{40}\)/)
  }, 90_000)

  it("says itself that it ends, and is heard again when it is back", async () => {
    await site.panel.restart()
    const rig = start({ settings: site.secured(site.panel.url), sources: { values: [], events: [accessEvents()] } })
    await rig.keeper.until(() => rig.keeper.reached >= 1)
    await site.panel.tell("shutdown")
    await site.panel.ended()
    await site.panel.restart()
    await rig.keeper.until(() => rig.keeper.gaps.length >= 2)
    await site.panel.tell("burst", { door: "Door1", from: 1, count: 3 })
    await rig.keeper.until(() => rig.keeper.numbers.length >= 3)
    expect(rig.keeper.numbers).toEqual(upTo(3))
  }, 90_000)
})
