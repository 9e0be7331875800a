import type { Area, Camera, Campus, Door } from "../domain/campus.ts"

/** What lies where on the campus, arranged for looking it up. */
export interface CampusLayout {
  readonly areas: ReadonlyMap<string, Area>
  /** An area and those around it, from the inside out. */
  readonly areasAround: ReadonlyMap<string, ReadonlyArray<string>>
  /** The building that an area lies in, or is. */
  readonly buildingOf: ReadonlyMap<string, string>
  /** The cameras that a device is. */
  readonly camerasOn: ReadonlyMap<string, ReadonlyArray<Camera>>
  /** The doors that name a camera. */
  readonly doorsBeside: ReadonlyMap<string, ReadonlyArray<Door>>
}

const around = (areas: ReadonlyMap<string, Area>, id: string): ReadonlyArray<string> => {
  const found = new Set<string>()
  for (let here: string | undefined = id; here !== undefined && !found.has(here); here = areas.get(here)?.in)
    found.add(here)
  return [...found]
}

const push = <V>(map: Map<string, Array<V>>, key: string, value: V): void => {
  const known = map.get(key)
  if (known === undefined) map.set(key, [value])
  else known.push(value)
}

export const layoutOf = (campus: Pick<Campus, "areas" | "cameras" | "doors">): CampusLayout => {
  const areas = new Map<string, Area>(campus.areas.map((area) => [area.id, area]))
  const areasAround = new Map(campus.areas.map(({ id }) => [String(id), around(areas, id)]))
  const buildings = [...areasAround].flatMap(([id, ids]) => {
    const building = ids.find((one) => areas.get(one)?.kind === "building")
    return building === undefined ? [] : [[id, building] as const]
  })
  const camerasOn = new Map<string, Array<Camera>>()
  for (const camera of campus.cameras) if (camera.device !== undefined) push(camerasOn, camera.device, camera)
  const doorsBeside = new Map<string, Array<Door>>()
  for (const door of campus.doors) for (const camera of door.cameras ?? []) push(doorsBeside, camera, door)
  return { areas, areasAround, buildingOf: new Map(buildings), camerasOn, doorsBeside }
}
