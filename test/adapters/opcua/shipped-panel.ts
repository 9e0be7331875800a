/** For a test file: a simulated panel and a tower behind one secured server, and links to it by the shipped profile. */
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { Effect, Exit, Scope } from "effect"
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest"
import type { Abilities, Adapter } from "../../../adapters/adapter.ts"
import { opcua } from "../../../adapters/opcua/adapter.ts"
import type { Device } from "../../../gateway/domain/campus.ts"
import { DeviceId, LinkId } from "../../../gateway/domain/ids.ts"
import type { Observation } from "../../../gateway/domain/observation.ts"
import { noFaults } from "../../../simulators/opcua/faults.ts"
import { type OpcuaPanel, startOpcuaPanel } from "../../../simulators/opcua/panel.ts"
import { freePort, temporaryDirectory } from "../../road/peers.ts"
import { startLink } from "../start-link.ts"
import { brief } from "./heard.ts"

export const directory = temporaryDirectory("opcua-panels")
const scope = Scope.makeUnsafe()
const profilesDirectory = resolve(import.meta.dirname, "../../../config/profiles")
const user = { name: "gatehouse", password: "kreidefelsen" }
/** Doors of the tower. */
export const manyDoors = 200

/** The panel; it is there once the first test runs. */
export let panel: OpcuaPanel
let port = 0

beforeAll(async () => {
  port = await freePort()
  const pki = join(directory.path, "panel")
  panel = await Effect.runPromise(
    startOpcuaPanel({
      port,
      pki,
      applicationUri: "urn:test:simulated-panel",
      panels: [
        {
          id: "panel",
          path: [],
          doors: [
            { token: "front", name: "Front door" },
            { token: "back", name: "Back door", capabilities: { tamper: false } }
          ],
          readers: [{ token: "front-in", door: "front" }]
        },
        {
          id: "tower",
          path: ["North", "Tower"],
          doors: Array.from({ length: manyDoors }, (_, nth) => ({ token: `T${nth + 1}`, name: `Tower ${nth + 1}` })),
          readers: []
        }
      ],
      users: [user],
      trustsEverybody: true
    }).pipe(Scope.provide(scope))
  )
  const trusted = join(directory.path, "pki/trusted/certs")
  mkdirSync(trusted, { recursive: true })
  copyFileSync(join(pki, "own/certs/certificate.pem"), join(trusted, "panel.pem"))
  writeFileSync(join(directory.path, "password"), `${user.password}\n`)
}, 60_000)
afterAll(async () => {
  await Effect.runPromise(Scope.close(scope, Exit.void))
  directory.dispose()
}, 60_000)

/** The panel as the configuration has it. */
export const deviceOf = (more: Partial<Device> = {}): Device => ({
  id: DeviceId.make("panel"),
  link: LinkId.make("link"),
  profile: "opcua-generic-panel",
  address: "/",
  ...more
})

let states = 0
const links: Array<{ readonly stop: () => Promise<unknown> }> = []

/** A link to the panel whose reports are kept at once, and what it says. */
export const listen = (
  devices: ReadonlyArray<Device> = [deviceOf()],
  directoryOfProfiles = profilesDirectory,
  more: Record<string, unknown> = {}
) => {
  const settings = {
    endpoint: `opc.tcp://127.0.0.1:${port}`,
    user: { username: user.name, password: { file: join(directory.path, "password") } },
    pki: join(directory.path, "pki"),
    state: join(directory.path, `state-${++states}`),
    acknowledge: "acknowledge",
    ...more
  }
  const peer = { settings, devices, profilesDirectory: directoryOfProfiles }
  const heard: Array<Observation> = []
  const watchers = new Set<() => void>()
  const memory = new Map<string, unknown>()
  const run = () => {
    const link = startLink(opcua as unknown as Adapter<unknown>, peer, settings, memory)
    const take = async (): Promise<never> => {
      for (;;) {
        const { report, settled } = await link.told.next()
        heard.push(...report.observations)
        settled()
        for (const look of watchers) look()
      }
    }
    void take()
    links.push(link)
    return link
  }
  return {
    run,
    heard,
    memory,
    /** The first observation that says this in few words, from the `from`th on. */
    hear: (words: string, from = 0): Promise<Observation> =>
      new Promise((resolveWith) => {
        const look = (): void => {
          const found = heard.slice(from).find((one) => brief(one) === words)
          if (found === undefined) return
          watchers.delete(look)
          resolveWith(found)
        }
        watchers.add(look)
        look()
      }),
    until: (holds: () => boolean): Promise<void> =>
      new Promise((done) => {
        const look = (): void => {
          if (!holds()) return
          watchers.delete(look)
          done()
        }
        watchers.add(look)
        look()
      })
  }
}

/** A link that has heard how its panel is. */
export const reached = async (settings: Record<string, unknown> = {}) => {
  const listening = listen(undefined, undefined, settings)
  const link = listening.run()
  await link.online()
  await listening.hear("online recovery")
  await listening.hear("door-back.mode Locked recovery")
  await listening.hear("door-front.tamper off recovery")
  const ability = (): Abilities => link.abilities.get("panel") as Abilities
  return { ...listening, link, ability }
}

beforeEach(async () => {
  panel.setFaults(noFaults)
  await Effect.runPromise(panel.plug)
  for (const command of ["LockDownRelease", "LockOpenRelease", "Closed", "Lock"] as const)
    panel.door("front", { _tag: command })
  panel.door("front", { _tag: "Tampered", on: false })
})
afterEach(async () => {
  for (const link of links.splice(0)) await link.stop()
})
