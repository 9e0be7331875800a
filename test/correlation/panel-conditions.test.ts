import { describe, expect, it } from "vitest"
import { PointRef } from "../../gateway/domain/ids.ts"
import { campusOf, dawn, Stage } from "./door-stage.ts"
import { PanelStage, statesOf } from "./panel-stage.ts"

/** The east door's panel also has a casing switch that belongs to no door. */
const stage = (): PanelStage => new PanelStage()

describe("conditions of a panel", () => {
  it("are each an alert of their own, though they are at one point", () => {
    const panel = stage().says("case").says("cover", { event: "e2" })
    expect(panel.alerts.map(({ condition, key, title }) => `${condition} ${key} ${title}`)).toEqual([
      "DoorTampered condition:panel:case Tamper: panel",
      "DoorTampered condition:panel:cover Tamper: panel"
    ])
    panel.at(1).tells("case", { active: false, event: "e3" })
    expect(panel.alerts.map(({ key, active }) => `${key} ${active}`)).toEqual([
      "condition:panel:case false",
      "condition:panel:cover true"
    ])
  })

  it("raise their alert once, whatever is told of them while they are active", () => {
    const panel = stage().says("case").at(1).says("case", { event: "e2", acked: true }).at(2)
    panel.says("case", { event: "e3", acked: true })
    expect(panel.story).toEqual(["0.0 DoorTampered raised", "1.0 DoorTampered acknowledged-at-panel"])
    panel.says("case", { active: false, acked: true, retain: false }).at(3).says("case", { event: "e4" })
    expect(panel.story.slice(2)).toEqual([
      "2.0 DoorTampered returned-to-normal",
      "3.0 DoorTampered reactivated",
      "3.0 DoorTampered updated"
    ])
  })

  it("raise nothing when they are told again as what has been so, or as a test", () => {
    const panel = stage().says("case", { origin: "recovery" }).tells("cover", { test: true })
    expect(panel.alerts).toEqual([])
  })

  it("that the panel does not tell again are over", () => {
    const panel = stage().says("case").at(5)
    panel.tells("case", { active: false, retain: false, gone: true, origin: "recovery" })
    expect(panel.alert("DoorTampered")?.active).toBe(false)
  })

  it("that are pressed count each time, and are over when the panel says so", () => {
    const panel = stage().says("panic").at(5).says("panic", { active: false, event: "e2" })
    expect(panel.alert("PanicPressed")).toMatchObject({ active: false, key: "condition:panel:panic", count: 1 })
    panel.at(6).says("panic", { event: "e3" })
    expect(panel.alert("PanicPressed")).toMatchObject({ active: true, count: 2 })
  })

  it("of a door's alarm are one alert with what is derived from its contact, which knows them", () => {
    const panel = stage().closes().mode("Locked").says("forced", { active: false, acked: true, event: "e0" }).at(10)
    panel.opens().at(11).says("forced").at(20)
    expect(panel.alerts.map(({ condition, key }) => `${condition} ${key}`)).toEqual(["DoorForcedOpen door:east"])
    expect(statesOf(panel.alert("DoorForcedOpen"))).toEqual(["forced unacknowledged -"])
  })

  it("are known to the alert whichever of the two comes first", () => {
    const derived = stage().closes().mode("Locked").at(10).opens().at(12)
    expect(statesOf(derived.alert("DoorForcedOpen"))).toEqual([])
    derived.says("forced")
    expect(derived.alerts).toHaveLength(1)
    expect(statesOf(derived.alert("DoorForcedOpen"))).toEqual(["forced unacknowledged -"])
  })

  it("of another alarm of the door are none of the forced alert's", () => {
    const panel = stage().closes().mode("Locked").at(10).says("forced").says("held", { event: "e2" }).at(11)
    expect(statesOf(panel.alert("DoorForcedOpen"))).toEqual(["forced unacknowledged -"])
  })

  it("tell on the alert who acknowledged them at the panel, and leave the officers' acknowledgement to officers", () => {
    const panel = stage().says("case").at(3)
    panel.tells("case", { acked: true, event: "e2", by: "K. Lind", comment: "seen it" })
    expect(panel.changes.at(-1)).toMatchObject({
      transition: "acknowledged-at-panel",
      by: "K. Lind at panel",
      note: "it is shown as acknowledged there: seen it",
      alert: { acknowledged: false, panelConditions: [{ acked: true, ackedBy: "K. Lind", comment: "seen it" }] }
    })
    expect(panel.answers("DoorTampered").owed).toEqual([])
    const told = panel.changes.length
    panel.tells("case", { acked: true, event: "e3", by: "K. Lind", comment: "seen it" })
    expect(panel.changes).toHaveLength(told)
  })

  it("survive a restart", () => {
    const panel = stage().says("case").killedUntil(5)
    panel.tells("case", { origin: "recovery" }).answers("DoorTampered")
    expect(panel.owed).toMatchObject([{ device: "panel", condition: { id: "case" }, event: "e1", by: "Ada", note: "" }])
  })
})

