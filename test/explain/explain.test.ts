import fc from "fast-check"
import { afterAll, describe, expect, it } from "vitest"
import { initial } from "../../gateway/correlation/fold.ts"
import { explainLog } from "../../gateway/explain/explain-log.ts"
import { foldCourse } from "../../gateway/explain/door-course.ts"
import { pastOf } from "../../gateway/explain/explainer.ts"
import { History } from "../../gateway/log/history.ts"
import type { DoorExplanation } from "../../gateway/explain/explanation.ts"
import { course } from "../correlation/course.ts"
import { ScheduleId, ScheduleRef } from "../../gateway/domain/schedule.ts"
import { campusOf, dawn, Stage } from "../correlation/door-stage.ts"
import { play } from "../correlation/play-course.ts"
import { run } from "../cli/run.ts"
import { logOf, removeLogs } from "./log-of.ts"

afterAll(removeLogs)

const doorAt = (stage: Stage, second: number, door = "east"): DoorExplanation => {
  const told = explainLog.door(logOf(stage.facts).dataDir, door, dawn + second * 1000)
  if (told === undefined) throw new Error(`no door ${door}`)
  return told
}

const rule = (told: DoorExplanation, name: string) => told.rules.find((one) => one.rule === name)

const secondsOf = (at: number | undefined): number | undefined => (at === undefined ? at : (at - dawn) / 1000)

describe("why a door did not alarm", () => {
  it("names the grant that covered the opening, how long before it came, and the entry that holds it", () => {
    const told = doorAt(Stage.closedDoor().grants("A1").at(3.2).opens().at(7).closes().at(300), 4)
    expect(rule(told, "door.forced")).toMatchObject({
      fired: false,
      text: expect.stringMatching(/Access was granted, to A1, 3\.2 s before it \(entry \d+\)/)
    })
    expect(told.state).toMatchObject({ standing: "Open", position: "Open", mode: "Locked" })
    expect(rule(told, "door.held")).toMatchObject({ fired: false, otherwise: [{ missedByMs: 26_200 }] })
  })

  it("names the request to exit, the mode, the bounce and the re-latch that it was", () => {
    const exit = doorAt(Stage.closedDoor().presses().at(1.8).opens().at(5).closes().at(60), 2)
    expect(rule(exit, "door.forced")?.text).toContain("Exit was requested 1.8 s before it")
    const mode = doorAt(Stage.closedDoor().mode("LockedOpen").at(2).opens().at(100).closes().at(200), 50)
    expect(rule(mode, "door.forced")?.text).toContain("The door's mode was LockedOpen")
    expect(rule(mode, "door.held")?.text).toContain("its mode let it stand open")
    const bounce = doorAt(Stage.closedDoor().opens().at(0.09).closes().at(60), 1)
    expect(rule(bounce, "door.forced")?.text).toContain("open for 90 ms only: bounce")
    const latch = Stage.closedDoor().grants().at(2).opens().at(5).closes().at(6.5).opens().at(8).closes().at(60)
    expect(rule(doorAt(latch, 7), "door.forced")?.text).toContain("1.5 s after a rightful opening closed")
  })

  it("says who has bypassed its contact, and what that said all the same", () => {
    const told = doorAt(Stage.closedDoor().bypasses("contact/contact", 60).at(5).opens().at(60), 30)
    const why = "Its contact contact/contact was bypassed, for 59 min 30 s more (technician: it chatters): it said open"
    expect(rule(told, "door.forced")?.text).toContain(why)
    expect(told.blind.map(({ text }) => text)).toContainEqual(expect.stringContaining(why))
  })

  it("says since when and why its contact was not known, and that what was found open is never forced", () => {
    const lost = Stage.closedDoor().at(1).available("contact", "offline").at(60).opens({ origin: "recovery" }).at(120)
    const told = doorAt(lost, 30)
    expect(told.blind.map(({ text }) => text)).toContainEqual(
      "Its position (contact/contact) is not known: device contact is offline: it said offline"
    )
    expect(rule(told, "door.forced")).toMatchObject({ fired: false, text: expect.stringContaining("found open") })
    expect(rule(doorAt(lost.at(900), 600), "door.forced")?.text).toContain("never called forced")
  })

  it("tells what was due then, and of a rule that did fire by which alert", () => {
    const stage = Stage.closedDoor().opens().at(40).closes().at(100)
    const told = doorAt(stage, 1)
    expect(told.pending.map(({ what, dueAt }) => [what, secondsOf(dueAt)])).toEqual([
      ["judge", 1.5],
      ["preAlarm", 20],
      ["held", 30]
    ])
    expect(told.state.standing).toBe("UnverifiedOpening")
    expect(rule(told, "door.forced")).toMatchObject({ fired: true, alert: stage.idOf("DoorForcedOpen") })
    expect(rule(told, "door.held")).toMatchObject({ fired: true, otherwise: [{ missedByMs: 10_000 }] })
  })

  it("tells nothing of what is yet to come", () => {
    const told = doorAt(Stage.closedDoor().opens().at(5), 5)
    expect(rule(told, "door.held")).toMatchObject({ fired: false, text: expect.stringContaining("30.0 s are allowed") })
    expect(told.openings.at(-1)).toMatchObject({ outcome: "forced", held: false })
  })

  it("knows nothing of a door that was not configured then", () => {
    const { dataDir } = logOf(Stage.closedDoor().facts)
    expect(explainLog.door(dataDir, "roof", dawn)).toBeUndefined()
    expect(explainLog.alert(dataDir, "A-1")).toBeUndefined()
  })
})

