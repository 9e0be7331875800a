import { describe, expect, it } from "vitest"
import { campusOf, eastDoor, Stage } from "./door-stage.ts"

describe("a grant that has been used", () => {
  it("covers a second opening while the lock is still released", () => {
    const stage = Stage.closedDoor().grants("ada").at(1).opens().at(2).closes().at(4.9).opens().at(7).closes().at(60)
    expect(stage.story).toEqual([])
    expect(stage.happened("DoorEntered")).toEqual(["1.0 DoorEntered ada"])
  })

  it("does not lend its entry time to a second opening", () => {
    const stage = Stage.closedDoor().grants("ada").at(1).opens().at(2).closes().at(5.1).opens().at(9)
    expect(stage.story).toEqual(["6.6 DoorForcedOpen raised"])
    expect(stage.reasons("DoorForcedOpen")).toContain("0.0 The last grant was 5.1 s before, and used")
  })

  it("covers no second opening once the lock has told that it locked again", () => {
    const lock = (value: "locked" | "unlocked") => ({ kind: "lock", value }) as const
    const stage = Stage.closedDoor().reads("lock/lock", lock("locked")).grants("ada")
    stage
      .reads("lock/lock", lock("unlocked"))
      .at(0.5)
      .opens()
      .at(1.5)
      .closes()
      .at(1.8)
      .reads("lock/lock", lock("locked"))
    stage.at(4.5).opens().at(10)
    expect(stage.story).toEqual(["6.0 DoorForcedOpen raised"])
  })
})

describe("several grants", () => {
  it("are each an entry on one opening, before it and during it", () => {
    const stage = Stage.closedDoor().grants("ada").at(1).grants("ben").at(2).opens().at(4).grants("cy").at(8).closes()
    stage.at(60)
    expect(stage.happened("DoorEntered", "AccessNotTaken")).toEqual([
      "2.0 DoorEntered ada",
      "2.0 DoorEntered ben",
      "4.0 DoorEntered cy"
    ])
  })

  it("of one card are one right: who badges twice has entered once", () => {
    const stage = Stage.closedDoor().grants("ada").at(3).grants("ada").at(9).opens().at(12).closes().at(60)
    expect(stage.happened("DoorEntered", "AccessNotTaken")).toEqual(["9.0 DoorEntered ada"])
    expect(stage.story).toEqual([])
  })

  it("end each at its own time", () => {
    const stage = Stage.closedDoor().grants("ada").at(3).grants("ben").at(60)
    expect(stage.happened("AccessNotTaken")).toEqual(["8.0 AccessNotTaken ada", "11.0 AccessNotTaken ben"])
  })

  it("give the longer time when one of them is extended, even on a door that stands open", () => {
    const stage = Stage.closedDoor().grants("ada").at(1).opens().at(10).grants("eve", { extended: true }).at(45)
    expect(stage.story).toEqual([])
    expect(stage.at(47).story).toEqual(["46.0 DoorOpenTooLong raised"])
  })
})

describe("an entry", () => {
  it("is told late of an opening that was heard of after its grant had run out", () => {
    const stage = Stage.closedDoor().grants("ada").at(9).opens({ occurred: 7 }).at(10).closes().at(60)
    expect(stage.happened("DoorEntered", "AccessNotTaken")).toEqual(["8.0 AccessNotTaken ada", "7.0 DoorEntered ada"])
    expect(stage.story).toEqual([])
  })

  it("is told once when the controller tells it too, and by the controller alone where there is no contact", () => {
    const taken = { _tag: "AccessTaken", credential: "ada" } as const
    const both = Stage.closedDoor().grants("ada").at(2).opens().happens("reader/reader", taken).at(5).closes().at(60)
    expect(both.happened("DoorEntered", "AccessNotTaken")).toEqual(["2.0 DoorEntered ada"])
    const { position: _, ...blind } = eastDoor
    const alone = new Stage({ ...campusOf(), doors: [blind] })
      .at(0)
      .grants("ada")
      .at(2)
      .happens("reader/reader", taken)
      .at(60)
    expect(alone.happened("DoorEntered", "AccessNotTaken")).toEqual(["2.0 DoorEntered ada"])
  })

  it("covers the opening even when the controller tells of nothing but the taking", () => {
    const stage = Stage.closedDoor()
      .opens()
      .at(0.3)
      .happens("reader/reader", { _tag: "AccessTaken", credential: "ada" })
    stage.at(5).closes().at(60)
    expect(stage.story).toEqual([])
    expect(stage.happened("DoorEntered")).toEqual(["0.0 DoorEntered ada"])
  })

  it("is denied by the controller's own word, once", () => {
    const stage = Stage.closedDoor().grants("ada").at(6)
    stage.happens("reader/reader", { _tag: "AccessNotTaken", credential: "ada" }).at(60)
    expect(stage.happened("DoorEntered", "AccessNotTaken")).toEqual(["6.0 AccessNotTaken ada"])
  })
})

describe("a grant that is given just after somebody else has opened the door, and heard of first", () => {
  /** Ada opens at 2.0; her door's contact is heard at 2.3. Ben is let in at 2.1. */
  const inWrongOrder = () => Stage.closedDoor().grants("ada").at(2.1).grants("ben").at(2.3).opens({ deviceTime: 2 })

  it("is not used up by that opening: it covers one of its own for as long as it lasts", () => {
    const stage = inWrongOrder().at(5).closes().at(10).opens().at(14).closes().at(60)
    expect(stage.story).toEqual([])
  })

  it("counts as an entry, as it does when it is heard in its order", () => {
    expect(inWrongOrder().at(5).closes().at(60).happened("DoorEntered", "AccessNotTaken")).toEqual([
      "2.0 DoorEntered ada",
      "2.1 DoorEntered ben"
    ])
  })
})
