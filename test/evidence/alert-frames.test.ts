import { HashMap } from "effect"
import { describe, expect, it } from "vitest"
import { freeze, type Frozen, thaw } from "../../gateway/correlation/snapshot.ts"
import type { Camera, Campus } from "../../gateway/domain/campus.ts"
import { EvidenceHash, type Frame, type FrameOffset, isAwaited } from "../../gateway/domain/evidence.ts"
import { AreaId, CameraId, DeviceId } from "../../gateway/domain/ids.ts"
import { campusOf, dawn, Stage } from "../correlation/door-stage.ts"

const camera = (id: string, more: Partial<Camera> = {}): Camera => ({
  id: CameraId.make(id),
  name: `Camera ${id}`,
  area: AreaId.make("hall"),
  device: DeviceId.make("pir"),
  ...more
})

const [east, yard] = [CameraId.make("east"), CameraId.make("yard")]

/** The east door has two cameras; what stands for the device of both is the motion detector. */
const pictured = (cameras: ReadonlyArray<Camera> = [camera("east"), camera("yard")], ids = [east, yard]): Campus => ({
  ...campusOf({ cameras: ids }),
  cameras
})

const framesOf = (stage: Stage, condition: "DoorForcedOpen" | "DoorTampered" = "DoorTampered") =>
  stage.alert(condition)?.evidence ?? []

const tampers = (stage: Stage, value: "on" | "off" = "on") => stage.reads("contact/tamper", { kind: "tamper", value })

const told = (frames: ReadonlyArray<Frame>) =>
  frames.map((frame) => ("hash" in frame ? "kept" : "missing" in frame ? frame.missing : "awaited"))

const hash = EvidenceHash.make("ab".repeat(32))

/** The frames' fetcher has kept one of the tampered door's frames. */
const keeps = (stage: Stage, offsetSeconds: FrameOffset, occurredAt: number, alert = stage.idOf("DoorTampered")) =>
  stage.enter({
    _tag: "EvidenceKept",
    alert,
    camera: east,
    offsetSeconds,
    occurredAt,
    takenAt: occurredAt + 300,
    hash,
    bytes: 9,
    mediaType: "image/jpeg"
  })

