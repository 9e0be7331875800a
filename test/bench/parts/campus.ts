import { mkdirSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import type { GatewayFiles } from "../../road/gateway-process.ts"
import { freePort } from "../../road/peers.ts"

/** A campus around the embedded broker. */
export interface Campus extends GatewayFiles {
  /** Of the embedded broker. */
  readonly mqttPort: number
}

/** The profiles that the product ships. */
const profilesDirectory = resolve(import.meta.dirname, "../../../config/profiles")

/** The ids of `count` devices of a kind: button-1, button-2 … */
export const idsOf = (kind: "button" | "panic" | "contact", count: number): ReadonlyArray<string> =>
  Array.from({ length: count }, (_, nth) => `${kind}-${nth + 1}`)

/** Who is behind the gateway, by device id. */
export interface CampusDevices {
  readonly buttons: ReadonlyArray<string>
  /** Buttons too, that are pressed in need. */
  readonly panics?: ReadonlyArray<string>
  /** Each on a door of its own, `door-of-<id>`, that waits for no late grant: a forced one is told at once. */
  readonly contacts?: ReadonlyArray<string>
}

/** Writes the configuration of a gateway that is its own broker. */
export const writeCampus = async (
  directory: string,
  { buttons, panics = [], contacts = [] }: CampusDevices
): Promise<Campus> => {
  const config = join(directory, "gatehouse.yaml")
  const data = join(directory, "data")
  const [port, mqttPort] = [await freePort(), await freePort()]
  mkdirSync(data, { recursive: true })
  const campus = {
    site: { id: "bench", name: "Bench", timeZone: "UTC" },
    links: { mqtt: { adapter: "mqtt", settings: { broker: "embedded", port: mqttPort } } },
    api: { host: "127.0.0.1", port },
    dataDir: data,
    profilesDirectory,
    areas: [{ id: "hall", name: "Hall", kind: "building" }],
    devices: [...buttons, ...panics, ...contacts].map((id) => ({
      id,
      link: "mqtt",
      profile: "zigbee2mqtt",
      address: id
    })),
    doors: contacts.map((contact) => ({
      id: `door-of-${contact}`,
      name: `The door of ${contact}`,
      area: "hall",
      position: `${contact}/contact`,
      times: { reorderGraceMs: 0 }
    }))
  }
  // JSON is YAML.
  writeFileSync(config, JSON.stringify(campus))
  return { config, data, port, mqttPort }
}
