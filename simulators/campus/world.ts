import type { Campus, Door } from "../../gateway/domain/campus.ts"
import type { PointValue } from "../../gateway/domain/observation.ts"
import type { Action } from "./action.ts"
import { refOf } from "./point-ref.ts"
import type { Signal } from "./signal.ts"

/** The campus as it really is, whatever anybody has heard of it. */
export interface World {
  readonly campus: Campus
  /** Every point that has a lasting value, by `<device>/<point>`. */
  readonly points: ReadonlyMap<string, PointValue>
  readonly offline: ReadonlySet<string>
  /** Occurrences so far. */
  readonly occurrences: number
}

export interface WorldStep {
  readonly world: World
  readonly signals: ReadonlyArray<Signal>
}

/** The scenario or the life of the campus asks for something this campus cannot do. */
export class NotOnCampus extends Error {
  override readonly name = "NotOnCampus"
}

/** A request to exit is lasting (a motion detector's "on" and "off") unless a controller reports the press. */
const exitReading = (point: string, on: boolean): PointValue | undefined => {
  if (point.endsWith(".rex")) return undefined
  return { kind: point === "motion" ? "motion" : "input", value: on ? "on" : "off" }
}

const restOf = (door: Door): ReadonlyArray<readonly [string, PointValue]> => [
  ...(door.position === undefined ? [] : [[door.position, { kind: "position", value: "closed" }] as const]),
  ...(door.lock === undefined ? [] : [[door.lock, { kind: "lock", value: "locked" }] as const]),
  ...(door.tamper ?? []).map((ref) => [ref, { kind: "tamper", value: "off" }] as const),
  ...(door.rex ?? []).flatMap((ref) => {
    const reading = exitReading(refOf(ref).point, false)
    return reading === undefined ? [] : [[ref, reading] as const]
  })
]

/** The campus at rest: every door closed and locked, every device there. */
export const worldAtRest = (campus: Campus): World => ({
  campus,
  points: new Map<string, PointValue>(campus.doors.flatMap(restOf)),
  offline: new Set(),
  occurrences: 0
})

/** What a device says when it starts or comes back: the lasting values of its points. */
export const presentReadings = (world: World, device: string): ReadonlyArray<Signal> =>
  [...world.points].flatMap(([ref, reading]) => {
    const at = refOf(ref)
    return at.device === device ? [{ _tag: "Reading", ...at, reading, repeated: true } as const] : []
  })

const doorOf = (world: World, id: string): Door => {
  const door = world.campus.doors.find((candidate) => candidate.id === id)
  if (door === undefined) {
    const known = world.campus.doors.map((candidate) => candidate.id).join(", ")
    throw new NotOnCampus(`there is no door "${id}" on this campus; its doors: ${known}`)
  }
  return door
}

const needed = <A>(value: A | undefined, door: Door, what: string): A => {
  if (value === undefined) throw new NotOnCampus(`door "${door.id}" has no ${what}; choose a door that has one`)
  return value
}

/** A device is heard when neither it nor the bridge it is behind is cut off. */
export const isHeard = (world: World, id: string): boolean => {
  if (world.offline.has(id)) return false
  const via = world.campus.devices.find((device) => device.id === id)?.via
  return via === undefined || isHeard(world, via)
}

const heardOnly = (world: World, signals: ReadonlyArray<Signal>): WorldStep => ({
  world,
  signals: signals.filter((signal) => signal._tag === "Presence" || isHeard(world, signal.device))
})

const setPoint = (world: World, ref: string, reading: PointValue): WorldStep => {
  const next = { ...world, points: new Map(world.points).set(ref, reading) }
  return heardOnly(next, [{ _tag: "Reading", ...refOf(ref), reading, repeated: false }])
}

const occur = (world: World, ref: string, occurrence: Extract<Signal, { _tag: "Occurrence" }>["occurrence"]) => {
  const number = world.occurrences + 1
  return heardOnly({ ...world, occurrences: number }, [{ _tag: "Occurrence", ...refOf(ref), occurrence, number }])
}

/** A card number for a person: the same person has the same card. */
export const cardOf = (person: string): number =>
  8_000_000 + (Array.from(person).reduce((hash, letter) => (hash * 31 + letter.charCodeAt(0)) % 999_983, 7) % 999_983)

const badge = (world: World, action: Extract<Action, { _tag: "Badge" }>): WorldStep => {
  const door = doorOf(world, action.door)
  const { reader } = needed(door.accessPoints?.[0], door, "reader")
  const credential = String(cardOf(action.person))
  return action.granted
    ? occur(world, reader, { _tag: "AccessGranted", credential })
    : occur(world, reader, { _tag: "AccessDenied", credential, reason: "Unauthorized" })
}

/** A motion detector is on while somebody stands there; a controller reports the press of a button and no more. */
const requestExit = (world: World, door: Door, on: boolean): WorldStep => {
  const ref = needed(door.rex?.[0], door, "request to exit")
  const reading = exitReading(refOf(ref).point, on)
  if (reading !== undefined) return setPoint(world, ref, reading)
  return on ? occur(world, ref, { _tag: "ExitRequested" }) : { world, signals: [] }
}

const presence = (world: World, device: string, online: boolean): WorldStep => {
  if (!world.campus.devices.some((candidate) => candidate.id === device)) {
    const known = world.campus.devices.map((candidate) => candidate.id).join(", ")
    throw new NotOnCampus(`there is no device "${device}" on this campus; its devices: ${known}`)
  }
  const offline = new Set(world.offline)
  if (online) offline.delete(device)
  else offline.add(device)
  const next = { ...world, offline }
  const said: Signal = { _tag: "Presence", device, online }
  if (!online) return { world: next, signals: [said] }
  const behind = world.campus.devices.filter((candidate) => candidate.via === device).map(({ id }) => id)
  return heardOnly(next, [said, ...[device, ...behind].flatMap((id) => presentReadings(next, id))])
}

/** One step of the world: what is so after the action, and what the devices sense of it. Pure; throws `NotOnCampus`. */
export const stepWorld = (world: World, action: Action): WorldStep => {
  switch (action._tag) {
    case "Badge":
      return badge(world, action)
    case "Open":
    case "Close": {
      const door = doorOf(world, action.door)
      const value = action._tag === "Open" ? "open" : "closed"
      return setPoint(world, needed(door.position, door, "position contact"), { kind: "position", value })
    }
    case "RequestExit":
    case "EndExitRequest":
      return requestExit(world, doorOf(world, action.door), action._tag === "RequestExit")
    case "Tamper": {
      const door = doorOf(world, action.door)
      const ref = needed(door.tamper?.[0], door, "tamper point")
      return setPoint(world, ref, { kind: "tamper", value: action.on ? "on" : "off" })
    }
    case "TurnLock": {
      const door = doorOf(world, action.door)
      const value = action.locked ? "locked" : "unlocked"
      return setPoint(world, needed(door.lock, door, "lock"), { kind: "lock", value })
    }
    case "PressPanic":
      return occur(world, `${action.device}/button`, { _tag: "PanicPressed" })
    case "Repeat":
      return heardOnly(world, presentReadings(world, action.device))
    case "Offline":
    case "Online":
      return presence(world, action.device, action._tag === "Online")
  }
}
