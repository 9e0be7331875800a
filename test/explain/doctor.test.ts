import { afterAll, describe, expect, it } from "vitest"
import { chance } from "../../simulators/campus/people.ts"
import { readScenarioFile } from "../../simulators/scenarios/read-scenario.ts"
import { endsAtMs } from "../../simulators/scenarios/judge.ts"
import { rehearse, stageOf } from "../../gateway/cli/scenario-runner.ts"
import { parse } from "yaml"
import type { Campus, Door } from "../../gateway/domain/campus.ts"
import type { Fact } from "../../gateway/domain/fact.ts"
import { DoorId } from "../../gateway/domain/ids.ts"
import { ScheduleId } from "../../gateway/domain/schedule.ts"
import { examine } from "../../gateway/explain/doctor/examine.ts"
import type { DoctorReport } from "../../gateway/explain/doctor/report.ts"
import { History } from "../../gateway/log/history.ts"
import { campusOf, dawn, Stage } from "../correlation/door-stage.ts"
import { read } from "../scenarios/stage.ts"
import { logOf, removeLogs } from "./log-of.ts"

afterAll(removeLogs)

const examined = (facts: ReadonlyArray<Fact>, snapshotAfter?: number): DoctorReport => {
  const history = new History(logOf(facts, snapshotAfter).dataDir)
  try {
    const [first, last] = [facts[0], facts.at(-1)]
    return examine(history, { from: (first?.at ?? 0) - 1, to: last?.at ?? 0 })
  } finally {
    history.close()
  }
}

const found = ({ doors }: DoctorReport): ReadonlyArray<string> =>
  doors.flatMap(({ happenings }) => happenings.map(({ condition, cause }) => `${condition} ${cause}`))

const day = 86_400
const demo = stageOf(read(["config/demo"]))
const stageWith = (door: Partial<Door> = {}): Stage => Stage.closedDoor(campusOf(door))

/** A door opened by force, or so it looks, at this second, for so long. */
const bursts = (stage: Stage, at: number, forSeconds: number): Stage =>
  stage
    .at(at)
    .opens()
    .at(at + forSeconds)
    .closes()

/** A door opened rightfully at this second, and held for so long. */
const held = (stage: Stage, at: number, forSeconds: number): Stage =>
  stage
    .at(at)
    .grants()
    .at(at + 1)
    .opens()
    .at(at + 1 + forSeconds)
    .closes()

