/** A clock that shows an earlier time was never set: ONVIF was founded in 2008, its devices start at 1970, 1979 or 2000. */
const neverSetBefore = Date.UTC(2008, 0, 1)

const dateTime =
  /^(\d{4})-(\d{1,2})-(\d{1,2})[Tt ](\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,](\d+))?\s*([Zz]|[+-]\d{2}:?\d{2})?$/

const offsetMsOf = (zone: string | undefined): number | undefined => {
  if (zone === undefined || zone === "Z" || zone === "z") return 0
  const hours = Number(zone.slice(1, 3))
  const minutes = Number(zone.slice(-2))
  // XML Schema part 2, 3.2.7.3: fourteen hours at most.
  if (hours * 60 + minutes > 14 * 60 || minutes > 59) return undefined
  return (zone.startsWith("-") ? -1 : 1) * (hours * 60 + minutes) * 60_000
}

/** The parts of a calendar time in UTC, as GetSystemDateAndTime gives them. */
export interface CalendarTime {
  readonly year: number
  /** 1 to 12. */
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
}

/** Epoch milliseconds of a UTC calendar time; undefined where the calendar has no such time. 24:00:00 is the next day. */
export const instantOf = ({ year, month, day, hour, minute, second }: CalendarTime): number | undefined => {
  if (month < 1 || month > 12 || day < 1 || minute > 59 || second > 60) return undefined
  if (hour > 24 || (hour === 24 && (minute > 0 || second > 0))) return undefined
  if (day > new Date(Date.UTC(year, month, 0)).getUTCDate()) return undefined
  const at = Date.UTC(year, month - 1, day, hour, minute, second)
  return Number.isFinite(at) && year >= 1000 ? at : undefined
}

/**
 * An xs:dateTime as devices write it, in epoch milliseconds: a time without a zone is UTC (ONVIF Core, "all times UTC"),
 * fractions may be of any length, white space may surround it. Undefined when it is no time. A clock that was never set
 * gives its wrong time here: differences of such times hold, and WS-UsernameToken is checked against it.
 */
export const parseDeviceTime = (text: string): number | undefined => {
  const match = dateTime.exec(text.trim())
  if (match === null) return undefined
  const [, year, month, day, hour, minute, second, fraction] = match
  const at = instantOf({
    year: Number(year),
    month: Number(month),
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second)
  })
  const offsetMs = offsetMsOf(match[8])
  if (at === undefined || offsetMs === undefined) return undefined
  return at - offsetMs + Math.floor(Number(`0.${fraction ?? "0"}`) * 1000)
}

/** Whether a device's time can be of a clock that was set. */
export const isClockSet = (at: number): boolean => at >= neverSetBefore

/** When something happened, as the device says, epoch milliseconds; undefined for no time and for a clock never set. */
export const readDeviceTime = (text: string): number | undefined => {
  const at = parseDeviceTime(text)
  return at !== undefined && isClockSet(at) ? at : undefined
}

/** The time as WS-Security and an absolute termination time want it: UTC with Z, to the millisecond. */
export const formatDeviceTime = (at: number): string => new Date(at).toISOString()

const duration =
  /^(-)?P(?:(\d{1,9})Y)?(?:(\d{1,9})M)?(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d+)?)S)?)?$/

const dayMs = 86_400_000

/**
 * An xs:duration in milliseconds; undefined when it is none. A year counts 365 days and a month 30: leases and time-outs
 * are never that long where it matters.
 */
export const parseDuration = (text: string): number | undefined => {
  const trimmed = text.trim()
  const match = duration.exec(trimmed)
  if (match === null || /[PT]$/.test(trimmed)) return undefined
  const [years, months, days, hours, minutes, seconds] = match.slice(2).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number
  ]
  const ms =
    (years * 365 + months * 30 + days) * dayMs + hours * 3_600_000 + minutes * 60_000 + Math.round(seconds * 1000)
  return match[1] === undefined ? ms : -ms
}

/** An xs:duration in seconds alone, the form that every device has been seen to take: `PT60S`. */
export const formatDuration = (ms: number): string => {
  const seconds = Math.abs(Math.round(ms)) / 1000
  return `${ms < 0 ? "-" : ""}PT${seconds}S`
}
