import { mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { Unable } from "../../adapters/adapter.ts"
import type { Campus } from "../../gateway/domain/campus.ts"
import type { Frame } from "../../gateway/domain/evidence.ts"
import { temporaryDirectory } from "../road/peers.ts"
import { campusWith, FakeCamera, inVirtualTime, openStage, sha256 } from "./evidence-stage.ts"
import { jpegOf, loginPage, png } from "./pictures.ts"

let directory: ReturnType<typeof temporaryDirectory>
beforeEach(() => {
  directory = temporaryDirectory("evidence")
})
afterEach(() => directory.dispose())

const oneCamera = () => {
  const camera = new FakeCamera()
  return { camera, cameras: new Map([["cam", camera]]), campus: campusWith([{ id: "cam" }]) }
}

const label = (frame: Frame): string =>
  "hash" in frame
    ? `${frame.offsetSeconds}: ${((frame.takenAt - frame.occurredAt) / 1000).toFixed(1)}`
    : `${frame.offsetSeconds}: ${"missing" in frame ? frame.missing : "awaited"}`

describe("an alert at a door with a camera", () => {
  it("has a frame of each time, those before it from memory, each labelled with how far it really was", () =>
    inVirtualTime(
      Effect.gen(function* () {
        const { camera, cameras, campus } = oneCamera()
        const stage = yield* openStage(directory.path, campus, cameras)
        yield* stage.passes(21)
        camera.answer = (nth) => Effect.sync(() => jpegOf(nth)).pipe(Effect.delay("800 millis"))
        const id = yield* stage.tamper()
        const before = yield* stage.alertOf(id)
        expect(before?.evidence?.map(label)).toEqual([
          "-10: awaited",
          "-5: awaited",
          "0: awaited",
          "5: awaited",
          "10: awaited"
        ])
        yield* stage.passes(12)
        yield* stage.settled(5)
        const alert = yield* stage.alertOf(id)
        const frames = alert?.evidence ?? []
        expect(frames.slice(2).map(label)).toEqual(["0: 0.8", "5: 5.8", "10: 10.8"])
        for (const [at, wanted] of [-10, -5].entries()) {
          const frame = frames[at]
          if (frame === undefined || !("hash" in frame)) throw new Error("the frame is not there")
          expect(Math.abs((frame.takenAt - frame.occurredAt) / 1000 - wanted)).toBeLessThanOrEqual(2.5)
        }
        const kept = stage.factsOf("EvidenceKept")
        expect(kept).toHaveLength(5)
        for (const { hash, bytes } of kept) {
          const file = stage.file(hash)
          expect(sha256(stage.bytesOf(file))).toBe(hash)
          expect(statSync(file).size).toBe(bytes)
          expect(statSync(file).mode & 0o777).toBe(0o600)
          expect((yield* stage.evidence.read(hash))?.mediaType).toBe("image/jpeg")
        }
        expect(stage.changes.filter(({ transition }) => transition === "evidence-kept")).toHaveLength(5)
      })
    ))

  it("goes on being watched over a change of the configuration, while cameras that came and went do or do no more", () =>
    inVirtualTime(
      Effect.gen(function* () {
        const [stays, comes] = [new FakeCamera(), new FakeCamera()]
        const cameras = new Map([
          ["stays", stays],
          ["comes", comes]
        ])
        const [one, both] = [campusWith([{ id: "stays" }]), campusWith([{ id: "stays" }, { id: "comes" }])]
        const stage = yield* openStage(directory.path, one, cameras)
        const goOver = (campus: Campus) => {
          const links = [{ id: "cameras", adapter: "camera", settings: {} }]
          const plan = { links, devices: campus.devices, timeZone: "UTC", profilesDirectory: "none" }
          return Effect.andThen(stage.links.change(plan, Effect.void), stage.evidence.change({ campus, keepDays: 30 }))
        }
        yield* stage.passes(21)
        const before = stays.asked.length
        yield* goOver(both)
        yield* stage.passes(21)
        expect(comes.asked.length).toBeGreaterThanOrEqual(3)
        expect(stays.asked.length - before).toBeGreaterThanOrEqual(3)
        yield* goOver(one)
        const left = comes.asked.length
        yield* stage.passes(21)
        expect(comes.asked).toHaveLength(left)
      })
    ))

  it("that comes again has frames of that time too, and the first ones stay", () =>
    inVirtualTime(
      Effect.gen(function* () {
        const { cameras, campus } = oneCamera()
        const stage = yield* openStage(directory.path, campus, cameras)
        yield* stage.passes(20)
        const id = yield* stage.tamper()
        yield* stage.passes(60)
        yield* stage.calm
        expect(yield* stage.tamper()).toBe(id)
        yield* stage.passes(11)
        yield* stage.settled(10)
        const alert = yield* stage.alertOf(id)
        expect(alert?.count).toBe(2)
        const happenings = new Set(alert?.evidence?.map(({ occurredAt }) => occurredAt))
        expect(happenings.size).toBe(2)
        expect(alert?.evidence?.every((frame) => "hash" in frame)).toBe(true)
      })
    ))

  it("that is closed at once still gets its frames, and no other alert of the door is touched by them", () =>
    inVirtualTime(
      Effect.gen(function* () {
        const { cameras, campus } = oneCamera()
        const stage = yield* openStage(directory.path, campus, cameras)
        yield* stage.passes(20)
        const first = yield* stage.tamper()
        const by = { by: "officer", outcome: "real", reason: "seen" } as const
        const alert = (yield* stage.alertOf(first))!.id
        yield* stage.intake.enter({ _tag: "AlertClosed", alert, ...by })
        yield* stage.calm
        yield* stage.passes(30)
        const second = yield* stage.tamper()
        expect(second).not.toBe(first)
        yield* stage.passes(11)
        yield* stage.settled(10)
        const closed = yield* stage.alertOf(first)
        expect(closed?.closed).toBe(true)
        expect(closed?.evidence?.every((frame) => "hash" in frame)).toBe(true)
        expect((yield* stage.alertOf(second))?.closed).toBe(false)
        expect([...stage.intake.situation().alerts].map(([key]) => key)).toEqual([second])
      })
    ))

  it("says of each frame that is missing why", () =>
    inVirtualTime(
      Effect.gen(function* () {
        const [page, slow, blind, gone, rude, huge] = Array.from({ length: 6 }, () => new FakeCamera())
        page!.answer = () => Effect.succeed(loginPage)
        slow!.answer = () => Effect.never
        blind!.snapshots = false
        rude!.answer = () => Effect.fail(new Unable({ reason: "it refuses the\npassword" }))
        huge!.answer = () => Effect.succeed(Buffer.concat([jpegOf(1), Buffer.alloc(5 * 1024 * 1024)]))
        const cameras = new Map(Object.entries({ page, slow, blind, gone, rude, huge } as Record<string, FakeCamera>))
        const campus = campusWith([...cameras.keys()].map((id) => ({ id })))
        const stage = yield* openStage(directory.path, campus, cameras)
        yield* stage.passes(0.5)
        gone!.lose("connection refused")
        yield* stage.passes(6)
        yield* stage.until("the loss in the log", () =>
          stage.facts.some((fact) => fact._tag === "Observed" && JSON.stringify(fact).includes("connection refused"))
        )
        const id = yield* stage.tamper()
        yield* stage.passes(16)
        yield* stage.settled(30)
        const frames = (yield* stage.alertOf(id))?.evidence ?? []
        const of = (camera: string, offset: number) =>
          label(frames.find((frame) => frame.camera === camera && frame.offsetSeconds === offset)!)
        expect(of("page", 0)).toBe("0: it is no picture: the camera sent a web page")
        expect(of("slow", 0)).toBe("0: the camera took longer than 5 s")
        expect(of("blind", 0)).toBe("0: the camera gives no pictures")
        expect(of("gone", 0)).toBe("0: camera offline: connection refused")
        expect(of("rude", 0)).toBe("0: it refuses the\uFFFDpassword")
        expect(of("huge", 0)).toBe("0: the picture has 5.0 MB; at most 4 MB are kept")
        expect(of("page", -5)).toBe(
          "-5: no frame of that time is in memory: when last asked, it is no picture: the camera sent a web page"
        )
        expect(frames.every((frame) => "missing" in frame)).toBe(true)
      })
    ))

  it("is told that the gateway was not running when a restart came in between, and pictures of before stay", () =>
    inVirtualTime(
      Effect.gen(function* () {
        const { cameras, campus } = oneCamera()
        const first = yield* openStage(directory.path, campus, cameras)
        yield* first.passes(20)
        const id = yield* first.tamper()
        yield* first.passes(2)
        yield* first.settled(3)
        yield* first.stop
        yield* TestClock.adjust("30 seconds")
        const again = yield* openStage(directory.path, campus, cameras)
        const alert = yield* again.alertOf(id)
        expect(alert?.evidence?.map((frame) => ("hash" in frame ? "kept" : label(frame)))).toEqual([
          "kept",
          "kept",
          "kept",
          "5: the gateway was not running",
          "10: the gateway was not running"
        ])
        yield* again.passes(15)
        expect(again.factsOf("EvidenceKept")).toEqual([])
        expect(yield* again.alertOf(id)).toEqual(alert)
      })
    ))

  it("keeps equal pictures once, and a PNG as one", () =>
    inVirtualTime(
      Effect.gen(function* () {
        const { camera, cameras, campus } = oneCamera()
        camera.answer = () => Effect.succeed(png)
        const stage = yield* openStage(directory.path, campus, cameras)
        yield* stage.passes(20)
        yield* stage.tamper()
        yield* stage.passes(11)
        yield* stage.settled(5)
        const hashes = stage.factsOf("EvidenceKept").map(({ hash }) => hash)
        expect(new Set(hashes)).toEqual(new Set([sha256(png)]))
        expect(readdirSync(join(directory.path, "evidence"), { recursive: true, encoding: "utf8" }).toSorted()).toEqual(
          [sha256(png).slice(0, 2), `${sha256(png).slice(0, 2)}/${sha256(png)}.png`]
        )
      })
    ))

  it("is heard of where its pictures cannot be written", () =>
    inVirtualTime(
      Effect.gen(function* () {
        const { cameras, campus } = oneCamera()
        // A file where the directory should be: not even root can write below it.
        writeFileSync(join(directory.path, "evidence"), "")
        const stage = yield* openStage(directory.path, campus, cameras)
        yield* stage.passes(20)
        const id = yield* stage.tamper()
        yield* stage.passes(11)
        yield* stage.settled(5)
        const reasons = (yield* stage.alertOf(id))?.evidence?.map((frame) => ("missing" in frame ? frame.missing : ""))
        for (const reason of reasons ?? []) expect(reason).toContain("its file failed")
        expect(reasons).toHaveLength(5)
      })
    ))
})

describe("an alert of a camera's own device", () => {
  it("has that camera's frames, of a camera that no door names those after it", () =>
    inVirtualTime(
      Effect.gen(function* () {
        const { camera, cameras } = oneCamera()
        const stage = yield* openStage(directory.path, campusWith([{ id: "cam" }], []), cameras)
        yield* stage.passes(20)
        expect(camera.asked).toEqual([])
        const id = yield* stage.tamper("cam-device")
        yield* stage.passes(11)
        yield* stage.settled(5)
        expect((yield* stage.alertOf(id))?.evidence?.map(label)).toEqual([
          "-10: no frame of that time is in memory: no door names this camera",
          "-5: no frame of that time is in memory: no door names this camera",
          "0: 0.0",
          "5: 5.0",
          "10: 10.0"
        ])
      })
    ))
})

describe("the polls of cameras", () => {
  it("are steady, spread over the interval, and one at a time a camera", () =>
    inVirtualTime(
      Effect.gen(function* () {
        const cameras = new Map(Array.from({ length: 40 }, (_, n) => [`cam-${n}`, new FakeCamera()] as const))
        const campus = campusWith(
          [...cameras.keys()].map((id) => ({ id })),
          [...cameras.keys()]
        )
        const stage = yield* openStage(directory.path, campus, cameras)
        const began = stage.now()
        yield* stage.passes(30)
        const bySecond = new Map<number, number>()
        for (const camera of cameras.values()) {
          expect(camera.mostAtOnce).toBe(1)
          expect(camera.asked.length).toBeGreaterThanOrEqual(5)
          const gaps = camera.asked.slice(1).map((at, nth) => at - camera.asked[nth]!)
          expect(new Set(gaps)).toEqual(new Set([5000]))
          for (const at of camera.asked) {
            const second = Math.floor((at - began) / 1000)
            bySecond.set(second, (bySecond.get(second) ?? 0) + 1)
          }
        }
        for (let second = 5; second < 30; second++) expect(bySecond.get(second)).toBeGreaterThanOrEqual(6)
        expect(Math.max(...bySecond.values())).toBeLessThanOrEqual(10)
        expect(stage.evidence.counts()).toMatchObject({ pollsFailed: 0 })
      })
    ))

  it("of one camera never wait for a slow one, and the slow one is asked less and less often", () =>
    inVirtualTime(
      Effect.gen(function* () {
        const [quick, slow] = [new FakeCamera(), new FakeCamera()]
        slow.answer = () => Effect.never
        const cameras = new Map([
          ["quick", quick],
          ["slow", slow]
        ])
        const stage = yield* openStage(directory.path, campusWith([{ id: "quick" }, { id: "slow" }]), cameras)
        yield* stage.passes(120)
        expect(quick.asked.length).toBeGreaterThanOrEqual(23)
        expect(slow.asked.length).toBeGreaterThanOrEqual(3)
        expect(slow.asked.length).toBeLessThanOrEqual(8)
        expect(slow.mostAtOnce).toBe(1)
      })
    ))

  it("give way to an alert: the frame of the moment does not wait for a poll that hangs", () =>
    inVirtualTime(
      Effect.gen(function* () {
        const { camera, cameras, campus } = oneCamera()
        const stage = yield* openStage(directory.path, campus, cameras)
        yield* stage.passes(14)
        camera.answer = () => Effect.never
        yield* stage.until("a poll that hangs", () => camera.atOnce === 0)
        while (camera.atOnce === 0) yield* stage.passes(0.1)
        camera.answer = (nth) => Effect.sync(() => jpegOf(nth))
        const id = yield* stage.tamper()
        yield* stage.passes(1)
        yield* stage.settled(3)
        const moment = (yield* stage.alertOf(id))?.evidence?.[2]
        expect(moment === undefined ? "" : label(moment)).toBe("0: 0.0")
        expect(camera.mostAtOnce).toBe(1)
      })
    ))

  it("hold no more in memory than they may, all cameras together, and say so", () =>
    inVirtualTime(
      Effect.gen(function* () {
        const cameras = new Map(Array.from({ length: 4 }, (_, n) => [`cam-${n}`, new FakeCamera()] as const))
        for (const camera of cameras.values()) {
          camera.answer = (nth) => Effect.sync(() => Buffer.concat([jpegOf(nth), Buffer.alloc(100_000)]))
        }
        const campus = campusWith([...cameras.keys()].map((id) => ({ id })))
        const stage = yield* openStage(directory.path, campus, cameras, { ringsBytesMax: 650_000 })
        yield* stage.passes(60)
        const counts = stage.evidence.counts()
        expect(counts.stillBytes).toBeLessThanOrEqual(650_000)
        expect(counts.stills).toBe(6)
        expect(counts.stillBytesMax).toBe(650_000)
        expect(counts.evicted).toBeGreaterThan(20)
      })
    ))
})

describe("a picture that does not change", () => {
  it("is one alert once it has lasted, and returns to normal when it changes", () =>
    inVirtualTime(
      Effect.gen(function* () {
        const { camera, cameras, campus } = oneCamera()
        const stage = yield* openStage(directory.path, campus, cameras)
        yield* stage.passes(10)
        camera.answer = () => Effect.succeed(jpegOf(7))
        yield* stage.passes(115)
        expect(stage.changes).toEqual([])
        yield* stage.passes(300)
        yield* stage.settled(5)
        const raised = stage.changes.filter(({ transition }) => transition === "raised")
        expect(raised.map(({ alert }) => [alert.condition, alert.key, alert.title])).toEqual([
          ["PictureFrozen", "camera:cam", "Picture frozen: Camera cam"]
        ])
        expect(stage.factsOf("PictureUnchanged")).toHaveLength(1)
        camera.answer = (nth) => Effect.sync(() => jpegOf(nth))
        yield* stage.passes(6)
        yield* stage.until("the change", () => stage.factsOf("PictureChanged").length === 1)
        expect(stage.changes.at(-1)).toMatchObject({ transition: "returned-to-normal", alert: { active: false } })
      })
    ))

  it("returns to normal after a restart too", () =>
    inVirtualTime(
      Effect.gen(function* () {
        const { camera, cameras, campus } = oneCamera()
        camera.answer = () => Effect.succeed(jpegOf(7))
        const first = yield* openStage(directory.path, campus, cameras)
        yield* first.passes(130)
        yield* first.until("the alert", () => first.changes.some(({ transition }) => transition === "raised"))
        yield* first.stop
        camera.answer = (nth) => Effect.sync(() => jpegOf(nth))
        const again = yield* openStage(directory.path, campus, cameras)
        yield* again.passes(15)
        yield* again.until("the change", () => again.factsOf("PictureChanged").length === 1)
        expect(again.changes.at(-1)).toMatchObject({ transition: "returned-to-normal" })
      })
    ))

  it("of a camera that is offline is not called frozen", () =>
    inVirtualTime(
      Effect.gen(function* () {
        const { camera, cameras, campus } = oneCamera()
        camera.answer = () => Effect.succeed(jpegOf(7))
        const stage = yield* openStage(directory.path, campus, cameras)
        for (let nth = 0; nth < 4; nth++) {
          yield* stage.passes(80)
          camera.lose("cut")
          yield* stage.passes(20)
          camera.mend()
        }
        yield* stage.passes(40)
        expect(stage.factsOf("PictureUnchanged")).toEqual([])
      })
    ))
})

describe("pictures of closed alerts", () => {
  it("are removed after their time with a word in the log, and never those of an open alert", () =>
    inVirtualTime(
      Effect.gen(function* () {
        const { cameras, campus } = oneCamera()
        const stage = yield* openStage(directory.path, campus, cameras, { keepDays: 3 })
        yield* stage.passes(20)
        const closing = yield* stage.tamper()
        yield* stage.passes(11)
        yield* stage.settled(5)
        const alert = (yield* stage.alertOf(closing))!.id
        yield* stage.intake.enter({ _tag: "AlertClosed", alert, by: "o", outcome: "real", reason: "seen" })
        yield* stage.calm
        const open = yield* stage.tamper()
        yield* stage.passes(11)
        yield* stage.settled(10)
        // One that a crash left without its fact.
        mkdirSync(join(directory.path, "evidence/00"), { recursive: true })
        const orphan = stage.file("00".repeat(32))
        writeFileSync(orphan, "")
        const of = (id: string) => stage.factsOf("EvidenceKept").filter((fact) => fact.alert === id)
        yield* stage.stop

        yield* TestClock.adjust("2 days")
        const third = yield* openStage(directory.path, campus, new Map([["cam", new FakeCamera()]]), { keepDays: 3 })
        yield* third.passes(61)
        expect(third.factsOf("EvidenceExpired")).toEqual([])
        yield* third.stop

        yield* TestClock.adjust("2 days")
        const fifth = yield* openStage(directory.path, campus, new Map([["cam", new FakeCamera()]]), { keepDays: 3 })
        yield* fifth.passes(61)
        yield* fifth.until("the removal", () => fifth.evidence.counts().expired === 6)
        expect(new Set(fifth.factsOf("EvidenceExpired").map(({ hash }) => hash))).toEqual(
          new Set(of(closing).map(({ hash }) => hash))
        )
        for (const { hash } of of(closing)) expect(yield* fifth.evidence.read(hash)).toBeUndefined()
        for (const { hash } of of(open)) expect((yield* fifth.evidence.read(hash))?.mediaType).toBe("image/jpeg")
        expect(yield* fifth.evidence.read("00".repeat(32))).toBeUndefined()
      })
    ))

  it("stay as long as the case that it belongs to is open, and for their time after it is closed", () =>
    inVirtualTime(
      Effect.gen(function* () {
        const { cameras, campus } = oneCamera()
        const again = () => new Map([["cam", new FakeCamera()]])
        const stage = yield* openStage(directory.path, campus, cameras, { keepDays: 3 })
        yield* stage.passes(20)
        const alert = (yield* stage.alertOf(yield* stage.tamper()))!
        yield* stage.passes(11)
        yield* stage.settled(5)
        yield* stage.intake.enter({ _tag: "AlertClosed", alert: alert.id, by: "o", outcome: "real", reason: "seen" })
        const { id, title, priority, validationLevel, occurredAt } = alert
        const alerts = [{ id, title, priority, validationLevel, occurredAt, by: "o", at: 0 }]
        yield* stage.intake.enter({ _tag: "IncidentOpened", by: "o", alerts, fields: {} })
        const incident = (yield* stage.log.incidentOf(id))!.id
        yield* stage.stop

        yield* TestClock.adjust("20 days")
        const open = yield* openStage(directory.path, campus, again(), { keepDays: 3 })
        yield* open.passes(61)
        expect(open.factsOf("EvidenceExpired")).toEqual([])
        const disposition = { kind: "nuisance", cause: "the wind" } as const
        yield* open.intake.enter({ _tag: "IncidentClosed", incident, by: "o", disposition, reason: "seen to" })
        yield* open.stop

        yield* TestClock.adjust("2 days")
        const young = yield* openStage(directory.path, campus, again(), { keepDays: 3 })
        yield* young.passes(61)
        expect(young.factsOf("EvidenceExpired")).toEqual([])
        yield* young.stop

        yield* TestClock.adjust("2 days")
        const old = yield* openStage(directory.path, campus, again(), { keepDays: 3 })
        yield* old.passes(61)
        yield* old.until("the removal", () => old.evidence.counts().expired === 5)
        expect(old.factsOf("EvidenceExpired")).toHaveLength(5)
      })
    ))
})
