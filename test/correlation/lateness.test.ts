import { describe, expect, it } from "vitest"
import { Stage } from "./door-stage.ts"

describe("a grant that is late", () => {
  it("explains an opening within the reorder grace, even without a time of its own", () => {
    const stage = Stage.closedDoor()
      .opens()
      .at(1.5 - 0.001)
      .grants("ada")
      .at(5)
      .closes()
      .at(60)
    expect(stage.story).toEqual([])
    expect(stage.happened("DoorEntered", "AccessNotTaken")).toEqual(["0.0 DoorEntered ada"])
  })

  it("resolves the alert after the grace, when it was given before the opening; the alert stays", () => {
    const stage = Stage.closedDoor().opens().at(4).grants("ada", { occurred: -1 }).at(5)
    expect(stage.story).toEqual(["1.5 DoorForcedOpen raised", "4.0 DoorForcedOpen resolved-by-late-evidence"])
    expect(stage.alert("DoorForcedOpen")).toMatchObject({ active: false, resolvedByLateEvidence: true, closed: false })
    expect(stage.reasons("DoorForcedOpen").at(-1)).toBe("-1.0 Access was granted, but we heard of it late")
    expect(stage.door().standing).toBe("Open")
  })

  it("explains nothing after the grace when it was given after the opening", () => {
    const stage = Stage.closedDoor().opens().at(4).grants("ada").at(5)
    expect(stage.story).toEqual(["1.5 DoorForcedOpen raised"])
    expect(stage.door().standing).toBe("Forced")
  })

  it("may come from history, long after the door has closed again", () => {
    const stage = Stage.closedDoor().opens().at(5).closes().at(300)
    stage.grants("ada", { origin: "replayed", deviceTime: -2 }).at(400)
    expect(stage.story.at(-1)).toBe("300.0 DoorForcedOpen resolved-by-late-evidence")
    expect(stage.happened("AccessNotTaken")).toEqual([])
  })

  it("of history is not said to be untaken: its opening may be history as well", () => {
    const stage = Stage.closedDoor().grants("ada", { origin: "replayed", deviceTime: -20 }).at(60)
    expect(stage.happened("AccessNotTaken")).toEqual([])
  })

  it("does not resolve an alert behind which another opening is still unexplained", () => {
    const stage = Stage.closedDoor().opens().at(5).closes().at(100).opens().at(105).closes().at(110)
    stage.grants("ada", { occurred: 98 })
    expect(stage.story.at(-1)).toBe("110.0 DoorForcedOpen updated")
    expect(stage.alert("DoorForcedOpen")?.resolvedByLateEvidence).toBe(false)
    stage.at(120).grants("ben", { occurred: -1 })
    expect(stage.alert("DoorForcedOpen")?.resolvedByLateEvidence).toBe(true)
  })

  it("is not kept from resolving by an earlier alert that a person has answered", () => {
    const stage = Stage.closedDoor().opens().at(5).closes().at(50).closesAlert("DoorForcedOpen")
    stage.at(100).opens().at(105).closes().at(110).grants("ada", { occurred: 98 })
    expect(stage.alert("DoorForcedOpen")?.resolvedByLateEvidence).toBe(true)
  })

  it("gives its extended time to the opening it explains", () => {
    const stage = Stage.closedDoor().opens().at(1).grants("eve", { extended: true }).at(44)
    expect(stage.story).toEqual([])
  })
})

describe("an opening that is heard of late", () => {
  it("waits for what explains it as long as it was late itself", () => {
    const heard = () => Stage.closedDoor().at(60).opens({ occurred: 50 }).at(60.4)
    expect(heard().grants("ada", { occurred: 49 }).at(70).story).toEqual([])
    expect(heard().at(70).story).toEqual(["61.5 DoorForcedOpen raised"])
  })

  it("is not held when its closing follows in the same breath", () => {
    const stage = Stage.closedDoor().at(100).grants("ada", { occurred: 9 }).opens({ occurred: 10 })
    expect(stage.closes({ occurred: 14 }).at(200).story).toEqual([])
  })

  it("is told as held when its closing shows that it was", () => {
    const stage = Stage.closedDoor().at(100).grants("ada", { occurred: 9 }).opens({ occurred: 10 })
    stage.closes({ occurred: 70 }).at(200)
    expect(stage.story).toEqual(["100.0 DoorOpenTooLong raised", "100.0 DoorOpenTooLong returned-to-normal"])
    expect(stage.changes[0]?.alert.occurredAt).toBe(Date.UTC(2026, 2, 2, 10, 0, 40))
  })
})

