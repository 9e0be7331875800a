import { describe, expect, it } from "vitest"
import { CommandedDoor, eastWithout } from "./commanded-door.ts"

/** What was told of forced doors. */
const forced = (door: CommandedDoor): ReadonlyArray<string> => door.story.filter((line) => line.includes("Forced"))

describe("a person whom an officer lets in", () => {
  it.each([
    ["a controller that tells its mode", undefined],
    ["a controller that tells no mode", eastWithout("mode")],
    ["a controller that tells neither mode nor lock", eastWithout("mode", "lock")]
  ])("forces no door of %s", (_, campus) => {
    const door = CommandedDoor.closed(campus)
      .commands("Access")
      .at(0.2)
      .answers("accepted")
      .at(7)
      .opens()
      .at(9)
      .closes()
    expect(forced(door.at(60))).toEqual([])
    expect(door.happened("DoorEntered", "AccessNotTaken")).toEqual(["7.0 DoorEntered"])
  })

  it("may open before the device has answered, however long that takes", () => {
    const door = CommandedDoor.closed()
      .commands("Access")
      .at(0.5)
      .opens()
      .at(9)
      .answers("accepted")
      .at(9.1)
      .mode("Accessed")
    expect(door.at(12).story).toEqual([])
  })

  it("may do so as long as the device has for its answer, and more than once, for the lock may be released", () => {
    const ordered = () => CommandedDoor.closed(eastWithout("mode", "lock")).commands("Access")
    expect(forced(ordered().at(9).opens().at(9.5).answers("accepted").at(30))).toEqual([])
    const twice = ordered().at(1).opens().at(3).closes().at(6.5).opens().at(9).answers("accepted")
    expect(forced(twice.at(30))).toEqual([])
  })

  it("has the lock's time from when the device accepted the order", () => {
    const after = (second: number) =>
      CommandedDoor.closed(eastWithout("mode", "lock")).commands("Access").at(6).answers("accepted").at(second).opens()
    expect(forced(after(13.9).at(20))).toEqual([])
    expect(forced(after(14.1).at(20))).toEqual(["15.6 DoorForcedOpen raised"])
  })

  it("has one passage: the door that opens again after that is forced", () => {
    const door = CommandedDoor.closed(eastWithout("mode", "lock")).commands("Access").answers("accepted").at(1).opens()
    expect(forced(door.at(2).closes().at(9).opens().at(12))).toEqual(["10.5 DoorForcedOpen raised"])
  })

  it("passes in a lockdown too, where the device itself has taken the order", () => {
    const door = CommandedDoor.closed().mode("LockedDown").at(1).commands("Access").answers("accepted").at(3).opens()
    expect(door.at(10).story).toEqual([])
  })

  it("is in the alert's words by the officer's name when the door is held", () => {
    const door = CommandedDoor.closed(eastWithout("mode", "lock")).commands("Access", "Ada").answers("accepted").at(1)
    door.opens().alarm("DoorForcedOpen")
    expect(door.reasons("DoorForcedOpen")).toContain("0.0 Ada let somebody in, as far as we know")
  })

  it("is not there when nobody comes: the grant runs out", () => {
    const door = CommandedDoor.closed().commands("Access").at(1).answers("accepted").at(1.5).mode("Accessed")
    expect(door.door().standing).toBe("Granted")
    door.at(6.5).mode("Locked").at(60)
    expect(door.happened("DoorEntered", "AccessNotTaken")).toEqual(["9.0 AccessNotTaken"])
    expect(door.states).toEqual(["Access proved"])
    expect(door.door().standing).toBe("Secure")
  })
})

describe("an access that the device refuses", () => {
  it("covers nothing", () => {
    const door = CommandedDoor.closed().commands("Access").at(1).answers("refused", "locked down").at(3).opens().at(5)
    expect(door.story).toEqual(["4.5 DoorForcedOpen raised"])
    expect(door.happened("AccessNotTaken")).toEqual([])
  })

  it("takes its cover back from who opened the door meanwhile", () => {
    const door = CommandedDoor.closed().commands("Access").at(1).opens().at(4).answers("refused").at(8)
    expect(door.story).toEqual(["5.5 DoorForcedOpen raised"])
    expect(door.door().standing).toBe("Forced")
  })

  it("takes it back from an opening that is over already, whose alert then waits for a person", () => {
    const door = CommandedDoor.closed().commands("Access").at(1).opens().at(2).closes().at(4).answers("refused").at(8)
    expect(door.story).toEqual(["5.5 DoorForcedOpen raised", "5.5 DoorForcedOpen returned-to-normal"])
  })

  it("leaves an opening alone that somebody's own right covers", () => {
    const door = CommandedDoor.closed().grants("ben").commands("Access").at(1).opens().at(4).answers("refused").at(8)
    expect(door.story).toEqual([])
  })
})
