import type { Camera, Door } from "../../domain/campus.ts"
import type { CampusIndex } from "../campus-index.ts"
import type { Signal } from "./signal.ts"
import { type Scope, textIn } from "./where.ts"
import { wording } from "./wording.ts"

/** Where on the campus a signal belongs. A camera that several doors name has several places. */
export interface Place {
  readonly door?: Door | undefined
  readonly camera?: Camera | undefined
  readonly area?: string | undefined
}

const doorsAt = (index: CampusIndex, { door, point }: Signal): ReadonlyArray<Door> => {
  if (door !== undefined) return [index.doors.get(door)?.door ?? []].flat()
  const bound = point === undefined ? undefined : index.roles.get(point)
  if (bound === undefined) return []
  const [only] = bound
  return bound.length === 1 && only !== undefined ? [only.door.door] : [...new Set(bound.map((one) => one.door.door))]
}

const nowhere: ReadonlyArray<Place> = [{}]

const placesOf = (index: CampusIndex, signal: Signal): ReadonlyArray<Place> => {
  const doors = doorsAt(index, signal)
  if (doors.length > 0) return doors.map((door) => ({ door, area: door.area }))
  const cameras = signal.device === undefined ? [] : (index.camerasOn.get(signal.device) ?? [])
  const seen = cameras.flatMap((camera): ReadonlyArray<Place> => {
    const near = index.doorsBeside.get(camera.id) ?? []
    return near.length === 0 ? [{ camera, area: camera.area }] : near.map((door) => ({ camera, door, area: door.area }))
  })
  if (seen.length > 0) return seen
  const area = signal.area ?? (signal.device === undefined ? undefined : index.devices.get(signal.device)?.area)
  return area === undefined ? nowhere : [{ area }]
}

const accessPointOf = (door: Door | undefined, point: string | undefined) =>
  door?.accessPoints?.find(({ reader }) => reader === point)

/** Whether somebody presented something there. */
const isRead = ({ fields }: Signal): boolean => "credential" in fields || "reason" in fields

/** What conditions and keys can ask a signal for, at one place. */
const scopeOf = (index: CampusIndex, signal: Signal, place: Place): Scope => {
  const { door, camera, area = "" } = place
  const { point = "", device = "" } = signal
  const accessPoint = accessPointOf(door, signal.point)
  return {
    direction: accessPoint?.direction ?? "",
    credential: "",
    holder: "",
    ...signal.fields,
    word: signal.word.startsWith("alert:") ? signal.word.slice("alert:".length) : signal.word,
    device,
    point,
    reader: accessPoint !== undefined || (point !== "" && isRead(signal)) ? point : "",
    door: door?.id ?? signal.door ?? "",
    camera: camera?.id ?? "",
    area,
    building: index.buildingOf.get(area) ?? ""
  }
}

/** A place of a signal, what can be asked of the signal there, and what an officer is told of it. */
export class Located {
  readonly place: Place
  readonly #index: CampusIndex
  readonly #signal: Signal
  #scope: Scope | undefined
  #text: string | undefined
  #absent: Scope | undefined
  #complete: Scope | undefined

  constructor(index: CampusIndex, signal: Signal, place: Place) {
    this.#index = index
    this.#signal = signal
    this.place = place
  }

  /** Made when the first rule asks: most do not listen there and then. */
  get scope(): Scope {
    return (this.#scope ??= scopeOf(this.#index, this.#signal, this.place))
  }

  get text(): string {
    return (this.#text ??= wording(this.#signal.word, this.scope))
  }

  /** With what the signal leaves out taken for `absent`. Most rules that hear a word ask for the same fields. */
  complete(absent: Scope): Scope {
    if (this.#complete !== undefined && this.#absent === absent) return this.#complete
    this.#absent = absent
    this.#complete = { ...absent, ...this.scope }
    return this.#complete
  }
}

/** Where a signal belongs, made once for all rules that hear it. */
export const located = (index: CampusIndex, signal: Signal): ReadonlyArray<Located> =>
  placesOf(index, signal).map((place) => new Located(index, signal, place))

/** A field as an officer reads it: by its name where it has one. */
export const spoken = (index: CampusIndex, place: Place, scope: Scope, name: string): string => {
  const value = textIn(scope, name)
  switch (name) {
    case "door":
      return place.door?.name ?? value
    case "area":
    case "building":
      return index.areas.get(value)?.name ?? value
    case "device":
      return index.devices.get(value)?.name ?? value
    case "camera":
      return place.camera?.name ?? value
    case "reader":
      return accessPointOf(place.door, value)?.name ?? place.door?.name ?? value
    case "credential":
      return textIn(scope, "holder") === "" ? value : textIn(scope, "holder")
    default:
      return value
  }
}
