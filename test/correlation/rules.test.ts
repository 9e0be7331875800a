import { describe, expect, it } from "vitest"
import { AreaId, CameraId, DoorId } from "../../gateway/domain/ids.ts"
import { type Rule, RuleId } from "../../gateway/domain/rule.ts"
import { freeze } from "../../gateway/correlation/snapshot.ts"
import { subjectsMax } from "../../gateway/correlation/rules/subjects.ts"
import { ScheduleId, ScheduleRef } from "../../gateway/domain/schedule.ts"
import { ThreatLevelName } from "../../gateway/domain/threat-level.ts"
import { Stage } from "./door-stage.ts"
import { campusWith, denied, ruled, ruleOf, sees } from "./rule-stage.ts"

const burst = ruleOf(
  "burst",
  {
    title: "{count} denials at {reader}",
    key: "reader",
    count: { event: "AccessDenied", atLeast: 3, withinSeconds: 60 }
  },
  "DeniedBurst"
)

describe("a count", () => {
  it("is told at once with the happening that completes it, and of what it is made", () => {
    const stage = ruled(burst)
    for (const second of [0, 20, 40]) denied(stage.at(second))
    expect(stage.story).toEqual(["40.0 DeniedBurst raised"])
    expect(stage.alert("DeniedBurst")).toMatchObject({
      title: "3 denials at East door",
      key: "reader:reader/reader",
      door: "east",
      area: "hall",
      rule: "t.burst",
      priority: 3
    })
    expect(stage.reasons("DeniedBurst")).toEqual([
      "0.0 Access denied: Unauthorized, ada, reader/reader",
      "20.0 Access denied: Unauthorized, ada, reader/reader",
      "40.0 Access denied: Unauthorized, ada, reader/reader"
    ])
  })

  it("is not told of what lies a moment too far apart, unless the clocks leave it open", () => {
    const stage = ruled(burst)
    for (const second of [0, 30, 60.001]) denied(stage.at(second))
    expect(stage.story).toEqual([])
  })

  it("is one alert while it goes on, and comes again after it was over", () => {
    const stage = ruled(burst)
    for (const second of [0, 1, 2, 3, 50]) denied(stage.at(second))
    stage.at(200)
    for (const second of [200, 201, 202]) denied(stage.at(second))
    expect(stage.story).toEqual([
      "2.0 DeniedBurst raised",
      "3.0 DeniedBurst updated",
      "50.0 DeniedBurst updated",
      "112.0 DeniedBurst returned-to-normal",
      "202.0 DeniedBurst reactivated"
    ])
  })

  it("does not hear a test, what a queue tells again, or history", () => {
    const stage = ruled(burst)
    for (const how of [{ test: true }, { origin: "recovery" }, { origin: "replayed", deviceTime: -5 }]) {
      for (const second of [0, 1, 2]) denied(stage.at(second), "ada", how)
    }
    expect(stage.at(60).story).toEqual([])
  })

  it("is told all the same when its happenings come long after they happened", () => {
    const stage = ruled(burst).at(300)
    for (const second of [0, 1, 2]) denied(stage, "ada", { deviceTime: second })
    stage.at(400)
    expect(stage.story).toEqual(["300.0 DeniedBurst raised", "300.0 DeniedBurst returned-to-normal"])
  })

  it("goes on over a restart", () => {
    const stage = ruled(burst)
    denied(stage)
    denied(stage.at(10)).killedUntil(30)
    denied(stage.at(40))
    expect(stage.story).toEqual(["40.0 DeniedBurst raised"])
  })

  it("begins anew where the rule was changed, and what had been found is over", () => {
    const stage = ruled(burst)
    for (const second of [0, 1, 2]) denied(stage.at(second))
    const { count } = burst
    if (count === undefined) throw new Error("the rule counts")
    stage.at(10).configured(campusWith([{ ...burst, count: { ...count, atLeast: 4 } }]), "v2")
    denied(stage.at(11))
    expect(stage.at(90).story).toEqual(["2.0 DeniedBurst raised", "10.0 DeniedBurst returned-to-normal"])
  })

  it("goes on where other rules were changed", () => {
    const stage = ruled(burst)
    denied(stage)
    denied(stage.at(1)).configured(
      campusWith([
        burst,
        ruleOf("other", { key: "door", count: { event: "DoorOpened", atLeast: 9, withinSeconds: 9 } }, "Other")
      ]),
      "v2"
    )
    denied(stage.at(2))
    expect(stage.story).toEqual(["2.0 DeniedBurst raised"])
  })
})

