import { describe, expect, it } from "vitest"
import { Stage } from "./door-stage.ts"

const online = () => Stage.closedDoor().link({ _tag: "Online" })

/** The gateway is away for five seconds; its broker keeps what the devices say, which comes when the link is back. */
const awayFrom = (stage: Stage, second: number) =>
  stage
    .at(second)
    .killedUntil(second + 5)
    .link({ _tag: "Connecting" })
    .link({ _tag: "Online" })

describe("an opening that waited in the broker's queue", () => {
  it("is no forced door when the exit that began before the gateway stopped would cover it", () => {
    const stage = awayFrom(online().at(9).motion("on").at(9.5).motion("off"), 10).opens().at(22).closes().at(60)
    expect(stage.story).toEqual([])
  })

  it("is no forced door when a grant that was given before would", () => {
    const stage = awayFrom(online().grants("ada"), 4).opens().at(14).closes().at(60)
    expect(stage.story).toEqual([])
    expect(stage.happened("DoorEntered", "AccessNotTaken")).toEqual(["4.0 DoorEntered ada"])
  })

  it("is explained by what comes out of the queue behind it", () => {
    expect(awayFrom(online(), 10).opens().presses().at(20).closes().at(60).story).toEqual([])
    expect(awayFrom(online(), 10).opens().at(16).grants("ada").at(20).closes().at(60).story).toEqual([])
  })

  it("is explained by a grant that tells of a time in which it may have happened", () => {
    const stage = awayFrom(online(), 10).opens().grants("ada", { deviceTime: 5 }).at(20).closes().at(60)
    expect(stage.story).toEqual([])
  })

  it("is explained by a grant that may have been given before it, where only the opening tells its time", () => {
    const stage = awayFrom(online(), 10).opens({ deviceTime: 12 }).grants("ada").at(20).closes().at(60)
    expect(stage.story).toEqual([])
  })

  it("counts as undated when the device's clock is not believed", () => {
    const stage = awayFrom(online().at(9).presses(), 10)
      .at(16)
      .opens({ deviceTime: 11, trusted: false })
      .at(20)
      .closes()
    expect(stage.at(60).story).toEqual([])
  })

  it("is covered by a press out of the queue even when it tells its own time", () => {
    const stage = awayFrom(online(), 10).opens({ deviceTime: 12 }).presses().at(20).closes().at(60)
    expect(stage.story).toEqual([])
  })

  it("is forced when nothing explains it, and the alert says from when on it may have happened", () => {
    const stage = awayFrom(online(), 10).opens().at(30)
    expect(stage.story).toEqual(["18.0 DoorForcedOpen raised"])
    expect(stage.reasons("DoorForcedOpen")).toContain("10.0 It may have opened from here on: nobody was listening")
  })

  it("is not taken for bounce because its closing comes in the same breath", () => {
    const stage = awayFrom(online(), 10).opens().closes().at(30)
    expect(stage.story).toEqual(["18.0 DoorForcedOpen raised", "18.0 DoorForcedOpen returned-to-normal"])
    expect(awayFrom(online(), 10).opens().at(15.1).closes().at(30).story).toHaveLength(2)
  })

  it("is not taken for bounce because only its closing was heard as it came", () => {
    const stage = awayFrom(online(), 10).at(17.95).opens().at(18.05).closes().at(30)
    expect(stage.story[0]).toBe("19.45 DoorForcedOpen raised")
  })

  it("is not taken for re-latch bounce because an entry comes in the same breath", () => {
    const entry = awayFrom(online().grants("ada"), 10).opens({ deviceTime: 2 }).closes({ deviceTime: 14 })
    expect(entry.opens().at(30).story).toEqual(["18.0 DoorForcedOpen raised"])
  })

  it("waits the same way for a link that was away while the gateway ran", () => {
    const lost = () => online().at(5.5).presses().at(10).link({ _tag: "Offline", reason: "x" })
    const away = () => lost().at(12).link({ _tag: "Rejected", reason: "y" }).at(16).link({ _tag: "Online" })
    const conditions = away()
      .at(17)
      .opens()
      .at(20)
      .closes()
      .at(60)
      .alerts.map(({ condition }) => condition)
    expect(conditions).toEqual(["LinkLost"])
    // Once the queue has drained, what comes is live.
    expect(away().at(19.1).opens().at(21).story).toContain("20.6 DoorForcedOpen raised")
  })
})
