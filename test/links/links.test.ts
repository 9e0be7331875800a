import { Context, Deferred, Effect, Exit, Layer, Scope } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { type Adapter, CredentialsRejected, type LinkContext, LinkLost } from "../../adapters/adapter.ts"
import { Schema } from "effect"
import type { Device } from "../../gateway/domain/campus.ts"
import { DeviceId, LinkId } from "../../gateway/domain/ids.ts"
import { Intake } from "../../gateway/intake/intake.ts"
import { IntakeLive } from "../../gateway/intake/intake-layer.ts"
import { Links } from "../../gateway/links/links.ts"
import { SecurityLog } from "../../gateway/log/security-log.ts"
import { temporaryDirectory } from "../road/peers.ts"

type Attempt = (context: LinkContext, nth: number) => Effect.Effect<never, LinkLost | CredentialsRejected>

/** An adapter whose attempts the test decides. */
const scripted = (attempt: Attempt): Adapter<unknown> => {
  let nth = 0
  return {
    protocol: "scripted",
    Settings: Schema.Unknown,
    link: (_, context) => Effect.suspend(() => attempt(context, ++nth))
  }
}

let directory: ReturnType<typeof temporaryDirectory>
beforeEach(() => {
  directory = temporaryDirectory("links")
})
afterEach(() => directory.dispose())

/** Supervised links over a real log. */
const supervise = async (
  catalogue: Readonly<Record<string, Adapter<unknown>>>,
  devices: ReadonlyArray<Device> = []
) => {
  const scope = Scope.makeUnsafe()
  const links = Object.keys(catalogue).map((id) => ({ id, adapter: id, settings: {} }))
  const options = { links, adapters: catalogue, devices, timeZone: "UTC", profilesDirectory: "none", now: Date.now }
  const layer = Links.layer(options).pipe(
    Layer.provideMerge(IntakeLive({ file: `${directory.path}/gatehouse.db`, site: "test", now: Date.now }))
  )
  const context = await Effect.runPromise(Layer.build(layer).pipe(Scope.provide(scope)))
  const log = Context.get(context, SecurityLog)
  const facts = async (tag: string) =>
    (await Effect.runPromise(log.entries({ after: 0, limit: 1000 }))).flatMap((entry) =>
      entry._tag === "Fact" && entry.fact._tag === tag ? [entry.fact] : []
    )
  return {
    links: Context.get(context, Links),
    intake: Context.get(context, Intake),
    facts,
    states: async () =>
      (await facts("LinkChanged")).map((fact) => (fact._tag === "LinkChanged" ? fact.state._tag : "")),
    stop: () => Effect.runPromise(Scope.close(scope, Exit.void))
  }
}

const lost = (reason: string) => Effect.fail(new LinkLost({ reason }))

describe("a supervised link", () => {
  it("is tried again when it is lost, and its states are facts, once each", async () => {
    const third = Deferred.makeUnsafe<void>()
    const gateway = await supervise({
      mqtt: scripted((context, nth) => {
        if (nth < 3) return lost(`attempt ${nth} failed`)
        return context.online.pipe(Effect.andThen(Deferred.succeed(third, undefined)), Effect.andThen(Effect.never))
      })
    })
    await Effect.runPromise(Deferred.await(third))
    expect(await gateway.states()).toEqual(["Connecting", "Offline", "Online"])
    await gateway.stop()
  })

  it("waits for a person when the peer rejects our credentials", async () => {
    let attempts = 0
    const gateway = await supervise({
      mqtt: scripted(() => {
        attempts++
        return Effect.fail(new CredentialsRejected({ reason: "wrong password" }))
      })
    })
    await expect.poll(() => gateway.links.states().get("mqtt")).toEqual({ _tag: "Rejected", reason: "wrong password" })
    await expect.poll(gateway.states).toEqual(["Connecting", "Rejected"])
    expect(attempts).toBe(1)
    await gateway.stop()
  })

  it("is not disturbed by another that stops by a bug", async () => {
    const gateway = await supervise({
      broken: scripted(() => Effect.die(new TypeError("a bug"))),
      whole: scripted((context) => context.online.pipe(Effect.andThen(Effect.never)))
    })
    await expect.poll(() => gateway.links.states().get("whole")?._tag).toBe("Online")
    await expect.poll(() => gateway.links.states().get("broken")).toMatchObject({ _tag: "Offline" })
    await gateway.stop()
  })

  it("is stopped in the log before the log is closed", async () => {
    const gateway = await supervise({ mqtt: scripted((context) => context.online.pipe(Effect.andThen(Effect.never))) })
    await expect.poll(gateway.states).toContain("Online")
    await gateway.stop()
    const again = await supervise({})
    expect(await again.states()).toEqual(["Connecting", "Online", "Stopped"])
    await again.stop()
  })

  it("logs a sender that is turned away again and again once, and counts each time", async () => {
    const gateway = await supervise({
      mqtt: scripted((context) => {
        for (let knock = 0; knock < 5; knock++) context.refused("stranger", "a wrong password")
        return context.online.pipe(Effect.andThen(Effect.never))
      })
    })
    await expect.poll(() => gateway.links.counts().get("mqtt")?.["refused"]).toBe(5)
    await expect.poll(async () => (await gateway.facts("AccessRefused")).length).toBe(1)
    await gateway.stop()
  })
})