describe("an earlier state of a condition that still wants an answer", () => {
  const branched = () =>
    stage()
      .says("case")
      .at(5)
      .tells("case", { branch: "b1", event: "e2" })
      .says("case", { active: false, acked: true, event: "e3" })

  it("takes the alert that stood for it along, and what the condition does next is another alert", () => {
    const panel = branched()
    expect(panel.alerts.map(({ key, active }) => `${key} ${active}`)).toEqual(["condition:panel:case#b1 false"])
    expect(statesOf(panel.alert("DoorTampered"))).toEqual(["case#b1 unacknowledged -"])
    panel.at(10).says("case", { event: "e4" })
    expect(panel.alerts.map(({ key, active, count }) => `${key} ${active} ${count}`)).toEqual([
      "condition:panel:case#b1 false 1",
      "condition:panel:case true 1"
    ])
  })

  it("is acknowledged by itself", () => {
    const panel = branched().at(10).says("case", { event: "e4" })
    const [earlier, later] = panel.alerts
    panel.enter({ _tag: "AlertAcknowledged", alert: earlier!.id, by: "Ada" })
    expect(panel.owed).toMatchObject([{ alert: earlier!.id, condition: { id: "case", branch: "b1" }, event: "e2" }])
    panel.sends().came("proved", "case", { branch: "b1", event: "e2" })
    expect(panel.states).toEqual(["case#b1 acknowledged proved"])
    expect(statesOf(panel.alerts.find(({ id }) => id === later!.id))).toEqual(["case unacknowledged -"])
  })

  it("is an alert of what is past where no alert stood for it", () => {
    const panel = stage().says("case").closesAlert("DoorTampered").at(5).tells("case", { branch: "b1", event: "e2" })
    expect(panel.alerts.map(({ key, active }) => `${key} ${active}`)).toEqual(["condition:panel:case#b1 false"])
  })

  it("is known to its door's one alert, where it is of the door's alarm", () => {
    const panel = stage().closes().mode("Locked").at(10).says("forced").at(12)
    panel.tells("forced", { branch: "b1", event: "e2" }).says("forced", { active: false, acked: true, event: "e3" })
    expect(panel.alerts).toHaveLength(1)
    expect(statesOf(panel.alert("DoorForcedOpen"))).toEqual(["forced acknowledged -", "forced#b1 unacknowledged -"])
    expect(panel.answers("DoorForcedOpen").owed).toMatchObject([{ condition: { id: "forced", branch: "b1" } }])
    expect(panel.story.some((step) => step.includes("acknowledged-at-panel"))).toBe(false)
  })

  it("has no alert of its own where the condition comes and goes too often, and is answered all the same", () => {
    const panel = stage()
    for (let nth = 1; nth <= 12; nth++) {
      panel
        .at(nth * 10)
        .says("case", { event: `a${nth}` })
        .at(nth * 10 + 5)
      panel.tells("case", { branch: `b${nth}`, event: `b${nth}` })
      panel.says("case", { active: false, acked: true, event: `c${nth}` })
    }
    expect(panel.alerts).toHaveLength(9)
    const rest = panel.alerts.find(({ key }) => key === "condition:panel:case")
    expect(statesOf(rest).slice(1)).toEqual([9, 10, 11, 12].map((nth) => `case#b${nth} unacknowledged -`))
    panel.enter({ _tag: "AlertAcknowledged", alert: rest!.id, by: "Ada" })
    expect(panel.owed.map(({ event }) => event)).toEqual(["b9", "b10", "b11", "b12"])
    panel.tells("case", { branch: "b9", event: "d9", acked: true, retain: false })
    expect(panel.states).toContain("case#b9 acknowledged proved")
  })

  it("is forgotten with its device", () => {
    const without = { ...campusOf(), devices: campusOf().devices.filter(({ id }) => id !== "panel") }
    const panel = branched()
      .at(6)
      .configured({ ...without, doors: [] }, "v2")
    expect(panel.answers("DoorTampered").owed).toEqual([])
  })

  it("stays, though the panel does not repeat it", () => {
    const panel = branched()
      .at(6)
      .tells("case", { branch: "b1", event: "e2", retain: false, gone: true, origin: "recovery" })
    expect(panel.answers("DoorTampered").owed).toHaveLength(1)
  })
})

