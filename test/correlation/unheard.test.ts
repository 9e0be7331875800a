import { describe, expect, it } from "vitest"
import type { Door } from "../../gateway/domain/campus.ts"
import { campusOf, Stage } from "./door-stage.ts"

/** Without an exit button and a detector: only grants make its openings rightful. */
const readerOnly: Partial<Door> = { rex: [] }

/** The panel begins to listen at 0: who had shown a badge before is not known. */
const heardSince0 = (door: Partial<Door> = {}) => Stage.closedDoor(campusOf(door)).misses(["reader", "rex", "pir"])

const forced = ["DoorForcedOpen raised"]
const unverified = ["UnverifiedOpening raised"]

const told = (stage: Stage): ReadonlyArray<string> => stage.story.map((line) => line.slice(line.indexOf(" ") + 1))

describe("an opening that might have been made rightful by what nobody could hear", () => {
  it("is no forced door, and no silence either: a person is asked, and told what was not heard", () => {
    const stage = heardSince0().at(1).opens().at(10)
    expect(stage.story).toEqual(["2.5 UnverifiedOpening raised"])
    expect(stage.alert("UnverifiedOpening")).toMatchObject({ priority: 2, active: true, rule: "door.unverified" })
    expect(stage.reasons("UnverifiedOpening")).toEqual([
      "1.0 The door opened",
      "1.0 No access was granted in the 8 s before",
      "1.0 No exit was requested in the 5 s before",
      "0.0 Grants before 10:00:00 UTC could not be heard",
      "0.0 Requests to exit before 10:00:00 UTC could not be heard"
    ])
    expect(stage.door().standing).toBe("UnverifiedOpening")
  })

  it("is unverified for as long as a grant could cover it, and by the exits for as long as a request could", () => {
    expect(told(heardSince0(readerOnly).at(7.999).opens().at(10))).toEqual(unverified)
    expect(told(heardSince0(readerOnly).at(8).opens().at(10))).toEqual(forced)
    expect(told(heardSince0({ accessPoints: [] }).at(4.999).opens().at(10))).toEqual(unverified)
    expect(told(heardSince0({ accessPoints: [] }).at(5).opens().at(10))).toEqual(forced)
  })

  it("is forced all the same where the door has neither reader nor exit: nothing was missed", () => {
    expect(told(heardSince0({ rex: [], accessPoints: [] }).at(1).opens().at(10))).toEqual(forced)
  })

  it("is forced when only the contact was out of sight: its reader and exits were heard all along", () => {
    expect(told(Stage.closedDoor().misses(["contact"]).at(1).closes().at(2).opens().at(10))).toEqual(forced)
  })

  it("is forced where the door's mode refuses every grant, unless somebody may have left by it", () => {
    const blocked = (door: Partial<Door>) => heardSince0(door).mode("Blocked").at(1).opens().at(10)
    expect(told(blocked(readerOnly))).toEqual(forced)
    expect(told(blocked({}))).toEqual(unverified)
  })

  it("is nothing to ask about when what was heard explains it", () => {
    expect(told(heardSince0().at(1).grants("ada").at(2).opens().at(5).closes().at(60))).toEqual([])
  })

  it("returns to normal when the door closes, and stays until a person closes it", () => {
    const stage = heardSince0().at(1).opens().at(5).closes().at(60)
    expect(stage.story).toEqual(["2.5 UnverifiedOpening raised", "5.15 UnverifiedOpening returned-to-normal"])
    expect(stage.alerts).toHaveLength(1)
    const brief = heardSince0().at(1).opens().at(1.5).closes().at(60)
    expect(told(brief)).toEqual(["UnverifiedOpening raised", "UnverifiedOpening returned-to-normal"])
  })

  it("is held like any other opening", () => {
    expect(told(heardSince0().at(1).opens().at(60))).toEqual([...unverified, "DoorOpenTooLong raised"])
  })

  it("is explained by a grant that its device tells as history", () => {
    const stage = heardSince0().at(1).opens().at(5).closes().at(60)
    stage.grants("ada", { origin: "replayed", deviceTime: -1 })
    expect(stage.alert("UnverifiedOpening")).toMatchObject({ resolvedByLateEvidence: true, closed: false })
  })

  it("is forced after all when the door's own controller says so", () => {
    const stage = heardSince0().at(1).opens().at(5).alarm("DoorForcedOpen").at(6)
    expect(told(stage)).toEqual([...unverified, "UnverifiedOpening returned-to-normal", ...forced])
    expect(stage.alert("DoorForcedOpen")).toMatchObject({ priority: 1, active: true })
    expect(stage.door().standing).toBe("Forced")
  })

  it("makes nothing of the next opening, which is forced when nothing explains it", () => {
    const stage = heardSince0().at(1).opens().at(5).closes().at(20).opens().at(30)
    expect(told(stage)).toEqual([...unverified, "UnverifiedOpening returned-to-normal", ...forced])
  })

  it("is answered by the person who closes its alert: late evidence is for those after it", () => {
    const stage = heardSince0().at(1).opens().at(5).closes().at(6).closesAlert("UnverifiedOpening").at(8)
    stage.misses(["reader"]).at(9).opens().at(12).closes().at(20).grants("ada", { occurred: 8.5 })
    expect(stage.alert("UnverifiedOpening")?.resolvedByLateEvidence).toBe(true)
  })
})

