import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { type Campus, type CampusDevices, writeCampus } from "./campus.ts"

/** How cameras let the gateway in. */
export const cameraUser = { name: "gatehouse", password: "kreidefelsen" }

/** The ids of `count` cameras: camera-1, camera-2 … */
export const cameraIds = (count: number): ReadonlyArray<string> =>
  Array.from({ length: count }, (_, nth) => `camera-${nth + 1}`)

interface Written {
  readonly links: Readonly<Record<string, unknown>>
  readonly devices: ReadonlyArray<unknown>
  readonly doors: ReadonlyArray<object>
}

/**
 * Writes the configuration of a gateway that is its own broker and has these cameras, by their addresses. The cameras of
 * `atDoors` are named by the contacts' doors in turn, so that the gateway keeps their pictures of the last seconds.
 */
export const writeCameraCampus = async (
  directory: string,
  devices: CampusDevices,
  addresses: ReadonlyMap<string, string>,
  atDoors: ReadonlyArray<string>
): Promise<Campus> => {
  const campus = await writeCampus(directory, devices)
  const password = join(directory, "camera-password")
  writeFileSync(password, cameraUser.password)
  const written = JSON.parse(readFileSync(campus.config, "utf8")) as Written
  const settings = { username: cameraUser.name, password: { file: password } }
  writeFileSync(
    campus.config,
    JSON.stringify({
      ...written,
      links: { ...written.links, cameras: { adapter: "onvif", settings } },
      devices: [
        ...written.devices,
        ...[...addresses].map(([id, address]) => ({ id, link: "cameras", profile: "onvif", address }))
      ],
      doors: written.doors.map((door, nth) => ({ ...door, cameras: atDoors.slice(nth % atDoors.length).slice(0, 1) })),
      cameras: [...addresses.keys()].map((id) => ({ id, name: `Picture of ${id}`, area: "hall", device: id }))
    })
  )
  return campus
}
