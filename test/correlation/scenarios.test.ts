import { describe, expect, it } from "vitest"
import { campusOf, Stage } from "./door-stage.ts"

/** The scenarios of the design's reference, at their own times. */
describe("1: normal entry", () => {
  it("is one entry and no alert", () => {
    const stage = Stage.closedDoor().grants("ada").at(2).opens().at(7).closes().at(120)
    expect(stage.story).toEqual([])
    expect(stage.happened("DoorEntered", "AccessNotTaken")).toEqual(["2.0 DoorEntered ada"])
    expect(stage.door().standing).toBe("Secure")
  })

  it("is not taken when the grant's time ends without an opening", () => {
    const stage = Stage.closedDoor().grants("ada").at(7.9)
    expect(stage.door().standing).toBe("Granted")
    stage.at(60)
    expect(stage.happened("DoorEntered", "AccessNotTaken")).toEqual(["8.0 AccessNotTaken ada"])
    expect(stage.door().standing).toBe("Secure")
    expect(stage.story).toEqual([])
  })

  it("is an entry up to the last instant of unlock and entry time", () => {
    const stage = Stage.closedDoor().grants("ada").at(7.999).opens().at(10).closes().at(60)
    expect(stage.happened("DoorEntered", "AccessNotTaken")).toEqual(["7.999 DoorEntered ada"])
    expect(stage.story).toEqual([])
  })

  it("gives the extended time to whom it is granted, for opening and for passing", () => {
    const stage = Stage.closedDoor().grants("ada", { extended: true }).at(22).opens().at(66).closes().at(200)
    expect(stage.story).toEqual([])
    expect(stage.happened("DoorHeldPreAlarm")).toEqual(["57.0 DoorHeldPreAlarm"])
  })
})

describe("2: door forced", () => {
  it("is a critical alert within two seconds, though no further fact comes", () => {
    const stage = Stage.closedDoor().opens().at(1.4)
    expect(stage.door().standing).toBe("UnverifiedOpening")
    stage.at(2)
    expect(stage.story).toEqual(["1.5 DoorForcedOpen raised"])
    expect(stage.door().standing).toBe("Forced")
    expect(stage.alert("DoorForcedOpen")).toMatchObject({ priority: 1, door: "east", area: "hall", active: true })
    expect(stage.reasons("DoorForcedOpen")).toEqual([
      "0.0 The door opened",
      "0.0 No access was granted in the 8 s before",
      "0.0 No exit was requested in the 5 s before"
    ])
  })

  it("tells an installer how nearly it was rightful", () => {
    const stage = Stage.closedDoor().grants("ada").presses().at(8.1).opens().at(10)
    expect(stage.reasons("DoorForcedOpen")).toContain("0.0 The last grant was 8.1 s before")
    expect(stage.reasons("DoorForcedOpen")).toContain("0.0 The last request to exit came 8.1 s before")
  })

  it("is not ended by closing the door: a person does, with a reason", () => {
    const stage = Stage.closedDoor().opens().at(5).closes().at(6)
    expect(stage.story).toEqual(["1.5 DoorForcedOpen raised", "5.15 DoorForcedOpen returned-to-normal"])
    expect(stage.alert("DoorForcedOpen")).toMatchObject({ active: false, acknowledged: false, closed: false })
    stage.acknowledges("DoorForcedOpen").at(7).closesAlert("DoorForcedOpen")
    expect(stage.alerts).toEqual([])
    expect(stage.story.slice(2)).toEqual(["6.0 DoorForcedOpen acknowledged", "7.0 DoorForcedOpen closed"])
  })

  it("is told even when the door is closed again before it could be judged", () => {
    const stage = Stage.closedDoor().opens().at(0.5).closes().at(10)
    expect(stage.story).toEqual(["1.5 DoorForcedOpen raised", "1.5 DoorForcedOpen returned-to-normal"])
  })

  it("is told of each of two quick openings, the second of which is rightful", () => {
    const stage = Stage.closedDoor().opens().at(0.3).closes().at(1.2).motion("on").opens().at(1.4).closes().at(10)
    expect(stage.changes[0]?.alert).toMatchObject({ condition: "DoorForcedOpen", occurredAt: Date.UTC(2026, 2, 2, 10) })
  })

  it("is masked while the door's mode lets it be opened", () => {
    for (const mode of ["Unlocked", "LockedOpen", "Accessed"] as const) {
      expect(Stage.closedDoor().mode(mode).at(60).opens().at(63).closes().at(90).story, mode).toEqual([])
    }
  })
})

describe("3: lingering exit", () => {
  it("is a probable exit of low priority, and counted against the door", () => {
    const stage = Stage.closedDoor().presses().at(6).opens().at(6.4).presses().at(9).closes().at(20)
    expect(stage.story).toEqual(["6.4 ProbableExit raised", "9.15 ProbableExit returned-to-normal"])
    expect(stage.alert("ProbableExit")).toMatchObject({ priority: 4, count: 1 })
    stage.at(30).opens().at(30.4).presses().at(33).closes().at(50)
    expect(stage.alert("ProbableExit")).toMatchObject({ count: 2, active: false })
    expect(stage.alerts).toHaveLength(1)
  })

  it("is over at once when the door has closed before the request comes", () => {
    const stage = Stage.closedDoor().opens().at(0.4).closes().at(0.9).presses().at(20)
    expect(stage.story).toEqual(["0.9 ProbableExit raised", "0.9 ProbableExit returned-to-normal"])
  })
})