describe("the cause of an alarm", () => {
  const cases: ReadonlyArray<readonly [string, () => Stage, ReadonlyArray<string>]> = [
    [
      "a request to exit just after the opening",
      () => stageWith().at(0).opens().at(0.8).presses().at(5).closes(),
      ["ProbableExit late-exit"]
    ],
    [
      "a request to exit that came too late to be believed",
      () => stageWith().at(0).opens().at(4).presses().at(6).closes(),
      ["DoorForcedOpen late-exit"]
    ],
    [
      "a request to exit that was too old",
      () => stageWith().at(0).presses().at(7).opens().at(10).closes(),
      ["DoorForcedOpen late-exit"]
    ],
    [
      "a door that springs open three seconds after a rightful opening",
      () => stageWith().grants().at(2).opens().at(6).closes().at(9).opens().at(12).closes(),
      ["DoorForcedOpen latch"]
    ],
    ["a contact that bounces for 300 ms", () => bursts(stageWith(), 60, 0.3), ["DoorForcedOpen latch"]],
    [
      "a door that rattles until it is held",
      () => stageWith().grants().at(2).opens().at(20).closes().at(21).opens().at(40).closes(),
      ["DoorOpenTooLong latch"]
    ],
    [
      "a contact at fault half a minute before",
      () => {
        const stage = stageWith().reads("contact/contact", { kind: "position", value: "fault" }).at(20).closes()
        return bursts(stage, 50, 8)
      },
      ["DoorForcedOpen sensor"]
    ],
    [
      "the same twice within a minute",
      () => bursts(bursts(stageWith(), 60, 5), 100, 5),
      ["DoorForcedOpen chatter", "DoorForcedOpen chatter"]
    ],
    [
      "the same at the same time on three days",
      () => bursts(bursts(bursts(stageWith(), 0, 5), day + 200, 5), 2 * day + 400, 5),
      ["DoorForcedOpen schedule", "DoorForcedOpen schedule", "DoorForcedOpen schedule"]
    ],
    [
      "short openings with nobody about, three times on one day",
      () => bursts(bursts(bursts(stageWith(), 0, 1), 4000, 2), 9000, 1),
      ["DoorForcedOpen wind", "DoorForcedOpen wind", "DoorForcedOpen wind"]
    ],
    [
      "a gap of the link shortly before, which is no fault of the contact",
      () => bursts(stageWith().misses(["contact"]).at(5).closes({ origin: "recovery" }), 30, 8),
      ["DoorForcedOpen unexplained"]
    ],
    ["nothing that speaks for a nuisance", () => bursts(stageWith(), 60, 12), ["DoorForcedOpen unexplained"]]
  ]

  it.each(cases)("is told of %s", (_name, play, expected) => {
    expect(found(examined(play().at(4 * day).facts))).toEqual(expected)
  })

  describe("that comes on many days", () => {
    const many = (times: ReadonlyArray<number>): DoctorReport => {
      const stage = stageWith()
      for (const second of times.toSorted((a, b) => a - b)) held(stage, second, 40)
      return examined(stage.at(30 * day).facts)
    }
    const nth = (count: number) => Array.from({ length: count }, (_, at) => at)
    /** So many on any of 29 days, at any second of the first hours after 10:00. */
    const scattered = (count: number, hours: number): ReadonlyArray<number> => {
      const random = chance(7)
      return nth(count).map(() => Math.floor(random() * 29) * day + Math.floor(random() * (hours * 3600 - 60)))
    }

    it.each([24, 8])("is no time of the day where it comes by chance in a house that is open for %i hours", (hours) => {
      expect(many(scattered(170, hours)).doors[0]?.causes.schedule).toBe(0)
    })

    it("is no time of the day where it comes by the clock all day", () => {
      const hourly = nth(29 * 24).map((at) => at * 3600)
      expect(many(hourly).doors[0]?.causes).toMatchObject({ schedule: 0, unexplained: 29 * 24 })
      const quarters = nth(4 * 32).map((at) => Math.floor(at / 32) * day + (at % 32) * 900)
      expect(many(quarters).doors[0]?.causes).toMatchObject({ schedule: 0 })
    })

    it("is the time of the day at which it comes clearly more often than by chance, and the advice names that time", () => {
      // At 13:00 and a little later, on twenty days among noise.
      const recess = nth(20).map((at) => at * day + 3 * 3600 + (at % 5) * 100)
      const [door] = many([...recess, ...scattered(60, 24)]).doors
      const told = door?.happenings.filter(({ cause }) => cause === "schedule") ?? []
      expect(told.length).toBeGreaterThanOrEqual(20)
      expect(told.length).toBeLessThan(24)
      expect(door?.advice).toContainEqual(
        expect.stringMatching(/^Give the door a schedule for 1[23]:\d\d to 13:\d\d, or/)
      )
    })
  })

  const scenarios: ReadonlyArray<readonly [string, ReadonlyArray<string>]> = [
    ["rex-late", ["ProbableExit late-exit"]],
    ["lingering-exit", ["ProbableExit late-exit"]],
    ["forced-again", ["DoorForcedOpen chatter", "DoorForcedOpen chatter"]],
    ["bounce-forced", ["DoorForcedOpen unexplained", "DoorOpenTooLong unexplained"]],
    ["offline-door-open", ["DoorOpenTooLong sensor"]],
    ["held", ["DoorOpenTooLong unexplained"]],
    ["relatch", []],
    ["bounce-closing", []],
    ["staff-lingers", []],
    ["entry", []]
  ]

  it.each(scenarios)("of the shipped scenario %s is what it plays", (name, expected) => {
    const scenario = readScenarioFile(`config/scenarios/${name}.yaml`)
    const facts: Array<Fact> = []
    rehearse(demo, {
      steps: scenario.steps,
      endMs: endsAtMs(scenario),
      broker: scenario.broker,
      kept: (fact) => facts.push(fact)
    })
    expect(found(examined(facts))).toEqual(expected)
  })
})

describe("what is nobody's nuisance", () => {
  it("is what a door does while somebody works on it", () => {
    const stage = stageWith().works({ door: DoorId.make("east") }, 60)
    for (let nth = 0; nth < 6; nth++) bursts(stage, 60 + nth * 120, 0.3)
    expect(stage.at(3000).alert("DoorForcedOpen")).toMatchObject({ count: 6, outOfService: { meanwhile: 6 } })
    expect(examined(stage.at(5000).facts).doors).toEqual([])
  })

  it("leaves what came before and after the work to the door", () => {
    const stage = bursts(stageWith(), 0, 0.3).at(100).closesAlert("DoorForcedOpen", "officer", "nuisance-hardware")
    bursts(stage.works({ door: DoorId.make("east") }, 30), 160, 0.3)
    expect(found(examined(bursts(stage, 4000, 0.3).at(5000).facts))).toEqual(
      Array.from({ length: 2 }, () => "DoorForcedOpen latch")
    )
  })

  it("is a drill, as its officers closed it; nor does it make a habit of what comes once", () => {
    const stage = stageWith()
    for (const nth of [0, 1, 2]) held(stage, nth * day, 75).closesAlert("DoorOpenTooLong", "officer", "test-drill")
    const report = examined(held(stage, 3 * day, 75).at(4 * day).facts)
    expect(found(report)).toEqual(["DoorOpenTooLong unexplained"])
    expect(report.doors[0]?.proposal).toBeUndefined()
  })

  it("is not counted among what a proposal hides or adds", () => {
    const stage = bursts(stageWith(), 0, 0.3).at(10).closesAlert("DoorForcedOpen", "officer", "test-drill")
    const [door] = examined(bursts(stage, 5000, 0.3).at(9000).facts).doors
    expect(door?.proposal).toMatchObject({ times: { debounceMs: 350 }, hides: 1, hidesUnjudged: 1, adds: 0 })
  })
})

