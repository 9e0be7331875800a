import type { Alert } from "../../domain/alert.ts"
import type { Camera, Door } from "../../domain/campus.ts"
import type { CampusIndex } from "../campus-index.ts"
import { type About, aboutOf } from "./remembered.ts"
import type { Signal } from "./signal.ts"
import { absentFields, type KeyReader, type Scope, type Scoped } from "./where.ts"
import { wording } from "./wording.ts"

/** How a rule finds what a signal is about, and what that is called in the rule. */
export interface RuleKeyReader {
  readonly key: string
  readonly reads: KeyReader
}

/** Where on the campus a signal belongs. A camera that several doors name has several places. */
export interface Place {
  readonly door?: Door | undefined
  readonly camera?: Camera | undefined
  readonly area?: string | undefined
  /** The door, as what a rule's signal is about. */
  readonly about?: About | undefined
}

const nowhere: ReadonlyArray<Place> = [{}]

const atDoors = (index: CampusIndex, { door, point, roles }: Signal): ReadonlyArray<Place> | undefined => {
  if (door !== undefined) {
    return index.doors.get(door)?.places
  }
  const bound = roles?.[0] === undefined && point !== undefined ? index.roles.get(point) : roles
  const only = bound?.[0]
  if (bound === undefined || only === undefined) return undefined
  return bound.length === 1 ? only.door.places : [...new Set(bound.map((one) => one.door))].flatMap((one) => one.places)
}

const placesOf = (index: CampusIndex, signal: Signal): ReadonlyArray<Place> => {
  const doors = atDoors(index, signal)
  if (doors !== undefined) return doors
  const cameras = signal.device === undefined ? [] : (index.camerasOn.get(signal.device) ?? [])
  const seen = cameras.flatMap((camera): ReadonlyArray<Place> => {
    const near = index.doorsBeside.get(camera.id) ?? []
    return near.length === 0
      ? [{ camera, area: camera.area }]
      : near.map((door) => ({ camera, door, area: door.area, about: index.doors.get(door.id)?.about }))
  })
  if (seen.length > 0) return seen
  const area = signal.area ?? (signal.device === undefined ? undefined : index.devices.get(signal.device)?.area)
  return area === undefined ? nowhere : [{ area }]
}

/** Where an alert belongs, or what is to become one. */
export const placeOfAlert = (index: CampusIndex, { door: id, area }: Pick<Alert, "door" | "area">): Place => {
  const door = id === undefined ? undefined : index.doors.get(id)?.door
  return { door, area: area ?? door?.area }
}

const accessPointOf = (door: Door | undefined, point: string | undefined) =>
  door?.accessPoints?.find(({ reader }) => reader === point)

/** Whether somebody presented something there. */
const isRead = ({ fields }: Pick<Signal, "fields">): boolean => "credential" in fields || "reason" in fields

const wordIn = ({ word }: Signal): string => (word.startsWith("alert:") ? word.slice("alert:".length) : word)

const readerAt = ({ point = "", ...signal }: Pick<Signal, "point" | "fields">, { door }: Place): string =>
  accessPointOf(door, point) !== undefined || (point !== "" && isRead(signal)) ? point : ""

/** A place of a signal, what can be asked of the signal there, and what an officer is told of it. */
export class Located implements Scoped {
  readonly place: Place
  readonly #index: CampusIndex
  readonly #signal: Signal
  #words: string | undefined
  #about: About | undefined
  #aboutBy: string | undefined
  #spoken: Readonly<Record<string, string>> | undefined
  #spokenOf: ReadonlyArray<string> | undefined

  constructor(index: CampusIndex, signal: Signal, place: Place) {
    this.#index = index
    this.#signal = signal
    this.place = place
  }

  /** What an officer is told. */
  get words(): string {
    return (this.#words ??= wording(this.#signal.word, this))
  }

  /** All its fields at once, for what cannot ask for them one by one. */
  all(): Scope {
    const absent = absentFields(this.#signal.word)
    const all: Record<string, unknown> = { ...absent, ...this.#signal.fields }
    for (const name of Object.keys(absent)) all[name] = this.value(name)
    return all
  }

  text(name: string): string | undefined {
    const value = this.value(name)
    return typeof value === "string" ? value : undefined
  }

  value(name: string): unknown {
    const signal = this.#signal
    switch (name) {
      case "word":
        return wordIn(signal)
      case "device":
        return signal.device ?? ""
      case "point":
        return signal.point ?? ""
      case "reader":
        return readerAt(signal, this.place)
      case "door":
        return this.place.door?.id ?? signal.door ?? ""
      case "camera":
        return this.place.camera?.id ?? ""
      case "area":
        return this.place.area ?? ""
      case "building":
        return this.#index.buildingOf.get(this.place.area ?? "") ?? ""
      default:
        return this.#field(name)
    }
  }

  #field(name: string): unknown {
    const { fields, point, word } = this.#signal
    const value = fields[name]
    if (value !== undefined || Object.hasOwn(fields, name)) return value
    return name === "direction" ? (accessPointOf(this.place.door, point)?.direction ?? "") : absentFields(word)[name]
  }

  /** A field as people read it. */
  said(name: string): string {
    const value = this.value(name)
    return typeof value === "string" ? value : typeof value === "number" ? String(value) : ""
  }

  /** Fields as an officer reads them, for a title. Several rules in a row mostly name the same. */
  spokenOf(names: ReadonlyArray<string>): Readonly<Record<string, string>> {
    if (this.#spoken !== undefined && this.#spokenOf === names) return this.#spoken
    const spoken: Record<string, string> = {}
    for (const name of names) spoken[name] = this.#spokenAs(name)
    this.#spokenOf = names
    return (this.#spoken = spoken)
  }

  /** A field as an officer reads it: by its name where it has one. */
  #spokenAs(name: string): string {
    const value = this.said(name)
    const { door, camera } = this.place
    switch (name) {
      case "door":
        return door?.name ?? value
      case "area":
      case "building":
        return this.#index.areas.get(value)?.name ?? value
      case "device":
        return this.#index.devices.get(value)?.name ?? value
      case "camera":
        return camera?.name ?? value
      case "reader":
        return accessPointOf(door, value)?.name ?? door?.name ?? value
      case "credential": {
        const holder = this.said("holder")
        return holder === "" ? value : holder
      }
      default:
        return value
    }
  }

  /** What it is to a rule of this key. Several rules in a row mostly count by the same. */
  about({ key, reads }: RuleKeyReader): About | undefined {
    if (this.#aboutBy === key) return this.#about
    this.#aboutBy = key
    const { about } = this.place
    if (key === "door" && about !== undefined) this.#about = about
    else {
      const text = reads(this)
      this.#about = text === undefined ? undefined : aboutOf(text)
    }
    return this.#about
  }
}

/** Where a signal belongs, made once for all rules that hear it. */
export const located = (index: CampusIndex, signal: Signal): ReadonlyArray<Located> =>
  placesOf(index, signal).map((place) => new Located(index, signal, place))