describe("why an alert fired", () => {
  const stage = Stage.closedDoor().grants("A1").at(9.4).opens({ deviceTime: 9.4, trusted: true }).at(20)
  const id = stage.idOf("DoorForcedOpen")
  stage.acknowledges("DoorForcedOpen", "ada").at(60).closes().at(90)
  const { dataDir } = logOf(stage.facts)

  it("gives the facts, the clock of each, the rule's numbers, the configuration, and what it has gone through", () => {
    const told = explainLog.alert(dataDir, id)
    expect(told?.rule).toMatchObject({ id: "door.forced", numbers: { grantSeconds: 5, entrySeconds: 3 } })
    expect(told?.config).toMatchObject({ version: "v1", by: "test" })
    expect(told?.reasons[0]).toMatchObject({ text: "The door opened", timing: { clock: { trusted: true } } })
    expect(told?.timeline.flatMap((entry) => (entry._tag === "Alert" ? [entry.change.transition] : []))).toEqual(
      ["raised", "updated", "acknowledged", "returned-to-normal"].filter((step) => step !== "updated")
    )
  })

  it("goes by the times that the door's schedule had in force", () => {
    const times = { heldOpenSeconds: 60, heldPreAlarmSeconds: 50 }
    const schedules = [{ id: ScheduleId.make("lessons"), periods: [{ from: "09:00", to: "11:00" }] }]
    const campus = campusOf({ timesDuring: [{ schedule: ScheduleRef.make("lessons"), times }] })
    const held = Stage.closedDoor({ ...campus, schedules })
      .grants("A1")
      .opens()
      .at(90)
      .closes()
      .at(120)
    const explained = explainLog.alert(logOf(held.facts).dataDir, held.idOf("DoorOpenTooLong"))
    expect(explained?.rule.numbers).toMatchObject({ heldOpenSeconds: 60, heldPreAlarmSeconds: 50 })
    expect(secondsOf(explained?.otherwise[0]?.until)).toBe(60)
  })

  it("says which grant would have made it an entry, and that the nearest was 1.4 s too old", () => {
    const [grant, exit] = explainLog.alert(dataDir, id)?.otherwise ?? []
    expect([secondsOf(grant?.from), secondsOf(grant?.until), grant?.missedByMs]).toEqual([1.4, 10.9, 1400])
    expect(grant?.text).toContain("A grant to A1 was given 9.4 s before it: 1.4 s too old")
    expect([secondsOf(exit?.from), secondsOf(exit?.until)]).toEqual([4.4, 10.4])
  })

  it("is told on the command line, from the log's file alone", async () => {
    const told = await run(["explain", "alert", id, "--data", dataDir], { env: { TZ: "UTC", NO_COLOR: "1" } })
    expect(told.err).toBe("")
    expect(told.out).toContain("rule door.forced")
    expect(told.out).toMatch(/10:00:01\.400 – 10:00:10\.900 +#\d+ +A grant in this span would have made it an entry/)
    const none = await run(["explain", "door", "roof", "--at", "2026-03-02T10:00:10Z", "--data", dataDir])
    expect([none.code, none.last]).toEqual([1, `→ npm run gatehouse -- log verify --data ${dataDir}`])
  })
})

describe("folding one door's facts", () => {
  it("gives the door the memory that folding everything gives it, over any course and from any snapshot", () => {
    fc.assert(
      fc.property(course, fc.nat(), (steps, cut) => {
        const foldings = play(steps, "prompt")
        const whole = foldings.at(-1)?.after ?? initial
        const facts = foldings.map(({ fact }) => fact)
        const history = new History(logOf(facts, cut % (2 * facts.length)).dataDir)
        for (const door of ["east", "north"]) {
          const at = whole.at
          const past = pastOf(history, [door], { from: history.head(), upTo: history.head() })
          const { known } = foldCourse(past.base, past.facts, { at, until: at }, {})
          const doorOf = (of: typeof known) => of.doors.get(door)
          expect(doorOf(known)).toEqual(doorOf(whole))
        }
        history.close()
      }),
      { seed: 20_260_302, numRuns: 40 }
    )
  })
})