describe("what the doctor proposes", () => {
  it("is a longer validity of requests to exit, with what it hides, those that were real included", () => {
    const stage = stageWith().at(0).presses().at(7).opens().at(10).closes()
    stage.closesAlert("DoorForcedOpen").at(300).presses().at(306).opens().at(310).closes().at(900)
    const [door] = examined(stage.facts).doors
    expect(door?.proposal).toMatchObject({
      times: { rexValidSeconds: 7 },
      hides: 2,
      hidesReal: 1,
      hidesUnjudged: 1,
      adds: 0
    })
    expect(door?.proposal?.patch).toBe("doors:\n  - id: east\n    times:\n      rexValidSeconds: 7\n")
  })

  it("says the same where folding begins at a snapshot", () => {
    const stage = stageWith().at(0).presses().at(7).opens().at(10).closes().at(900)
    const history = new History(logOf(stage.facts, 8).dataDir)
    const report = examine(history, { from: dawn - 1000, to: dawn + 800_000 })
    history.close()
    expect(report.doors[0]?.proposal).toMatchObject({ times: { rexValidSeconds: 8 }, hides: 1 })
  })

  it("stays within the limits: debounce at most 400 ms, held never shorter, re-latch at most 5 s", () => {
    const bounce = examined(bursts(stageWith(), 60, 0.39).at(900).facts)
    expect(bounce.doors[0]?.proposal).toMatchObject({ times: { debounceMs: 400 }, hides: 1 })
    const stage = stageWith()
    for (const nth of [0, 1, 2]) held(stage, nth * day, 999)
    const longest = examined(stage.at(4 * day).facts)
    // What stands open for 1000 s would still be told, so that nothing is proposed.
    expect(found(longest)).toEqual(Array.from({ length: 3 }, () => "DoorOpenTooLong schedule"))
    expect(longest.doors[0]?.proposal).toBeUndefined()
    expect(longest.doors[0]?.advice).toHaveLength(1)
  })

  it("is a longer time to stand open for a door that is held at the same time each day", () => {
    const stage = stageWith()
    for (const nth of [0, 1, 2]) held(stage, nth * day, 60)
    const [door] = examined(stage.at(4 * day).facts).doors
    expect(door?.proposal).toMatchObject({ times: { heldOpenSeconds: 65, heldPreAlarmSeconds: 55 }, hides: 3 })
  })

  describe("that would have to stand open for longer than any door may, at one time of the day,", () => {
    /** Held from just after 10:00 for 400 s on each of three days, Monday to Wednesday; and once in the evening, by force. */
    const recess = (campus: Partial<Campus> = {}): Stage => {
      const stage = Stage.closedDoor({ ...campusOf(), ...campus })
      for (const nth of [0, 1, 2]) held(stage, nth * day + 60, 400)
      return stage.at(4 * day)
    }
    const named = (name: string, from: string, to: string): Partial<Campus> => ({
      schedules: [
        {
          id: ScheduleId.make("school"),
          periods: [
            { name, from, to },
            { from: "07:00", to: "16:00" }
          ]
        }
      ]
    })

    it("is a longer time in a schedule that is added, on school days, with the schedule written beside it", () => {
      const [door] = examined(recess().facts).doors
      const schedule = {
        id: "east-0955",
        periods: [{ days: ["mon", "tue", "wed", "thu", "fri"], from: "09:55", to: "10:10" }]
      }
      const times = { heldOpenSeconds: 420, heldPreAlarmSeconds: 410 }
      expect(door?.proposal).toMatchObject({
        times: {},
        during: [{ schedule: "east-0955", times, added: schedule }],
        hides: 3,
        adds: 0
      })
      expect(parse(door?.proposal?.patch ?? "")).toEqual({
        doors: [{ id: "east", timesDuring: [{ schedule: "east-0955", times }] }],
        schedules: [schedule]
      })
    })

    it("is a longer time in the narrowest schedule of the campus that fits", () => {
      const [door] = examined(recess(named("recess", "09:50", "10:20")).facts).doors
      expect(door?.proposal).toMatchObject({ during: [{ schedule: "school/recess" }], hides: 3 })
      expect(door?.proposal?.during?.[0]).not.toHaveProperty("added")
    })

    it("is no schedule that holds for half of the week, nor one that ends while the door stands open", () => {
      const [door] = examined(recess(named("recess", "09:50", "10:05")).facts).doors
      expect(door?.proposal?.during?.[0]?.schedule).toBe("east-0955")
    })

    it("is no schedule that is added for more than 15 hours of the week", () => {
      const stage = stageWith()
      // Every 20 min from 10:00 to 12:00, weekends too: seven times 2 h 15 min.
      for (let nth = 0; nth < 140; nth++) held(stage, Math.floor(nth / 7) * day + 60 + (nth % 7) * 1200, 200)
      const [door] = examined(stage.at(20 * day).facts).doors
      expect(door?.causes).toMatchObject({ schedule: 140 })
      expect(door?.advice).toHaveLength(1)
      expect(door?.proposal).toBeUndefined()
    })
  })
})