const camera = (id: string): Device => ({
  id: DeviceId.make(id),
  link: LinkId.make("cameras"),
  profile: "onvif",
  address: `${id}.example`
})

describe("a link whose devices have connections of their own", () => {
  const perDevice = (attempt: Attempt): Adapter<unknown> => ({ ...scripted(attempt), perDevice: true })
  const held = (context: LinkContext) => context.online.pipe(Effect.andThen(Effect.never))

  it("runs each device by itself, and tells the loss of one as that device's absence", async () => {
    const gateway = await supervise(
      {
        cameras: perDevice((context) =>
          context.devices[0]?.id === "cam-1" ? held(context) : Effect.fail(new CredentialsRejected({ reason: "wrong" }))
        )
      },
      [camera("cam-1"), camera("cam-2"), { ...camera("cam-3"), disabled: true }]
    )
    const told = async () =>
      (await gateway.facts("Observed")).flatMap((fact) =>
        fact._tag === "Observed" && fact.observation._tag === "Availability"
          ? [`${fact.observation.device} ${fact.observation.state}: ${fact.observation.reason}`]
          : []
      )
    await expect
      .poll(async () => (await told()).toSorted())
      .toEqual(["cam-1 online: its link holds", "cam-2 offline: wrong"])
    expect(await gateway.states()).toEqual(["Online"])
    await gateway.stop()
  })

  it("can do for us what its devices offer, only while their link holds", async () => {
    const cut = Deferred.makeUnsafe<void>()
    const gateway = await supervise(
      {
        cameras: perDevice((context) =>
          Effect.scoped(
            context
              .able(DeviceId.make("cam-1"), { snapshot: Effect.die("not asked") })
              .pipe(Effect.andThen(context.online), Effect.andThen(Deferred.await(cut)), Effect.andThen(lost("cut")))
          )
        )
      },
      [camera("cam-1")]
    )
    await expect.poll(() => gateway.links.abilities("cam-1")?.snapshot).toBeDefined()
    expect(gateway.links.abilities("cam-2")).toBeUndefined()
    Deferred.doneUnsafe(cut, Exit.void)
    await expect.poll(() => gateway.links.abilities("cam-1")).toBeUndefined()
    await gateway.stop()
  })

  it("leaves to its next attempt what it remembered", async () => {
    const remembered = Deferred.makeUnsafe<unknown>()
    const gateway = await supervise(
      {
        cameras: perDevice((context, nth) => {
          if (nth === 2) Deferred.doneUnsafe(remembered, Exit.succeed(context.memory.get("pull")))
          context.memory.set("pull", 17)
          return nth === 1 ? lost("cut") : held(context)
        })
      },
      [camera("cam-1")]
    )
    expect(await Effect.runPromise(Deferred.await(remembered))).toBe(17)
    await gateway.stop()
  })
})
