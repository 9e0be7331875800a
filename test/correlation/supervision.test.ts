import { describe, expect, it } from "vitest"
import type { PointValue } from "../../gateway/domain/observation.ts"
import { DeviceId } from "../../gateway/domain/ids.ts"
import { campusOf, Stage } from "./door-stage.ts"

const closed: PointValue = { kind: "position", value: "closed" }
const open: PointValue = { kind: "position", value: "open" }

const bridged = () =>
  Stage.closedDoor()
    .reads("north-contact/contact", closed)
    .reads("south-contact/contact", closed)
    .available("bridge", "online")

const availabilityOf = (stage: Stage, id: string) => stage.situation.devices.get(id)?.availability

describe("a lost bridge", () => {
  it("is one alert, not one for each device behind it", () => {
    const stage = bridged().at(10).available("bridge", "offline").at(300)
    expect(stage.story).toEqual(["100.0 DeviceOffline raised"])
    expect(stage.alerts[0]?.key).toBe("device:bridge")
    expect(availabilityOf(stage, "north-contact")).toBe("unknown")
    expect(stage.door("north").standing).toBe("Unknown")
    expect(stage.door("east").standing).toBe("Secure")
  })

  it("speaks for devices that are called offline before and while it is", () => {
    const stage = bridged().at(1).available("north-contact", "offline").at(10).available("bridge", "offline")
    stage.at(11).available("south-contact", "offline").at(300)
    expect(stage.alerts.map(({ key }) => key)).toEqual(["device:bridge"])
  })

  it("speaks no longer once it is back: a device behind it that stays offline answers for itself", () => {
    const stage = bridged().available("bridge", "offline").at(1).available("south-contact", "offline").at(20)
    stage.available("bridge", "online").at(111)
    expect(stage.story).toEqual(["110.0 DeviceOffline raised"])
    expect(stage.alerts[0]?.key).toBe("device:south-contact")
    expect(availabilityOf(stage, "north-contact")).toBe("unknown")
  })

  it("is back without an opening: devices behind it are heard by their own messages", () => {
    const stage = bridged().available("bridge", "offline").at(20).available("bridge", "online")
    expect(stage.door("north").standing).toBe("Unknown")
    stage.at(21).reads("north-contact/contact", open).at(40)
    expect(availabilityOf(stage, "north-contact")).toBe("online")
    expect(stage.door("north").standing).toBe("Open")
    expect(stage.story).toEqual([])
  })
})

describe("a device", () => {
  it("that is heard ends its own offline alert", () => {
    const stage = Stage.closedDoor().available("pir", "offline").at(200).motion("off").at(201)
    expect(stage.story).toEqual(["90.0 DeviceOffline raised", "200.0 DeviceOffline returned-to-normal"])
  })

  it("has its own grace where it is configured", () => {
    const campus = campusOf({}, [])
    const devices = campus.devices.map((one) => (one.id === "pir" ? { ...one, offlineGraceSeconds: 600 } : one))
    const stage = Stage.closedDoor({ ...campus, devices })
      .available("pir", "offline")
      .at(599)
    expect(stage.story).toEqual([])
    expect(stage.at(601).story).toEqual(["600.0 DeviceOffline raised"])
  })

  it("that repeats that it is offline is told once", () => {
    const stage = Stage.closedDoor().available("pir", "offline").at(50).available("pir", "offline").at(200)
    stage.available("pir", "offline").at(400)
    expect(stage.story).toEqual(["90.0 DeviceOffline raised"])
    expect(stage.happened("DeviceUnavailable")).toEqual(["0.0 DeviceUnavailable"])
  })

  it("that was offline in a replayed past is not missed", () => {
    expect(Stage.closedDoor().available("pir", "offline", "replayed").at(300).story).toEqual([])
  })

  it("that a retained message calls offline is missed: nothing else tells of one that is dead from the start", () => {
    expect(Stage.closedDoor().available("pir", "offline", "recovery").at(300).story).toHaveLength(1)
  })

  it("called unknown for the first time is told, with its reason", () => {
    const stage = new Stage().at(0).available("lock", "unknown")
    expect(stage.happened("DeviceUnavailable")).toEqual(["0.0 DeviceUnavailable"])
    expect(stage.situation.devices.get("lock")?.reason).toBe("it said unknown")
  })

  it("is no longer shown as there once the session it was heard on is lost, until it is heard", () => {
    const stage = Stage.closedDoor().misses(undefined, "SessionLost")
    expect(availabilityOf(stage, "contact")).toBe("unknown")
    expect(availabilityOf(stage.at(5).closes(), "contact")).toBe("online")
    expect(stage.at(600).story).toEqual([])
  })

  it("is kept and not believed while it is disabled", () => {
    const campus = campusOf()
    const devices = campus.devices.map((one) => (one.id === "contact" ? { ...one, disabled: true } : one))
    const stage = Stage.closedDoor().configured({ ...campus, devices }, "v2")
    expect(stage.door().standing).toBe("Unknown")
    stage.at(1).closes().at(2).opens().available("contact", "offline").at(300)
    expect(stage.story).toEqual([])
    expect(stage.door().standing).toBe("Unknown")
  })
})

describe("a link", () => {
  it("that is away is an alert after its grace, dated from its loss, and told once however often it is tried", () => {
    const stage = Stage.closedDoor().link({ _tag: "Offline", reason: "refused" }).at(89)
    expect(stage.story).toEqual([])
    for (const second of [95, 200, 300])
      stage.at(second).link({ _tag: "Connecting" }).link({ _tag: "Offline", reason: "x" })
    stage.at(600)
    expect(stage.story).toEqual(["90.0 LinkLost raised"])
    expect(stage.alert("LinkLost")?.occurredAt).toBe(Date.UTC(2026, 2, 2, 10))
    stage.link({ _tag: "Online" })
    expect(stage.alert("LinkLost")).toMatchObject({ active: false, closed: false })
  })

  it("whose credentials are rejected needs a person at once", () => {
    expect(Stage.closedDoor().link({ _tag: "Rejected", reason: "bad password" }).story).toEqual(["0.0 LinkLost raised"])
  })

  it("that is stopped on purpose is not missed", () => {
    const stage = Stage.closedDoor().link({ _tag: "Offline", reason: "x" }).at(10).link({ _tag: "Stopped" }).at(300)
    expect(stage.story).toEqual([])
  })
})

describe("a gap", () => {
  it("of a link makes every device on it unknown, of some devices only those", () => {
    const some = Stage.closedDoor().misses([DeviceId.make("lock")])
    expect(some.door().standing).toBe("Secure")
    expect(some.misses().door().standing).toBe("Unknown")
    expect(some.happened("GapRecorded")).toEqual(["0.0 GapRecorded", "0.0 GapRecorded"])
  })
})
