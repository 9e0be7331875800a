import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type PanelSite, startPanelSite, stateOf, type Told } from "./panel-site.ts"

/** How often the gateway is killed around an acknowledgement; more where somebody wants to know for sure. */
const kills = Number(process.env["GATEHOUSE_ACKNOWLEDGE_KILLS"] ?? 4)

/** How often the connection is cut around one. */
const cuts = Number(process.env["GATEHOUSE_ACKNOWLEDGE_CUTS"] ?? 6)

const fixed = 9

describe("an officer's acknowledgement of a panel's condition", () => {
  let site: PanelSite
  beforeAll(async () => {
    site = await startPanelSite(fixed + kills + cuts)
    // The panel has said how its conditions are before anything happens: what is so by then raises nothing.
    await site.online()
  }, 120_000)
  afterAll(() => site.stop())

  const isActive = ({ active, acknowledged }: Told): boolean => active && !acknowledged
  const raised = async (door: string): Promise<Told> => {
    await site.force(door, true)
    return site.alert(door, isActive)
  }
  const comesTo = (door: string, ...states: ReadonlyArray<string>): Promise<Told> =>
    site.alert(door, (alert) => states.includes(stateOf(alert) ?? ""))

  it("reaches the panel once, in the officer's name, and is proved by the panel's own word", async () => {
    const alert = await raised("Door1")
    expect(alert).toMatchObject({ key: expect.stringMatching(/^condition:panel:nsu=.*Door1\/DoorForced$/) as unknown })
    await site.acknowledge(alert, "guard sent")
    const told = await comesTo("Door1", "proved")
    expect(told).toMatchObject({ acknowledged: true, panelConditions: [{ device: "panel", acked: true }] })
    expect(await site.accepted("Door1")).toEqual([
      { door: "Door1", comment: expect.stringMatching(/^guard sent \(.+ via Gatehouse\)$/) as unknown, branch: false }
    ])
    const { timeline } = (await site.ask(`/alerts/${alert.id}/timeline`)) as {
      timeline: ReadonlyArray<{ fact?: { _tag: string } }>
    }
    const facts = timeline.flatMap(({ fact }) => (fact === undefined ? [] : [fact._tag]))
    expect(facts).toEqual(["AlertAcknowledged", "WriteBackSent", "WriteBackAnswered"])
  }, 60_000)

  it("of a state that changed while the panel was out of reach is told to be stale, and never sent", async () => {
    const alert = await raised("Door2")
    site.proxy.refuse(true)
    // What is asked in the instant of the cut may be on its way already.
    await site.offline()
    await site.force("Door2", false)
    await site.force("Door2", true)
    await site.acknowledge(alert)
    expect(stateOf((await site.alertsOf("Door2"))[0]!)).toBe("owed")
    site.proxy.refuse(false)
    const told = await comesTo("Door2", "stale")
    expect(told.panelConditions?.[0]?.writeBack?.detail).toContain("look again")
    expect((await site.accepted("Door2")).filter(({ branch }) => !branch)).toEqual([])
  }, 60_000)

  it("waits while the panel is out of reach, and reaches it once when it is back", async () => {
    const alert = await raised("Door3")
    site.proxy.refuse(true)
    await site.acknowledge(alert)
    site.proxy.refuse(false)
    await comesTo("Door3", "proved")
    expect(await site.accepted("Door3")).toHaveLength(1)
  }, 60_000)

  it("is shown on the alert when somebody does it at the panel, and is then nothing to send", async () => {
    const alert = await raised("Door4")
    await site.panel.tell("acknowledgeHere", { door: "Door4", comment: "seen at the keypad" })
    const told = await site.alert("Door4", ({ panelConditions }) => panelConditions?.[0]?.acked === true)
    expect(told).toMatchObject({ acknowledged: false, panelConditions: [{ comment: "seen at the keypad" }] })
    await site.acknowledge(alert)
    expect((await site.alertsOf("Door4"))[0]?.panelConditions?.[0]).not.toHaveProperty("writeBack")
    expect(await site.accepted("Door4")).toMatchObject([{ comment: "seen at the keypad" }])
  }, 60_000)

  it("of an earlier state goes to that one, and of the condition itself to it: they are two alerts", async () => {
    const first = await raised("Door5")
    await site.force("Door5", false)
    const earlier = await site.alert("Door5", ({ key, active }) => key.includes("#") && !active)
    expect(earlier.id).toBe(first.id)
    await site.force("Door5", true)
    const later = await site.alert("Door5", ({ id, active }) => id !== first.id && active)
    await site.acknowledge(earlier, "the first time")
    await site.alert("Door5", (alert) => alert.id === earlier.id && stateOf(alert) === "proved")
    expect(await site.accepted("Door5")).toMatchObject([
      { comment: expect.stringContaining("the first time") as unknown, branch: true }
    ])
    await site.acknowledge(later, "the second time")
    await site.alert("Door5", (alert) => alert.id === later.id && stateOf(alert) === "proved")
    expect((await site.accepted("Door5")).map(({ branch }) => branch)).toEqual([true, false])
  }, 60_000)

  it("is not sent to a panel that has forgotten the condition in a crash", async () => {
    const alert = await raised("Door6")
    await site.panel.kill()
    await site.acknowledge(alert)
    await site.panel.revive()
    await site.online()
    const told = await comesTo("Door6", "stale", "not-proved")
    expect(told.panelConditions?.[0]?.acked).toBe(false)
    expect(await site.accepted("Door6")).toEqual([])
  }, 90_000)

  it("reaches the panel exactly once through cuts of the line at any moment", async () => {
    for (let nth = 0; nth < cuts; nth++) {
      const door = `Door${fixed + 1 + nth}`
      await site.online()
      const alert = await raised(door)
      const acknowledged = site.acknowledge(alert, `cut ${nth}`)
      await new Promise((resolve) => setTimeout(resolve, (nth * 37) % 120))
      site.proxy.cut()
      await acknowledged
      const told = await comesTo(door, "proved", "stale", "refused", "not-proved", "not-written-back")
      expect(`${door} ${stateOf(told)}`).toBe(`${door} proved`)
      expect(await site.accepted(door)).toHaveLength(1)
    }
  }, 600_000)

  it("reaches the panel exactly once though the gateway is killed at any moment", async () => {
    for (let nth = 0; nth < kills; nth++) {
      const door = `Door${fixed + 1 + cuts + nth}`
      await site.online()
      const alert = await raised(door)
      await site.acknowledge(alert, `kill ${nth}`)
      await new Promise((resolve) => setTimeout(resolve, (nth * 13) % 60))
      await site.kill()
      await site.start()
      const told = await comesTo(door, "proved", "stale", "refused", "not-proved", "not-written-back")
      expect(`${door} ${stateOf(told)}`).toBe(`${door} proved`)
      expect(await site.accepted(door)).toHaveLength(1)
    }
  }, 600_000)
})