describe("a rule that watches all that it can", () => {
  const each = ruleOf("each", {
    key: "credential",
    count: { event: "AccessDenied", atLeast: 3, withinSeconds: 60 }
  })

  it("says so once while it lasts, watches on whom it knows, and has room again later", () => {
    const stage = ruled({ ...each, alert: { condition: "DeniedBurst", priority: 3 } })
    for (let nth = 0; nth < subjectsMax + 3; nth++) denied(stage, `c${nth}`)
    expect(stage.story).toEqual(["0.0 RuleOverloaded raised"])
    for (const second of [1, 2]) denied(stage.at(second), "c7")
    for (const second of [3, 4, 5]) denied(stage.at(second), "c-late")
    expect(stage.story.slice(1)).toEqual(["2.0 DeniedBurst raised"])
    expect(stage.at(1800).story.slice(2)).toEqual([
      "64.0 DeniedBurst returned-to-normal",
      "600.0 RuleOverloaded returned-to-normal"
    ])
  })
})

describe("what comes more often than a rule remembers", () => {
  const often = 70
  const noisy = (stage: Stage, from: number): Stage => {
    for (let nth = 0; nth < often; nth++) denied(stage.at(from + nth))
    return stage
  }

  it("does not push out others that a count of different ones counts", () => {
    const count = { event: "AccessDenied", distinct: "credential", atLeast: 3, withinSeconds: 300 }
    const stage = ruled(ruleOf("different", { key: "site", count }, "Different"))
    noisy(denied(stage.at(0), "bo"), 1)
    expect(stage.story).toEqual([])
    denied(stage.at(100), "cy")
    expect(stage.story).toEqual(["100.0 Different raised"])
  })

  it.each<readonly [kind: string, rule: Partial<Rule>]>([
    ["all", { all: { of: [{ event: "ObjectDetected" }, { event: "AccessDenied" }], withinSeconds: 300 } }],
    ["sequence", { sequence: { steps: [{ event: "ObjectDetected" }, { event: "AccessDenied" }], withinSeconds: 300 } }]
  ])("does not undo what was found of it and of something that came once: %s", (_kind, rule) => {
    const stage = ruled(ruleOf("both", { key: "site", ...rule }, "Both"))
    noisy(sees(stage.at(0)), 1)
    expect(stage.alert("Both")).toMatchObject({ active: true })
    expect(stage.story.filter((line) => !line.includes("updated"))).toEqual(["1.0 Both raised"])
  })

  it("does not put off what was waited for since the first", () => {
    const absence = {
      after: { event: "AccessDenied" },
      without: [{ event: "ObjectDetected" }],
      forSeconds: 100
    } as const
    const stage = ruled(ruleOf("nobody", { key: "site", absence }, "NobodyCame"))
    noisy(stage, 1).at(200)
    expect(stage.story).toEqual(["103.0 NobodyCame raised"])
  })
})

