import { describe, expect, it } from "vitest"
import { PointRef } from "../../gateway/domain/ids.ts"
import { campusOf, Stage } from "./door-stage.ts"

describe("the controller's alarm and ours", () => {
  it("are one alert, whichever comes first", () => {
    const ours = Stage.closedDoor().opens().at(2).alarm("DoorForcedOpen").at(10)
    expect(ours.story).toEqual(["1.5 DoorForcedOpen raised", "2.0 DoorForcedOpen updated"])
    const theirs = Stage.closedDoor().opens().at(0.2).alarm("DoorForcedOpen").at(10)
    expect(theirs.story).toEqual(["0.2 DoorForcedOpen raised"])
    const before = Stage.closedDoor().alarm("DoorForcedOpen").at(0.2).opens().at(10)
    expect(before.story).toEqual(["0.0 DoorForcedOpen raised"])
    for (const stage of [ours, theirs, before]) {
      expect(stage.alerts).toHaveLength(1)
      expect(stage.alert("DoorForcedOpen")).toMatchObject({ count: 1, active: true, priority: 1 })
      expect(stage.door().standing).toBe("Forced")
    }
  })

  it("are one alert for held as well", () => {
    const stage = Stage.closedDoor().grants("ada").opens().at(16).alarm("DoorOpenTooLong").at(60)
    expect(stage.story).toEqual(["16.0 DoorOpenTooLong raised"])
    expect(stage.door().standing).toBe("Held")
  })

  it("return to normal when the door closes, and stay for a person to close", () => {
    const stage = Stage.closedDoor().opens().at(0.2).alarm("DoorForcedOpen").at(5).closes().at(6)
    expect(stage.story.at(-1)).toBe("5.15 DoorForcedOpen returned-to-normal")
    stage.alarm("Normal").at(60)
    expect(stage.alerts).toHaveLength(1)
    expect(stage.story).toHaveLength(2)
  })

  it("return to normal with the controller's word where the door is not seen", () => {
    const stage = Stage.closedDoor().misses(["contact"]).at(1).alarm("DoorForcedOpen").at(5).alarm("Normal").at(9)
    expect(stage.story).toEqual(["1.0 DoorForcedOpen raised", "5.0 DoorForcedOpen returned-to-normal"])
  })

  it("stay active when the controller says normal of a door that is seen to stand open without right", () => {
    const stage = Stage.closedDoor().opens().at(0.2).alarm("DoorForcedOpen").at(40).alarm("Normal").at(41)
    expect(stage.alerts.map(({ condition, active }) => [condition, active])).toEqual([
      ["DoorForcedOpen", true],
      ["DoorOpenTooLong", true]
    ])
  })

  it("stay active when a controller that never alarmed repeats that all is normal", () => {
    const stage = Stage.closedDoor().opens().at(5).misses().at(6).alarm("Normal", { origin: "recovery" })
    expect(stage.alert("DoorForcedOpen")?.active).toBe(true)
  })

  it("part when only the controller had called it held: then its word ends it, and our own time still runs", () => {
    const stage = Stage.closedDoor().grants("ada").opens().at(16).alarm("DoorOpenTooLong").at(18).alarm("Normal").at(31)
    expect(stage.story).toEqual([
      "16.0 DoorOpenTooLong raised",
      "18.0 DoorOpenTooLong returned-to-normal",
      "30.0 DoorOpenTooLong reactivated"
    ])
  })

  it("show both witnesses when the gateway knows a right that the controller does not", () => {
    const stage = Stage.closedDoor().motion("on").at(2).opens().at(2.3).alarm("DoorForcedOpen").at(3)
    expect(stage.reasons("DoorForcedOpen")).toEqual([
      "2.3 The door's controller reports forced open",
      "2.0 The door opened",
      "0.0 Exit was requested, as far as we know"
    ])
    stage.at(4).alarm("Normal")
    expect(stage.alert("DoorForcedOpen")?.active).toBe(false)
  })

  it("are resolved by a grant that turns up late", () => {
    const stage = Stage.closedDoor().opens().at(0.2).alarm("DoorForcedOpen").at(3).grants("ada", { occurred: -1 })
    expect(stage.alert("DoorForcedOpen")).toMatchObject({ resolvedByLateEvidence: true, active: false })
  })
})

describe("a controller that reports in single messages", () => {
  const report = (stage: Stage, _tag: "DoorForcedReported" | "DoorHeldReported") =>
    stage.happens("contact/contact", { _tag })

  it("reports once, even from a point that is bound twice", () => {
    const button = PointRef.make("rex/button")
    const stage = Stage.closedDoor(campusOf({ rex: [button, button] })).happens(button, { _tag: "DoorForcedReported" })
    expect(stage.story).toEqual(["0.0 DoorForcedOpen raised"])
  })

  it("is merged as well, and the closing door ends it: it never says normal", () => {
    const forced = report(Stage.closedDoor().opens().at(0.3), "DoorForcedReported").at(4).closes().at(5)
    expect(forced.story).toEqual(["0.3 DoorForcedOpen raised", "4.15 DoorForcedOpen returned-to-normal"])
    const held = report(Stage.closedDoor().grants("ada").opens().at(20), "DoorHeldReported").at(40).closes().at(41)
    expect(held.story).toEqual(["20.0 DoorOpenTooLong raised", "40.15 DoorOpenTooLong returned-to-normal"])
  })
})
