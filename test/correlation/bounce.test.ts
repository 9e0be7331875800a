import { describe, expect, it } from "vitest"
import { campusOf, Stage } from "./door-stage.ts"

describe("contact bounce on opening", () => {
  it("is no opening: a contact that flickers for less than the debounce time alerts nobody", () => {
    const stage = Stage.closedDoor().opens().at(0.149).closes().at(1).opens().at(1.1).closes().at(60)
    expect(stage.story).toEqual([])
  })

  it("hides no forced opening: one that bounces and stays open is judged from its first contact", () => {
    const stage = Stage.closedDoor().opens().at(0.05).closes().at(0.07).opens().at(5)
    expect(stage.story).toEqual(["1.5 DoorForcedOpen raised"])
    expect(stage.alert("DoorForcedOpen")?.occurredAt).toBe(Date.UTC(2026, 2, 2, 10))
  })

  it("hides no opening of 400 ms, whatever the configuration says", () => {
    const campus = campusOf({ times: { debounceMs: 5000 } })
    const stage = Stage.closedDoor(campus).opens().at(0.4).closes().at(60)
    expect(stage.story).toEqual(["1.5 DoorForcedOpen raised", "1.5 DoorForcedOpen returned-to-normal"])
  })

  it("uses no grant up", () => {
    const stage = Stage.closedDoor().grants("ada").at(1).opens().at(1.1).closes().at(7).opens().at(9).closes().at(60)
    expect(stage.story).toEqual([])
    expect(stage.happened("DoorEntered", "AccessNotTaken")).toEqual(["1.0 DoorEntered ada"])
  })
})

describe("contact bounce on closing", () => {
  it("is the same opening going on: it returns nothing to normal and asks nobody again", () => {
    const stage = Stage.closedDoor().opens().at(40).acknowledges("DoorForcedOpen").acknowledges("DoorOpenTooLong")
    stage.closes().at(40.1).opens().at(41)
    expect(stage.story.slice(-2)).toEqual(["40.0 DoorForcedOpen acknowledged", "40.0 DoorOpenTooLong acknowledged"])
    expect(stage.alerts.map(({ active, acknowledged }) => active && acknowledged)).toEqual([true, true])
    expect(stage.door().standing).toBe("Forced")
  })

  it("neither stops nor fires the held timer", () => {
    const bounced = Stage.closedDoor().grants("a").opens().at(29.95).closes().at(30.05).opens().at(40)
    expect(bounced.story).toEqual(["30.05 DoorOpenTooLong raised"])
    expect(bounced.alert("DoorOpenTooLong")?.occurredAt).toBe(Date.UTC(2026, 2, 2, 10, 0, 30))
    expect(Stage.closedDoor().grants("a").opens().at(29.95).closes().at(60).story).toEqual([])
  })

  it("delays the closing by the debounce time, not longer", () => {
    const stage = Stage.closedDoor().grants("ada").opens().at(5).closes()
    expect(stage.door()).toMatchObject({ position: "Closed", standing: "Open" })
    stage.at(5.15)
    expect(stage.door()).toMatchObject({ standing: "Secure", since: Date.UTC(2026, 2, 2, 10, 0, 5) })
  })
})

describe("re-latch bounce", () => {
  const closedAt7 = () => Stage.closedDoor().grants("ada").at(2).opens().at(7).closes()

  it("is not forced within the re-latch time of a rightful opening", () => {
    expect(closedAt7().at(9).opens().at(10).closes().at(60).story).toEqual([])
    expect(closedAt7().at(9.1).opens().at(12).closes().at(13).story[0]).toBe("10.6 DoorForcedOpen raised")
  })

  it("covers nothing after an opening without right", () => {
    const stage = Stage.closedDoor().opens().at(5).closes().at(6).opens().at(10)
    expect(stage.story).toEqual([
      "1.5 DoorForcedOpen raised",
      "5.15 DoorForcedOpen returned-to-normal",
      "7.5 DoorForcedOpen reactivated"
    ])
    expect(stage.alert("DoorForcedOpen")?.count).toBe(2)
  })

  it("ends in a held alert when the door never latches: it has been open all the time", () => {
    const stage = closedAt7()
    for (let second = 8; second < 60; second += 2)
      stage
        .at(second)
        .opens()
        .at(second + 1)
        .closes()
    stage.at(120)
    expect(stage.story[0]).toBe("32.0 DoorOpenTooLong raised")
    expect(stage.story.filter((line) => line.includes("Forced"))).toEqual([])
    expect(stage.changes[0]?.alert.why.map(({ text }) => text)).toContain(
      "It closed without latching and opened again (13 ×, last here)"
    )
  })

  it("of a door that was held does not ask again with every bounce", () => {
    const stage = Stage.closedDoor().grants("ada").opens().at(40).closes().at(41).opens().at(42).closes().at(60)
    expect(stage.story).toEqual(["30.0 DoorOpenTooLong raised", "40.15 DoorOpenTooLong returned-to-normal"])
  })

  it("of a door that was held is told again when it then stays open as long", () => {
    const stage = Stage.closedDoor().grants("ada").opens().at(40).closes().at(41).opens().at(100)
    expect(stage.story.at(-1)).toBe("71.0 DoorOpenTooLong reactivated")
  })

  it("gives way to somebody's own right", () => {
    const stage = closedAt7().at(8).grants("ben").at(8.5).opens().at(12).closes().at(60)
    expect(stage.happened("DoorEntered")).toEqual(["2.0 DoorEntered ada", "8.5 DoorEntered ben"])
    expect(stage.story).toEqual([])
  })
})