describe("a state that stays", () => {
  const open = ruleOf("open", { key: "door", stays: { standing: "Unlocked", forSeconds: 60 } }, "LeftUnlocked")
  const motion = ruleOf("motion", { key: "point", stays: { reading: "motion", is: "on", forSeconds: 30 } }, "Loitering")

  it("is told when it has lasted, and is over when it ends", () => {
    const stage = ruled(motion).motion("on").at(40).motion("off").at(60)
    expect(stage.story).toEqual(["32.0 Loitering raised", "42.0 Loitering returned-to-normal"])
    expect(stage.alert("Loitering")).toMatchObject({
      key: "point:pir/motion",
      occurredAt: Date.UTC(2026, 2, 2, 10, 0, 30)
    })
  })

  it("is not told when it ends in time, or when nobody knows any more", () => {
    expect(ruled(motion).motion("on").at(29).motion("off").at(90).story).toEqual([])
    const lost = ruled(motion).motion("on").at(29).motion("unknown").at(31).motion("on")
    expect(lost.at(60).story).toEqual([])
    expect(lost.at(64).story).toEqual(["63.0 Loitering raised"])
  })

  it("counts from its beginning, though the gateway was restarted meanwhile", () => {
    const stage = ruled(motion).motion("on").at(5).killedUntil(10).at(60)
    expect(stage.story).toEqual(["32.0 Loitering raised"])
  })

  it.each([
    ["the first time", (stage: Stage) => stage],
    ["again", (stage: Stage) => stage.motion("on").at(12)]
  ])("lasts %s when the one before ended at the same instant, as clocks of whole seconds tell it", (_, begun) => {
    const stage = begun(ruled(motion).motion("off").at(10))
    stage.motion("off").motion("on").at(60)
    expect(stage.alert("Loitering")).toMatchObject({ active: true })
  })

  it("is over when it ends, and was no error, though its device's clock may be off", () => {
    const stage = ruled(motion)
    const says = (second: number, value: "on" | "off") =>
      stage.at(second).reads("pir/motion", { kind: "motion", value }, { uncertaintyMs: 1900 })
    says(0, "off")
    says(10, "on")
    says(42.5, "off").at(60)
    expect(stage.story).toEqual(["42.0 Loitering raised", "44.5 Loitering returned-to-normal"])
  })

  it("is told of a point that is at fault when it is heard for the first time", () => {
    const fault = ruleOf(
      "fault",
      { key: "point", stays: { reading: "position", is: "fault", forSeconds: 30 } },
      "CutWire"
    )
    const stage = new Stage(campusWith([fault])).reads("north-contact/contact", { kind: "position", value: "fault" })
    expect(stage.at(60).alert("CutWire")).toMatchObject({ active: true, key: "point:north-contact/contact" })
    stage.reads("north-contact/contact", { kind: "position", value: "closed" }).at(70)
    expect(stage.alert("CutWire")).toMatchObject({ active: false })
  })

  it("is known to have lasted already when the rule is new", () => {
    const stage = ruled()
      .mode("Unlocked")
      .at(50)
      .configured(campusWith([open]), "v2")
      .at(70)
    expect(stage.story).toEqual(["62.0 LeftUnlocked raised"])
  })
})

describe("a state that stays at one of several points", () => {
  const either = ruleOf("either", { key: "area", stays: { reading: "input", is: "on", forSeconds: 30 } }, "StaysOn")
  const says = (stage: Stage, point: string, value: "on" | "off"): Stage =>
    stage.reads(`panel/${point}`, { kind: "input", value })
  const staged = (rule = either): Stage => {
    const campus = campusWith([rule])
    const devices = campus.devices.map((one) => (one.id === "panel" ? { ...one, area: AreaId.make("hall") } : one))
    return says(says(Stage.closedDoor({ ...campus, devices }), "one", "off"), "other", "off").at(10)
  }

  it("is told though another of them ends, and is over with its own end", () => {
    const stage = says(says(staged(), "one", "on").at(20), "other", "on")
    says(stage.at(25), "other", "off")
    says(stage.at(60), "one", "off").at(70)
    expect(stage.story).toEqual(["42.0 StaysOn raised", "62.0 StaysOn returned-to-normal"])
  })

  it("is over when none of them is so any more", () => {
    const stage = says(says(staged(), "one", "on").at(12), "other", "on")
    says(stage.at(45), "one", "off")
    says(stage.at(60), "other", "off").at(70)
    expect(stage.story.filter((line) => !line.includes("updated"))).toEqual([
      "42.0 StaysOn raised",
      "62.0 StaysOn returned-to-normal"
    ])
  })

  it("is not told when each of them ends in time", () => {
    const stage = says(says(staged(), "one", "on").at(30), "other", "on")
    says(stage.at(35), "one", "off")
    says(stage.at(55), "other", "off").at(100)
    expect(stage.story).toEqual([])
  })

  it("is told of the next one too that was so already, also when an officer has closed the first", () => {
    const stage = says(says(staged(), "one", "on").at(20), "other", "on")
    stage.at(45).closesAlert("StaysOn")
    says(stage.at(60), "one", "off").at(70)
    expect(stage.story).toEqual(["42.0 StaysOn raised", "45.0 StaysOn closed", "52.0 StaysOn raised"])
  })

  it("is not forgotten while another of them comes and goes", () => {
    const stage = says(staged(ruleOf("long", { ...either, stays: { ...either.stays!, forSeconds: 500 } })), "one", "on")
    for (let second = 11; second < 200; second += 2)
      says(says(stage.at(second), "other", "on").at(second + 1), "other", "off")
    expect(stage.at(520).story).toEqual(["512.0 StaysOn raised"])
  })
})

