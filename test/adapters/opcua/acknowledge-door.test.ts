import { copyFileSync, mkdirSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { Context, Effect, Exit, Layer, Schema, Scope } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { adapters } from "../../../adapters/adapters.ts"
import { Alerts } from "../../../gateway/alerts/alerts.ts"
import { WriteBacks } from "../../../gateway/commands/write-backs.ts"
import type { Alert } from "../../../gateway/domain/alert.ts"
import type { Campus, Device } from "../../../gateway/domain/campus.ts"
import { AreaId, DeviceId, DoorId, LinkId, PointRef, SiteId } from "../../../gateway/domain/ids.ts"
import { IntakeLive } from "../../../gateway/intake/intake-layer.ts"
import { Intake } from "../../../gateway/intake/intake.ts"
import { Links } from "../../../gateway/links/links.ts"
import { type OpcuaPanel, startOpcuaPanel } from "../../../simulators/opcua/panel.ts"
import { freePort, temporaryDirectory } from "../../road/peers.ts"

const profilesDirectory = resolve(import.meta.dirname, "../../../config/profiles")

const device: Device = {
  id: DeviceId.make("panel"),
  name: "Panel 7",
  link: LinkId.make("panel-7"),
  profile: "opcua-generic-panel",
  address: "/",
  // Its own word goes before its link's, which keeps acknowledgements here.
  acknowledge: "acknowledge+confirm"
}

const campus: Campus = {
  site: { id: SiteId.make("test"), name: "Test", timeZone: "UTC" },
  areas: [{ id: AreaId.make("hall"), name: "Hall", kind: "building" }],
  devices: [device],
  doors: [
    {
      id: DoorId.make("front"),
      name: "Front door",
      area: AreaId.make("hall"),
      position: PointRef.make("panel/door-front.position"),
      mode: PointRef.make("panel/door-front.mode"),
      alarm: PointRef.make("panel/door-front.alarm")
    }
  ],
  cameras: []
}

describe("a door that its panel calls forced, by the shipped profile", () => {
  const directory = temporaryDirectory("acknowledge-door")
  const scope = Scope.makeUnsafe()
  let panel: OpcuaPanel
  let alerts: Alerts["Service"]
  let situation: Intake["Service"]["situation"]

  const build = <A, E, R>(layer: Layer.Layer<A, E, R>, over: Context.Context<R>) =>
    Effect.runPromise(Layer.build(layer.pipe(Layer.provide(Layer.succeedContext(over)))).pipe(Scope.provide(scope)))

  beforeAll(async () => {
    const port = await freePort()
    const pki = join(directory.path, "panel")
    const doors = [{ token: "front", name: "Front door" }]
    panel = await Effect.runPromise(
      startOpcuaPanel({
        port,
        pki,
        panels: [{ id: "panel", path: [], doors, readers: [] }],
        users: [{ name: "gatehouse", password: "kreidefelsen" }],
        trustsEverybody: true
      }).pipe(Scope.provide(scope))
    )
    const trusted = join(directory.path, "pki/trusted/certs")
    mkdirSync(trusted, { recursive: true })
    copyFileSync(join(pki, "own/certs/certificate.pem"), join(trusted, "panel.pem"))
    writeFileSync(join(directory.path, "password"), "kreidefelsen\n")
    const store = await build(
      IntakeLive({ file: join(directory.path, "gatehouse.db"), site: "test", now: Date.now }),
      Context.empty()
    )
    await Effect.runPromise(
      Context.get(store, Intake).enter({ _tag: "ConfigApplied", version: "v1", campus, by: "test" })
    )
    const settings = {
      endpoint: `opc.tcp://127.0.0.1:${port}`,
      user: { username: "gatehouse", password: { file: join(directory.path, "password") } },
      pki: join(directory.path, "pki"),
      state: join(directory.path, "state")
    }
    const links = await build(
      Links.layer({
        links: [
          { id: "panel-7", adapter: "opcua", settings: Schema.decodeUnknownSync(adapters["opcua"]!.Settings)(settings) }
        ],
        adapters,
        devices: campus.devices,
        timeZone: "UTC",
        profilesDirectory,
        now: Date.now
      }),
      store
    )
    alerts = Context.get(await build(Alerts.layer(), store), Alerts)
    await build(WriteBacks.layer(), Context.merge(store, links))
    situation = Context.get(store, Intake).situation
  }, 60_000)
  afterAll(async () => {
    await Effect.runPromise(Scope.close(scope, Exit.void))
    directory.dispose()
  })

  const open = (): Promise<ReadonlyArray<Alert>> => Effect.runPromise(alerts.list({ closed: false, limit: 10 }))
  const comes = async (isSo: (all: ReadonlyArray<Alert>) => boolean): Promise<ReadonlyArray<Alert>> => {
    await expect.poll(async () => isSo(await open())).toBe(true)
    return open()
  }

  it("is one alert, that knows the panel's condition and is acknowledged and confirmed there with it", async () => {
    // The panel has said how its door is before anything happens: what is so by then raises nothing.
    const position = () => situation().doors.get("front")?.position
    await expect.poll(position).toBe("Closed")
    panel.door("front", { _tag: "Opened" })
    const told = await comes(([alert]) => alert?.panelConditions !== undefined)
    // What the gateway makes of the contact itself comes a grace later: it is the same alert.
    await comes(([alert]) => alert!.why.some(({ text }) => text.includes("controller reports")))
    const [alert] = await open()
    expect(told).toHaveLength(1)
    expect(alert).toMatchObject({ condition: "DoorForcedOpen", key: "door:front" })
    await Effect.runPromise(alerts.acknowledge(alert!.id, "K. Lind", "on my way"))
    const [proved] = await comes(([one]) => one?.panelConditions?.[0]?.writeBack?.state === "proved")
    expect(proved).toMatchObject({ acknowledged: true, panelConditions: [{ acked: true, device: "panel" }] })
    const said = { condition: "s=/Doors/front/DoorForced", comment: "on my way (K. Lind via Gatehouse)" }
    // Once acknowledged, once confirmed.
    expect(panel.acknowledged()).toEqual([said, said])
    panel.door("front", { _tag: "Closed" })
    await comes(([one]) => one?.active === false)
    expect(await open()).toHaveLength(1)
  }, 60_000)
})