describe("an alert at a door with cameras", () => {
  it("awaits five frames of each from the moment it happened, which is before it was raised", () => {
    const stage = Stage.closedDoor(pictured()).at(10).opens().at(12)
    const frames = framesOf(stage, "DoorForcedOpen")
    expect(frames.map(({ camera: id, offsetSeconds }) => `${id} ${offsetSeconds}`)).toEqual(
      ["east", "yard"].flatMap((id) => [-10, -5, 0, 5, 10].map((offset) => `${id} ${offset}`))
    )
    expect(stage.alert("DoorForcedOpen")?.raisedAt).toBe(dawn + 11_500)
    for (const frame of frames) {
      expect(frame).toMatchObject({ occurredAt: dawn + 10_000, dueAt: dawn + 10_000 + frame.offsetSeconds * 1000 })
    }
    expect(stage.changes.find(({ transition }) => transition === "raised")?.alert.evidence).toEqual(frames)
  })

  it("has none without a camera that has a device in service", () => {
    const { device: _, ...bare } = camera("east")
    const campus = pictured([bare, camera("yard")])
    const off = campus.devices.map((device) => (device.id === "pir" ? { ...device, disabled: true } : device))
    const stage = new Stage({ ...campus, devices: off }).at(0)
    stage.reads("contact/tamper", { kind: "tamper", value: "off" })
    expect(tampers(stage).alert("DoorTampered")).not.toHaveProperty("evidence")
  })

  it("awaits frames of a happening that comes later, of ten at most, and of none that stands in the frames of another", () => {
    const stage = Stage.closedDoor(pictured([camera("east")], [east]))
    tampers(tampers(tampers(stage), "off").at(9)).at(10)
    expect(stage.alert("DoorTampered")?.count).toBe(2)
    expect(framesOf(stage)).toHaveLength(5)
    tampers(tampers(stage, "off").at(11))
    expect(framesOf(stage)).toHaveLength(10)
    for (let second = 30; second < 600; second += 20) tampers(tampers(stage, "off").at(second))
    expect(stage.alert("DoorTampered")?.count).toBeGreaterThan(20)
    expect(framesOf(stage)).toHaveLength(50)
  })

  it("carries what was kept and what is missing, each as a step of its life with the reason", () => {
    const stage = tampers(Stage.closedDoor(pictured([camera("east")], [east])).at(5))
    const occurredAt = dawn + 5000
    stage.at(6)
    keeps(stage, 0, occurredAt)
    const of = { alert: stage.idOf("DoorTampered"), camera: east, occurredAt }
    stage.enter({ _tag: "EvidenceMissing", ...of, offsetSeconds: -10, reason: "camera offline: refused" })
    expect(told(framesOf(stage))).toEqual(["camera offline: refused", "awaited", "kept", "awaited", "awaited"])
    expect(framesOf(stage)[2]).toEqual({
      camera: "east",
      offsetSeconds: 0,
      occurredAt,
      takenAt: occurredAt + 300,
      hash,
      mediaType: "image/jpeg"
    })
    expect(stage.changes.slice(-2).map(({ transition, by, why }) => `${transition} by ${by}: ${why[0]?.text}`)).toEqual(
      [
        "evidence-kept by camera east: Frame 0 s is kept",
        "evidence-missing by camera east: Frame −10 s is missing: camera offline: refused"
      ]
    )
    expect(stage.alert("DoorTampered")).toMatchObject({ acknowledged: false, count: 1, updatedAt: dawn + 6000 })
  })

  it("takes no frame that it does not await: a second one, one of another time, one of an alert that is not there", () => {
    const stage = tampers(Stage.closedDoor(pictured([camera("east")], [east])).at(5))
    keeps(stage, 0, dawn + 5000)
    const before = stage.changes.length
    keeps(stage, 0, dawn + 5000)
    keeps(stage, 5, dawn)
    keeps(stage, 5, dawn + 5000, stage.idOf("PanicPressed"))
    expect(stage.changes).toHaveLength(before)
    expect(told(framesOf(stage))).toEqual(["awaited", "awaited", "kept", "awaited", "awaited"])
  })

  it("that is closed takes its frames all the same, and is forgotten with the last of them", () => {
    const stage = tampers(Stage.closedDoor(pictured([camera("east")], [east])).at(5))
    const id = stage.idOf("DoorTampered")
    stage.closesAlert("DoorTampered")
    tampers(tampers(stage, "off").at(8))
    const second = stage.idOf("DoorTampered")
    expect(second).not.toBe(id)
    for (const offset of [-10, -5, 0, 5, 10] as const) keeps(stage, offset, dawn + 5000, id)
    const last = stage.changes.at(-1)
    expect(last).toMatchObject({ transition: "evidence-kept", alert: { id, closed: true } })
    expect(told(last?.alert.evidence ?? [])).toEqual(Array.from({ length: 5 }, () => "kept"))
    expect([...HashMap.keys(stage.situation.alerts)]).toEqual([second])
    tampers(tampers(stage, "off").at(9))
    expect(stage.alert("DoorTampered")).toMatchObject({ id: second, count: 2 })
    const steps = stage.changes.length
    keeps(stage, 0, dawn + 5000, id)
    expect(stage.changes).toHaveLength(steps)
  })
})