describe("an absence", () => {
  it("may wait for the same again, as of a guard on their round", () => {
    const badge = { event: "AccessGranted" } as const
    const round = ruleOf(
      "round",
      { key: "door", absence: { after: badge, without: [badge], forSeconds: 60 } },
      "NoGuard"
    )
    const stage = ruled(round).at(10).grants("guard").at(50).grants("guard").at(109)
    expect(stage.story).toEqual([])
    expect(stage.at(130).story).toEqual(["112.0 NoGuard raised"])
  })

  it("hears what should follow only at the doors that it is for", () => {
    const absence = { after: { event: "AccessGranted" }, without: [{ event: "DoorOpened" }], forSeconds: 20 } as const
    const stage = ruled(ruleOf("east", { key: "area", doors: [DoorId.make("east")], absence }, "NobodyEntered"))
    const north = (value: "open" | "closed") => stage.reads("north-contact/contact", { kind: "position", value })
    north("closed").at(10).grants("ada").at(12)
    north("open").at(13)
    north("closed").at(40)
    expect(stage.alert("NobodyEntered")).toMatchObject({ active: true })
    expect(
      ruled(ruleOf("hall", { key: "area", absence }, "NobodyEntered"))
        .grants("ada")
        .at(3)
        .opens()
        .at(25).story
    ).toEqual([])
  })

  const unused = ruleOf(
    "unused",
    {
      key: "credential",
      absence: { after: { event: "AccessGranted" }, without: [{ event: "DoorEntered" }], forSeconds: 20 }
    },
    "NeverEntered"
  )

  it("is told when what should follow does not", () => {
    const stage = ruled(unused).grants("ada").at(60)
    expect(stage.story).toEqual(["22.0 NeverEntered raised"])
    expect(stage.reasons("NeverEntered")).toEqual([
      "0.0 Access granted: ada, reader/reader",
      "20.0 Nothing that should follow came within 20 s"
    ])
  })

  it("is silent when it does", () => {
    expect(ruled(unused).grants("ada").at(3).opens().at(6).closes().at(60).story).toEqual([])
  })
})

describe("things that happen together", () => {
  const isUnauthorized = { event: "AccessDenied", where: 'reason == "Unauthorized"' } as const
  const anything = { event: ["AccessDenied", "ObjectDetected"] } as const
  const kinds: ReadonlyArray<readonly [string, Partial<Rule>]> = [
    ["all", { all: { of: [isUnauthorized, anything], withinSeconds: 10 } }],
    ["any", { any: { of: [anything, isUnauthorized, { event: "DoorOpened" }], atLeast: 2, withinSeconds: 10 } }]
  ]

  it.each(kinds)("are several, though one alone would meet several conditions: %s", (_kind, rule) => {
    const stage = denied(ruled(ruleOf("both", { key: "site", ...rule }, "Both")).at(10))
    expect(stage.alert("Both")).toBeUndefined()
    sees(stage.at(15))
    expect(stage.reasons("Both").map((reason) => reason.replace(/:.*/, ""))).toEqual([
      "10.0 Access denied",
      "15.0 Object detected"
    ])
  })

  it.each(kinds)("may be two of the same that meet different ones: %s", (_kind, rule) => {
    const stage = denied(denied(ruled(ruleOf("both", { key: "site", ...rule }, "Both")).at(10)).at(12))
    expect(stage.alert("Both")).toMatchObject({ active: true })
  })

  it("may be an event and the alert that it raised", () => {
    const once = ruleOf(
      "once",
      { key: "site", count: { event: "AccessDenied", atLeast: 1, withinSeconds: 5 } },
      "Denied"
    )
    const steps = [{ event: "AccessDenied" }, { alert: "Denied" }] as const
    const after = ruleOf("after", { key: "site", sequence: { steps, withinSeconds: 5 } }, "DeniedAndTold")
    const both = ruleOf("both", { key: "site", all: { of: steps, withinSeconds: 5 } }, "Both")
    const stage = denied(ruled(once, after, both).at(10))
    expect([stage.alert("DeniedAndTold")?.active, stage.alert("Both")?.active]).toEqual([true, true])
  })
})