describe("4: held", () => {
  const held = ["30.0 DoorOpenTooLong raised"]

  it("is a pre-alarm at 20 s and an alert at 30 s", () => {
    const stage = Stage.closedDoor().at(-1).grants("ada").at(0).opens().at(19.9)
    expect(stage.door().standing).toBe("Open")
    stage.at(20)
    expect(stage.happened("DoorHeldPreAlarm")).toEqual(["20.0 DoorHeldPreAlarm"])
    expect(stage.door().standing).toBe("HeldPreAlarm")
    expect(stage.story).toEqual([])
    stage.at(30)
    expect(stage.story).toEqual(held)
    expect(stage.alert("DoorOpenTooLong")).toMatchObject({ priority: 2, active: true })
    expect(stage.door().standing).toBe("Held")
    stage.at(100).closes().at(101)
    expect(stage.story).toEqual([...held, "100.15 DoorOpenTooLong returned-to-normal"])
  })

  it("survives a gateway restart at 15 s", () => {
    const stage = Stage.closedDoor().grants("ada").opens().at(15).killedUntil(18).at(60)
    expect(stage.happened("DoorHeldPreAlarm")).toEqual(["20.0 DoorHeldPreAlarm"])
    expect(stage.story).toEqual(held)
  })

  it("is held since 30 s, however late the gateway comes back", () => {
    const stage = Stage.closedDoor().grants("ada").opens().at(15).killedUntil(100).at(102.9)
    expect(stage.story).toEqual([])
    stage.at(103)
    expect(stage.story).toEqual(["103.0 DoorOpenTooLong raised"])
    expect(stage.alert("DoorOpenTooLong")?.occurredAt).toBe(Date.UTC(2026, 2, 2, 10, 0, 30))
    expect(stage.reasons("DoorOpenTooLong")[0]).toBe("0.0 The door opened")
  })

  it("is not held when the links tell after a restart that it had closed in time", () => {
    const stage = Stage.closedDoor().grants("ada").opens().at(15).killedUntil(100).at(101)
    expect(stage.closes({ occurred: 25 }).at(200).story).toEqual([])
  })

  it("is told as past when the links tell after a restart that it had been held", () => {
    const stage = Stage.closedDoor().grants("ada").opens().at(15).killedUntil(100).at(101).closes({ occurred: 40 })
    expect(stage.at(200).story).toEqual(["101.0 DoorOpenTooLong raised", "101.0 DoorOpenTooLong returned-to-normal"])
  })

  it("follows the door's own times", () => {
    const campus = campusOf({ times: { heldOpenSeconds: 120, heldPreAlarmSeconds: 90 } })
    const stage = Stage.closedDoor(campus).grants("ada").opens().at(119)
    expect(stage.story).toEqual([])
    expect(stage.happened("DoorHeldPreAlarm")).toEqual(["90.0 DoorHeldPreAlarm"])
    expect(stage.at(121).story).toEqual(["120.0 DoorOpenTooLong raised"])
  })
})

describe("5: forced, then held", () => {
  it("is two alerts of one door: the timer starts whenever the door opens", () => {
    const stage = Stage.closedDoor().opens().at(60)
    expect(stage.story).toEqual(["1.5 DoorForcedOpen raised", "30.0 DoorOpenTooLong raised"])
    expect(stage.alerts.map(({ key }) => key)).toEqual(["door:east", "door:east"])
    expect(stage.door().standing).toBe("Forced")
    stage.at(70).closes().at(80)
    expect(stage.alerts.map(({ active }) => active)).toEqual([false, false])
  })
})

describe("9: tamper and cut wires", () => {
  it("is an alert whatever the door's mode, until every casing is closed again", () => {
    const tamper = (on: boolean) => ({ kind: "tamper", value: on ? "on" : "off" }) as const
    const stage = Stage.closedDoor().mode("Unlocked").reads("contact/tamper", tamper(false))
    stage.reads("reader/casing", { kind: "input", value: "off" }).at(1).reads("contact/tamper", tamper(true))
    expect(stage.alert("DoorTampered")).toMatchObject({ priority: 2, key: "door:east", active: true })
    stage.at(2).reads("reader/casing", { kind: "input", value: "on" }).at(3).reads("contact/tamper", tamper(false))
    expect(stage.alert("DoorTampered")).toMatchObject({ active: true })
    stage.at(4).reads("reader/casing", { kind: "input", value: "off" })
    expect(stage.story).toEqual([
      "1.0 DoorTampered raised",
      "2.0 DoorTampered updated",
      "4.0 DoorTampered returned-to-normal"
    ])
  })

  it("is a fault and an unknown door when the contact's wire is cut, never a closed one", () => {
    const stage = Stage.closedDoor().reads("contact/contact", { kind: "position", value: "fault" })
    expect(stage.alert("DoorFaulted")).toMatchObject({ priority: 2, key: "door:east", active: true })
    expect(stage.door()).toMatchObject({ standing: "Unknown", position: "Fault" })
    stage.at(5).opens().at(10)
    expect(stage.story).toEqual(["0.0 DoorFaulted raised", "5.0 DoorFaulted returned-to-normal"])
    expect(stage.door().standing).toBe("Open")
  })
})

describe("10: device offline, then back with the door open", () => {
  it("is an offline alert after the grace, and held from when it was found open, never forced", () => {
    const stage = Stage.closedDoor().available("contact", "offline").at(89.9)
    expect(stage.door().standing).toBe("Unknown")
    expect(stage.story).toEqual([])
    stage.at(180).opens().at(300)
    expect(stage.story).toEqual([
      "90.0 DeviceOffline raised",
      "180.0 DeviceOffline returned-to-normal",
      "210.0 DoorOpenTooLong raised"
    ])
    expect(stage.reasons("DoorOpenTooLong")[0]).toBe("180.0 The door was found open")
  })

  it("is silent when the device is back, and the door closed, within its grace", () => {
    expect(Stage.closedDoor().available("contact", "offline").at(60).closes().at(300).story).toEqual([])
  })
})