describe("a restart while frames are still to come", () => {
  it("tells of each that the gateway was not running, of open and of closed alerts", () => {
    const stage = tampers(Stage.closedDoor(pictured([camera("east")], [east])).at(5))
    keeps(stage, 0, dawn + 5000)
    stage.closesAlert("DoorTampered")
    tampers(tampers(stage, "off").at(8))
    stage.killedUntil(30)
    const lost = stage.changes.filter(({ transition }) => transition === "evidence-missing")
    expect(lost.map(({ by, alert }) => [by, alert.closed])).toEqual([
      ["gateway", true],
      ["gateway", false]
    ])
    expect(told(lost[0]?.alert.evidence ?? [])).toEqual([
      "the gateway was not running",
      "the gateway was not running",
      "kept",
      "the gateway was not running",
      "the gateway was not running"
    ])
    expect(framesOf(stage).some(isAwaited)).toBe(false)
    const steps = stage.changes.length
    stage.killedUntil(60)
    expect(stage.changes).toHaveLength(steps)
  })

  it("finds them in the snapshot as they were", () => {
    const stage = tampers(Stage.closedDoor(pictured()).at(5))
    stage.closesAlert("DoorTampered")
    const frozen = freeze(stage.situation)
    expect(frozen.owing.map(([, alert]) => alert.evidence?.length)).toEqual([10])
    expect(freeze(thaw(JSON.parse(JSON.stringify(frozen)) as Frozen))).toEqual(frozen)
  })
})

describe("an alert of a camera's own device", () => {
  it("awaits its camera's frames, but none for being offline: there is nothing to see", () => {
    const stage = Stage.closedDoor(pictured([camera("own")], [])).reads("pir/tamper", { kind: "tamper", value: "on" })
    expect(stage.alert("DoorTampered")?.evidence?.map((frame) => frame.camera)).toEqual(Array(5).fill("own"))
    stage.available("pir", "offline").at(200)
    expect(stage.alert("DeviceOffline")).not.toHaveProperty("evidence")
  })
})

describe("a picture that does not change", () => {
  const unchanged = (stage: Stage, frames: number, sinceSecond: number) =>
    stage.enter({ _tag: "PictureUnchanged", camera: east, since: dawn + sinceSecond * 1000, frames })
  const oneCamera = (more: Partial<Camera> = {}) => Stage.closedDoor(pictured([camera("east", more)], [east]))

  it("is one alert of its camera, however often it is told, and returns to normal", () => {
    const stage = oneCamera().at(130)
    unchanged(stage, 26, 0)
    unchanged(stage.at(300), 60, 0)
    stage.at(310).enter({ _tag: "PictureChanged", camera: east })
    expect(stage.story).toEqual([
      "130.0 PictureFrozen raised",
      "300.0 PictureFrozen updated",
      "310.0 PictureFrozen returned-to-normal"
    ])
    expect(stage.alert("PictureFrozen")).toMatchObject({
      key: "camera:east",
      title: "Picture frozen: Camera east",
      device: "pir",
      area: "hall",
      priority: 3,
      rule: "supervision.frozen-picture"
    })
    expect(stage.reasons("PictureFrozen").slice(0, 2)).toEqual([
      "0.0 Its picture has been the same since",
      "130.0 26 frames in 130 s were the same to the last byte"
    ])
  })

  it("is none after two frames, nor before its time, which a site may set", () => {
    const stage = oneCamera().at(130)
    unchanged(stage, 2, 0)
    unchanged(stage, 26, 20)
    expect(stage.story).toEqual([])
    const quick = oneCamera({ frames: { frozenAfterSeconds: 30 } }).at(130)
    unchanged(quick, 26, 99)
    expect(quick.story).toEqual(["130.0 PictureFrozen raised"])
  })

  it("of a camera that is offline, or that is not configured, is none", () => {
    const stage = oneCamera().available("pir", "offline").at(50)
    unchanged(stage, 26, -200)
    stage.enter({ _tag: "PictureUnchanged", camera: yard, since: dawn, frames: 99 })
    expect(stage.story).toEqual([])
  })

  it("is out of sight when its camera goes offline: that one's own alert stands for it", () => {
    const stage = oneCamera().at(130)
    unchanged(stage, 26, 0)
    stage.at(140).available("pir", "offline")
    expect(stage.alert("PictureFrozen")).toMatchObject({ active: false, closed: false })
  })
})