describe("what is told only after the gateway was blind", () => {
  it("may have ended what lasted in time: whoever closed the door may have done so then", () => {
    const open = ruleOf(
      "open",
      { key: "door", stays: { reading: "position", is: "open", forSeconds: 30 } },
      "StandsOpen"
    )
    const stage = ruled(open).at(10).opens().at(20).killedUntil(50).at(51).closes().at(120)
    expect(stage.alert("StandsOpen")).toBeUndefined()
    const still = ruled(open).at(10).opens().at(20).killedUntil(50).at(60)
    expect(still.alert("StandsOpen")).toMatchObject({ active: true })
  })

  const absence = { after: { event: "AccessDenied" }, without: [{ event: "ObjectDetected" }], forSeconds: 30 } as const
  const awaited = ruleOf("awaited", { key: "site", absence }, "NobodyCame")

  it("may have come in time, where it was waited for", () => {
    const stage = sees(denied(ruled(awaited).at(10)).at(20).killedUntil(50).at(51))
    expect(stage.at(120).alert("NobodyCame")).toBeUndefined()
  })

  it("has not come before what was heard of first", () => {
    const stage = denied(sees(ruled(awaited).at(20).killedUntil(50).at(51)).at(52))
    expect(stage.at(120).alert("NobodyCame")).toMatchObject({ active: true })
  })

  it("may have come between the steps of a sequence", () => {
    const sequence = {
      steps: [{ event: "AccessDenied" }, { event: "DoorOpened" }],
      without: [{ event: "ObjectDetected" }],
      withinSeconds: 90
    } as const
    const stage = denied(ruled(ruleOf("steps", { key: "site", sequence }, "Found")).at(10))
      .at(20)
      .killedUntil(50)
      .at(51)
    sees(stage.opens().at(51.5)).at(120)
    expect(stage.alert("Found")).toBeUndefined()
  })
})

describe("a sequence", () => {
  const piggyback = ruleOf(
    "twice",
    {
      key: "credential",
      sequence: {
        steps: [{ event: "AccessGranted" }, { event: "AccessGranted" }],
        without: [{ event: "AccessNotTaken" }],
        withinSeconds: 600
      }
    },
    "InTwice"
  )

  it("is told when its steps come in their order, each by a happening of its own", () => {
    const stage = ruled(piggyback).grants("ada").at(1).opens().at(4).closes().at(60).grants("ada").at(61)
    expect(stage.story).toEqual([])
    stage.opens().at(64).closes().at(70)
    expect(stage.story).toEqual(["62.0 InTwice raised"])
  })

  it("is silent when something came between that explains it", () => {
    expect(ruled(piggyback).grants("ada").at(60).grants("ada").at(61).opens().at(64).closes().at(99).story).toEqual([])
  })

  describe("of half a day, where people go in and out", () => {
    const hour = 3600
    const sequence = {
      steps: [{ event: "AccessGranted" }, { event: "AccessGranted" }],
      without: [{ event: "ExitRequested" }],
      withinSeconds: 12 * hour
    } as const
    const twice = ruleOf("twice", { key: "door", sequence }, "InTwice")
    /** In and out again every ten minutes, for six hours. */
    const busy = (): Stage => {
      const stage = ruled(twice)
      for (let second = 0; second < 6 * hour; second += 600)
        stage
          .at(second)
          .grants("ada")
          .at(second + 60)
          .presses()
      return stage.at(6 * hour)
    }

    it("remembers the last hour, and what parts it from what was before", () => {
      const { situation } = busy()
      const [, { hits }] = freeze(situation).subjects.find(([name]) => name.startsWith("t.twice"))!
      expect(hits.length).toBeGreaterThan(15)
      expect(hits.filter(({ at }) => at < situation.at - (hour + 600) * 1000)).toHaveLength(0)
    })

    it("finds all the same who goes in twice", () => {
      const stage = busy()
        .grants("ada")
        .at(6 * hour + 50)
        .grants("ada")
        .at(6 * hour + 60)
      expect(stage.story).toEqual(["21652.0 InTwice raised"])
      expect(stage.reasons("InTwice")).toHaveLength(2)
    })

    it("takes nobody for one who did because of what is told hours late", () => {
      const stage = busy()
        .grants("ada", { occurred: hour + 100 })
        .at(6 * hour + 50)
        .grants("ada")
      expect(stage.at(7 * hour).story).toEqual([])
    })
  })
})

