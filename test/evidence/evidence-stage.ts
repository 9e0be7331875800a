import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { Clock, Context, Deferred, Effect, Exit, Layer, Logger, Schema, Scope } from "effect"
import { TestClock } from "effect/testing"
import { type Adapter, LinkLost, type Picture, Unable } from "../../adapters/adapter.ts"
import type { Alert, AlertChange } from "../../gateway/domain/alert.ts"
import { Campus } from "../../gateway/domain/campus.ts"
import type { Fact } from "../../gateway/domain/fact.ts"
import { DeviceId } from "../../gateway/domain/ids.ts"
import type { Observation } from "../../gateway/domain/observation.ts"
import { Evidence, type EvidenceOptions } from "../../gateway/evidence/evidence.ts"
import { Intake } from "../../gateway/intake/intake.ts"
import { IntakeLive } from "../../gateway/intake/intake-layer.ts"
import { Links } from "../../gateway/links/links.ts"
import { SecurityLog } from "../../gateway/log/security-log.ts"
import { jpegOf } from "./pictures.ts"

/** A campus of one door with a casing switch and cameras; their devices are `<camera>-device`. */
export const campusWith = (
  cameras: ReadonlyArray<object & { readonly id: string }>,
  atDoor?: ReadonlyArray<string>
): Campus =>
  Schema.decodeUnknownSync(Campus)({
    site: { id: "test", name: "Test", timeZone: "UTC" },
    areas: [{ id: "hall", name: "Hall", kind: "building" }],
    devices: [
      { id: "contact", link: "mqtt", profile: "generic", address: "contact" },
      ...cameras.map(({ id }) => ({ id: `${id}-device`, link: "cameras", profile: "camera", address: id }))
    ],
    doors: [
      {
        id: "east",
        name: "East door",
        area: "hall",
        position: "contact/contact",
        tamper: ["contact/tamper"],
        cameras: atDoor ?? cameras.map(({ id }) => id)
      }
    ],
    cameras: cameras.map((camera) => ({
      name: `Camera ${camera.id}`,
      area: "hall",
      device: `${camera.id}-device`,
      ...camera
    }))
  })

/** A camera that does as the test says: by default it gives another picture every time, at once. */
export class FakeCamera {
  /** When it was asked, by the virtual clock. */
  readonly asked: Array<number> = []
  atOnce = 0
  mostAtOnce = 0
  given = 0
  answer: (nth: number) => Effect.Effect<Uint8Array, Unable> = (nth) => Effect.sync(() => jpegOf(nth))
  snapshots = true
  #lost = Deferred.makeUnsafe<never, LinkLost>()

