import { Context, Effect, Exit, HashMap, Layer, Scope } from "effect"
import { adapters } from "../../adapters/adapters.ts"
import type { Campus, Device } from "../../gateway/domain/campus.ts"
import { AreaId, DeviceId, DoorId, LinkId, PointRef, SiteId } from "../../gateway/domain/ids.ts"
import type { Fact } from "../../gateway/domain/fact.ts"
import type { Observation } from "../../gateway/domain/observation.ts"
import { IntakeLive } from "../../gateway/intake/intake-layer.ts"
import { Intake } from "../../gateway/intake/intake.ts"
import { Links } from "../../gateway/links/links.ts"
import { SecurityLog } from "../../gateway/log/security-log.ts"
import { resolve } from "node:path"
import { temporaryDirectory } from "./peers.ts"

export const profilesDirectory = resolve(import.meta.dirname, "../../config/profiles")

export const deviceOf = (id: string): Device => ({
  id: DeviceId.make(id),
  link: LinkId.make("mqtt"),
  profile: "zigbee2mqtt",
  address: id
})

const campusOf = (devices: ReadonlyArray<Device>): Campus => ({
  site: { id: SiteId.make("test"), name: "Test", timeZone: "UTC" },
  areas: [{ id: AreaId.make("hall"), name: "Hall", kind: "building" }],
  devices,
  doors: devices.slice(0, 100).map(({ id }) => ({
    id: DoorId.make(`door-${id}`),
    name: `The door of ${id}`,
    area: AreaId.make("hall"),
    position: PointRef.make(`${id}/contact`)
  })),
  cameras: []
})

type Of<Tag extends Fact["_tag"]> = Extract<Fact, { _tag: Tag }>
type Seen<Tag extends Observation["_tag"]> = Extract<Observation, { _tag: Tag }>

/**
 * The gateway's road in this process: a supervised link of the mqtt adapter, and the log that it ends in. `settings` are
 * decoded ones: a test may set what no operator may.
 */
export const superviseLink = async (
  settings: unknown,
  devices: ReadonlyArray<Device> = [deviceOf("button"), deviceOf("contact")]
) => {
  const directory = temporaryDirectory("road")
  const scope = Scope.makeUnsafe()
  const options = {
    links: [{ id: "mqtt", adapter: "mqtt", settings }],
    adapters,
    devices,
    timeZone: "UTC",
    profilesDirectory,
    now: Date.now
  }
  const store = IntakeLive({ file: `${directory.path}/gatehouse.db`, site: "test", now: Date.now })
  const configured = Layer.effectDiscard(
    Effect.gen(function* () {
      const intake = yield* Intake
      yield* intake.enter({ _tag: "ConfigApplied", version: "v1", campus: campusOf(devices), by: "test" })
    })
  )
  const layer = Links.layer(options).pipe(Layer.provide(configured), Layer.provideMerge(store))
  const context = await Effect.runPromise(Layer.build(layer).pipe(Scope.provide(scope)))
  const log = Context.get(context, SecurityLog)
  const intake = Context.get(context, Intake)
  const links = Context.get(context, Links)
  const facts = async <Tag extends Fact["_tag"]>(tag: Tag): Promise<ReadonlyArray<Of<Tag>>> => {
    const found: Array<Of<Tag>> = []
    for (let after = 0; ;) {
      const entries = await Effect.runPromise(log.entries({ after, limit: 1000 }))
      for (const entry of entries) {
        if (entry._tag === "Fact" && entry.fact._tag === tag) found.push(entry.fact as Of<Tag>)
      }
      const last = entries.at(-1)
      if (last === undefined) return found
      after = last.seq
    }
  }
  const seen = async <Tag extends Observation["_tag"]>(tag: Tag): Promise<ReadonlyArray<Seen<Tag>>> =>
    (await facts("Observed")).flatMap(({ observation }) => (observation._tag === tag ? [observation as Seen<Tag>] : []))
  return {
    state: () => links.states().get("mqtt")?._tag,
    reason: () => {
      const state = links.states().get("mqtt")
      return state !== undefined && "reason" in state ? state.reason : undefined
    },
    counts: () => links.counts().get("mqtt") ?? {},
    facts,
    seen,
    /** The actions of the button's presses that are in the log, in order. */
    presses: async (): Promise<ReadonlyArray<string>> =>
      (await seen("Occurrence")).map(({ occurrence }) =>
        "action" in occurrence ? occurrence.action : occurrence._tag
      ),
    /** The states that the link went through, as the log has them. */
    states: async () => (await facts("LinkChanged")).map(({ state }) => state._tag),
    alerts: () => HashMap.size(intake.situation().alerts),
    status: () => intake.status(),
    head: () => log.head(),
    stop: async (): Promise<void> => {
      await Effect.runPromise(Scope.close(scope, Exit.void))
      directory.dispose()
    }
  }
}

export type Supervised = Awaited<ReturnType<typeof superviseLink>>
