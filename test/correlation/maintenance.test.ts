import { applyFinding } from "../../gateway/alerts/alert-life.ts"
import { HashMap } from "effect"
import { describe, expect, it } from "vitest"
import { AreaId, DeviceId, DoorId, PointRef } from "../../gateway/domain/ids.ts"
import { campusOf, dawn, Stage } from "./door-stage.ts"
import { ruled, ruleOf } from "./rule-stage.ts"

const east = { door: DoorId.make("east") }
const hall = { area: AreaId.make("hall") }
const minutes = (count: number): number => count * 60

describe("a door in maintenance", () => {
  it("raises its alert out of service, counts what comes, and asks at the end while it holds", () => {
    const stage = Stage.closedDoor().works(east, 60).opens().at(5)
    expect(stage.alert("DoorForcedOpen")).toMatchObject({
      active: true,
      outOfService: { key: "door:east", by: "technician", reason: "the closer is replaced", meanwhile: 1 }
    })
    stage.closes().at(20).opens().at(30)
    expect(stage.alert("DoorForcedOpen")).toMatchObject({ count: 2, outOfService: { meanwhile: 2 } })
    stage.acknowledges("DoorForcedOpen").at(40).leaves(east)
    const forced = stage.alert("DoorForcedOpen")
    expect(forced).toMatchObject({ active: true, acknowledged: false })
    expect(forced).not.toHaveProperty("outOfService")
    expect(stage.changes.at(-1)).toMatchObject({
      transition: "reactivated",
      by: "alerts.maintenance",
      note: "maintenance is over, and it holds still"
    })
  })

  it("keeps nobody silent who was at another door, too", () => {
    const count = { event: "DoorOpened", distinct: "door", atLeast: 2, withinSeconds: 60 }
    const opened = (...worked: ReadonlyArray<"east" | "north">): Stage => {
      const stage = ruled(ruleOf("several", { key: "site", count }, "SeveralOpened"))
      stage.reads("north-contact/contact", { kind: "position", value: "closed" })
      for (const door of worked) stage.works({ door: DoorId.make(door) }, 60)
      return stage.at(1).reads("north-contact/contact", { kind: "position", value: "open" }).at(2).opens().at(5)
    }
    expect(opened("east").alert("SeveralOpened")).toMatchObject({ door: "north" })
    expect(opened("east").alert("SeveralOpened")).not.toHaveProperty("outOfService")
    expect(opened("north").alert("SeveralOpened")).not.toHaveProperty("outOfService")
    expect(opened("east", "north").alert("SeveralOpened")).toMatchObject({ outOfService: { key: "door:east" } })
  })

  it("ends by itself, and is told of a quarter of an hour before", () => {
    const stage = Stage.closedDoor().works(east, 60).opens().at(minutes(45))
    expect(stage.events.find(({ _tag }) => _tag === "MaintenanceEndsSoon")).toMatchObject({
      at: dawn + 45 * 60_000,
      key: "door:east",
      until: dawn + 3_600_000
    })
    expect(HashMap.size(stage.situation.maintenance)).toBe(1)
    stage.at(minutes(60))
    expect(HashMap.size(stage.situation.maintenance)).toBe(0)
    expect(stage.alert("DoorForcedOpen")).not.toHaveProperty("outOfService")
    expect(stage.events.at(-1)).toMatchObject({ _tag: "MaintenanceOver", by: "its time is over", door: "east" })
  })

  it("outlives a restart, with its end", () => {
    const stage = Stage.closedDoor().works(east, 10).at(60).killedUntil(120).at(130)
    expect(HashMap.size(stage.situation.maintenance)).toBe(1)
    expect(HashMap.size(stage.at(minutes(10)).situation.maintenance)).toBe(0)
  })

  it("leaves an alert that is back to normal by its end to be closed, without a sound; when it comes again it asks", () => {
    const stage = Stage.closedDoor().works(east, 10).opens().at(5).closes().at(10).leaves(east)
    expect(stage.alert("DoorForcedOpen")).toMatchObject({ active: false, outOfService: { endedAt: dawn + 10_000 } })
    expect(stage.story.filter((line) => line.includes("DoorForcedOpen reactivated"))).toEqual([])
    stage.at(20).opens().at(30)
    expect(stage.alert("DoorForcedOpen")).not.toHaveProperty("outOfService")
    expect(stage.story.at(-1)).toBe("21.5 DoorForcedOpen reactivated")
  })

  it("does not silence what called for somebody before", () => {
    const stage = Stage.closedDoor().opens().at(5).works(east, 10).closes().at(10).opens().at(20)
    expect(stage.alert("DoorForcedOpen")).not.toHaveProperty("outOfService")
    expect(stage.story.at(-1)).toBe("11.5 DoorForcedOpen reactivated")
  })

  it("tells tamper, panic and duress aloud", () => {
    const stage = Stage.closedDoor().works(east, 60).works(hall, 60)
    stage
      .reads("contact/tamper", { kind: "tamper", value: "off" })
      .reads("contact/tamper", { kind: "tamper", value: "on" })
    stage.happens("rex/panic", { _tag: "PanicPressed" }).happens("reader/reader", { _tag: "DuressSignalled" })
    expect(stage.alerts.map(({ condition }) => condition).sort()).toEqual([
      "DoorTampered",
      "DuressSignalled",
      "PanicPressed"
    ])
    for (const alert of stage.alerts) expect(alert).not.toHaveProperty("outOfService")
  })

  it("tells aloud what a rule wants told so, and only that", () => {
    const opened = { key: "door", count: { event: "DoorOpened", atLeast: 1, withinSeconds: 5 } } as const
    const aloud = ruleOf(
      "aloud",
      { ...opened, alert: { condition: "Sabotage", priority: 2, aloudInMaintenance: true } },
      "Sabotage"
    )
    const stage = ruled(ruleOf("usual", opened, "Usual"), aloud)
      .works(east, 60)
      .opens()
    expect(stage.alert("Sabotage")).not.toHaveProperty("outOfService")
    expect(stage.alert("Usual")).toHaveProperty("outOfService")
  })

  it("is no reason for a threat to life: what a second sensor shows of it is heard", () => {
    const maintenance = { key: "door:east", by: "technician", at: dawn, reason: "painting", until: dawn + 60_000 }
    const about = { condition: "DoorForcedOpen", key: "door:east", rule: "door.forced", at: dawn, why: [] } as const
    const birth = { seq: 1, nth: 0, configVersion: "v1", maintenance }
    const active = { _tag: "ConditionActive", ...about, priority: 1, title: "Door forced open" } as const
    const silent = applyFinding(undefined, active, birth, dawn)?.alert
    const person = applyFinding(silent, { _tag: "Confirmed", ...about, validationLevel: 2 }, birth, dawn)?.alert
    expect(person).toMatchObject({ validationLevel: 2, outOfService: { key: "door:east" } })
    const weapon = applyFinding(person, { _tag: "Confirmed", ...about, validationLevel: 4 }, birth, dawn)?.alert
    expect(weapon).toMatchObject({ validationLevel: 4, acknowledged: false })
    expect(weapon).not.toHaveProperty("outOfService")
  })

  it("may lie in an area in maintenance, and stays silent as long as one of both lasts", () => {
    const stage = Stage.closedDoor().works(hall, 60).works(east, 10).opens().at(minutes(10))
    expect(stage.alert("DoorForcedOpen")).toMatchObject({ outOfService: { key: "area:hall" } })
    stage.leaves(hall)
    expect(stage.alert("DoorForcedOpen")).toMatchObject({ acknowledged: false, active: true })
    expect(stage.alert("DoorForcedOpen")).not.toHaveProperty("outOfService")
  })

  it("takes its devices with it where they serve no other door, and is taken along by its contact", () => {
    const offline = Stage.closedDoor().works(east, 60).available("lock", "offline").at(100)
    expect(offline.alert("DeviceOffline")).toMatchObject({ outOfService: { key: "door:east" } })
    const contact = Stage.closedDoor()
      .works({ device: DeviceId.make("contact") }, 60)
      .opens()
      .at(5)
    expect(contact.alert("DoorForcedOpen")).toMatchObject({ outOfService: { key: "device:contact" } })
    const bridge = Stage.closedDoor().works({ device: DeviceId.make("bridge") }, 60)
    bridge.available("north-contact", "offline").at(100)
    expect(bridge.alert("DeviceOffline")).toMatchObject({ outOfService: { key: "device:bridge" } })
  })

  it("takes a controller of several doors with it until the first of them is back", () => {
    const campus = campusOf()
    const lock = PointRef.make("panel/north-lock")
    const shared = { ...campus, doors: campus.doors.map((door) => (door.id === "north" ? { ...door, lock } : door)) }
    const north = { door: DoorId.make("north") }
    const worked = () =>
      Stage.closedDoor(shared).works(east, 120).works(north, 10).available("panel", "offline").at(100)
    expect(worked().alert("DeviceOffline")).toMatchObject({ outOfService: { key: "door:north" } })
    expect(worked().at(minutes(10)).alert("DeviceOffline")).not.toHaveProperty("outOfService")
    expect(worked().leaves(east).alert("DeviceOffline")).not.toHaveProperty("outOfService")
  })

  it("is in maintenance for the time that was said last", () => {
    const stage = Stage.closedDoor().works(east, 10).opens().at(minutes(5)).works(east, 10, "it takes longer")
    stage.at(minutes(11))
    expect(stage.alert("DoorForcedOpen")?.outOfService).toMatchObject({
      reason: "it takes longer",
      until: dawn + 15 * 60_000
    })
    expect(stage.at(minutes(15)).alert("DoorForcedOpen")).not.toHaveProperty("outOfService")
  })

  it("is worked on no longer once it is not configured any more", () => {
    const stage = Stage.closedDoor().works(east, 60)
    stage.configured({ ...campusOf(), doors: campusOf().doors.filter(({ id }) => id !== "east") }, "v2")
    expect(HashMap.size(stage.situation.maintenance)).toBe(0)
  })
})

