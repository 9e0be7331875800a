import { Context, Effect, Exit, Layer, Schema, Scope } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { Adapter, LinkContext } from "../../adapters/adapter.ts"
import type { Device } from "../../gateway/domain/campus.ts"
import { DeviceId, LinkId } from "../../gateway/domain/ids.ts"
import { Intake } from "../../gateway/intake/intake.ts"
import { IntakeLive } from "../../gateway/intake/intake-layer.ts"
import { Links, type LinksOptions } from "../../gateway/links/links.ts"
import type { LinkPlan } from "../../gateway/links/plan.ts"
import { SecurityLog } from "../../gateway/log/security-log.ts"
import { temporaryDirectory } from "../road/peers.ts"
import { crossing } from "./crossing-adapter.ts"

const device = (id: string, link: string, more: Partial<Device> = {}): Device => ({
  id: DeviceId.make(id),
  link: LinkId.make(link),
  profile: "generic",
  address: id,
  ...more
})

/** What adapters were run for, and stopped, in order: `+mqtt a,b` begins a link for these devices, `-mqtt` ends it. */
class Course {
  readonly steps: Array<string> = []
  readonly #running = new Set<string>()
  #changed = (): void => {}

  adapter(perDevice: boolean): Adapter<unknown> {
    const link = (_: unknown, context: LinkContext) => {
      const name = perDevice ? `${context.link} ${context.devices[0]?.id}` : context.link
      return Effect.scoped(
        Effect.acquireRelease(
          Effect.sync(() => this.#begun(name, context.devices)),
          () => Effect.sync(() => this.#ended(name))
        ).pipe(Effect.andThen(context.online), Effect.andThen(Effect.never))
      )
    }
    return { protocol: "course", Settings: Schema.Unknown, link, ...(perDevice ? { perDevice: true } : {}) }
  }

  #begun(name: string, devices: ReadonlyArray<Device>): void {
    this.steps.push(`+${name}: ${devices.map(({ id }) => id).join(",")}`)
    this.#running.add(name)
    this.#changed()
  }

  #ended(name: string): void {
    this.steps.push(`-${name}`)
    this.#running.delete(name)
  }

  /** What was begun and ended until so many run. */
  async until(running: number): Promise<ReadonlyArray<string>> {
    while (this.#running.size !== running) await new Promise<void>((done) => (this.#changed = done))
    return this.taken()
  }

  taken(): ReadonlyArray<string> {
    return this.steps.splice(0).sort()
  }
}

let directory: ReturnType<typeof temporaryDirectory>
let scope: Scope.Closeable
beforeEach(() => {
  directory = temporaryDirectory("links-change")
  scope = Scope.makeUnsafe()
})
afterEach(async () => {
  await Effect.runPromise(Scope.close(scope, Exit.void))
  directory.dispose()
})

const plan: LinkPlan = {
  links: [
    { id: "mqtt", adapter: "broker", settings: { port: 1 } },
    { id: "other", adapter: "broker", settings: {} },
    { id: "cams", adapter: "each", settings: {} }
  ],
  devices: [device("a", "mqtt"), device("x", "other"), device("c1", "cams"), device("c2", "cams")],
  timeZone: "UTC",
  profilesDirectory: "none"
}

const supervise = async () => {
  const course = new Course()
  const adapters = { broker: course.adapter(false), each: course.adapter(true) }
  const options: LinksOptions = { ...plan, adapters, now: Date.now }
  const layer = Links.layer(options).pipe(
    Layer.provideMerge(IntakeLive({ file: `${directory.path}/gatehouse.db`, site: "test", now: Date.now }))
  )
  const context = await Effect.runPromise(Layer.build(layer).pipe(Scope.provide(scope)))
  const links = Context.get(context, Links)
  const change = (next: LinkPlan, enter: Effect.Effect<unknown, string> = Effect.void) =>
    Effect.runPromise(Effect.exit(links.change(next, enter)))
  return { course, links, intake: Context.get(context, Intake), change }
}

describe("links that go over to another configuration", () => {
  it("begin what is new and end what is gone; the others keep their connections", async () => {
    const { course, links, change } = await supervise()
    expect(await course.until(4)).toEqual(["+cams c1: c1", "+cams c2: c2", "+mqtt: a", "+other: x"])
    await change({ ...plan, devices: [...plan.devices.filter(({ id }) => id !== "c2"), device("b", "mqtt")] })
    expect(await course.until(3)).toEqual(["+mqtt: a,b", "-cams c2", "-mqtt"])
    await change({ ...plan, links: plan.links.slice(0, 1), devices: [device("a", "mqtt"), device("b", "mqtt")] })
    expect(course.taken()).toEqual(["-cams c1", "-other"])
    expect([...links.states().keys()]).toEqual(["mqtt"])
  })

  it("are left alone where only a name, a grace or somebody else's profile changed", async () => {
    const { course, change } = await supervise()
    await course.until(4)
    const renamed = plan.devices.map((one) => ({ ...one, name: `The ${one.id}`, offlineGraceSeconds: 5 }))
    await change({ ...plan, devices: renamed, profileDigests: new Map([["unused", "2"]]) })
    expect(course.taken()).toEqual([])
    await change({ ...plan, devices: [device("a", "mqtt", { profile: "shelly" }), ...plan.devices.slice(1)] })
    expect(await course.until(4)).toEqual(["+mqtt: a", "-mqtt"])
  })

  it("end before the threads that they run on: a stop is no loss of a link", async () => {
    const file = `${directory.path}/gatehouse.db`
    const options: LinksOptions = {
      ...plan,
      links: [{ id: "far", adapter: "crossing", settings: {} }],
      devices: [device("a", "far")],
      adapters: { crossing: crossing as Adapter<unknown> },
      now: Date.now
    }
    const store = await Effect.runPromise(
      Layer.build(IntakeLive({ file, site: "test", now: Date.now })).pipe(Scope.provide(scope))
    )
    const own = Scope.makeUnsafe()
    const built = Links.layer(options).pipe(Layer.provide(Layer.succeedContext(store)))
    const links = Context.get(await Effect.runPromise(Layer.build(built).pipe(Scope.provide(own))), Links)
    const log = Context.get(store, SecurityLog)
    while (links.states().get("far")?._tag !== "Online")
      await new Promise<void>((done) => {
        const end = log.subscribe(() => done(end()))
      })
    await Effect.runPromise(Scope.close(own, Exit.void))
    const told = await Effect.runPromise(log.entries({ after: 0, limit: 100 }))
    const states = told.flatMap((entry) =>
      entry._tag === "Fact" && entry.fact._tag === "LinkChanged" ? [entry.fact.state._tag] : []
    )
    expect(states).toEqual(["Connecting", "Online", "Stopped"])
  })

  it("have stopped what changes before the fact of it is entered, and are back as they were when it is not kept", async () => {
    const { course, change } = await supervise()
    await course.until(4)
    const next = { ...plan, links: [{ id: "mqtt", adapter: "broker", settings: { port: 2 } }, ...plan.links.slice(1)] }
    let seen: ReadonlyArray<string> = []
    const refused = Effect.suspend(() => {
      seen = course.taken()
      return Effect.fail("the disk is full")
    })
    expect(Exit.isFailure(await change(next, refused))).toBe(true)
    expect(seen).toEqual(["-mqtt"])
    expect(await course.until(4)).toEqual(["+mqtt: a"])
  })
})
