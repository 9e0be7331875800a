import { describe, expect, it } from "vitest"
import { Stage } from "./door-stage.ts"

describe("a reading after unknown", () => {
  it("is a recovery and no opening, even when the device calls it a change", () => {
    const stage = Stage.closedDoor().reads("contact/contact", { kind: "position", value: "unknown" }).at(2).opens()
    expect(stage.at(20).story).toEqual([])
    expect(stage.happened("StateLost", "StateRecovered")).toEqual([
      "-60.0 StateRecovered",
      "-60.0 StateRecovered",
      "-60.0 StateRecovered",
      "-60.0 StateRecovered",
      "0.0 StateLost",
      "2.0 StateRecovered"
    ])
  })

  it("is no opening on the very first message of a contact", () => {
    expect(new Stage().at(0).opens().at(29).story).toEqual([])
  })

  it("is no opening where the source repeats what has been so for an unknown time", () => {
    const stage = Stage.closedDoor().opens({ origin: "recovery" }).at(29)
    expect(stage.story).toEqual([])
    expect(stage.at(31).story).toEqual(["30.0 DoorOpenTooLong raised"])
  })

  it("is an opening again once the door was seen closed", () => {
    const stage = Stage.closedDoor().misses(["contact"]).at(1).closes().at(10).opens().at(12)
    expect(stage.story).toEqual(["11.5 DoorForcedOpen raised"])
  })
})

describe("an open door that is out of sight for less than it may be open", () => {
  const course = ["30.0 DoorOpenTooLong raised"]

  it("is taken to have stayed open: held counts from its opening, and the alert says what was not seen", () => {
    const stage = Stage.closedDoor().grants("ada").opens().at(10).available("contact", "offline").at(25).opens().at(40)
    expect(stage.story).toEqual(course)
    expect(stage.reasons("DoorOpenTooLong")).toEqual([
      "0.0 The door opened",
      "10.0 It was out of sight from here",
      "25.0 It was seen again, open, and is taken to have stayed open",
      "30.0 It has been open for 30 s, as long as it may be"
    ])
  })

  it("is the same opening after a gap, and after a restart of the gateway and its embedded broker", () => {
    const gap = Stage.closedDoor().grants("ada").opens().at(10).misses(["contact"]).at(11).opens().at(40)
    expect(gap.story).toEqual(course)
    const restart = Stage.closedDoor().grants("ada").opens().at(15).killedUntil(20).misses(undefined, "SessionLost")
    expect(restart.at(21).opens().at(40).story).toEqual(course)
    expect(restart.reasons("DoorOpenTooLong")).toContain("15.0 It was out of sight from here")
  })

  it("is held at once when it is seen again after its time", () => {
    const stage = Stage.closedDoor().grants("ada").opens().at(20).misses(["contact"]).at(45).opens().at(46)
    expect(stage.story).toEqual(["45.0 DoorOpenTooLong raised"])
    expect(stage.alert("DoorOpenTooLong")?.occurredAt).toBe(Date.UTC(2026, 2, 2, 10, 0, 30))
  })

  it("stays held, and is not told twice, when it was held before", () => {
    const stage = Stage.closedDoor().grants("ada").opens().at(40).misses(["contact"]).at(50)
    expect(stage.door().standing).toBe("Unknown")
    expect(stage.opens().at(51).door().standing).toBe("Held")
    expect(stage.at(300).story).toEqual(course)
  })

  it("stays forced", () => {
    const stage = Stage.closedDoor().opens().at(5).misses(["contact"]).at(8).opens().at(9)
    expect(stage.door().standing).toBe("Forced")
    expect(stage.story).toEqual(["1.5 DoorForcedOpen raised"])
  })

  it("returns to normal when it is seen again closed", () => {
    const stage = Stage.closedDoor().opens().at(5).misses(["contact"]).at(8).closes()
    expect(stage.story).toEqual(["1.5 DoorForcedOpen raised", "8.0 DoorForcedOpen returned-to-normal"])
  })
})

describe("an open door that is out of sight for longer", () => {
  it("is open from when it was found so", () => {
    const stage = Stage.closedDoor().grants("ada").opens().at(10).misses(["contact"]).at(40).opens().at(69)
    expect(stage.story).toEqual([])
    expect(stage.at(71).story).toEqual(["70.0 DoorOpenTooLong raised"])
  })

  it("counts the time in which the gateway itself did not run", () => {
    const stage = Stage.closedDoor().grants("ada").opens().at(15).killedUntil(100).misses(undefined, "SessionLost")
    expect(stage.at(101).opens().at(130).story).toEqual([])
    expect(stage.at(132).story).toEqual(["131.0 DoorOpenTooLong raised"])
  })

  it("has been out of sight since the first loss, whatever is lost after it", () => {
    const stage = Stage.closedDoor().grants("ada").opens().at(10).misses(["contact"])
    stage.at(35).reads("contact/contact", { kind: "position", value: "fault" }).at(45).opens()
    expect(stage.at(74).alert("DoorOpenTooLong")).toBeUndefined()
    expect(stage.at(76).alert("DoorOpenTooLong")?.occurredAt).toBe(Date.UTC(2026, 2, 2, 10, 1, 15))
  })

  it("adds to the alert it has already, and raises no second one", () => {
    const stage = Stage.closedDoor().grants("ada").opens().at(40).misses(["contact"]).at(100).opens().at(140)
    expect(stage.story).toEqual(["30.0 DoorOpenTooLong raised", "130.0 DoorOpenTooLong updated"])
    expect(stage.alert("DoorOpenTooLong")?.count).toBe(1)
  })
})

describe("what is out of sight", () => {
  it("does not run the held timer: nobody knows that the door is still open", () => {
    expect(Stage.closedDoor().grants("ada").opens().at(10).misses(["contact"]).at(300).story).toEqual([])
  })

  it("had closed when its contact said so just before: what is found open is another opening", () => {
    const stage = Stage.closedDoor().grants("ada").opens().at(10).closes().at(10.1).misses(["contact"]).at(11).opens()
    expect(stage.at(60).story).toEqual(["41.0 DoorOpenTooLong raised"])
  })

  it("does not lose a judgement that waits", () => {
    const stage = Stage.closedDoor().opens().at(1).misses(["contact"]).at(10)
    expect(stage.story).toEqual(["1.5 DoorForcedOpen raised"])
    expect(stage.alert("DoorForcedOpen")?.active).toBe(true)
  })

  it("does not lose a judgement across a restart, and hears the grant that was on its way first", () => {
    const crash = () => Stage.closedDoor().opens().at(1).killedUntil(4)
    expect(crash().at(10).story).toEqual(["7.0 DoorForcedOpen raised"])
    expect(crash().at(5).grants("ada", { occurred: -1 }).at(10).story).toEqual([])
  })

  it("cannot be said not to have been used", () => {
    const stage = Stage.closedDoor().grants("ada").misses(["contact"]).at(60)
    expect(stage.happened("AccessNotTaken")).toEqual([])
  })
})