describe("an acknowledgement that goes back to the panel", () => {
  const owed = (note?: string) => stage().says("case").at(1).answers("DoorTampered", note)

  it("is owed from the moment it is on disk, and told in the same step", () => {
    const panel = owed("guard sent")
    expect(panel.changes.at(-1)).toMatchObject({
      transition: "acknowledged",
      alert: { acknowledged: true, panelConditions: [{ writeBack: { state: "owed", by: "Ada", event: "e1" } }] }
    })
    expect(panel.owed).toMatchObject([{ by: "Ada", note: "guard sent", event: "e1" }])
  })

  it("is not owed where the device is not to be told, nor where it is acknowledged already", () => {
    expect(stage().says("case", { answerable: false }).answers("DoorTampered").owed).toEqual([])
    expect(stage().says("case", { acked: true }).answers("DoorTampered").owed).toEqual([])
  })

  it("is owed when the alert is closed without it, and not again when it was acknowledged before", () => {
    const panel = stage().says("case").at(1).closesAlert("DoorTampered")
    expect(panel.alerts).toEqual([])
    expect(panel.owed).toMatchObject([{ note: "seen to" }])
    panel.sends().came("proved", "case")
    expect(panel.states).toEqual(["case acknowledged proved"])
    expect(panel.owed).toEqual([])
    expect(owed().sends().came("proved", "case").closesAlert("DoorTampered").owed).toEqual([])
  })

  it("is sent once, however often it is told to be", () => {
    const panel = owed().sends()
    expect(panel.states).toEqual(["case unacknowledged sent"])
    const told = panel.changes.length
    const sent = panel.facts.at(-1)!
    expect(sent._tag).toBe("WriteBackSent")
    panel.enter(sent)
    expect(panel.changes).toHaveLength(told)
    expect(panel.owed).toEqual([])
  })

  it.each([
    ["proved", "case acknowledged proved"],
    ["not-proved", "case unacknowledged not-proved"],
    ["stale", "case unacknowledged stale"],
    ["refused", "case unacknowledged refused"],
    ["unknown", "case unacknowledged unknown"],
    ["away", "case unacknowledged owed"]
  ] as const)("that came to %s is shown so", (outcome, expected) => {
    expect(owed().sends().came(outcome, "case").states).toEqual([expected])
  })

  it("is proved when the panel has shown it before its answer was written down", () => {
    const panel = owed().sends().tells("case", { acked: true, event: "e2" })
    expect(panel.states).toEqual(["case acknowledged sent"])
    expect(panel.came("unknown", "case").states).toEqual(["case acknowledged proved"])
  })

  it("stays proved when the panel's messages from before come behind its answer", () => {
    const panel = owed().sends().came("proved", "case").tells("case", { origin: "recovery" })
    expect(statesOf(panel.alert("DoorTampered"))).toEqual(["case acknowledged proved"])
    panel.tells("case", { acked: true, event: "e2" })
    expect(panel.states).toEqual(["case acknowledged proved"])
  })

  it("waits a minute for its panel and no longer, and may then be asked for again", () => {
    const panel = owed().at(60.9)
    expect(panel.owed).toHaveLength(1)
    panel.at(61)
    expect(panel.owed).toEqual([])
    expect(panel.changes.at(-1)).toMatchObject({
      transition: "write-back",
      note: "the acknowledgement is not written back: the panel was away for 60 s; acknowledge again to send it"
    })
    expect(panel.at(70).sends().states).toEqual(["case unacknowledged not-written-back"])
    expect(panel.answers("DoorTampered").owed).toHaveLength(1)
  })

  it("is given up a minute after it was asked for, though the panel came and went meanwhile", () => {
    expect(owed().at(55).sends().came("away", "case").at(61).states).toEqual(["case unacknowledged not-written-back"])
  })

  it("that waited over a restart is given up too, and is not sent late", () => {
    const panel = owed().killedUntil(120)
    panel.sends()
    expect(panel.states).toEqual(["case unacknowledged owed"])
    expect(panel.at(124).states).toEqual(["case unacknowledged not-written-back"])
  })

  it("is stale when the condition changed before it was sent, and done when somebody did it at the panel", () => {
    expect(owed().tells("case", { event: "e2" }).states).toEqual(["case unacknowledged stale"])
    expect(owed().tells("case", { event: "e2", acked: true, by: "K. Lind" }).states).toEqual([
      "case acknowledged proved"
    ])
    expect(owed().tells("case", { retain: false, acked: false, active: false }).states).toEqual([
      "case unacknowledged stale"
    ])
  })

  it("is not taken for done when the panel calls the next state acknowledged by itself", () => {
    const panel = owed().tells("case", { active: false, acked: true, event: "e2" })
    expect(panel.states).toEqual(["case acknowledged stale"])
  })

  it("that came too late for a state is done, when it is the officer's own words that the panel shows", () => {
    const panel = owed("guard sent").sends().came("stale", "case")
    expect(panel.tells("case", { acked: true, event: "e2", comment: "guard sent (Ben via Gatehouse)" }).states).toEqual(
      ["case acknowledged stale"]
    )
    const own = owed("guard sent").sends().came("stale", "case")
    expect(own.tells("case", { acked: true, event: "e2", comment: "guard sent (Ada via Gatehouse)" }).states).toEqual([
      "case acknowledged proved"
    ])
  })

  it("that did not reach the panel stays to be seen, until it is acknowledged again", () => {
    const panel = owed().tells("case", { active: false, acked: true, event: "e2" }).at(5).says("case", { event: "e3" })
    expect(statesOf(panel.alert("DoorTampered"))).toEqual(["case unacknowledged stale"])
    expect(panel.answers("DoorTampered").sends().came("proved", "case", { event: "e3" }).states).toEqual([
      "case acknowledged proved"
    ])
  })

  describe("when the gateway is killed after it was sent", () => {
    const killed = () => owed().sends().killedUntil(5)

    it("is known to nobody, and not sent again for that", () => {
      const panel = killed()
      expect(panel.states).toEqual(["case unacknowledged unknown"])
      expect(panel.changes.at(-1)?.note).toBe(
        "the acknowledgement may have reached the panel or not: the gateway stopped before the answer"
      )
      expect(panel.owed).toEqual([])
    })

    it("is done when the panel shows it", () => {
      expect(killed().tells("case", { acked: true, event: "e2", origin: "recovery" }).states).toEqual([
        "case acknowledged proved"
      ])
    })

    it("is owed again when the panel shows the same state as before, and sent once more", () => {
      const panel = killed().tells("case", { origin: "recovery" })
      expect(panel.owed).toHaveLength(1)
      expect(panel.sends().came("proved", "case").states).toEqual(["case acknowledged proved"])
    })

    it("is not owed again by what was told before the panel was asked for all", () => {
      expect(killed().tells("case").owed).toEqual([])
    })

    it("is not owed again when its time is over", () => {
      const panel = owed().sends().killedUntil(90).tells("case", { origin: "recovery" })
      expect(panel.states).toEqual(["case unacknowledged not-written-back"])
    })

    it("is stale when the panel shows another state", () => {
      expect(killed().tells("case", { event: "e9", origin: "recovery" }).states).toEqual(["case unacknowledged stale"])
    })

    it("is not proved when the panel holds it for over", () => {
      const over = { active: false, retain: false, gone: true, origin: "recovery" } as const
      expect(killed().tells("case", over).states).toEqual(["case unacknowledged not-proved"])
    })

    it("is not proved when the panel does not come back in a minute", () => {
      const panel = killed().at(65)
      expect(panel.changes.at(-1)?.note).toBe(
        "the acknowledgement is not shown by the panel: the gateway stopped before the answer, " +
          "and the panel has not told the condition again"
      )
      expect(panel.tells("case", { acked: true, event: "e2", origin: "recovery" }).states).toEqual([
        "case acknowledged proved"
      ])
    })

    it("goes on though its alert was closed", () => {
      const panel = owed().sends().closesAlert("DoorTampered").killedUntil(5)
      expect(panel.states).toEqual(["case unacknowledged unknown"])
      expect(panel.tells("case", { acked: true, origin: "recovery" }).states).toEqual(["case acknowledged proved"])
    })
  })

  it("is wanted anew by a state that came after it", () => {
    const panel = owed().sends().came("proved", "case").at(10).says("case", { active: false, acked: true, event: "e3" })
    panel.at(20).says("case", { event: "e4" })
    expect(statesOf(panel.alert("DoorTampered"))).toEqual(["case unacknowledged -"])
    expect(panel.answers("DoorTampered").owed).toMatchObject([{ event: "e4" }])
  })
})

it("a reading that no condition made is as it ever was", () => {
  const campus = campusOf({ tamper: [PointRef.make("contact/tamper")] })
  const plain = new Stage(campus).at(0).reads("contact/tamper", { kind: "tamper", value: "on" })
  expect(plain.alerts.map(({ key }) => key)).toEqual(["door:east"])
  expect(plain.alerts[0]).not.toHaveProperty("panelConditions")
  expect(plain.alerts[0]?.occurredAt).toBe(dawn)
})