describe("the circumstances of a rule", () => {
  const lessons = ScheduleRef.make("lessons")
  const once = (more: Partial<Rule>) =>
    Stage.closedDoor({
      ...campusWith([
        ruleOf(
          "once",
          { key: "door", count: { event: "AccessDenied", atLeast: 1, withinSeconds: 5 }, ...more },
          "Denied"
        )
      ]),
      schedules: [{ id: ScheduleId.make("lessons"), periods: [{ from: "10:00", to: "10:05" }] }]
    })
  const heardAt = (stage: Stage): ReadonlyArray<string> => {
    for (const second of [60, 400]) denied(stage.at(second))
    return stage.story.filter((line) => !line.includes("normal"))
  }

  it("are a schedule, during which or outside of which it listens", () => {
    expect(heardAt(once({ during: lessons }))).toEqual(["60.0 Denied raised"])
    expect(heardAt(once({ outside: lessons }))).toEqual(["400.0 Denied raised"])
  })

  it("are the threat level of the site", () => {
    const stage = once({ threat: [ThreatLevelName.make("high")] }).at(100)
    denied(stage)
    stage.enter({ _tag: "ThreatLevelSet", level: "high", by: "ines", reason: "a call" })
    expect(heardAt(stage)).toEqual(["100.0 Denied raised", "400.0 Denied reactivated"])
  })

  it("are the door or the area it is about", () => {
    expect(heardAt(once({ doors: [DoorId.make("north")] }))).toEqual([])
    expect(heardAt(once({ areas: [AreaId.make("hall")] }))).toHaveLength(2)
  })
})

describe("what a camera of two doors sees", () => {
  const seenWith = (key: string, more: Partial<Rule>, where = "true"): ReadonlyArray<string> => {
    const seen = { event: "ObjectDetected", where, atLeast: 1, withinSeconds: 5 }
    const campus = campusWith([ruleOf("seen", { title: "{door}", key, count: seen, ...more }, "Seen")])
    const cameras = [CameraId.make("cam")]
    const stage = Stage.closedDoor({ ...campus, doors: campus.doors.map((door) => ({ ...door, cameras })) })
    sees(stage.at(10))
    return stage.changes.map(({ alert }) => alert.title)
  }

  it.each(["camera", "device", "site"])("counts once, by %s, at the door that the rule is for", (key) => {
    expect(seenWith(key, {})).toEqual(["East door"])
    expect(seenWith(key, { doors: [DoorId.make("north")] })).toEqual(["North door"])
    expect(seenWith(key, {}, 'door == "north"')).toEqual(["North door"])
  })

  it("counts at each of them, by door", () => {
    expect(seenWith("door", {})).toEqual(["East door", "North door"])
  })
})

describe("what an officer forgives", () => {
  it("is forgotten by its rule, over with its reason, and found anew from there", () => {
    const stage = ruled(burst)
    for (const second of [0, 1, 2]) denied(stage.at(second))
    const key = stage.alert("DeniedBurst")?.key ?? ""
    const rule = RuleId.make("t.burst")
    stage.at(10).enter({ _tag: "RuleForgiven", rule, key, by: "ines", reason: "a new badge" })
    denied(stage.at(11))
    denied(stage.at(12))
    expect(stage.story).toEqual(["2.0 DeniedBurst raised", "10.0 DeniedBurst returned-to-normal"])
    expect(stage.reasons("DeniedBurst")).toContain("10.0 ines forgave it: a new badge")
    denied(stage.at(13))
    expect(stage.story.at(-1)).toBe("13.0 DeniedBurst reactivated")
  })
})

