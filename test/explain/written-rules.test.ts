import { afterAll, describe, expect, it } from "vitest"
import { explainLog } from "../../gateway/explain/explain-log.ts"
import type { DoorExplanation } from "../../gateway/explain/explanation.ts"
import { Rule, RuleId } from "../../gateway/domain/rule.ts"
import { DeviceId, DoorId, EpochMs, LinkId, PointRef } from "../../gateway/domain/ids.ts"
import { Schema } from "effect"
import { campusOf, dawn, eastDoor, Stage } from "../correlation/door-stage.ts"
import { ruleOf } from "../correlation/rule-stage.ts"
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
    id: "expired-credential",
    title: "An expired badge",
    key: "door",
    count: { event: "AccessDenied", where: 'reason == "CredentialExpired"', atLeast: 1, withinSeconds: 60 },
    alert: { condition: "Expired", priority: 4 }
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
    expect(rule).toMatchObject({
      fired: false,
      text: expect.stringContaining("It heard 1 of 2 in their order within 20 s")
    })
    expect(rule?.otherwise[0]?.text).toContain("It missed DoorOpened")
  })

  it("takes one happening for one step of a sequence, and looks for what lacks before and after it", () => {
    const twice = ruleOf(
      "twice",
      { key: "door", sequence: { steps: [{ event: "AccessDenied" }, { event: "AccessDenied" }], withinSeconds: 20 } },
      "DeniedTwice"
    )
    const stage = Stage.closedDoor({ ...campusOf(), rules: [twice, ...rules] })
    const explanation = told(denied(stage, 10).at(50).opens().at(55).closes().at(200), 53)
    const rule = ruleIn(explanation, "t.twice")
    expect(rule).toMatchObject({ fired: false, text: expect.stringContaining("It heard 1 of 2 in their order") })
    const [one] = ruleIn(explanation, "denied-then-opened")?.otherwise ?? []
    expect([one?.text, secondsOf(one?.from), secondsOf(one?.until)]).toEqual([
      "It missed AccessDenied in this span; the nearest came 40.0 s before it",
      30,
      50
    ])
  })

  it("says of an alert that was raised long before that it was so still, and not that it fired when it ended", () => {
    const stays = { reading: "motion", is: "on", forSeconds: 30 } as const
    const lingers = ruleOf("lingers", { key: "door", stays }, "Lingered")
    const stage = Stage.closedDoor({ ...campusOf(), rules: [lingers] })
      .motion("on")
      .at(900)
      .motion("off")
      .at(1300)
    expect(ruleIn(told(stage, 800), "t.lingers")).toMatchObject({
      fired: true,
      text: expect.stringContaining("It had fired before, and it was so still")
    })
    expect(ruleIn(told(stage, 1000), "t.lingers")).toMatchObject({ fired: false })
  })

  it("says what ended what it waited for", () => {
    const rule = ruleIn(told(played(), 90), "opened-and-left-alone")
    expect(rule?.text).toContain("What ends it came 5.0 s after it began")
  })

  it("says why it did not listen", () => {
    expect(ruleIn(told(played(), 50), "only-when-armed")?.text).toContain(
      "It did not listen then, though Access denied: Unauthorized, B7, reader/reader came. It listens only while the area is armed"
    )
    expect(ruleIn(told(played(), 5), "only-when-armed")).toMatchObject({
      near: 0,
      text: expect.stringContaining("It did not listen then. It listens only while the area is armed")
    })
  })

  it("names the condition that what came did not meet, with its value, before what heard nothing", () => {
    const explanation = told(played(), 50)
    expect(ruleIn(explanation, "expired-credential")).toMatchObject({
      fired: false,
      text: expect.stringContaining(
        'What came does not meet reason == "CredentialExpired": reason was "Unauthorized", last: Access denied'
      )
    })
    const order = explanation.rules.map(({ rule }) => rule)
    expect(order.indexOf("expired-credential")).toBeLessThan(order.indexOf("opened-and-left-alone"))
  })

  it("names the alert that stands for what it found", () => {
    const burst = {
      ...rules[0]!,
      id: RuleId.make("door-burst"),
      key: "door",
      alert: { condition: "DoorBurst", priority: 3 }
    }
    const inhibit = { cause: "DeniedBurst", consequences: "DoorBurst", by: "door" } as const
    const held = { id: RuleId.make("held"), title: "One cause, one alert", inhibit }
    const stage = Stage.closedDoor({ ...campusOf(), rules: [rules[0]!, burst as Rule, held] })
    denied(denied(denied(stage, 10), 20), 30).at(40)
    expect(ruleIn(told(stage, 35), "door-burst")).toMatchObject({
      fired: true,
      alert: stage.idOf("DeniedBurst"),
      text: expect.stringContaining("It fired, and is held on an alert that stands for it: 3 denials at")
    })
  })

  it("names the alert of another place that stands for what it found", () => {
    const stays = { reading: "motion", is: "on", forSeconds: 30 } as const
    const lingers = ruleOf("lingers", { key: "door", stays }, "Lingered")
    const held = ruleOf("held", { inhibit: { cause: "DeviceOffline", consequences: "Lingered", by: "site" } })
    const stage = Stage.closedDoor({ ...campusOf(), rules: [lingers, held] })
    stage.available("north-contact", "online").available("north-contact", "offline").at(100).motion("on").at(200)
    expect(ruleIn(told(stage, 180), "t.lingers")).toMatchObject({
      fired: true,
      alert: stage.idOf("DeviceOffline"),
      text: expect.stringContaining("It fired, and is held on an alert that stands for it")
    })
  })

  it("says what came too late to confirm an alert, and in which span it would have", () => {
    const of = [{ event: "DoorbellPressed" }] as const
    const seen = ruleOf("seen", { key: "door", confirmBy: { alert: "DoorForcedOpen", of, validationLevel: 2 } })
    const ring = (stage: Stage) => stage.happens("reader/reader", { _tag: "DoorbellPressed" })
    const stage = Stage.closedDoor({ ...campusOf(), rules: [seen] })
      .opens()
      .at(20)
    expect(ruleIn(told(stage, 15), "t.seen")).toMatchObject({
      fired: false,
      text: expect.stringContaining("Nothing confirmed the alert")
    })
    ring(stage.at(45)).at(60)
    const rule = ruleIn(told(stage, 50), "t.seen")
    expect(rule).toMatchObject({
      fired: false,
      text: expect.stringContaining("What might have confirmed the alert came 45.0 s after it: Doorbell pressed")
    })
    expect(rule?.otherwise.map(({ from, until }) => [secondsOf(from), secondsOf(until)])).toEqual([[-5, 30]])
    const confirmed = ring(
      Stage.closedDoor({ ...campusOf(), rules: [seen] })
        .opens()
        .at(20)
    ).at(60)
    expect(ruleIn(told(confirmed, 50), "t.seen")).toMatchObject({
      fired: true,
      alert: confirmed.idOf("DoorForcedOpen")
    })
  })

  it("names the alert of another place that stands for the door's own", () => {
    const held = ruleOf("held", { inhibit: { cause: "DeviceOffline", consequences: "DoorOpenTooLong", by: "site" } })
    const stage = Stage.closedDoor({ ...campusOf(), rules: [held] })
    stage.available("north-contact", "online").available("north-contact", "offline").at(100).grants("A").opens().at(150)
    expect(ruleIn(told(stage, 140), "door.held")).toMatchObject({
      fired: true,
      alert: stage.idOf("DeviceOffline"),
      text: expect.stringContaining("It is held on an alert that stands for it: Device offline")
    })
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

describe("a rule that counts beyond one door", () => {
  const probing = Schema.decodeUnknownSync(Rule)({
    id: "probing",
    title: "{credential} was denied at {count} doors",
    key: "credential",
    count: { event: "AccessDenied", distinct: "door", atLeast: 3, withinSeconds: 300 },
    alert: { condition: "DoorProbing", priority: 3 }
  })
  const tampered = Schema.decodeUnknownSync(Rule)({
    id: "tampered-round",
    title: "Doors tampered with one after another",
    key: "site",
    count: { alert: "DoorTampered", distinct: "door", atLeast: 3, withinSeconds: 300 },
    alert: { condition: "TamperedRound", priority: 2 }
  })
  const campus = {
    ...campusOf(),
    rules: [probing, tampered],
    doors: ["east", "north", "south"].map((id) => ({
      id: DoorId.make(id),
      name: `${id} door`,
      area: eastDoor.area,
      position: PointRef.make(`${id === "east" ? "contact" : `${id}-contact`}/contact`),
      tamper: [PointRef.make(`${id}-node/case`)],
      accessPoints: [{ reader: PointRef.make(`${id}-node/reader`), direction: "in" as const }]
    })),
    devices: [
      ...campusOf().devices,
      ...["east", "north", "south"].map((id) => ({
        id: DeviceId.make(`${id}-node`),
        link: LinkId.make("mqtt"),
        profile: "generic",
        address: `${id}-node`
      }))
    ]
  }
  const deny = (stage: Stage, second: number, door: string, credential = "B7"): Stage =>
    stage.at(second).happens(`${door}-node/reader`, { _tag: "AccessDenied", reason: "Unauthorized", credential })
  const opens = (stage: Stage, second: number, door: string): Stage =>
    stage
      .at(second)
      .reads(`${door}-node/case`, { kind: "tamper", value: "off" })
      .at(second + 1)
      .reads(`${door}-node/case`, { kind: "tamper", value: "on" })

  it("is explained by what all of them told, and not by its own door alone", () => {
    const stage = deny(deny(new Stage(campus).at(0), 10, "north"), 60, "east")
    // Somebody else's is another matter.
    deny(stage, 70, "south", "C1").at(100)
    const rule = ruleIn(told(stage, 90), "probing")
    expect(rule).toMatchObject({
      fired: false,
      near: 2 / 3,
      text: expect.stringContaining("It heard 2 of 3 within 300 s")
    })
    expect(rule?.text).not.toContain("as far as this door told")
    expect(rule?.otherwise).toMatchObject([{ text: "1 more with another door in this span would have been enough" }])
  })

  it("names its alert, where that is of another door's happening", () => {
    const stage = deny(deny(deny(new Stage(campus).at(0), 10, "north"), 60, "east"), 100, "south").at(110)
    expect(stage.alert("DoorProbing")?.door).toBe("south")
    expect(ruleIn(told(stage, 105), "probing")).toMatchObject({ fired: true, alert: stage.idOf("DoorProbing") })
  })

  it("that hears alerts is told by the alerts of all doors", () => {
    const stage = opens(opens(new Stage(campus).at(0), 10, "north"), 60, "east").at(100)
    expect(ruleIn(told(stage, 90), "tampered-round")?.text).toContain("It heard 2 of 3 within 300 s")
  })

  it("that heard only other doors tells nothing of this one where it counts by person", () => {
    const stage = deny(deny(new Stage(campus).at(0), 10, "north"), 60, "south").at(100)
    expect(ruleIn(told(stage, 90), "probing")?.text).toContain("It heard nothing")
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

  it("is that its area is armed, under the name that officers know", () => {
    const stage = Stage.closedDoor()
    const area = eastDoor.area
    const until = EpochMs.make(dawn + 1_800_000)
    stage.enter({ _tag: "AreaArmingOverridden", area, state: "armed", by: "ada", reason: "a key was lost", until })
    expect(told(stage.at(60), 50).circumstances.map(({ text }) => text)).toEqual([
      "Its area Hall is armed: ada: a key was lost"
    ])
  })
})
