import type { Camera, Campus, Device, Door } from "../domain/campus.ts"
import { type CompleteDoorTimes, defaultDoorTimes } from "../domain/door.ts"
import { type DeviceId, PointRef, pointRef } from "../domain/ids.ts"
import { type CampusLayout, layoutOf } from "./campus-layout.ts"
import type { Place } from "./rules/places.ts"
import { type About, aboutOf } from "./rules/remembered.ts"
import { indexRules, type RuleIndex } from "./rules/rule-index.ts"
import { Spot } from "./table.ts"

/** What a point is to a door. */
export type Role = "position" | "lock" | "rex" | "reader" | "tamper" | "alarm" | "mode"

export interface IndexedDoor {
  readonly door: Door
  /** `door:<id>`: what its deadlines and its alerts go by. */
  readonly key: string
  /** Where its memory, its deadline and the ids of its open alerts stand. */
  readonly memorySpot: Spot
  readonly dueSpot: Spot
  readonly alertsSpot: Spot
  /** It, as what a rule's signal is about, and where that lies. */
  readonly about: About
  readonly places: ReadonlyArray<Place>
  readonly times: CompleteDoorTimes
  /** The times that hold while a schedule does, by the schedule. */
  readonly timesBy: ReadonlyMap<string, CompleteDoorTimes>
  /** Its points, by their references, and what they are to it. */
  readonly points: ReadonlyArray<readonly [ref: string, role: Role]>
}

/** The times that a door is judged by now. */
export const timesOf = (
  { times, timesBy }: IndexedDoor,
  memory: { readonly timesBy?: string | undefined }
): CompleteDoorTimes => (memory.timesBy === undefined ? undefined : timesBy.get(memory.timesBy)) ?? times

/** A point of a device, and what it is to which doors. */
export interface IndexedPoint {
  readonly device: DeviceId
  /** As it is configured; `undefined`: it is not. */
  readonly configured: Device | undefined
  readonly ref: PointRef
  readonly roles: ReadonlyArray<{ readonly role: Role; readonly door: IndexedDoor }>
  /** Where its state, and that of its device, stand. */
  readonly stateSpot: Spot
  readonly deviceSpot: Spot
}

/** The campus, arranged for looking things up; derived from it and never stored. */
export interface CampusIndex extends CampusLayout {
  readonly doors: ReadonlyMap<string, IndexedDoor>
  /** The same by their keys, as deadlines have them. */
  readonly doorsByKey: ReadonlyMap<string, IndexedDoor>
  readonly devices: ReadonlyMap<string, Device>
  /** What a point, by its reference, is to which doors. */
  readonly roles: ReadonlyMap<string, IndexedPoint["roles"]>
  /** The points of doors, by their device and then by their own names, as messages have them. */
  readonly pointsOn: ReadonlyMap<string, ReadonlyMap<string, IndexedPoint>>
  /** The devices behind a bridge, at any depth. */
  readonly behind: ReadonlyMap<string, ReadonlyArray<string>>
  readonly onLink: ReadonlyMap<string, ReadonlyArray<string>>
  /** The doors that a device has points of; one of which it has several is there several times. */
  readonly doorsOf: ReadonlyMap<string, ReadonlyArray<string>>
  readonly cameras: ReadonlyMap<string, Camera>
  readonly rules: RuleIndex
  /** The doors whose grants, or requests to exit, a device tells. */
  readonly witness: ReadonlyMap<string, ReadonlyArray<Witness>>
}

/** What a device tells of a door that makes its openings rightful. */
export interface Witness {
  readonly door: IndexedDoor
  readonly of: "grants" | "exits"
}

const witnessed: { readonly [role in Role]?: Witness["of"] } = { reader: "grants", rex: "exits" }

/** Each device once a door and kind, however many readers of the door are on it. */
const witnesses = (doors: ReadonlyArray<IndexedDoor>): ReadonlyMap<string, ReadonlyArray<Witness>> => {
  const told = doors.flatMap((door) =>
    (["grants", "exits"] as const).flatMap((of) => {
      const points = door.points.filter(([, role]) => witnessed[role] === of)
      const devices = new Set(points.map(([ref]) => ref.slice(0, ref.indexOf("/"))))
      return [...devices].map((device) => ({ device, witness: { door, of } }))
    })
  )
  return grouped(
    told,
    ({ device }) => device,
    ({ witness }) => witness
  )
}

const pointsOf = (door: Door): ReadonlyArray<readonly [string, Role]> => {
  const one = (ref: string | undefined, role: Role) => (ref === undefined ? [] : [[ref, role] as const])
  const many = (refs: ReadonlyArray<string> | undefined, role: Role) => (refs ?? []).map((ref) => [ref, role] as const)
  return [
    ...one(door.position, "position"),
    ...one(door.lock, "lock"),
    ...many(door.rex, "rex"),
    ...many(
      door.accessPoints?.map((accessPoint) => accessPoint.reader),
      "reader"
    ),
    ...many(door.tamper, "tamper"),
    ...one(door.alarm, "alarm"),
    ...one(door.mode, "mode")
  ]
}

const grouped = <A, V>(items: ReadonlyArray<A>, keyOf: (item: A) => string | undefined, valueOf: (item: A) => V) => {
  const groups = new Map<string, Array<V>>()
  for (const item of items) {
    const key = keyOf(item)
    if (key === undefined) continue
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [valueOf(item)])
    else group.push(valueOf(item))
  }
  return groups
}

