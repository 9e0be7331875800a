/**
 * How a product writes its time. `zoned` is `2019-07-31 20:04:00 PDT`, with a zone's short name or none; `auto` is any
 * of the others, an epoch's unit told by its size.
 */
export type TimeFormat = "epoch-s" | "epoch-ms" | "iso" | "zoned" | "auto"

/** Offsets in minutes of the zone names that devices of US and European campuses write. */
const offsets: Readonly<Record<string, number>> = {
  UTC: 0,
  GMT: 0,
  Z: 0,
  WET: 0,
  WEST: 60,
  BST: 60,
  CET: 60,
  CEST: 120,
  EET: 120,
  EEST: 180,
  EST: -300,
  EDT: -240,
  CST: -360,
  CDT: -300,
  MST: -420,
  MDT: -360,
  PST: -480,
  PDT: -420,
  AKST: -540,
  AKDT: -480,
  HST: -600
}

/** A clock that shows an earlier time was never set: 2000-01-01. */
const neverSet = 946_684_800_000

const formats = new Map<string, Intl.DateTimeFormat>()

const formatIn = (zone: string): Intl.DateTimeFormat => {
  const known = formats.get(zone)
  if (known !== undefined) return known
  const made = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit"
  })
  formats.set(zone, made)
  return made
}

const offsetAt = (zone: string, at: number): number => {
  const parts: Record<string, number> = {}
  for (const part of formatIn(zone).formatToParts(at)) parts[part.type] = Number(part.value)
  const local = Date.UTC(
    parts["year"]!,
    parts["month"]! - 1,
    parts["day"],
    parts["hour"],
    parts["minute"],
    parts["second"]
  )
  return local - Math.floor(at / 1000) * 1000
}

/** An instant from a wall-clock reading taken as UTC, and its zone; in a repeated hour the earlier one. */
const inZone = (wall: number, zone: string): number => {
  const first = wall - offsetAt(zone, wall - 86_400_000)
  if (first + offsetAt(zone, first) === wall) return first
  return wall - offsetAt(zone, first)
}

const wallClock = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?)\s*([A-Za-z]{1,5}|[+-]\d{2}(?::?\d{2})?)?$/

const fromText = (text: string, zone: string): number | undefined => {
  const match = wallClock.exec(text.trim())
  if (match === null) return undefined
  const wall = Date.parse(`${match[1]}T${match[2]}Z`)
  const name = match[3]
  if (name === undefined) return inZone(wall, zone)
  const signed = /^([+-])(\d{2}):?(\d{2})?$/.exec(name)
  if (signed !== null)
    return wall - (signed[1] === "-" ? -1 : 1) * (Number(signed[2]) * 60 + Number(signed[3] ?? 0)) * 60_000
  const offset = offsets[name.toUpperCase()]
  return offset === undefined ? inZone(wall, zone) : wall - offset * 60_000
}

/** An epoch in seconds, milliseconds or microseconds: those of our time differ by a factor of a thousand. */
const fromEpoch = (number: number): number => (number < 1e11 ? number * 1000 : number < 1e14 ? number : number / 1000)

const numeric = /^\s*\d+(\.\d+)?\s*$/

const read = (value: unknown, format: TimeFormat, zone: string): number | undefined => {
  const text = typeof value === "string" ? value : undefined
  const number =
    typeof value === "number" || typeof value === "bigint"
      ? Number(value)
      : text !== undefined && numeric.test(text)
        ? Number(text)
        : undefined
  switch (format) {
    case "epoch-s":
      return number === undefined ? undefined : number * 1000
    case "epoch-ms":
      return number
    case "auto":
      if (number !== undefined) return fromEpoch(number)
      return text === undefined ? undefined : fromText(text, zone)
    case "iso":
    case "zoned":
      return text === undefined ? undefined : fromText(text, zone)
  }
}

/**
 * The device's time in epoch milliseconds; undefined when it is not one, or shows a clock that was never set.
 * `zone` (IANA) applies to a time without an offset or with a name that is not in the table.
 */
export const readTime = (value: unknown, format: TimeFormat, zone: string): number | undefined => {
  try {
    const at = read(value, format, zone)
    return at !== undefined && Number.isFinite(at) && at >= neverSet && at < 8.64e15 ? Math.round(at) : undefined
  } catch {
    return undefined
  }
}
