import { describe, expect, it } from "vitest"
import type { PointValue } from "../../gateway/domain/observation.ts"
import { type How, Stage } from "./door-stage.ts"

/** What must not alert: each line of it is an officer who would stop believing. */
describe("silence", () => {
  const courses: ReadonlyArray<readonly [string, (stage: Stage) => Stage]> = [
    [
      "an open door that repeats that it is open",
      (s) => s.grants("a").opens().at(5).opens().at(9).opens().at(12).closes()
    ],
    ["a closed door that repeats that it is closed", (s) => s.closes().at(60).closes().at(120)],
    ["an exit by the button", (s) => s.presses().at(4.9).opens().at(8).closes()],
    ["two grants on one opening", (s) => s.grants("a").at(1).grants("b").at(2).opens().at(9).closes()],
    ["an opening that comes before its grant", (s) => s.opens().at(1.4).grants("a").at(6).closes()],
    ["a denied badge", (s) => s.happens("reader/reader", { _tag: "AccessDenied", reason: "Unauthorized" })],
    ["somebody who badges and does not come", (s) => s.grants("a").at(30)],
    ["a door found open by a retained message, and closed", (s) => s.opens({ origin: "recovery" }).at(20).closes()],
    ["a lock that turns", (s) => s.reads("lock/lock", { kind: "lock", value: "unlocked" })],
    [
      "a link that is gone for a minute",
      (s) => s.link({ _tag: "Offline", reason: "x" }).at(80).link({ _tag: "Online" })
    ],
    ["a gateway that starts again", (s) => s.grants("a").opens().at(4).killedUntil(8).at(9).closes().at(60)]
  ]
  it.each(courses)("%s", (_, course) => {
    expect(course(Stage.closedDoor()).at(600).story).toEqual([])
  })
})

describe("a message that is only a test, or only history", () => {
  const bad: ReadonlyArray<readonly [string, PointValue]> = [
    ["contact/contact", { kind: "position", value: "open" }],
    ["contact/tamper", { kind: "tamper", value: "on" }],
    ["panel/alarm", { kind: "alarm", value: "DoorForcedOpen" }],
    ["lock/fault", { kind: "fault", value: "on" }]
  ]
  const course = (how: How) => {
    const stage = Stage.closedDoor()
    for (const [ref, value] of bad) stage.reads(ref, value, how)
    stage.happens("rex/panic", { _tag: "PanicPressed" }, how)
    stage.happens("reader/reader", { _tag: "DuressSignalled" }, how)
    stage.happens("contact/contact", { _tag: "DoorForcedReported" }, how)
    return stage.happens("contact/contact", { _tag: "DoorHeldReported" }, how)
  }

  it("never alerts while it is marked as a test", () => {
    expect(course({ test: true }).at(600).story).toEqual([])
  })

  it("never alerts when it is replayed", () => {
    expect(course({ origin: "replayed", deviceTime: -10 }).at(600).story).toEqual([])
    expect(course({ origin: "replayed" }).at(600).story).toEqual([])
  })

  it("raises nothing when it is repeated from before; a door that stays open is held from when it was found", () => {
    const stage = course({ origin: "recovery" }).at(600)
    expect(stage.story).toEqual(["30.0 DoorOpenTooLong raised"])
  })

  it("is no probable exit either: a replayed request explains and does not ask", () => {
    const stage = Stage.closedDoor().opens().at(1.2)
    stage.presses({ origin: "replayed", deviceTime: 0.5 }).at(5).closes().at(60)
    expect(stage.story).toEqual([])
  })

  it("does not change what is known of the door", () => {
    const stage = Stage.closedDoor().opens({ test: true }).opens({ origin: "replayed", deviceTime: -5 })
    expect(stage.door()).toMatchObject({ position: "Closed", standing: "Secure" })
  })
})

describe("a call for help", () => {
  it("is critical, and the second call asks again though the first is acknowledged", () => {
    const stage = Stage.closedDoor().happens("rex/panic", { _tag: "PanicPressed" }).at(5).acknowledges("PanicPressed")
    stage.at(9).happens("rex/panic", { _tag: "PanicPressed" })
    expect(stage.alerts).toHaveLength(1)
    expect(stage.alert("PanicPressed")).toMatchObject({ priority: 1, count: 2, active: true, acknowledged: false })
  })

  it("under duress at a reader belongs to its door", () => {
    const stage = Stage.closedDoor().happens("reader/reader", { _tag: "DuressSignalled", credential: "ada" })
    expect(stage.alert("DuressSignalled")).toMatchObject({ priority: 1, key: "door:east", door: "east" })
  })
})
