import { Context, Effect, Exit, Layer, Scope } from "effect"
import { NotKept, type Report } from "../../adapters/adapter.ts"
import type { Campus } from "../../gateway/domain/campus.ts"
import { AreaId, DeviceId, DoorId, LinkId, PointRef, SiteId } from "../../gateway/domain/ids.ts"
import type { Observation } from "../../gateway/domain/observation.ts"
import type { EventLoop } from "../../gateway/intake/event-loop.ts"
import { IntakeLive, intakeOver, type OpenLog } from "../../gateway/intake/intake-layer.ts"
import { Intake } from "../../gateway/intake/intake.ts"
import type { Entry } from "../../gateway/log/entry.ts"
import { SecurityLog } from "../../gateway/log/security-log.ts"

/** A campus of one door with a contact and a reader. */
export const campus: Campus = {
  site: { id: SiteId.make("test"), name: "Test", timeZone: "UTC" },
  areas: [{ id: AreaId.make("hall"), name: "Hall", kind: "building" }],
  devices: [
    { id: DeviceId.make("contact"), link: LinkId.make("mqtt"), profile: "generic", address: "contact" },
    { id: DeviceId.make("reader"), link: LinkId.make("mqtt"), profile: "generic", address: "reader" }
  ],
  doors: [
    {
      id: DoorId.make("east"),
      name: "East door",
      area: AreaId.make("hall"),
      position: PointRef.make("contact/contact"),
      accessPoints: [{ reader: PointRef.make("reader/reader"), direction: "in" }]
    }
  ],
  cameras: []
}

/** A clock that the test moves. */
export const settableClock = (at: number) => {
  let now = at
  return { now: () => now, pass: (ms: number) => void (now += ms) }
}

/** An intake on a real file, as the gateway opens it. */
export const openIntake = (file: string, now: () => number) =>
  opened(Layer.build(IntakeLive({ file, site: "test", now })))

/** An intake over a log that the test has opened. */
export const openIntakeOver = (log: OpenLog, now: () => number, loop: EventLoop) =>
  opened(intakeOver(log, { site: "test", now, loop }))

const opened = async (opening: Effect.Effect<Context.Context<Intake | SecurityLog>, Error, Scope.Scope>) => {
  const scope = Scope.makeUnsafe()
  const context = await Effect.runPromise(opening.pipe(Scope.provide(scope)))
  const intake = Context.get(context, Intake)
  const log = Context.get(context, SecurityLog)
  return {
    intake,
    log,
    configure: () => Effect.runPromise(intake.enter({ _tag: "ConfigApplied", version: "v1", campus, by: "test" })),
    /** Completes when intake has settled the report: with the refusal, or without. */
    report: (report: Report): Promise<NotKept | undefined> =>
      new Promise((resolve) => intake.report("mqtt", report, resolve)),
    entries: (after = 0, kind?: Entry["_tag"]) =>
      Effect.runPromise(log.entries({ after, limit: 1000, ...(kind === undefined ? {} : { kind }) })),
    close: () => Effect.runPromise(Scope.close(scope, Exit.void))
  }
}

export const position = (value: "open" | "closed", more: object = {}): Observation => ({
  _tag: "Reading",
  device: DeviceId.make("contact"),
  point: "contact",
  origin: "change",
  source: "test",
  reading: { kind: "position", value },
  ...more
})

export const press = (action: string, more: object = {}): Observation => ({
  _tag: "Occurrence",
  device: DeviceId.make("contact"),
  point: "button",
  origin: "change",
  source: "test",
  occurrence: { _tag: "ButtonPressed", action },
  ...more
})

export const panic = (): Observation => ({
  _tag: "Occurrence",
  device: DeviceId.make("contact"),
  point: "button",
  origin: "change",
  source: "test",
  occurrence: { _tag: "PanicPressed" }
})