describe("a point that is bypassed", () => {
  it("has its door out of service where it is the contact, and brings back no edge", () => {
    const stage = Stage.closedDoor().bypasses("contact/contact", 10)
    expect(stage.door().standing).toBe("OutOfService")
    stage.opens().closes().opens().at(60)
    expect(stage.story).toEqual([])
    stage.believes("contact/contact")
    expect(stage.door()).toMatchObject({ standing: "Open", position: "Open" })
    expect(stage.at(100).story).toEqual(["90.0 DoorOpenTooLong raised"])
  })

  it("covers no opening where it is an exit detector that is stuck", () => {
    const stage = Stage.closedDoor().motion("on").bypasses("pir/motion", 10).at(10).opens().at(15)
    expect(stage.story).toEqual(["11.5 DoorForcedOpen raised"])
  })

  it("ends by itself, also over a restart, and is told of before", () => {
    const stage = Stage.closedDoor().bypasses("contact/contact", 30).at(60).killedUntil(90).at(minutes(15))
    expect(stage.door().standing).toBe("OutOfService")
    expect(stage.events.at(-1)).toMatchObject({ _tag: "BypassEndsSoon", point: "contact/contact", door: "east" })
    stage.at(minutes(30))
    expect(stage.door().standing).not.toBe("OutOfService")
    expect(HashMap.size(stage.situation.bypasses)).toBe(0)
  })

  it.each(["reader/reader", "contact/tamper", "panel/mode", "north-contact/contact"])(
    "is not %s of this door",
    (ref) => {
      const stage = Stage.closedDoor().bypasses(ref, 10)
      expect(HashMap.size(stage.situation.bypasses)).toBe(0)
    }
  )

  it("is none any more when its door is given another contact", () => {
    const stage = Stage.closedDoor().bypasses("contact/contact", 10)
    stage.configured(campusOf({ position: PointRef.make("south-contact/contact") }), "v2")
    expect(HashMap.size(stage.situation.bypasses)).toBe(0)
    expect(stage.door().standing).toBe("Unknown")
  })
})
