import { describe, expect, test } from "vitest"
import { onShiftAt, shiftAtMostMs, signedOnAt } from "../../gateway/correlation/shift.ts"
import type { Campus } from "../../gateway/domain/campus.ts"
import { ChannelId, PersonId } from "../../gateway/domain/ids.ts"
import { NotificationId } from "../../gateway/domain/notification.ts"
import type { Person } from "../../gateway/domain/person.ts"
import { ScheduleRef } from "../../gateway/domain/schedule.ts"
import { lessons } from "./arming-stage.ts"
import { campusOf, dawn, Stage } from "./door-stage.ts"

const person = (name: string, more: Partial<Person> = {}): Person => ({
  id: PersonId.make(name.toLowerCase()),
  name,
  role: "officer",
  ...more
})

/** Ada is on shift by plan during lessons: seconds 60 to 240, and from 300 to 1800. */
const ada = person("Ada", { shifts: [ScheduleRef.make("lessons")] })
const staffed = (...people: ReadonlyArray<Person>): Campus => ({ ...campusOf(), schedules: [lessons], people })

const onShift = (stage: Stage, second: number): ReadonlyArray<string> =>
  onShiftAt(stage.situation, dawn + second * 1000).map(({ person: { name }, because }) => `${name} ${because}`)

const signsOn = (stage: Stage, by: string, ...relieves: ReadonlyArray<string>): void =>
  stage.enter({ _tag: "ShiftBegan", by, sound: "heard", ...(relieves.length === 0 ? {} : { relieves }) })

describe("who is on shift", () => {
  test("is who is expected by plan, at each instant that is asked for", () => {
    const stage = new Stage(staffed(ada, person("Grace"))).at(0)
    expect([30, 100, 250, 400].map((second) => onShift(stage, second))).toEqual([[], ["Ada plan"], [], ["Ada plan"]])
  })

  test("is who signed on, whatever the plan says, until they sign off", () => {
    const stage = new Stage(staffed(ada, person("Grace"))).at(30)
    signsOn(stage, "Grace")
    expect(onShift(stage, 100)).toEqual(["Ada plan", "Grace signed-on"])
    stage.at(120).enter({ _tag: "ShiftEnded", by: "Grace" })
    expect(onShift(stage, 121)).toEqual(["Ada plan"])
  })

  test("is not who went home early, before their next time by plan", () => {
    const stage = new Stage(staffed(ada)).at(100)
    stage.enter({ _tag: "ShiftBegan", by: "Ada", sound: "heard" })
    stage.at(150).enter({ _tag: "ShiftEnded", by: "Ada", reason: "ill" })
    expect([160, 239, 310].map((second) => onShift(stage, second))).toEqual([[], [], ["Ada plan"]])
  })

  test("is not who signed on so long ago that they must have forgotten to sign off", () => {
    const stage = new Stage(staffed(person("Grace"))).at(0)
    signsOn(stage, "Grace")
    const over = dawn + shiftAtMostMs
    expect(onShiftAt(stage.situation, over - 1).length).toBe(1)
    expect(onShiftAt(stage.situation, over)).toEqual([])
    expect(signedOnAt(stage.situation, over)).toEqual([])
  })

  test("is nobody who is disabled, or who is no longer in the configuration", () => {
    const stage = new Stage(staffed(ada, person("Grace"))).at(100)
    signsOn(stage, "Grace")
    stage.configured(staffed({ ...ada, disabled: true }), "v2")
    expect(onShift(stage, 101)).toEqual([])
  })

  test("is the same after a restart", () => {
    const stage = new Stage(staffed(ada, person("Grace"))).at(30)
    signsOn(stage, "Grace")
    stage.at(100)
    stage.enter({ _tag: "ShiftBegan", by: "Ada", sound: "heard" })
    stage.enter({ _tag: "ShiftEnded", by: "Ada" })
    const before = onShift(stage, 110)
    expect(onShift(stage.killedUntil(110), 110)).toEqual(before)
  })
})

