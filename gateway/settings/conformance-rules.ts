import type { ConformanceSheet, SheetPoint } from "./conformance-sheet.ts"

type Key = string | number

/** What a device was seen to do is at odds with what is asked of it. */
export interface AtOdds {
  readonly severity: "error" | "warning"
  readonly path: ReadonlyArray<Key>
  readonly message: string
}

/** A door as far as it is written. */
interface WrittenDoor {
  readonly position?: unknown
  readonly lock?: unknown
  readonly mode?: unknown
  readonly alarm?: unknown
  readonly times?: unknown
}

const again = ({ device }: ConformanceSheet): string =>
  `observe it again: npm run gatehouse -- probe ${device} --conformance --write`

const observed = ({ device, observedAt }: ConformanceSheet): string =>
  `when "${device}" was observed on ${observedAt.slice(0, 10)}`

/** A plain input is on while the door is open. */
const opened = (counts: SheetPoint["changes"]): number => (counts["open"] ?? 0) + (counts["on"] ?? 0)
const closed = (counts: SheetPoint["changes"]): number => (counts["closed"] ?? 0) + (counts["off"] ?? 0)

const heldTimes = ["heldOpenSeconds", "heldPreAlarmSeconds"] as const

/** Where it is written that the door can be held open; it can be, by default, where it has a position. */
const heldPath = ({ times }: WrittenDoor): ReadonlyArray<Key> => {
  const written = typeof times === "object" && times !== null ? times : {}
  const name = heldTimes.find((one) => one in written)
  return name === undefined ? ["position"] : ["times", name]
}

type Seen = Pick<SheetPoint, "changes" | "missed" | "states">

const unseen: Seen = { changes: {}, missed: {}, states: {} }

/** What was seen of a door's contact, and what follows for the door. */
interface Judgement {
  readonly severity: AtOdds["severity"]
  readonly path: ReadonlyArray<Key>
  readonly said: string
  readonly so: string
}

const ownContact = "Take its position from a contact of its own, or"

/** It opened more than once, and in no way was ever told to be closed: what it tells is each opening, and nothing else. */
const tellsOpeningsOnly = ({ changes, states, missed }: Seen): boolean =>
  opened(changes) > 0 && opened(states) > 0 && closed(changes) + closed(states) + closed(missed) === 0

/** A closing that was not seen may be one that nobody made: only what was found, or came again, proves anything. */
const judgePosition = (door: WrittenDoor, seen: Seen): Judgement | undefined => {
  const { changes, missed } = seen
  const held = {
    severity: "error",
    path: heldPath(door),
    so: `: the door would be held open for ever. ${ownContact}`
  } as const
  if (closed(changes) === 0 && closed(missed) > 0) return { ...held, said: "was closed and did not tell" }
  if (tellsOpeningsOnly(seen)) return { ...held, said: "told its openings and never a closing" }
  if (opened(changes) === 0 && opened(missed) > 0)
    return {
      severity: "error",
      path: ["position"],
      said: "was opened and did not tell",
      so: `: the door could not be known to be forced. ${ownContact}`
    }
  const not = [...(opened(changes) === 0 ? ["open"] : []), ...(closed(changes) === 0 ? ["close"] : [])]
  const warning = { severity: "warning", path: ["position"] } as const
  if (not.length > 0)
    return { ...warning, said: `was not seen to ${not.join(" or ")}`, so: "; open and close the door and" }
  if (opened(missed) + closed(missed) > 0)
    return { ...warning, said: "once changed and did not tell", so: ": look for the reason and" }
  return undefined
}

/** A device that was not observed is taken at its profile's word. */
const doorAtOdds = (door: WrittenDoor, sheets: ReadonlyMap<string, ConformanceSheet>): ReadonlyArray<AtOdds> => {
  const roles = ["position", "lock", "mode", "alarm"] as const
  return roles.flatMap((role): ReadonlyArray<AtOdds> => {
    const reference = door[role]
    if (typeof reference !== "string" || !reference.includes("/")) return []
    const [device = "", name] = reference.split("/")
    const sheet = sheets.get(device)
    if (sheet === undefined) return []
    const point = sheet.points.find((one) => one.point === name)
    if (role === "position") {
      const odd = judgePosition(door, point ?? unseen)
      if (odd === undefined) return []
      const message = `"${reference}" ${odd.said} ${observed(sheet)}${odd.so} ${again(sheet)}`
      // A sheet of other firmware proves nothing of this one.
      return [{ severity: sheet.since === undefined ? odd.severity : "warning", path: odd.path, message }]
    }
    if (point !== undefined) return []
    const message = `"${reference}" was never reported ${observed(sheet)}: this door's ${role} would stay unknown; work it and ${again(sheet)}`
    return [{ severity: "warning", path: [role], message }]
  })
}

/** What is to be said of a device's sheet itself. */
const deviceAtOdds = (id: string, profile: string, sheet: ConformanceSheet): AtOdds | undefined => {
  const warning = (path: string, message: string): AtOdds => ({
    severity: "warning",
    path: [path],
    message: `${message}; ${again(sheet)}`
  })
  if (sheet.profile !== profile)
    return warning(
      "profile",
      `"${id}" was observed with the profile "${sheet.profile}": what was seen of it does not count`
    )
  if (sheet.since === undefined) return undefined
  const { firmware, at } = sheet.since
  return warning(
    "id",
    `"${id}" was observed with firmware ${sheet.product.firmware} and has ${firmware} since ${at.slice(0, 10)}: what was seen of it may no longer hold`
  )
}

type Raw = Readonly<Record<string, unknown>>

const itemsOf = (value: Raw, section: string): ReadonlyArray<readonly [number, Raw]> => {
  const items = value[section]
  if (!Array.isArray(items)) return []
  return items.flatMap((item, index) =>
    typeof item === "object" && item !== null ? [[index, item as Raw] as const] : []
  )
}

/** The rules of what was observed, over a configuration as it is written. */
export const checkSheets = (value: Raw, sheets: ReadonlyMap<string, ConformanceSheet>): ReadonlyArray<AtOdds> => {
  const counting = new Map<string, ConformanceSheet>()
  const devices = itemsOf(value, "devices").flatMap(([index, { id, profile }]) => {
    const sheet = typeof id === "string" ? sheets.get(id) : undefined
    if (sheet === undefined || typeof id !== "string" || typeof profile !== "string") return []
    // Points are named by the profile.
    if (sheet.profile === profile) counting.set(id, sheet)
    const odd = deviceAtOdds(id, profile, sheet)
    return odd === undefined ? [] : [{ ...odd, path: ["devices", index, ...odd.path] }]
  })
  const doors = itemsOf(value, "doors").flatMap(([index, door]) =>
    doorAtOdds(door, counting).map((odd) => ({ ...odd, path: ["doors", index, ...odd.path] }))
  )
  return [...devices, ...doors]
}
