import { copyFileSync, mkdirSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import type { GatewayFiles } from "./gateway-process.ts"
import type { PanelStart } from "./opcua-panel.ts"

const profilesDirectory = resolve(import.meta.dirname, "../../config/profiles")

/** Whom the panels let in. */
export const panelUser = { name: "gatehouse", password: "kreidefelsen" }

/** Longer than any run: a door that stays open is no matter here. */
const openMs = 86_400_000

/** A panel, and from where the gateway reaches it. */
export interface CampusPanel {
  readonly id: string
  readonly server: PanelStart["server"]
  /** Absent: the server's own. */
  readonly port?: number
}

/** A server of one panel that has these doors, each with a reader. Only a secured client with a password is let in. */
export const panelServer = (
  directory: string,
  id: string,
  port: number,
  doors: ReadonlyArray<string>
): PanelStart["server"] => ({
  port,
  pki: join(directory, `${id}-pki`),
  applicationUri: `urn:gatehouse:simulated-panel:${id}`,
  panels: [
    {
      id,
      path: [],
      doors: doors.map((token) => ({ token, name: token, timings: { openMs } })),
      readers: doors.map((door) => ({ token: door, door }))
    }
  ],
  users: [panelUser],
  trustsEverybody: true,
  securityModes: ["SignAndEncrypt"]
})

/** Trusts the certificates of panels that run, as `gatehouse certs trust` does. */
const trust = (pki: string, panels: ReadonlyArray<CampusPanel>): void => {
  const trusted = join(pki, "trusted/certs")
  mkdirSync(trusted, { recursive: true })
  for (const { id, server } of panels) {
    copyFileSync(join(server.pki, "own/certs/certificate.pem"), join(trusted, `${id}.pem`))
  }
}

/** What a gateway's configuration says of panels, and of the first `namedDoors` doors of each. */
const partsOf = (directory: string, panels: ReadonlyArray<CampusPanel>, namedDoors: number) => {
  const pki = join(directory, "pki")
  const password = join(directory, "panel-password")
  trust(pki, panels)
  writeFileSync(password, panelUser.password)
  const user = { username: panelUser.name, password: { file: password } }
  const state = join(directory, "opcua-state")
  return {
    links: Object.fromEntries(
      panels.map(({ id, server, port = server.port }) => {
        const settings = { endpoint: `opc.tcp://127.0.0.1:${port}`, user, pki, state, acknowledge: "acknowledge" }
        return [id, { adapter: "opcua", settings }]
      })
    ),
    devices: panels.map(({ id }) => ({ id, link: id, profile: "opcua-generic-panel", address: "/" })),
    doors: panels.flatMap(({ id, server }) =>
      (server.panels[0]?.doors ?? []).slice(0, namedDoors).map(({ token }) => ({
        id: `${id}-${token}`,
        name: `${token} of ${id}`,
        area: "hall",
        position: `${id}/door-${token}.position`,
        alarm: `${id}/door-${token}.alarm`,
        times: { heldOpenSeconds: openMs / 1000, heldPreAlarmSeconds: openMs / 1000 - 1 }
      }))
    )
  }
}

/** What a configuration says of links, devices and doors. */
export interface CampusParts {
  readonly links: object
  readonly devices: ReadonlyArray<unknown>
  readonly doors: ReadonlyArray<unknown>
}

const empty: CampusParts = { links: {}, devices: [], doors: [] }

/**
 * Writes the configuration of a gateway that hears these panels, which run; what it has beside them is in `more`. Every
 * link may be acknowledged to.
 */
export const writeOpcuaCampus = (
  directory: string,
  port: number,
  panels: ReadonlyArray<CampusPanel>,
  {
    namedDoors = Number.POSITIVE_INFINITY,
    more = empty
  }: { readonly namedDoors?: number; readonly more?: CampusParts } = {}
): GatewayFiles => {
  const config = join(directory, "gatehouse.yaml")
  const data = join(directory, "data")
  mkdirSync(data, { recursive: true })
  const { links, devices, doors } = partsOf(directory, panels, namedDoors)
  const campus = {
    site: { id: "panels", name: "Panels", timeZone: "UTC" },
    links: { ...more.links, ...links },
    api: { host: "127.0.0.1", port },
    dataDir: data,
    profilesDirectory,
    areas: [{ id: "hall", name: "Hall", kind: "building" }],
    devices: [...more.devices, ...devices],
    doors: [...more.doors, ...doors]
  }
  // JSON is YAML.
  writeFileSync(config, JSON.stringify(campus))
  return { config, data, port }
}
