import type { Campus, Door } from "../../gateway/domain/campus.ts"
import type { DoorInput, DoorOptions } from "./door-machine.ts"
import { refOf } from "./point-ref.ts"
import type { Signal } from "./signal.ts"

/** The points of one door that a controller has, and what they are called there. */
export interface LaidDoor {
  readonly door: Door
  readonly token: string
}

/** `door-<token>.position` and its like. */
const doorPoint = /^door-(.+)\.(position|lock|mode|alarm|tamper|fault)$/
/** `reader-<token>`, and what hangs at that reader: `reader-<token>.rex`. */
const readerPoint = /^reader-([^.]+)/

export const doorTokenOf = (point: string): string | undefined => doorPoint.exec(point)?.[1]
export const readerTokenOf = (point: string): string | undefined => readerPoint.exec(point)?.[1]

/** The points that a door's own state is read from. */
export const doorRefs = (door: Door): ReadonlyArray<string> => [
  ...[door.position, door.lock, door.alarm, door.mode].filter((ref) => ref !== undefined),
  ...(door.tamper ?? [])
]

const readerRefs = (door: Door): ReadonlyArray<string> => (door.accessPoints ?? []).map(({ reader }) => reader)

/** Those of the points that are a device's, by their names there. */
export const pointsAt = (device: string, refs: ReadonlyArray<string>): ReadonlyArray<string> =>
  refs.map(refOf).flatMap((ref) => (ref.device === device ? [ref.point] : []))

/** The doors that a controller moves; a door with only a reader there goes by the reader's token. */
export const doorsAt = (campus: Campus, device: string): ReadonlyArray<LaidDoor> =>
  campus.doors.flatMap((door) => {
    const own = pointsAt(device, doorRefs(door)).map(doorTokenOf)
    const readers = pointsAt(device, readerRefs(door)).map(readerTokenOf)
    const token = [...own, ...readers].find((candidate) => candidate !== undefined)
    return token === undefined ? [] : [{ door, token }]
  })

/** How a controller is set up for one of its doors. */
export const doorOptions = (device: string, { door, token }: LaidDoor): DoorOptions => {
  const here = (ref: string | undefined): boolean => ref !== undefined && refOf(ref).device === device
  const { grantSeconds, heldOpenSeconds, extendedGrantSeconds } = door.times ?? {}
  const ms = (seconds: number | undefined, name: string): object =>
    seconds === undefined ? {} : { [name]: seconds * 1000 }
  return {
    token,
    name: door.name,
    capabilities: { doorMonitor: here(door.position), tamper: (door.tamper ?? []).some(here) },
    timings: {
      ...ms(grantSeconds, "releaseMs"),
      ...ms(heldOpenSeconds, "openMs"),
      ...ms(extendedGrantSeconds, "extendedReleaseMs"),
      ...ms(extendedGrantSeconds, "extendedOpenMs")
    }
  }
}

/** What a controller senses at its door; undefined for what it makes of that itself. */
export const doorInputOf = ({ reading, repeated }: Extract<Signal, { _tag: "Reading" }>): DoorInput | undefined => {
  switch (reading.kind) {
    case "position": {
      const open = reading.value === "open"
      return repeated ? { _tag: "Found", open } : { _tag: open ? "Opened" : "Closed" }
    }
    case "lock":
      // At rest the bolt follows the controller's own mode.
      return repeated ? undefined : { _tag: "BoltMoved", locked: reading.value === "locked" }
    case "tamper":
      return { _tag: "Tampered", on: reading.value === "on" }
    default:
      return undefined
  }
}
