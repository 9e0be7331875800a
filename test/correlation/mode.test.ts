import { describe, expect, it } from "vitest"
import { Stage } from "./door-stage.ts"

describe("lockdown", () => {
  it.each(["LockedDown", "Blocked"] as const)("makes a grant worthless in mode %s, and says so", (mode) => {
    const stage = Stage.closedDoor().mode(mode).at(1).grants("ada").at(2).opens().at(5)
    expect(stage.story).toEqual(["3.5 DoorForcedOpen raised"])
    expect(stage.reasons("DoorForcedOpen")).toContain(`1.0 Access was granted, but the door's mode is ${mode}`)
    expect(stage.happened("DoorEntered")).toEqual([])
  })

  it("takes back a grant given before it", () => {
    const stage = Stage.closedDoor().grants("ada").at(1).mode("LockedDown").at(2).opens().at(5)
    expect(stage.story).toEqual(["3.5 DoorForcedOpen raised"])
  })

  it("leaves an opening alone that happened before it and is heard of after", () => {
    const stage = Stage.closedDoor().grants("ada").at(2).mode("LockedDown").at(2.5).opens({ occurred: 1 }).at(5)
    expect(stage.story).toEqual([])
  })

  it("lets people out: a request to exit covers, and egress is never forced entry", () => {
    const stage = Stage.closedDoor().mode("LockedDown").at(1).presses().at(2).opens().at(6).closes().at(60)
    expect(stage.story).toEqual([])
    expect(stage.door().standing).toBe("LockedDown")
  })
})

describe("a door that may stand open", () => {
  it("is not held, and is held from when it no longer may", () => {
    const stage = Stage.closedDoor().mode("Unlocked").at(10).opens().at(1000).mode("Locked").at(1029)
    expect(stage.story).toEqual([])
    expect(stage.at(1031).story).toEqual(["1030.0 DoorOpenTooLong raised"])
    expect(stage.reasons("DoorOpenTooLong")[1]).toBe("1000.0 From here on it might not stand open any more")
  })

  it("is timed from the end of its freedom even when its opening is heard of after that", () => {
    const stage = Stage.closedDoor().mode("Unlocked").at(20).mode("Locked").at(20.5).opens({ occurred: 19 }).at(60)
    expect(stage.story).toEqual(["50.0 DoorOpenTooLong raised"])
  })

  it("is no longer held when its mode comes to allow it", () => {
    const stage = Stage.closedDoor().grants("ada").opens().at(40).mode("Unlocked").at(100)
    expect(stage.story).toEqual(["30.0 DoorOpenTooLong raised", "40.0 DoorOpenTooLong returned-to-normal"])
  })

  it("keeps the permission while its mode is out of sight", () => {
    const stage = Stage.closedDoor().mode("Unlocked").at(10).opens().at(20).available("panel", "offline").at(80)
    expect(stage.story).toEqual([])
  })
})

describe("a single access", () => {
  it("covers the opening and is timed like any other: the mode may stay while the door is open", () => {
    const stage = Stage.closedDoor().mode("Accessed").at(1).opens().at(60)
    expect(stage.story).toEqual(["31.0 DoorOpenTooLong raised"])
  })

  it("is an entry when it was granted to somebody", () => {
    const stage = Stage.closedDoor().grants("ada").mode("Accessed").at(1).opens().at(4).closes().mode("Locked").at(60)
    expect(stage.happened("DoorEntered", "AccessNotTaken")).toEqual(["1.0 DoorEntered ada"])
  })

  it("leaves the entry time to who had pulled the handle when it ended", () => {
    const until = (second: number) =>
      Stage.closedDoor()
        .mode("Accessed")
        .at(5)
        .mode("Locked")
        .at(second)
        .opens()
        .at(second + 2).story
    expect(until(8)).toEqual([])
    expect(until(8.1)).toEqual(["9.6 DoorForcedOpen raised"])
  })

  it("may be told just after the opening", () => {
    expect(Stage.closedDoor().opens().at(0.5).mode("Accessed").at(5).closes().mode("Locked").at(20).story).toEqual([])
    expect(Stage.closedDoor().opens().at(1.6).mode("Accessed", { occurred: -1 }).at(20).story).toEqual([
      "1.5 DoorForcedOpen raised",
      "1.6 DoorForcedOpen resolved-by-late-evidence"
    ])
  })
})

describe("a mode out of sight", () => {
  it("lets nobody in by what it was: the opening is forced, and the alert says what is not known", () => {
    const stage = Stage.closedDoor().mode("Unlocked").at(10).available("panel", "offline").at(20).opens().at(25)
    expect(stage.story).toEqual(["21.5 DoorForcedOpen raised"])
    expect(stage.reasons("DoorForcedOpen")).toContain("10.0 The door's mode is unknown; it was Unlocked before")
  })
})