describe("a confirmation", () => {
  const seen = ruleOf("seen", {
    title: "Somebody is seen by the door's camera",
    key: "door",
    confirmBy: {
      alert: "DoorForcedOpen",
      of: [{ event: "ObjectDetected", where: 'object == "person"' }],
      validationLevel: 2
    }
  })
  const level = (stage: ReturnType<typeof ruled>) => stage.alert("DoorForcedOpen")?.validationLevel

  it("raises the validation level of an open alert, and says why", () => {
    const stage = sees(ruled(seen).opens().at(12))
    expect(stage.story).toEqual(["1.5 DoorForcedOpen raised", "12.0 DoorForcedOpen confirmed"])
    expect(level(stage)).toBe(2)
    expect(stage.reasons("DoorForcedOpen")).toContain(
      "12.0 Somebody is seen by the door's camera: Object detected: person, cam/video"
    )
    expect(sees(stage.at(13)).story).toHaveLength(2)
  })

  it("may have come a little before the alert", () => {
    const stage = sees(ruled(seen).at(6)).at(10).opens().at(15)
    expect(stage.story).toEqual(["11.5 DoorForcedOpen raised", "11.5 DoorForcedOpen confirmed"])
  })

  it("does not, when it is too early, too late, of another kind, or elsewhere", () => {
    expect(level(sees(ruled(seen).at(4)).at(10).opens().at(15))).toBe(1)
    expect(level(sees(ruled(seen).opens().at(31)))).toBe(1)
    expect(level(sees(ruled(seen).opens().at(5), "dog"))).toBe(1)
    const elsewhere = ruled(seen).opens().at(5)
    elsewhere.happens("pir/video", { _tag: "ObjectDetected", object: "person" })
    expect(level(elsewhere)).toBe(1)
  })
})

describe("a rule of what does not come whose alert is active already", () => {
  const absence = { after: { event: "AccessGranted" }, without: [{ event: "DoorOpened" }], forSeconds: 4 } as const
  const unused = ruleOf("unused", { key: "door", absence }, "Unused")
  const unusedStory = (stage: Stage): ReadonlyArray<string> => stage.story.filter((line) => line.includes("Unused"))

  it("does not say of what came in time that it did not", () => {
    const stage = ruled(unused).grants("a").at(100).grants("b").at(101).opens().at(110)
    expect(unusedStory(stage)).toEqual(["6.0 Unused raised", "103.0 Unused returned-to-normal"])
  })

  it("tells another one once that is known, and not before", () => {
    const stage = ruled(unused).grants("a").at(100).grants("b").at(110).opens().at(120)
    expect(unusedStory(stage)).toEqual(["6.0 Unused raised", "106.0 Unused updated", "112.0 Unused returned-to-normal"])
  })
})

describe("an inhibition", () => {
  const held = ruleOf("panel", {
    inhibit: { cause: "DeviceOffline", consequences: ["DoorFaulted", "DeviceOffline"], by: "bridge" }
  })
  const device = ruleOf("own", { inhibit: { cause: "DeviceOffline", consequences: "DoorFaulted", by: "device" } })
  const faulty = (stage: ReturnType<typeof ruled>, value: "on" | "off") =>
    stage.reads("lock/fault", { kind: "fault", value })
  const away = (stage: ReturnType<typeof ruled>) =>
    stage.available("lock", "online").available("lock", "offline").at(100)

  it("holds a consequence on its cause, counted and named, and tells it when the cause ends and it is still so", () => {
    const stage = faulty(away(ruled(device)), "on")
    expect(stage.story).toEqual([
      "90.0 DeviceOffline raised",
      "100.0 DeviceOffline returned-to-normal",
      "100.0 DoorFaulted raised"
    ])
  })

  it("knows the device of its cause also where that was heard at a door", () => {
    const casing = ruleOf(
      "casing",
      { key: "device", count: { event: "TamperDetected", atLeast: 1, withinSeconds: 600 } },
      "CasingOpened"
    )
    const cut = ruleOf("cut", { inhibit: { cause: "CasingOpened", consequences: "DeviceOffline", by: "device" } })
    const stage = away(ruled(casing, cut).reads("reader/casing", { kind: "tamper", value: "off" }).at(1))
    stage.reads("reader/casing", { kind: "tamper", value: "on" }).at(110).available("reader", "offline").at(205)
    expect(stage.alert("CasingOpened")).toMatchObject({ active: true, holdsBack: [{ condition: "DeviceOffline" }] })
  })

  it("tells what it holds once the configuration has it no longer, and not while only other rules change", () => {
    const all = ruleOf("all", { inhibit: { cause: "DeviceOffline", consequences: "DoorTampered", by: "site" } })
    const stage = away(ruled(all)).reads("contact/tamper", { kind: "tamper", value: "off" })
    stage.at(110).reads("contact/tamper", { kind: "tamper", value: "on" }).at(120)
    stage.configured(campusWith([all, burst])).at(130)
    expect(stage.alert("DoorTampered")).toBeUndefined()
    stage.configured(campusWith([burst])).at(140)
    expect(stage.story.slice(-2)).toEqual(["130.0 DeviceOffline updated", "130.0 DoorTampered raised"])
    expect(stage.alert("DeviceOffline")?.holdsBack).toBeUndefined()
  })

  it("tells nothing of what is over before", () => {
    const stage = ruled(
      ruleOf("all", { inhibit: { cause: "DeviceOffline", consequences: "DoorTampered", by: "site" } })
    )
    away(stage).reads("contact/tamper", { kind: "tamper", value: "off" }).at(110)
    stage.reads("contact/tamper", { kind: "tamper", value: "on" }).at(120)
    expect(stage.alert("DoorTampered")).toBeUndefined()
    expect(stage.alert("DeviceOffline")?.holdsBack?.map(({ title }) => title)).toEqual(["Tamper: East door"])
    stage
      .killedUntil(125)
      .at(130)
      .reads("contact/tamper", { kind: "tamper", value: "off" })
      .available("lock", "online")
      .at(140)
    expect(stage.story).toEqual([
      "90.0 DeviceOffline raised",
      "110.0 DeviceOffline updated",
      "130.0 DeviceOffline updated",
      "130.0 DeviceOffline returned-to-normal"
    ])
    expect(stage.alert("DeviceOffline")?.holdsBack).toBeUndefined()
  })

  it("leaves alone what lies elsewhere", () => {
    const stage = faulty(away(ruled(held)), "on")
    expect(stage.alert("DoorFaulted")).toMatchObject({ active: true })
  })

  it.each<readonly [when: string, circumstances: Partial<Rule>]>([
    ["its schedule is not on", { during: ScheduleRef.make("night") }],
    ["the threat level is another", { threat: [ThreatLevelName.make("high")] }],
    ["the area is not armed", { armed: true }],
    ["it is for other doors", { doors: [DoorId.make("north")] }]
  ])("holds nothing back when %s", (_when, circumstances) => {
    const stage = faulty(away(ruled({ ...device, ...circumstances })), "on")
    expect(stage.alert("DoorFaulted")).toMatchObject({ active: true })
  })
})