describe("whoever takes over", () => {
  const forced = (): Stage => {
    const stage = Stage.closedDoor(staffed(person("Ada"), person("Grace")))
    signsOn(stage, "Ada")
    return stage.opens().at(10)
  }

  test("has in hand what the other had, and the other is off shift", () => {
    const stage = forced()
    stage.enter({ _tag: "AlertClaimed", alert: stage.idOf("DoorForcedOpen"), by: "Ada" })
    signsOn(stage, "Grace", "Ada")
    expect(stage.alert("DoorForcedOpen")?.claimed).toEqual({ by: "Grace", at: stage.now })
    expect(stage.changes.at(-1)).toMatchObject({ transition: "claimed", by: "Grace" })
    expect(onShift(stage, 11)).toEqual(["Grace signed-on"])
    expect(stage.situation.shift.turns.slice(1)).toMatchObject([
      { name: "Ada", turn: "off", endedBy: "Grace" },
      { name: "Grace", turn: "on", sound: "heard" }
    ])
  })

  test("has in hand what the other had acknowledged, and leaves alone what is nobody's or somebody else's", () => {
    const stage = forced()
    stage.acknowledges("DoorForcedOpen", "Ada")
    signsOn(stage, "Grace", "Ada")
    expect(stage.alert("DoorForcedOpen")).toMatchObject({ acknowledgedBy: "Ada", claimed: { by: "Grace" } })
    const other = forced()
    other.enter({ _tag: "AlertClaimed", alert: other.idOf("DoorForcedOpen"), by: "Ida" })
    signsOn(other, "Grace", "Ada")
    expect(other.alert("DoorForcedOpen")?.claimed?.by).toBe("Ida")
  })
})

describe("somebody", () => {
  test("was last proved reachable when their own device said that it had something, by that channel", () => {
    const stage = new Stage(staffed(ada)).at(10)
    const received = { _tag: "NotificationReceived", channel: ChannelId.make("push") } as const
    stage.enter({ ...received, notification: NotificationId.make("A-1:0:ada:push") })
    stage.at(20).enter({ ...received, notification: NotificationId.make("A-2:0:ada:push") })
    stage.enter({ ...received, notification: NotificationId.make("A-2:0:-:push") })
    expect(stage.killedUntil(30).situation.shift.reached).toEqual([
      { person: "ada", channel: "push", at: dawn + 20_000 }
    ])
  })
})

describe("a hand-over", () => {
  const report = {
    from: dawn,
    to: dawn + 1000,
    onShift: [],
    turns: [],
    raised: [0, 0, 0, 0],
    closed: { real: 0, "nuisance-hardware": 0, "nuisance-user": 0, "test-drill": 0, unknown: 0 },
    open: { total: 0, items: [] },
    outOfService: { total: 0, items: [] },
    faults: { total: 0, items: [] },
    incidents: { total: 0, items: [] },
    drills: { total: 0, items: [] },
    nuisance: [],
    notes: []
  }

  test("is signed by who goes, and by who comes, each once", () => {
    const stage = new Stage(staffed(person("Ada"), person("Grace"))).at(1)
    stage.enter({ _tag: "HandedOver", by: "Ada", report })
    const { seq } = stage.situation.shift.handOvers[0] ?? { seq: 0 }
    stage.enter({ _tag: "HandOverSigned", by: "Grace", handOver: seq })
    stage.enter({ _tag: "HandOverSigned", by: "Grace", handOver: seq })
    stage.enter({ _tag: "HandOverSigned", by: "Grace", handOver: seq + 100 })
    expect(stage.situation.shift.handOvers).toEqual([
      { id: `H-${seq}`, seq, at: stage.now, by: "Ada", from: dawn, signed: [{ by: "Grace", at: stage.now }] }
    ])
  })
})