const behindAtAnyDepth = (devices: ReadonlyArray<Device>): ReadonlyMap<string, ReadonlyArray<string>> => {
  const direct = grouped<Device, string>(
    devices,
    (device) => device.via,
    (device) => device.id
  )
  const all = new Map<string, ReadonlyArray<string>>()
  for (const bridge of direct.keys()) {
    const reached = new Set<string>()
    const walk = (id: string): void => {
      for (const child of direct.get(id) ?? []) {
        if (reached.has(child) || child === bridge) continue
        reached.add(child)
        walk(child)
      }
    }
    walk(bridge)
    all.set(bridge, [...reached])
  }
  return all
}

/**
 * What of a door may be bypassed. Not its readers: grants that are not heard would make every rightful opening a forced
 * one. Not its tamper switches, which are told aloud whatever is worked on, nor its mode, by which commands are proved.
 */
export const bypassable: ReadonlySet<Role> = new Set(["position", "lock", "rex", "alarm"])

/** What a point is to a door; empty: it is none of its points. */
export const rolesIn = (door: Door, point: string): ReadonlyArray<Role> =>
  pointsOf(door).flatMap(([ref, role]) => (ref === point ? [role] : []))

const unbound: IndexedPoint["roles"] = []

const indexPoint = (
  device: DeviceId,
  configured: Device | undefined,
  ref: PointRef,
  roles: IndexedPoint["roles"],
  on: Spot
): IndexedPoint => ({
  device,
  configured,
  ref,
  roles,
  stateSpot: new Spot(ref),
  deviceSpot: on
})

/** A point as a message names it. One that belongs to a door is known, with its places; any other is put together anew. */
export const pointOn = ({ pointsOn, devices }: CampusIndex, device: DeviceId, point: string): IndexedPoint =>
  pointsOn.get(device)?.get(point) ??
  indexPoint(device, devices.get(device), pointRef(device, point), unbound, new Spot(device))

/** A text of its own: one that was cut out of another takes much longer to be compared. */
const ownText = (text: string): string => Array.from(text).join("")

const byDevice = (devices: ReadonlyArray<Device>, roles: CampusIndex["roles"]): CampusIndex["pointsOn"] => {
  const on = new Map(
    devices.map((of) => [String(of.id), { of, spot: new Spot(of.id), points: new Map<string, IndexedPoint>() }])
  )
  for (const [ref, bound] of roles) {
    const slash = ref.indexOf("/")
    const device = on.get(ref.slice(0, slash))
    if (device === undefined) continue
    const { of, spot, points } = device
    points.set(ownText(ref.slice(slash + 1)), indexPoint(of.id, of, PointRef.make(ref), bound, spot))
  }
  return new Map([...on].map(([id, { points }]) => [id, points]))
}

type IsBypassed = (point: string) => boolean

/** The door without the points that are not believed now. */
const believed = (door: Door, isBypassed: IsBypassed): Door => {
  if (!pointsOf(door).some(([ref]) => isBypassed(ref))) return door
  const { position, lock, rex, alarm, ...rest } = door
  const kept = <Name extends string, Ref extends string>(name: Name, ref: Ref | undefined) =>
    ref === undefined || isBypassed(ref) ? {} : { [name]: ref }
  return {
    ...rest,
    ...kept("position", position),
    ...kept("lock", lock),
    ...kept("alarm", alarm),
    ...(rex === undefined ? {} : { rex: rex.filter((ref) => !isBypassed(ref)) })
  }
}

const indexDoor = (door: Door): IndexedDoor => {
  const key = `door:${door.id}`
  const about = aboutOf(key)
  return {
    door,
    key,
    memorySpot: new Spot(door.id),
    dueSpot: new Spot(key),
    alertsSpot: new Spot(key),
    about,
    places: [{ door, area: door.area, about }],
    times: door.times === undefined ? defaultDoorTimes : { ...defaultDoorTimes, ...door.times },
    timesBy: new Map(
      (door.timesDuring ?? []).map(({ schedule, times }) => [
        schedule,
        { ...defaultDoorTimes, ...door.times, ...times }
      ])
    ),
    points: pointsOf(door)
  }
}

const nothingBypassed: IsBypassed = () => false

/** `isBypassed`: which points are not believed now; left out, all are. */
export const indexCampus = (campus: Campus, isBypassed: IsBypassed = nothingBypassed): CampusIndex => {
  const doors = campus.doors.map((configured): IndexedDoor => indexDoor(believed(configured, isBypassed)))
  const bindings = doors.flatMap((door) => door.points.map(([ref, role]) => ({ ref, role, door })))
  const roles = grouped(
    bindings,
    (binding) => binding.ref,
    ({ role, door }) => ({ role, door })
  )
  return {
    doors: new Map(doors.map((door) => [door.door.id, door])),
    doorsByKey: new Map(doors.map((door) => [door.key, door])),
    devices: new Map(campus.devices.map((device) => [device.id, device])),
    roles,
    pointsOn: byDevice(campus.devices, roles),
    doorsOf: grouped(
      bindings,
      ({ ref }) => ref.slice(0, ref.indexOf("/")),
      ({ door }) => door.door.id
    ),
    behind: behindAtAnyDepth(campus.devices),
    onLink: grouped<Device, string>(
      campus.devices,
      (device) => device.link,
      (device) => device.id
    ),
    cameras: new Map(campus.cameras.map((camera) => [camera.id, camera])),
    ...layoutOf(campus),
    rules: indexRules(campus.rules),
    witness: witnesses(doors)
  }
}

/** The index of a gateway that has not been configured yet. */
export const emptyIndex: CampusIndex = {
  doors: new Map(),
  doorsByKey: new Map(),
  devices: new Map(),
  roles: new Map(),
  pointsOn: new Map(),
  behind: new Map(),
  onLink: new Map(),
  doorsOf: new Map(),
  cameras: new Map(),
  ...layoutOf({ areas: [], cameras: [], doors: [] }),
  rules: indexRules([]),
  witness: new Map()
}
