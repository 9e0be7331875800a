import { afterAll, describe, expect, it } from "vitest"
import { explainLog } from "../../gateway/explain/explain-log.ts"
import type { DoorExplanation } from "../../gateway/explain/explanation.ts"
import { Rule } from "../../gateway/domain/rule.ts"
import { Schema } from "effect"
import { campusOf, dawn, eastDoor, Stage } from "../correlation/door-stage.ts"
import { logOf, removeLogs } from "./log-of.ts"

afterAll(removeLogs)

const rules = [
  {
    id: "access.denied-burst",
    title: "{count} denials at {reader}",
    key: "reader",
    count: { event: "AccessDenied", atLeast: 3, withinSeconds: 60 },
    alert: { condition: "DeniedBurst", priority: 3 }
  },
  {
    id: "denied-then-opened",
    title: "Opened after a denial",
    key: "door",
    sequence: { steps: [{ event: "AccessDenied" }, { event: "DoorOpened" }], withinSeconds: 20 },
    alert: { condition: "DeniedThenOpened", priority: 3 }
  },
  {
    id: "opened-and-left-alone",
    title: "Nobody came",
    key: "door",
    absence: { after: { event: "DoorOpened" }, without: [{ event: "DoorClosed" }], forSeconds: 100 },
    alert: { condition: "LeftAlone", priority: 4 }
  },
  {
    id: "only-when-armed",
    title: "Denied in an armed area",
    key: "door",
    armed: true,
    count: { event: "AccessDenied", atLeast: 1, withinSeconds: 5 },
    alert: { condition: "DeniedWhileArmed", priority: 3 }
  },
  {
    id: "elsewhere",
    title: "Not at this door",
    key: "door",
    doors: ["north"],
    count: { event: "AccessDenied", atLeast: 1, withinSeconds: 5 },
    alert: { condition: "Elsewhere", priority: 4 }
  }
].map((rule) => Schema.decodeUnknownSync(Rule)(rule))

const denied = (stage: Stage, second: number): Stage =>
  stage.at(second).happens("reader/reader", { _tag: "AccessDenied", reason: "Unauthorized", credential: "B7" })

const played = (): Stage => {
  const stage = Stage.closedDoor({ ...campusOf(), rules })
  denied(denied(stage, 10), 40)
  return stage.at(70).opens().at(75).closes().at(200)
}

const told = (stage: Stage, second: number): DoorExplanation => {
  const found = explainLog.door(logOf(stage.facts).dataDir, "east", dawn + second * 1000)
  if (found === undefined) throw new Error("no door")
  return found
}

const ruleIn = ({ rules: all }: DoorExplanation, id: string) => all.find(({ rule }) => rule === id)

const secondsOf = (at: number | undefined): number | undefined => (at === undefined ? at : (at - dawn) / 1000)

describe("why a rule that the site has written did not fire", () => {
  it("counts how many it heard, and in which span another would have been enough", () => {
    const rule = ruleIn(told(played(), 50), "access.denied-burst")
    expect(rule).toMatchObject({ fired: false, text: expect.stringContaining("It heard 2 of 3 within 60 s") })
    const [one] = rule?.otherwise ?? []
    expect([one?.text, secondsOf(one?.from), secondsOf(one?.until)]).toEqual([
      "1 more in this span would have been enough",
      -20,
      70
    ])
  })

  it("names the step that was missing", () => {
    const rule = ruleIn(told(played(), 50), "denied-then-opened")
    expect(rule).toMatchObject({ fired: false, text: expect.stringContaining("It heard 1 of 2 within 20 s") })
    expect(rule?.otherwise[0]?.text).toContain("It missed DoorOpened")
  })

  it("says what ended what it waited for", () => {
    const rule = ruleIn(told(played(), 90), "opened-and-left-alone")
    expect(rule?.text).toContain("What ends it came 5.0 s after it began")
  })

  it("says why it did not listen", () => {
    expect(ruleIn(told(played(), 50), "only-when-armed")?.text).toContain(
      "It did not listen then. It listens only while the area is armed"
    )
  })

  it("leaves out those of other doors, and names the alert of one that did fire", () => {
    expect(ruleIn(told(played(), 50), "elsewhere")).toBeUndefined()
    const stage = denied(played(), 201)
    denied(denied(stage, 210), 220).at(300)
    const rule = ruleIn(told(stage, 230), "access.denied-burst")
    expect(rule).toMatchObject({ fired: true, alert: stage.idOf("DeniedBurst") })
    const alert = explainLog.alert(logOf(stage.facts).dataDir, stage.idOf("DeniedBurst"))
    expect(alert?.rule).toEqual({
      id: "access.denied-burst",
      text: "3 × AccessDenied within 60 s, by reader",
      numbers: { atLeast: 3, withinSeconds: 60 }
    })
    expect(alert?.otherwise).toMatchObject([{ text: "It all came within 19.0 s; 41.0 s later it would not have met" }])
  })
})

describe("what held at a door beside its points", () => {
  it("is the maintenance that kept its alerts silent, and the bypass of a point", () => {
    const stage = Stage.closedDoor()
    stage.enter({
      _tag: "MaintenanceBegan",
      door: eastDoor.id,
      by: "ada",
      reason: "new closer",
      minutes: 30
    })
    const held = told(stage.at(60).opens().at(120), 100).circumstances.map(({ text }) => text)
    expect(held).toEqual([
      `${stage.idOf("DoorForcedOpen")} (Door forced open: East door) was open, out of service: it makes no sound`,
      `${stage.idOf("DoorOpenTooLong")} (Door held open: East door) was open, out of service: it makes no sound`,
      "door:east is in maintenance for 28 min 20 s more (ada: new closer): its alerts come, and make no sound"
    ])
  })
})
