import { describe, expect, it } from "vitest"
import { Stage } from "./door-stage.ts"

const forced = ["DoorForcedOpen raised"]
const told = (stage: Stage) => stage.story.map((line) => line.slice(line.indexOf(" ") + 1))

describe("a request to exit as a press", () => {
  it("covers an opening from its edge until five seconds later", () => {
    expect(told(Stage.closedDoor().presses().at(5).opens().at(7))).toEqual([])
    expect(told(Stage.closedDoor().presses().at(5.001).opens().at(7))).toEqual(forced)
  })

  it("may come a second after the opening, and no later", () => {
    expect(told(Stage.closedDoor().opens().at(1).presses().at(7))).toEqual(["ProbableExit raised"])
    expect(told(Stage.closedDoor().opens().at(1.1).presses().at(7))).toEqual(forced)
  })

  it("explains silently when it was on its way: it happened before the opening", () => {
    expect(told(Stage.closedDoor().opens().at(1).presses({ occurred: -1 }).at(9).closes().at(20))).toEqual([])
  })

  it("may be a plain button, a plain input or a contact: the role decides, not the kind", () => {
    const button = Stage.closedDoor().happens("rex/button", { _tag: "ButtonPressed", action: "single" }).at(1).opens()
    expect(told(button.at(10))).toEqual([])
    const input = Stage.closedDoor().reads("pir/motion", { kind: "input", value: "off" })
    expect(told(input.at(1).reads("pir/motion", { kind: "input", value: "on" }).at(9).opens().at(12))).toEqual([])
  })

  it("may be a detector that tells each motion anew and no end of it", () => {
    const seen = Stage.closedDoor().happens("pir/motion", { _tag: "MotionDetected" }).at(1).opens()
    expect(told(seen.at(10))).toEqual([])
    const tried = Stage.closedDoor().happens("pir/motion", { _tag: "MotionDetected" }, { test: true }).at(1).opens()
    expect(told(tried.at(10))).toEqual(forced)
  })

  it("is still evidence when a motion detector's message comes late and out of order", () => {
    const stage = Stage.closedDoor().at(10).motion("off", { deviceTime: 10 }).opens().at(11)
    stage.motion("on", { deviceTime: 8 }).at(20)
    expect(told(stage)).toEqual([])
  })
})

describe("a request to exit that lasts", () => {
  it("covers an opening as long as it is on, however long ago it began", () => {
    expect(told(Stage.closedDoor().motion("on").at(25).opens().at(28).closes().at(60))).toEqual([])
    expect(told(Stage.closedDoor().motion("on").at(3600).opens().at(3605).closes().at(3700))).toEqual([])
  })

  it("covers by its rising edge alone once it is off", () => {
    expect(told(Stage.closedDoor().motion("on").at(2).motion("off").at(4.9).opens().at(9))).toEqual([])
    expect(told(Stage.closedDoor().motion("on").at(20).motion("off").at(20.5).opens().at(23))).toEqual(forced)
  })

  it("covers an opening that happened while it was on but is heard of after it went off", () => {
    const stage = Stage.closedDoor().motion("on").at(20).motion("off").at(21).opens({ occurred: 19 }).at(24)
    expect(told(stage)).toEqual([])
  })

  it("is over when its detector is out of sight", () => {
    const lost = Stage.closedDoor().motion("on").at(10).available("pir", "offline").at(11).opens().at(13)
    expect(told(lost)).toEqual(["UnverifiedOpening raised"])
    expect(told(Stage.closedDoor().motion("on").at(10).motion("unknown").at(11).opens().at(13))).toEqual(forced)
    expect(told(Stage.closedDoor().motion("on").at(10).misses(["pir"]).at(16).opens().at(18))).toEqual(forced)
  })

  it("covers when it is found on, but has no rising edge then", () => {
    const found = () => Stage.closedDoor().misses(["pir"]).at(1).motion("on", { origin: "recovery" })
    expect(told(found().at(20).opens().at(23).closes().at(60))).toEqual([])
    expect(told(found().at(2).motion("off").at(6).opens().at(9))).toEqual(forced)
  })

  it("counts at each point by itself", () => {
    const stage = Stage.closedDoor().motion("on").at(8).presses().at(9).motion("off").at(12.5).opens().at(15).closes()
    expect(told(stage.at(30))).toEqual([])
    const other = Stage.closedDoor().motion("on").presses().at(20).opens().at(25).closes()
    expect(told(other.at(30))).toEqual([])
  })

  it("survives a restart", () => {
    expect(told(Stage.closedDoor().motion("on").at(10).killedUntil(20).at(25).opens().at(28).closes().at(60))).toEqual(
      []
    )
  })
})
