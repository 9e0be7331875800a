import { describe, expect, test } from "vitest"
import type { Campus } from "../../gateway/domain/campus.ts"
import { type Rule, RuleId } from "../../gateway/domain/rule.ts"
import { areas, armedCampus } from "./arming-stage.ts"
import { Stage } from "./door-stage.ts"
import { ruleOf } from "./rule-stage.ts"

const open = (more: Partial<Rule>): Rule =>
  ruleOf("open", { ...more, stays: { reading: "position", is: "open", forSeconds: 60 } }, "LongOpen")

/** The east door in this area of a campus whose lobby is armed for good, and whose store is not. */
const in_ = (area: keyof typeof areas, rule: Rule): Campus => {
  const campus = armedCampus({ lobby: { always: "armed" }, store: { always: "disarmed" } })
  const doors = campus.doors.map((door) => (door.id === "east" ? { ...door, area: areas[area] } : door))
  return { ...campus, doors, rules: [rule] }
}

const without = (campus: Campus): Campus => ({ ...campus, doors: campus.doors.filter(({ id }) => id !== "east") })

const comings = (stage: Stage): ReadonlyArray<string> =>
  stage.changes.flatMap(({ at, transition, alert: { condition, key } }) =>
    condition === "LongOpen" ? [`${(at - stage.facts[0]!.at) / 1000 - 120} ${key} ${transition}`] : []
  )

const armed = open({ key: "door", armed: true })

describe("a door that stands open when the configuration puts it elsewhere", () => {
  test("counts no longer where its new area is not armed", () => {
    const stage = Stage.closedDoor(in_("lobby", armed)).opens().at(30).configured(in_("store", armed)).at(200)
    expect(comings(stage)).toEqual([])
  })

  test("ends the alert of its old area", () => {
    const stage = Stage.closedDoor(in_("lobby", armed)).opens().at(100).configured(in_("store", armed)).at(200)
    expect(comings(stage)).toEqual(["62 door:east raised", "102 door:east returned-to-normal"])
  })

  test("counts from then where its new area is armed", () => {
    const stage = Stage.closedDoor(in_("store", armed)).opens().at(30).configured(in_("lobby", armed)).at(200)
    expect(comings(stage)).toEqual(["92 door:east raised"])
  })

  test("is counted with its new area, by a rule that counts by areas", () => {
    const byArea = open({ key: "area" })
    const stage = Stage.closedDoor(in_("lobby", byArea)).opens().at(100).configured(in_("store", byArea)).at(200)
    expect(comings(stage)).toEqual([
      "62 area:lobby raised",
      "102 area:lobby returned-to-normal",
      "162 area:store raised"
    ])
  })

  test("goes on to count where only another door is moved, and no longer once it is removed", () => {
    const campus = in_("lobby", armed)
    const other = { ...campus, doors: campus.doors.map((door) => ({ ...door, area: areas.lobby })) }
    const stage = Stage.closedDoor(campus).opens().at(30).configured(other).at(100).configured(without(campus)).at(200)
    expect(comings(stage)).toEqual(["62 door:east raised", "102 door:east returned-to-normal"])
  })
})

describe("a door whose contact is bypassed", () => {
  const byDoor = open({ key: "door" })
  const opened = (): Stage => Stage.closedDoor(in_("store", byDoor)).grants().opens()

  test("stands open for no rule, and does again from the end of the bypass on", () => {
    expect(comings(opened().at(20).bypasses("contact/contact", 5).at(600))).toEqual(["382 door:east raised"])
  })

  test("ends what a rule had found of it, for nobody sees it close", () => {
    const stage = opened().at(70).bypasses("contact/contact", 5).at(100).closes().at(600)
    expect(comings(stage)).toEqual(["62 door:east raised", "72 door:east returned-to-normal"])
  })
})

describe("a rule that has another id", () => {
  const called = (rule: Rule, name: string): Campus => in_("store", { ...rule, id: RuleId.make(name) })

  test("goes on with what it remembers, and calls nobody again", () => {
    const count = { event: "AccessDenied", atLeast: 2, withinSeconds: 60 }
    const burst = ruleOf("burst", { key: "door", count }, "Burst")
    const stage = Stage.closedDoor(called(burst, "site.burst"))
    const denied = () => stage.happens("reader/reader", { _tag: "AccessDenied", reason: "Unauthorized" })
    denied()
    stage.at(5).configured(called(burst, "site.denials"))
    denied()
    stage.at(10).configured(called(burst, "site.bursts")).at(200)
    expect(stage.story).toEqual(["5.0 Burst raised", "67.0 Burst returned-to-normal"])
  })

  test("goes on with what lasts", () => {
    const byDoor = open({ key: "door" })
    const stage = Stage.closedDoor(called(byDoor, "site.open")).grants().opens().at(30)
    stage.configured(called(byDoor, "site.wide-open")).at(100).configured(called(byDoor, "site.ajar")).at(150).closes()
    expect(comings(stage.at(200))).toEqual(["62 door:east raised", "152 door:east returned-to-normal"])
  })
})

describe("a rule whose alert is to be worded otherwise, or more urgent", () => {
  const burst = (more: Partial<Rule>): Campus => {
    const count = { event: "AccessDenied", atLeast: 3, withinSeconds: 60 }
    return in_("lobby", ruleOf("burst", { key: "door", count, ...more }, "Burst"))
  }

  test("remembers what it heard, and calls nobody again for what it had found", () => {
    const stage = Stage.closedDoor(burst({}))
    const denied = () => stage.happens("reader/reader", { _tag: "AccessDenied", reason: "Unauthorized" })
    const [raised, worded] = [{ condition: "Burst", priority: 1 as const }, { procedure: "Go there." }]
    denied()
    denied()
    stage.at(5).configured(burst({ title: "Denied", alert: raised }))
    denied()
    stage
      .at(10)
      .configured(burst({ title: "Denied", alert: { ...raised, ...worded } }))
      .at(20)
    expect(stage.story).toEqual(["5.0 Burst raised"])
    expect(stage.alert("Burst")).toMatchObject({ title: "Denied", priority: 1 })
  })
})
