import { Context, Deferred, Effect, Exit, Layer, Schema, Scope } from "effect"
import {
  type Abilities,
  type Adapter,
  type AnswerLost,
  LinkLost,
  type LinkContext,
  Unable
} from "../../adapters/adapter.ts"
import { Alerts } from "../../gateway/alerts/alerts.ts"
import { Areas } from "../../gateway/commands/areas.ts"
import { Commands } from "../../gateway/commands/commands.ts"
import type { Campus, Device, Door } from "../../gateway/domain/campus.ts"
import type { DoorCommand } from "../../gateway/domain/command.ts"
import type { DoorMode } from "../../gateway/domain/door.ts"
import type { Fact } from "../../gateway/domain/fact.ts"
import { AreaId, DeviceId, DoorId, LinkId, PointRef, SiteId } from "../../gateway/domain/ids.ts"
import { RuleId } from "../../gateway/domain/rule.ts"
import type { OccurrenceWord, PointValue } from "../../gateway/domain/observation.ts"
import { IntakeLive } from "../../gateway/intake/intake-layer.ts"
import { Intake } from "../../gateway/intake/intake.ts"
import { Links } from "../../gateway/links/links.ts"
import { type Entry } from "../../gateway/log/entry.ts"
import { SecurityLog } from "../../gateway/log/security-log.ts"

const device = (id: string, more: Partial<Device> = {}): Device => ({
  id: DeviceId.make(id),
  link: LinkId.make("doors"),
  profile: "none",
  address: id,
  ...more
})

const door = (id: string, more: Partial<Door> = {}): Door => ({
  id: DoorId.make(id),
  name: `${id} door`,
  area: AreaId.make("hall"),
  ...more
})

/**
 * Doors that can be told everything, one of them with little time to prove it; one by its lock alone; two that can be
 * told nothing, and one whose device is out of service.
 */
export const campus: Campus = {
  site: { id: SiteId.make("test"), name: "Test", timeZone: "UTC" },
  areas: [{ id: AreaId.make("hall"), name: "Hall", kind: "building" }],
  devices: [device("panel"), device("sensor"), device("spare", { disabled: true })],
  doors: [
    door("east", { mode: PointRef.make("panel/east.mode"), position: PointRef.make("panel/east.position") }),
    door("hasty", { mode: PointRef.make("panel/hasty.mode"), times: { commandProofSeconds: 1 } }),
    door("north", { lock: PointRef.make("panel/north.lock") }),
    door("gate", { position: PointRef.make("sensor/contact") }),
    door("shed", { lock: PointRef.make("sensor/lock") }),
    door("cellar", { lock: PointRef.make("spare/lock") })
  ],
  cameras: [],
  rules: [
    {
      id: RuleId.make("access.denied-burst"),
      title: "{count} denials at {reader}",
      key: "reader",
      count: { event: "AccessDenied", atLeast: 3, withinSeconds: 60 },
      alert: { condition: "DeniedBurst", priority: 3 }
    }
  ]
}

/** What a controller makes of a command: the mode that it then tells, or why it refuses. */
export type Controller = (point: string, command: DoorCommand) => Effect.Effect<void, Unable | AnswerLost>

/** A door controller and a sensor that takes no commands, on one link that the test can cut. */
const controllers = (controller: () => Controller, takes: Abilities["takes"]) => {
  const cut = Deferred.makeUnsafe<void>()
  let context: LinkContext | undefined
  const sent: Array<string> = []
  const abilities: Abilities = {
    ...(takes === undefined ? {} : { takes }),
    command: (point, command) =>
      Effect.suspend(() => {
        sent.push(`${command} ${point}`)
        return controller()(point, command)
      })
  }
  const adapter: Adapter<unknown> = {
    protocol: "doors",
    Settings: Schema.Unknown,
    link: (_, given) =>
      Effect.scoped(
        Effect.gen(function* () {
          context = given
          yield* given.able(DeviceId.make("panel"), abilities)
          yield* given.able(DeviceId.make("sensor"), {})
          yield* given.online
          yield* Deferred.await(cut)
          return yield* new LinkLost({ reason: "cable pulled" })
        })
      )
  }
  const tells = (
    point: string,
    what:
      | { readonly _tag: "Reading"; readonly reading: PointValue }
      | { readonly _tag: "Occurrence"; readonly occurrence: OccurrenceWord }
  ): Promise<void> =>
    new Promise((resolve, reject) => {
      const observation = { ...what, device: DeviceId.make("panel"), point, origin: "change", source: "test" } as const
      if (context === undefined) return reject(new Error("the link is not up"))
      context.report({ observations: [observation], receivedAt: Date.now() }, (refusal) =>
        refusal === undefined ? resolve() : reject(refusal)
      )
    })
  const reads = (point: string, reading: PointValue) => tells(point, { _tag: "Reading", reading })
  const happens = (point: string, occurrence: OccurrenceWord) => tells(point, { _tag: "Occurrence", occurrence })
  return { adapter, sent, reads, happens, cut: () => Deferred.doneUnsafe(cut, Exit.void) }
}

