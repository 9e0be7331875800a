import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { besidesOf, type PanelSite, startPanelSite, stateOf, type Told } from "./panel-site.ts"

let site: PanelSite
beforeAll(async () => {
  site = await startPanelSite(12, "acknowledge", { comments: true, shelving: true })
  // The panel has said how its conditions are before anything happens: what is so by then raises nothing.
  await site.online()
}, 120_000)
afterEach(() => site.proxy.refuse(false))
afterAll(() => site.stop())

const raised = async (door: string): Promise<Told> => {
  await site.force(door, true)
  return site.alert(door, ({ active, acknowledged }) => active && !acknowledged)
}

/** The alert of a door once all that goes back beside its acknowledgement has come so far. */
const comesTo = (door: string, ...besides: ReadonlyArray<string>): Promise<Told> =>
  site.alert(door, (alert) => JSON.stringify(besidesOf(alert)) === JSON.stringify(besides))

describe("an officer's note on an alert of a panel's condition", () => {
  it("is a comment at the panel, in the officer's name, and is proved by the comment that comes back", async () => {
    const alert = await raised("Door1")
    await site.note(alert, "guard sent")
    await comesTo("Door1", "comment proved")
    expect(await site.comments("Door1")).toEqual([expect.stringMatching(/^guard sent \(.+ via Gatehouse\)$/)])
    const { timeline } = (await site.ask(`/alerts/${alert.id}/timeline`)) as {
      timeline: ReadonlyArray<{ fact?: { _tag: string } }>
    }
    const facts = timeline.flatMap(({ fact }) => (fact === undefined ? [] : [fact._tag]))
    expect(facts).toEqual(["AlertNoted", "WriteBackSent", "WriteBackAnswered"])
  }, 60_000)

  it("does not make the acknowledgement right behind it one of another state", async () => {
    const alert = await raised("Door2")
    await Promise.all([site.note(alert, "guard sent"), site.note(alert, "guard is there")])
    await site.acknowledge(alert, "seen")
    const told = await site.alert("Door2", (one) => stateOf(one) === "proved" && besidesOf(one).length === 2)
    expect(told.panelConditions?.[0]?.writeBack?.detail).toBeUndefined()
    await comesTo("Door2", "comment proved", "comment proved")
    expect(await site.comments("Door2")).toHaveLength(2)
    expect(await site.accepted("Door2")).toHaveLength(1)
  }, 60_000)

  it("waits while the panel is out of reach, and is taken there once, of whatever state the condition then is", async () => {
    const alert = await raised("Door3")
    site.proxy.refuse(true)
    // What is noted in the instant of the cut may be on its way already.
    await site.offline()
    await site.note(alert, "guard sent")
    await comesTo("Door3", "comment owed")
    site.proxy.refuse(false)
    await comesTo("Door3", "comment proved")
    expect(await site.comments("Door3")).toHaveLength(1)
  }, 60_000)

  it.each([4, 5, 6])(
    "is at the panel exactly once though the gateway is killed around it (door %i)",
    async (nth) => {
      const door = `Door${nth}`
      const alert = await raised(door)
      await site.note(alert, `kill ${nth}`)
      await site.kill()
      await site.start()
      await comesTo(door, "comment proved")
      expect(await site.comments(door)).toHaveLength(1)
    },
    90_000
  )
})

describe("an alert that an officer shelves", () => {
  it("is shelved at its panel for as long, and no longer when the officer says so", async () => {
    const alert = await raised("Door7")
    expect(await site.shelving("Door7")).toBe("Unshelved")
    await site.shelve(alert, { minutes: 30 })
    await comesTo("Door7", "shelve proved")
    expect(await site.shelving("Door7")).toBe("TimedShelved")
    await site.unshelve(alert)
    const told = await comesTo("Door7", "shelve proved", "unshelve proved")
    expect(told.shelved).toBeUndefined()
    expect(await site.shelving("Door7")).toBe("Unshelved")
  }, 60_000)

  it("until it is normal again is so at its panel, too, and both end with it", async () => {
    const alert = await raised("Door8")
    await site.shelve(alert, { oneShot: true })
    await comesTo("Door8", "shelve proved")
    expect(await site.shelving("Door8")).toBe("OneShotShelved")
    await site.force("Door8", false)
    await site.alert("Door8", ({ active, shelved }) => !active && shelved === undefined)
    await expect.poll(() => site.shelving("Door8")).toBe("Unshelved")
  }, 60_000)

  it("can be acknowledged meanwhile: its shelving is not another state than the officer saw", async () => {
    const alert = await raised("Door9")
    site.proxy.refuse(true)
    await site.acknowledge(alert)
    await site.shelve(alert, { minutes: 30 })
    site.proxy.refuse(false)
    await site.alert("Door9", (one) => stateOf(one) === "proved" && besidesOf(one).includes("shelve proved"))
    expect(await site.accepted("Door9")).toHaveLength(1)
  }, 60_000)

  it("is not left shelved at its panel when it is closed", async () => {
    const alert = await raised("Door10")
    await site.shelve(alert, { minutes: 30 })
    await comesTo("Door10", "shelve proved")
    await site.ask(`/alerts/${alert.id}/close`, { outcome: "real", reason: "repaired" })
    await comesTo("Door10", "shelve proved", "unshelve proved")
    expect(await site.shelving("Door10")).toBe("Unshelved")
  }, 60_000)

  it("and is shelved anew is told what its panel says to that", async () => {
    const alert = await raised("Door11")
    await site.shelve(alert, { minutes: 30 })
    await comesTo("Door11", "shelve proved")
    await site.shelve(alert, { minutes: 40 })
    const told = await comesTo("Door11", "shelve proved", "shelve refused it is shelved already")
    // Here the later word counts all the same.
    expect(told).toMatchObject({ shelved: { reason: "the latch is being repaired" } })
  }, 60_000)
})