describe("a closing that is heard of late", () => {
  it("resolves the held alert when the door had closed in time", () => {
    const stage = Stage.closedDoor().grants("ada").opens().at(31).closes({ occurred: 29 }).at(60)
    expect(stage.story).toEqual(["30.0 DoorOpenTooLong raised", "31.0 DoorOpenTooLong resolved-by-late-evidence"])
  })
})

describe("messages of one contact", () => {
  it("are believed in the order they come, whatever the gateway makes of the device's clock", () => {
    const stage = Stage.closedDoor().at(10).opens({ occurred: 10 }).at(10.3).closes({ occurred: 9.8 }).at(12)
    expect(stage.door()).toMatchObject({ position: "Closed", standing: "Secure" })
  })

  it("do not let an opening shrink to bounce: how long it lasted is the device's own measure", () => {
    const stage = Stage.closedDoor().at(10).opens({ deviceTime: 9.1, occurred: 10 })
    stage.at(10.3).closes({ deviceTime: 10.1, occurred: 9.9 }).at(20)
    expect(stage.story).toEqual(["11.5 DoorForcedOpen raised", "11.5 DoorForcedOpen returned-to-normal"])
    const bounce = Stage.closedDoor().at(10).opens({ deviceTime: 9.1, occurred: 10 })
    expect(bounce.at(10.1).closes({ deviceTime: 9.2, occurred: 10 }).at(20).story).toEqual([])
  })

  it("never end before they began", () => {
    const stage = Stage.closedDoor().grants("ada").opens().at(3).closes({ occurred: -5 }).at(4)
    expect(stage.door()).toMatchObject({ standing: "Secure", since: Date.UTC(2026, 2, 2, 10) })
  })

  it("are not swallowed when the device's clock is set back an hour", () => {
    const stage = Stage.closedDoor().closes({ deviceTime: -1 }).at(10).opens({ deviceTime: -3590 }).at(12)
    expect(stage.door().position).toBe("Open")
    expect(stage.story).toEqual(["11.5 DoorForcedOpen raised"])
  })

  it("change no state when they were overtaken by a newer one", () => {
    const stage = Stage.closedDoor().closes({ deviceTime: 10 }).at(11).opens({ deviceTime: 8 }).at(11.5)
    expect(stage.door()).toMatchObject({ position: "Closed", standing: "Secure" })
  })

  it("still tell of an opening that nobody has heard of", () => {
    const stage = Stage.closedDoor().at(11).closes({ deviceTime: 10 }).opens({ deviceTime: 8 }).at(20)
    expect(stage.story).toEqual(["12.5 DoorForcedOpen raised", "12.5 DoorForcedOpen returned-to-normal"])
    const rightful = Stage.closedDoor().at(7).presses().at(11).closes({ deviceTime: 10 }).opens({ deviceTime: 8 })
    expect(rightful.at(20).story).toEqual([])
  })

  it("tell of no second opening when the first is only repeated", () => {
    const stage = Stage.closedDoor().grants("ada").at(2).opens({ deviceTime: 2 }).at(9).closes({ deviceTime: 9 })
    expect(stage.at(30).opens({ deviceTime: 2 }).at(60).story).toEqual([])
    const answered = Stage.closedDoor().at(2).opens({ deviceTime: 2 }).at(9).closes({ deviceTime: 9 }).at(10)
    answered.closesAlert("DoorForcedOpen").at(20).grants("ada").at(21).opens({ deviceTime: 21 })
    answered.at(25).closes({ deviceTime: 25 }).at(26).opens({ deviceTime: 2 }).closes({ deviceTime: 9 }).at(60)
    expect(answered.alerts).toEqual([])
  })
})
