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

const again = ({ device }: ConformanceSheet): string => `npm run gatehouse -- probe ${device} --conformance --write`

const observed = ({ device, observedAt }: ConformanceSheet): string =>
  `when "${device}" was observed on ${observedAt.slice(0, 10)}`

/** A plain input is on while the door is open. */
const openings = ({ changes }: SheetPoint): number => (changes["open"] ?? 0) + (changes["on"] ?? 0)
const closings = ({ changes }: SheetPoint): number => (changes["closed"] ?? 0) + (changes["off"] ?? 0)

const heldTimes = ["heldOpenSeconds", "heldPreAlarmSeconds"] as const

/** Where it is written that the door can be held open; it can be, by default, where it has a position. */
const heldPath = ({ times }: WrittenDoor): ReadonlyArray<Key> => {
  const written = typeof times === "object" && times !== null ? times : {}
  const name = heldTimes.find((one) => one in written)
  return name === undefined ? ["position"] : ["times", name]
}

const positionAtOdds = (
  door: WrittenDoor,
  reference: string,
  point: SheetPoint | undefined,
  sheet: ConformanceSheet
) => {
  const [opened, closed] = [point === undefined ? 0 : openings(point), point === undefined ? 0 : closings(point)]
  const found = (severity: AtOdds["severity"], path: ReadonlyArray<Key>, message: string): AtOdds => ({
    // A sheet of other firmware proves nothing of this one.
    severity: sheet.since === undefined ? severity : "warning",
    path,
    message: `${message}; ${again(sheet)}`
  })
  if (opened === 0 && closed === 0)
    return found(
      "warning",
      ["position"],
      `"${reference}" was not seen to open or close ${observed(sheet)}: open and close the door while it is observed again`
    )
  if (closed === 0)
    return found(
      "error",
      heldPath(door),
      `"${reference}" was seen to open and never to close ${observed(sheet)}: the door would be held open for ever. Take its position from a contact of its own, or observe it again`
    )
  if (opened === 0)
    return found(
      "error",
      ["position"],
      `"${reference}" was seen to close and never to open ${observed(sheet)}: the door could not be known to be forced. Take its position from a contact of its own, or observe it again`
    )
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
      const odd = positionAtOdds(door, reference, point, sheet)
      return odd === undefined ? [] : [odd]
    }
    if (point !== undefined) return []
    const message = `"${reference}" was never reported ${observed(sheet)}: this door's ${role} would stay unknown; ${again(sheet)}`
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
