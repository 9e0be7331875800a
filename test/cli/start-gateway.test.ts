import { Context, Effect, Exit, HashMap, Layer, Scope } from "effect"
import { expect, test } from "vitest"
import { emptyShift } from "../../gateway/correlation/shift.ts"
import type { Situation } from "../../gateway/correlation/situation.ts"
import { Table } from "../../gateway/correlation/table.ts"
import type { Campus } from "../../gateway/domain/campus.ts"
import { Intake, type Unstamped } from "../../gateway/intake/intake.ts"
import { SecurityLog } from "../../gateway/log/security-log.ts"
import { type GatewayLayers, startGateway } from "../../gateway/start-gateway.ts"

class Alerts extends Context.Service<Alerts, { readonly name: string }>()("test/Alerts") {}
class Links extends Context.Service<Links, { readonly name: string }>()("test/Links") {}

const campus = {
  site: { id: "s", name: "S", timeZone: "UTC" },
  areas: [],
  devices: [],
  doors: [],
  cameras: []
} as unknown as Campus

/** Parts that write down when they start and stop. */
const recorder = (configVersion: string, apiFails = false) => {
  const steps: Array<string> = []
  const lasting = (name: string) =>
    Effect.acquireRelease(
      Effect.sync(() => void steps.push(`${name} starts`)),
      () => Effect.sync(() => void steps.push(`${name} stops`))
    )
  const situation: Situation = {
    seq: 0,
    at: 0,
    configVersion,
    campus: undefined,
    maintenance: HashMap.empty(),
    bypasses: HashMap.empty(),
    gapReports: [],
    consoles: [],
    shift: emptyShift,
    inner: undefined,
    points: Table.of(),
    devices: Table.of(),
    doors: Table.of(),
    links: HashMap.empty(),
    certificates: HashMap.empty(),
    commands: HashMap.empty(),
    arming: HashMap.empty(),
    threat: undefined,
    alerts: HashMap.empty(),
    incidents: HashMap.empty(),
    frozen: HashMap.empty(),
    escalations: HashMap.empty(),
    channels: HashMap.empty()
  }
  const enter = (fact: Unstamped) => Effect.sync(() => (steps.push(`fact ${fact._tag}`), { seq: 1, decisions: [] }))
  const intake = {
    report: () => {},
    enter,
    situation: () => situation,
    status: () => ({ accepting: true, queued: 0, counts: { facts: 0, duplicates: 0, batches: 0, refused: 0 } })
  }
  const none = Effect.succeed([])
  const log = {
    entries: () => none,
    entry: () => Effect.succeed(undefined),
    alerts: () => none,
    alert: () => Effect.succeed(undefined),
    incidents: () => Effect.succeed([]),
    incident: () => Effect.as(Effect.void, undefined),
    incidentOf: () => Effect.as(Effect.void, undefined),
    head: () => 0,
    subscribe: () => () => {}
  }
  const layers: GatewayLayers<Alerts, Links> = {
    store: Layer.effectContext(
      lasting("log").pipe(Effect.as(Context.make(Intake, intake).pipe(Context.add(SecurityLog, log))))
    ),
    alerts: Layer.effect(Alerts, lasting("alerts").pipe(Effect.as({ name: "alerts" }))),
    links: Layer.effect(Links, lasting("links").pipe(Effect.as({ name: "links" }))),
    api: apiFails
      ? Effect.fail(new Error("port is taken"))
      : lasting("api").pipe(
          Effect.as({ url: "http://127.0.0.1:1", firstToken: undefined, invitations: [], tokenOf: () => "" })
        )
  }
  return { steps, layers }
}

test("the log starts first, the configuration is a fact before any link speaks, and all stops in the opposite order", async () => {
  const { steps, layers } = recorder("old")
  const scope = Scope.makeUnsafe()
  await Effect.runPromise(startGateway({ campus, configVersion: "new" }, layers).pipe(Scope.provide(scope)))
  expect(steps).toEqual(["log starts", "fact ConfigApplied", "alerts starts", "links starts", "api starts"])
  steps.length = 0
  await Effect.runPromise(Scope.close(scope, Exit.void))
  expect(steps).toEqual(["api stops", "links stops", "alerts stops", "log stops"])
})

test("a configuration that the log already knows is not entered again", async () => {
  const { steps, layers } = recorder("same")
  await Effect.runPromise(Effect.scoped(startGateway({ campus, configVersion: "same" }, layers)))
  expect(steps).not.toContain("fact ConfigApplied")
})

test("when one part cannot start, those before it are stopped and the failure is told", async () => {
  const { steps, layers } = recorder("same", true)
  const exit = await Effect.runPromiseExit(Effect.scoped(startGateway({ campus, configVersion: "same" }, layers)))
  expect(Exit.isFailure(exit)).toBe(true)
  expect(steps.slice(-3)).toEqual(["links stops", "alerts stops", "log stops"])
})
