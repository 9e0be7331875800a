import { describe, expect, it } from "vitest"
import { freeze } from "../../gateway/correlation/snapshot.ts"
import type { Campus } from "../../gateway/domain/campus.ts"
import { PointRef } from "../../gateway/domain/ids.ts"
import { campusOf, eastDoor, Stage } from "./door-stage.ts"

const without = (campus: Campus, door: string): Campus => ({
  ...campus,
  doors: campus.doors.filter(({ id }) => id !== door)
})

describe("a configuration that is applied again", () => {
  it("changes nothing of doors that wait, are held or forced", () => {
    const stage = Stage.closedDoor().grants("ada").motion("on").at(1).opens()
    const before = freeze(stage.situation)
    stage.configured(campusOf())
    expect({ ...freeze(stage.situation), seq: 0 }).toEqual({ ...before, seq: 0 })
    expect(stage.at(60).story).toEqual(["31.0 DoorOpenTooLong raised"])
  })

  it("brings changed times to bear on an open door", () => {
    const longer = campusOf({ times: { heldOpenSeconds: 60, heldPreAlarmSeconds: 50 } })
    const stage = Stage.closedDoor().grants("ada").opens().at(10).configured(longer, "v2").at(59)
    expect(stage.story).toEqual([])
    expect(stage.at(61).story).toEqual(["60.0 DoorOpenTooLong raised"])
    expect(stage.alert("DoorOpenTooLong")?.configVersion).toBe("v2")
  })

  it("brings shorter times to bear at once", () => {
    const shorter = campusOf({ times: { heldOpenSeconds: 12, heldPreAlarmSeconds: 6 } })
    const stage = Stage.closedDoor().grants("ada").opens().at(7).configured(shorter, "v2").at(20)
    expect(stage.happened("DoorHeldPreAlarm")).toEqual(["6.0 DoorHeldPreAlarm"])
    expect(stage.story).toEqual(["12.0 DoorOpenTooLong raised"])
  })
})

describe("a door that is taken out of the configuration", () => {
  it("leaves its alerts to be seen and closed, and its deadlines never fire", () => {
    const stage = Stage.closedDoor().opens().at(5).configured(without(campusOf(), "east"), "v2").at(100)
    expect(stage.story).toEqual(["1.5 DoorForcedOpen raised"])
    expect(stage.alert("DoorForcedOpen")).toMatchObject({ active: true, title: "Door forced open: East door" })
    stage.acknowledges("DoorForcedOpen").closesAlert("DoorForcedOpen")
    expect(stage.alerts).toEqual([])
    expect(stage.situation.doors.has("east")).toBe(false)
  })

  it("comes back knowing what its points have said meanwhile", () => {
    const stage = Stage.closedDoor().configured(without(campusOf(), "east"), "v2").at(1).mode("Unlocked")
    stage.configured(campusOf(), "v3")
    expect(stage.door()).toMatchObject({ position: "Closed", mode: "Unlocked", standing: "Unlocked" })
  })
})

describe("a device that is taken out of the configuration", () => {
  it("leaves its offline alert to be closed", () => {
    const campus = campusOf()
    const stage = Stage.closedDoor().available("south-contact", "offline").at(91)
    const devices = campus.devices.filter(({ id }) => id !== "south-contact")
    stage.configured({ ...campus, devices }, "v2").at(300)
    expect(stage.alerts.map(({ key, active }) => [key, active])).toEqual([["device:south-contact", true]])
    stage.closesAlert("DeviceOffline")
    expect(stage.alerts).toEqual([])
  })

  it("is not missed any more", () => {
    const campus = campusOf()
    const stage = Stage.closedDoor().available("south-contact", "offline").at(10)
    stage.configured({ ...campus, devices: campus.devices.filter(({ id }) => id !== "south-contact") }, "v2").at(300)
    expect(stage.story).toEqual([])
  })
})

describe("a door whose points are changed", () => {
  it("is unknown until its new contact is heard, and the first word of that is no opening", () => {
    const stage = Stage.closedDoor().configured(campusOf({ position: PointRef.make("south-contact/contact") }), "v2")
    expect(stage.door().standing).toBe("Unknown")
    stage.at(1).reads("south-contact/contact", { kind: "position", value: "open" }).at(20)
    expect(stage.story).toEqual([])
    expect(stage.door().standing).toBe("Open")
  })

  it("is not forced by a contact whose two values are swapped in the configuration", () => {
    const campus = campusOf()
    const devices = campus.devices.map((one) => (one.id === "contact" ? { ...one, invert: ["contact"] } : one))
    const stage = Stage.closedDoor()
      .configured({ ...campus, devices }, "v2")
      .at(1)
      .opens()
      .at(20)
    expect(stage.story).toEqual([])
  })

  it("does not keep the freedom of a mode that nothing tells any more", () => {
    const { mode: _, ...modeless } = eastDoor
    const stage = Stage.closedDoor()
      .mode("Unlocked")
      .at(10)
      .configured({ ...campusOf(), doors: [modeless] }, "v2")
    expect(stage.door().mode).toBe("Unknown")
    expect(stage.at(20).opens().at(22).story).toEqual(["21.5 DoorForcedOpen raised"])
  })

  it("no longer counts a detector that is not its own", () => {
    const rex = [PointRef.make("rex/button")]
    const stage = Stage.closedDoor().motion("on").at(10).configured(campusOf({ rex }), "v2").at(20).opens().at(22)
    expect(stage.story).toEqual(["21.5 DoorForcedOpen raised"])
  })

  it("reads a plain input as its contact: the role decides what on means", () => {
    const campus = campusOf({ position: PointRef.make("rex/input-0") })
    const input = (value: "on" | "off") => ({ kind: "input", value }) as const
    const stage = new Stage(campus).at(0).reads("rex/input-0", input("off")).at(1)
    expect(stage.door()).toMatchObject({ position: "Closed", standing: "Secure" })
    stage.reads("rex/input-0", input("on")).at(5)
    expect(stage.story).toEqual(["2.5 DoorForcedOpen raised"])
  })
})