describe("what cannot be heard", () => {
  it("is what a device tells while it is offline, until it is there again", () => {
    const away = () => Stage.closedDoor().available("reader", "offline")
    expect(told(away().at(5).available("reader", "online").at(6).opens().at(10))).toEqual(unverified)
    expect(told(away().at(5).grants("ada").at(12.9).closes().opens().at(15))).toEqual([])
    const meanwhile = away().at(600).opens().at(610)
    expect(told(meanwhile)).toEqual(["DeviceOffline raised", ...unverified])
    expect(meanwhile.reasons("UnverifiedOpening").at(-1)).toBe(
      "0.0 Grants cannot be heard since 10:00:00 UTC: reader is away"
    )
    expect(told(away().at(5).available("reader", "online").at(13).opens().at(20))).toEqual(forced)
  })

  it("is nothing any more of a device that tells the door nothing any more", () => {
    const stage = Stage.closedDoor()
      .available("reader", "offline")
      .at(5)
      .configured(campusOf({ accessPoints: [] }), "v2")
    expect(told(stage.at(20).opens().at(30))).toEqual(forced)
  })

  it("is all that either of two devices tells while one of them is away", () => {
    const both = () => Stage.closedDoor().available("rex", "offline").at(1).available("pir", "offline")
    expect(told(both().at(5).available("rex", "online").at(30).opens().at(40))).toEqual(unverified)
    expect(told(both().at(5).available("rex", "online").available("pir", "online").at(30).opens().at(40))).toEqual(
      forced
    )
  })

  it("is what the devices behind a bridge tell while it is away", () => {
    const via = { accessPoints: [{ reader: "north-contact/reader", direction: "in" }], rex: [] } as never
    const stage = Stage.closedDoor(campusOf(via)).available("bridge", "offline").at(5).available("bridge", "online")
    expect(told(stage.at(6).opens().at(10))).toEqual(unverified)
  })

  it("is what devices tell that find their way back after the gateway's own broker was away", () => {
    const restarted = () =>
      Stage.closedDoor().presses().grants("ada").at(20).killedUntil(25).misses(undefined, "SessionLost")
    expect(told(restarted().at(26).closes().at(32).opens().at(40))).toEqual(unverified)
    expect(told(restarted().at(26).closes().at(34).opens().at(40))).toEqual(forced)
    const backAt40 = restarted().at(26).closes().at(40).reads("reader/casing", { kind: "input", value: "off" })
    expect(told(backAt40.at(42).opens().at(50))).toEqual(unverified)
  })

  it("is not what a broker's queue has kept: all of it comes, late", () => {
    const stage = Stage.closedDoor().link({ _tag: "Online" }).at(10).killedUntil(15).link({ _tag: "Online" })
    expect(told(stage.at(16).opens().at(30))).toEqual(forced)
  })
})