  /** Its link is cut, and cannot be had again until it is mended. */
  lose(reason: string): void {
    Deferred.doneUnsafe(this.#lost, Exit.fail(new LinkLost({ reason })))
  }
  /** The next attempt to reach it holds again. */
  mend(): void {
    this.#lost = Deferred.makeUnsafe()
  }
  get lost(): Effect.Effect<never, LinkLost> {
    return Effect.suspend(() => Deferred.await(this.#lost))
  }
  get isLost(): boolean {
    return Deferred.isDoneUnsafe(this.#lost)
  }
  snapshot(now: () => number): Effect.Effect<Picture, Unable> {
    return Effect.suspend(() => {
      this.asked.push(now())
      this.mostAtOnce = Math.max(this.mostAtOnce, ++this.atOnce)
      return this.answer(this.given++)
    }).pipe(
      Effect.map((bytes) => ({ bytes, receivedAt: now() })),
      Effect.ensuring(Effect.sync(() => this.atOnce--))
    )
  }
}

/** An adapter whose devices are the fake cameras, each with a connection of its own. */
export const fakeAdapter = (cameras: ReadonlyMap<string, FakeCamera>): Adapter<unknown> => ({
  protocol: "camera",
  perDevice: true,
  Settings: Schema.Unknown,
  link: (_, { devices: [device], able, online, now }) =>
    Effect.scoped(
      Effect.gen(function* () {
        const camera = device === undefined ? undefined : cameras.get(device.address)
        if (device === undefined || camera === undefined) return yield* new LinkLost({ reason: "no such camera" })
        if (camera.isLost) return yield* camera.lost
        yield* able(device.id, camera.snapshots ? { snapshot: camera.snapshot(now) } : {})
        yield* online
        return yield* camera.lost
      })
    )
})

/** A turn of the real event loop: files and the log make their way. */
const turn = Effect.callback<void>((resume) => void setImmediate(() => resume(Effect.void)))

/** Completes once it holds, by the real clock's patience and the virtual clock standing still. */
const until = (what: string, holds: () => boolean): Effect.Effect<void> =>
  Effect.gen(function* () {
    const giveUpAt = performance.now() + 10_000
    while (!holds()) {
      if (performance.now() > giveUpAt) return yield* Effect.die(new Error(`waited in vain for ${what}`))
      yield* turn
    }
  })

/** What the stage's tests may do. */
export type Stage = Effect.Success<ReturnType<typeof openStage>>

/** A gateway's log, links and evidence over real files, on a virtual clock; ended by its scope or by `stop`. */
export const openStage = Effect.fnUntraced(function* (
  dataDir: string,
  campus: Campus,
  cameras: ReadonlyMap<string, FakeCamera>,
  options: Partial<EvidenceOptions> = {}
) {
  const clock = yield* Clock.Clock
  // As the gateway's own clock does; the supervisor's jitter moves the virtual one by fractions.
  const now = () => Math.floor(clock.currentTimeMillisUnsafe())
  const scope = yield* Scope.make()
  const store = yield* Layer.build(IntakeLive({ file: join(dataDir, "gatehouse.db"), site: "test", now })).pipe(
    Scope.provide(scope)
  )
  const intake = Context.get(store, Intake)
  const log = Context.get(store, SecurityLog)
  const facts: Array<Fact> = []
  const changes: Array<AlertChange> = []
  log.subscribe((entries) => {
    for (const entry of entries) {
      if (entry._tag === "Fact") facts.push(entry.fact)
      if (entry._tag === "Alert") changes.push(entry.change)
    }
  })
  yield* intake.enter({ _tag: "ConfigApplied", version: "v1", campus, by: "test" })
  const links = Links.layer({
    links: [{ id: "cameras", adapter: "camera", settings: {} }],
    adapters: { camera: fakeAdapter(cameras) },
    devices: campus.devices,
    timeZone: "UTC",
    profilesDirectory: "none",
    now
  })
  const layer = Evidence.layer({ campus, dataDir, keepDays: 30, now, ...options }).pipe(
    Layer.provideMerge(links),
    Layer.provide(Layer.succeedContext(store))
  )
  const built = yield* Layer.build(layer).pipe(Scope.provide(scope))
  const stop = Scope.close(scope, Exit.void)
  yield* Effect.addFinalizer(() => stop)

  /** The casing of a device is opened or closed again. */
  const casing = (device: string, value: "on" | "off") =>
    Effect.callback<void>((resume) => {
      const observation: Observation = {
        _tag: "Reading",
        device: DeviceId.make(device),
        point: "tamper",
        origin: "change",
        source: "test",
        reading: { kind: "tamper", value }
      }
      intake.report("mqtt", { receivedAt: now(), observations: [observation] }, () => resume(Effect.void))
    })
  const alertOf = (id: string): Effect.Effect<Alert | undefined> => log.alert(id).pipe(Effect.orDie)
  const settled = (count: number) =>
    until(`${count} frames to be settled`, () => {
      const told = facts.filter(({ _tag }) => _tag === "EvidenceKept" || _tag === "EvidenceMissing")
      return told.length >= count
    })

  return {
    intake,
    log,
    links: Context.get(built, Links),
    evidence: Context.get(built, Evidence),
    facts,
    changes,
    now,
    stop,
    until,
    settled,
    alertOf,
    factsOf: <Tag extends Fact["_tag"]>(tag: Tag) =>
      facts.filter((fact): fact is Extract<Fact, { readonly _tag: Tag }> => fact._tag === tag),
    /** Someone opens the casing of a device, the door's sensor unless told otherwise: an alert at once. Answers its id. */
    tamper: Effect.fnUntraced(function* (device = "contact") {
      yield* casing(device, "on")
      return changes.findLast(({ alert }) => alert.condition === "DoorTampered")?.alert.id ?? "none"
    }),
    calm: casing("contact", "off"),
    /** Lets time pass in steps of a tenth of a second; after each the real world has its turns. */
    passes: Effect.fnUntraced(function* (seconds: number) {
      for (let tenth = 0; tenth < Math.round(seconds * 10); tenth++) {
        yield* TestClock.adjust("100 millis")
        yield* turn
      }
    }),
    file: (hash: string, ending = "jpg") => join(dataDir, "evidence", hash.slice(0, 2), `${hash}.${ending}`),
    bytesOf: (path: string) => readFileSync(path)
  }
})

export const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")

/** Runs a test's program in virtual time that begins now, without a word on the console. */
export const inVirtualTime = (program: Effect.Effect<void, unknown, Scope.Scope>): Promise<void> =>
  Effect.runPromise(
    TestClock.setTime(Date.now()).pipe(
      Effect.andThen(program),
      Effect.scoped,
      Effect.provide(TestClock.layer()),
      Effect.provide(Logger.layer([]))
    )
  )
