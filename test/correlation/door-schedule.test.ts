import { describe, expect, test } from "vitest"
import type { Campus, Door } from "../../gateway/domain/campus.ts"
import { DoorId } from "../../gateway/domain/ids.ts"
import { type Schedule, ScheduleId, ScheduleRef } from "../../gateway/domain/schedule.ts"
import { campusOf, Stage } from "./door-stage.ts"

/** Recess is from 10:01 until 10:05, deliveries from 10:03: seconds 60 to 300, and 180 to 300. */
const schedules: ReadonlyArray<Schedule> = [
  { id: ScheduleId.make("recess"), periods: [{ from: "10:01", to: "10:05" }] },
  { id: ScheduleId.make("deliveries"), periods: [{ from: "10:03", to: "10:05" }] }
]
const [recess, deliveries] = [ScheduleRef.make("recess"), ScheduleRef.make("deliveries")]

const campus = (door: Partial<Door>): Campus => ({ ...campusOf(door), schedules })

const longer = campus({
  timesDuring: [{ schedule: recess, times: { heldOpenSeconds: 120, heldPreAlarmSeconds: 90 } }]
})

const alarms = (stage: Stage): ReadonlyArray<string> =>
  stage.story.filter((line) => /DoorOpenTooLong|DoorForcedOpen/.test(line))

describe("a door whose times are longer by schedule", () => {
  test("is held by its own times outside of it, and by the longer ones during it", () => {
    const early = Stage.closedDoor(longer).at(10)
    early.grants().opens().at(50)
    expect(alarms(early)).toEqual(["40.0 DoorOpenTooLong raised"])
    const late = Stage.closedDoor(longer).at(70)
    late.grants().opens().at(189.9)
    expect(alarms(late)).toEqual([])
    expect(alarms(late.at(191))).toEqual(["190.0 DoorOpenTooLong raised"])
  })

  test("counts an opening from its beginning when the longer time begins", () => {
    const stage = Stage.closedDoor(longer).at(45)
    stage.grants().opens().at(200)
    expect(alarms(stage)).toEqual(["165.0 DoorOpenTooLong raised"])
    expect(stage.happened("DoorHeldPreAlarm")).toEqual(["135.0 DoorHeldPreAlarm"])
  })

  test("is held no more when the longer time begins, until that is over as well", () => {
    const stage = Stage.closedDoor(longer).at(20)
    stage.grants().opens().at(200)
    expect(alarms(stage)).toEqual([
      "50.0 DoorOpenTooLong raised",
      "60.0 DoorOpenTooLong returned-to-normal",
      "140.0 DoorOpenTooLong reactivated"
    ])
  })

  test("gives who opened it during the longer time the shorter one from its end, and says so", () => {
    const stage = Stage.closedDoor(longer).at(240)
    stage.grants().opens().at(331)
    expect(alarms(stage)).toEqual(["330.0 DoorOpenTooLong raised"])
    expect(stage.reasons("DoorOpenTooLong")).toEqual([
      "240.0 The door opened",
      "300.0 Its time became shorter while it was open, and counts from here",
      "330.0 It has been open for 30 s, as long as it may be"
    ])
  })

  test("lets nothing else that turns meanwhile take that time away again", () => {
    const both = campus({
      timesDuring: [{ schedule: recess, times: { heldOpenSeconds: 120, heldPreAlarmSeconds: 90 } }],
      unlockedDuring: { schedule: ScheduleRef.make("closing") }
    })
    const closing: Schedule = { id: ScheduleId.make("closing"), periods: [{ from: "10:00", to: "10:06" }] }
    const stage = Stage.closedDoor({ ...both, schedules: [...schedules, closing] }).at(240)
    stage.opens().at(420)
    expect(alarms(stage)).toEqual(["390.0 DoorOpenTooLong raised"])
    const longest = campus({
      times: { heldOpenSeconds: 70, heldPreAlarmSeconds: 60 },
      timesDuring: [{ schedule: recess, times: { heldOpenSeconds: 120, heldPreAlarmSeconds: 90 } }],
      unlockedDuring: { schedule: ScheduleRef.make("later"), firstPersonIn: true }
    })
    const later: Schedule = { id: ScheduleId.make("later"), periods: [{ from: "10:06", to: "10:07" }] }
    const waits = Stage.closedDoor({ ...longest, schedules: [...schedules, later] }).at(270)
    waits.grants().opens().at(500)
    expect(alarms(waits)).toEqual(["370.0 DoorOpenTooLong raised"])
  })

  test("never gives an opening longer than it had before the shorter time began", () => {
    const stage = Stage.closedDoor(longer).at(195)
    stage.grants().opens().at(320)
    expect(alarms(stage)).toEqual(["315.0 DoorOpenTooLong raised"])
  })

  test("keeps what its controller reports as held until the controller takes it back", () => {
    const stage = Stage.closedDoor(longer).at(30)
    stage.grants().opens().at(40).alarm("DoorOpenTooLong").at(70)
    expect(alarms(stage)).toEqual(["40.0 DoorOpenTooLong raised"])
  })

  test("judges by the schedule of the instant also after a restart in between", () => {
    const stage = Stage.closedDoor(longer).at(45)
    stage.grants().opens().at(50).killedUntil(70).at(200)
    expect(alarms(stage)).toEqual(["165.0 DoorOpenTooLong raised"])
  })

  test("takes the first of several times that hold at once", () => {
    const both = campus({
      timesDuring: [
        { schedule: deliveries, times: { heldOpenSeconds: 60 } },
        { schedule: recess, times: { heldOpenSeconds: 20, heldPreAlarmSeconds: 10 } }
      ]
    })
    const stage = Stage.closedDoor(both).at(70)
    stage.grants().opens().at(100).closes().at(200).grants().opens().at(270)
    expect(alarms(stage).filter((line) => !line.includes("normal"))).toEqual([
      "90.0 DoorOpenTooLong raised",
      "260.0 DoorOpenTooLong reactivated"
    ])
  })
})