/** The real intake on a real file, real links, and commands over them, as the gateway starts them. */
export const startCommands = async (
  file: string,
  options: {
    readonly answerMs?: number
    readonly controller?: Controller
    readonly takes?: NonNullable<Abilities["takes"]>
  } = {}
) => {
  const scope = Scope.makeUnsafe()
  let controller: Controller = options.controller ?? (() => Effect.void)
  const doors = controllers(() => controller, options.takes)
  const build = <A, E, R>(layer: Layer.Layer<A, E, R>, over: Context.Context<R>) =>
    Effect.runPromise(Layer.build(layer.pipe(Layer.provide(Layer.succeedContext(over)))).pipe(Scope.provide(scope)))
  const store = await build(IntakeLive({ file, site: "test", now: Date.now }), Context.empty())
  const intake = Context.get(store, Intake)
  const log = Context.get(store, SecurityLog)
  await Effect.runPromise(intake.enter({ _tag: "ConfigApplied", version: "v1", campus, by: "test" }))
  const links = await build(
    Links.layer({
      links: [{ id: "doors", adapter: "doors", settings: {} }],
      adapters: { doors: doors.adapter },
      devices: campus.devices,
      timeZone: "UTC",
      profilesDirectory: "none",
      now: Date.now
    }),
    store
  )
  const linked = Context.merge(store, links)
  const alerts = await build(Alerts.layer(), store)
  const areas = await build(Areas.layer({ now: Date.now, limits: { overrideMaxHours: 12 } }), store)
  const commands = await build(
    Commands.layer(options.answerMs === undefined ? {} : { answerMs: options.answerMs }),
    linked
  )

  /** Completes with the first entry, behind those there are, that is wanted. */
  const comes = <A>(wanted: (entry: Entry) => A | undefined, after = 0): Promise<A> =>
    new Promise((resolve, reject) => {
      const look = (entries: ReadonlyArray<Entry>): void => {
        for (const entry of entries) {
          const found = entry.seq > after ? wanted(entry) : undefined
          if (found === undefined) continue
          stop()
          return resolve(found)
        }
      }
      const stop = log.subscribe(look)
      Effect.runPromise(log.entries({ after, limit: 1000 })).then(look, reject)
    })

  return {
    intake,
    log,
    alerts: Context.get(alerts, Alerts),
    areas: Context.get(areas, Areas),
    links: Context.get(links, Links),
    commands: Context.get(commands, Commands),
    /** What the device was told, in order. */
    sent: doors.sent,
    cut: doors.cut,
    /** From now on the device does this. */
    does: (next: Controller) => void (controller = next),
    comes,
    /** The newest fact of this kind, once there is one. */
    fact: <Tag extends Fact["_tag"]>(tag: Tag): Promise<Extract<Fact, { _tag: Tag }>> =>
      comes((entry) =>
        entry._tag === "Fact" && entry.fact._tag === tag ? (entry.fact as Extract<Fact, { _tag: Tag }>) : undefined
      ),
    shows: (mode: DoorMode) => doors.reads("east.mode", { kind: "mode", value: mode }),
    /** The east door itself: whatever its mode. */
    stands: (value: "open" | "closed") => doors.reads("east.position", { kind: "position", value }),
    locks: (value: "locked" | "unlocked") => doors.reads("north.lock", { kind: "lock", value }),
    /** Somebody is denied at the panel's reader. */
    denied: () => doors.happens("in", { _tag: "AccessDenied", reason: "Unauthorized" }),
    online: () =>
      comes((entry) =>
        entry._tag === "Fact" && entry.fact._tag === "LinkChanged" && entry.fact.state._tag === "Online"
          ? true
          : undefined
      ),
    stop: () => Effect.runPromise(Scope.close(scope, Exit.void))
  }
}

export type Commandable = Awaited<ReturnType<typeof startCommands>>

/** A controller that never answers. */
export const silent: Controller = () => Effect.never

export const refuses =
  (reason: string): Controller =>
  () =>
    Effect.fail(new Unable({ reason }))