describe("a storm", () => {
  const calm = ruleOf("storm", { storm: { alert: "DoorTampered", moreThan: 3, withinSeconds: 60 } })
  const tampered = (stage: ReturnType<typeof ruled>, second: number) =>
    stage
      .at(second)
      .reads("contact/tamper", { kind: "tamper", value: "on" })
      .at(second + 1)
      .reads("contact/tamper", { kind: "tamper", value: "off" })

  it("counts and shows what comes too often, and asks nobody anew until it has been still", () => {
    const stage = ruled(calm).reads("contact/tamper", { kind: "tamper", value: "off" })
    for (const second of [0, 5, 10]) tampered(stage, second)
    stage.acknowledges("DoorTampered")
    for (const second of [15, 20]) tampered(stage, second)
    expect(stage.alert("DoorTampered")).toMatchObject({
      count: 5,
      acknowledged: true,
      chattering: { times: 5, rule: "t.storm" }
    })
    stage.at(79)
    expect(stage.alert("DoorTampered")?.chattering).toBeDefined()
    stage.at(81)
    expect(stage.alert("DoorTampered")?.chattering).toBeUndefined()
    tampered(stage, 90)
    expect(stage.alert("DoorTampered")).toMatchObject({ count: 6, acknowledged: false })
    expect(stage.story.filter((line) => line.includes("reactivated"))).toHaveLength(3)
  })

  it("is watched for only where and when its rule is to, by the first rule that is", () => {
    const elsewhere = ruleOf("storm", { ...calm, doors: [DoorId.make("north")] })
    const sooner = ruleOf("sooner", { storm: { alert: "DoorTampered", moreThan: 1, withinSeconds: 60 } })
    const stormy = (...rules: ReadonlyArray<Rule>) => {
      const stage = ruled(...rules).reads("contact/tamper", { kind: "tamper", value: "off" })
      for (const second of [0, 5, 10, 15, 20]) tampered(stage, second)
      return stage.alert("DoorTampered")?.chattering?.rule
    }
    expect(stormy(elsewhere)).toBeUndefined()
    expect(stormy(elsewhere, sooner, calm)).toBe("t.sooner")
  })
})