describe("a door that is unlocked by schedule", () => {
  const unlocked = campus({ unlockedDuring: { schedule: recess } })

  test("is not forced while it is, and may stand open; and is both again when that is over", () => {
    const stage = new Stage(unlocked).at(-60)
    stage.closes().at(100).opens().at(250)
    expect(stage.door().standing).toBe("Open")
    expect(alarms(stage)).toEqual([])
    expect(alarms(stage.at(340))).toEqual(["330.0 DoorOpenTooLong raised"])
    stage.closes().at(400).opens().at(410)
    expect(alarms(stage)).toContain("401.5 DoorForcedOpen raised")
  })

  test("stands unlocked on the board, where its device does not say otherwise", () => {
    const stage = new Stage(unlocked).at(-60)
    stage.closes().at(100)
    expect(stage.door().standing).toBe("Unlocked")
    expect(stage.happened("DoorStandingChanged").slice(-1)).toEqual(["60.0 DoorStandingChanged"])
    expect(stage.mode("Locked").door().standing).toBe("Secure")
    expect(stage.at(310).door().standing).toBe("Secure")
  })

  test("is forced before it begins, but for as much as two clocks may differ", () => {
    const stage = Stage.closedDoor(unlocked).at(50)
    stage.opens().at(55).closes().at(59)
    stage.opens().at(70)
    expect(alarms(stage)).toEqual(["51.5 DoorForcedOpen raised", "55.15 DoorForcedOpen returned-to-normal"])
  })

  test("is forced all the same while it is locked down", () => {
    const stage = Stage.closedDoor(unlocked).at(100)
    stage.mode("LockedDown").at(110).opens().at(120)
    expect(alarms(stage)).toEqual(["111.5 DoorForcedOpen raised"])
  })

  test("turns over before the first thing that is heard of it after a restart", () => {
    const ended = Stage.closedDoor(unlocked).at(290)
    ended.killedUntil(310).at(311).opens().at(320)
    expect(alarms(ended)).toEqual(["313.0 DoorForcedOpen raised"])
    const begun = Stage.closedDoor(unlocked).at(50)
    begun.killedUntil(70).at(71).opens().at(80)
    expect(alarms(begun)).toEqual([])
  })

  test("turned over when it did while the gateway did not run, though it starts with another configuration", () => {
    const restarted = (stage: Stage, until: number) => {
      const { site, ...rest } = unlocked
      return stage.killedUntil(until).configured({ ...rest, site: { ...site, name: "Renamed" } }, "v2")
    }
    // Opened while it was unlocked, and while it was not any more; both told only now.
    const begun = restarted(Stage.closedDoor(unlocked).at(50), 70).opens({ deviceTime: 65, trusted: true }).at(80)
    expect(alarms(begun)).toEqual([])
    const ended = restarted(Stage.closedDoor(unlocked).at(290), 310).opens({ deviceTime: 305, trusted: true }).at(330)
    expect(alarms(ended)).toEqual([expect.stringContaining("DoorForcedOpen raised")])
  })

  test("waits for the first person where nobody may unlock an empty building", () => {
    const first = campus({ unlockedDuring: { schedule: recess, firstPersonIn: true } })
    const stage = Stage.closedDoor(first).at(70)
    stage.opens().at(72).closes().at(80)
    expect(alarms(stage)).toEqual(["71.5 DoorForcedOpen raised", "72.15 DoorForcedOpen returned-to-normal"])
    stage.grants("ada").opens().at(82).closes().at(120).opens().at(130).closes().at(290)
    expect(alarms(stage)).toHaveLength(2)
    stage.at(350).opens().at(360)
    expect(alarms(stage)).toHaveLength(3)
  })

  test("takes for the first person also one of whom the controller tells only that they passed", () => {
    const first = campus({ unlockedDuring: { schedule: recess, firstPersonIn: true } })
    const stage = Stage.closedDoor(first).at(70)
    stage.happens("reader/reader", { _tag: "AccessTaken", credential: "ada" })
    stage.at(120).opens().at(130)
    expect(alarms(stage)).toEqual([])
  })

  describe("the first person, who comes before it begins,", () => {
    const early = (firstPersonEarlyMinutes?: number) =>
      campus({
        unlockedDuring: {
          schedule: recess,
          firstPersonIn: true,
          ...(firstPersonEarlyMinutes === undefined ? {} : { firstPersonEarlyMinutes })
        }
      })
    /** Ada goes in at second 40, 20 s before it begins; somebody opens the door during it. */
    const visited = (stage: Stage): Stage => stage.at(40).grants("ada").opens().at(44).closes().at(120).opens().at(130)

    test("counts where the controller has it so, and is none otherwise", () => {
      expect(alarms(visited(Stage.closedDoor(early(1))))).toEqual([])
      expect(alarms(visited(Stage.closedDoor(early())))).toEqual(["121.5 DoorForcedOpen raised"])
    })

    test("counts no more when it was too long before, or did not go in", () => {
      const later = { schedule: deliveries, firstPersonIn: true, firstPersonEarlyMinutes: 1 }
      const long = Stage.closedDoor(campus({ unlockedDuring: later }))
        .at(110)
        .grants("ada")
        .opens()
        .at(115)
        .closes()
      expect(alarms(long.at(200).opens().at(210))).toEqual(["201.5 DoorForcedOpen raised"])
      const turnedBack = Stage.closedDoor(early(1)).at(40).grants("ada").at(120).opens().at(130)
      expect(alarms(turnedBack)).toEqual(["121.5 DoorForcedOpen raised"])
    })

    test("counts over a restart, and when it is heard of only after the beginning", () => {
      const stage = Stage.closedDoor(early(1)).at(40).grants("ada").opens().at(44).closes().killedUntil(70)
      expect(alarms(stage.at(120).opens().at(130))).toEqual([])
      const late = Stage.closedDoor(early(1)).at(61).grants("ada", { deviceTime: 59.5, trusted: true })
      expect(alarms(late.at(120).opens().at(130))).toEqual([])
    })
  })

  test("is timed again when it springs open just after its unlock is over", () => {
    const stage = Stage.closedDoor(unlocked).at(290).opens().at(299.5).closes().at(300.5).opens().at(340)
    expect(alarms(stage)).toEqual(["330.5 DoorOpenTooLong raised"])
  })

  test("does not take for it an officer who opens from afar, or a grant that is told of the past", () => {
    const first = campus({ unlockedDuring: { schedule: recess, firstPersonIn: true } })
    const stage = Stage.closedDoor(first).at(70)
    stage.enter({ _tag: "DoorCommanded", door: DoorId.make("east"), command: "Access", by: "ada" })
    stage.grants("ben", { origin: "replayed", deviceTime: 65 })
    stage.at(120).opens().at(130)
    expect(alarms(stage)).toEqual(["121.5 DoorForcedOpen raised"])
  })
})
