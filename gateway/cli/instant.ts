import { zoneNamed } from "../correlation/zone.ts"
import type { EpochMs } from "../domain/ids.ts"

/** What an instant that a person writes is read against. */
export interface InstantContext {
  /** IANA zone of times without an offset. */
  readonly timeZone: string
  readonly now: EpochMs
}

const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

const ago = /^-?(\d+(?:\.\d+)?)([smhdw])$/
const local = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)?$/
const absolute = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)$/

const clock = /^\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?$/

/** Whether the date at the beginning is one: the machine would take the 30th of February for the 2nd of March. */
const isDay = (text: string): boolean => {
  const date = text.slice(0, 10)
  const at = Date.parse(`${date}T00:00Z`)
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(date)
}

/**
 * The instant that a person wrote: ISO 8601 with an offset, a date or time of the site's clocks, a time of its today, `now`, or how
 * long ago as `30d` or `-30d` (`s`, `m`, `h`, `d`, `w`). Throws, in words, for anything else.
 */
export const instantOf = (text: string, { timeZone, now }: InstantContext): EpochMs => {
  if (text === "now") return now
  const [, amount, unit] = ago.exec(text) ?? []
  if (amount !== undefined && unit !== undefined) return now - Math.round(Number(amount) * (unitMs[unit] ?? 0))
  const iso = text.replace(" ", "T")
  if (absolute.test(text) && isDay(text) && !Number.isNaN(Date.parse(iso))) return Date.parse(iso)
  if (clock.test(text)) return instantOf(`${shownIn(timeZone)(now).slice(0, 10)} ${text}`, { timeZone, now })
  const shown =
    local.test(text) && isDay(text) ? Date.parse(`${iso.length === 10 ? `${iso}T00:00` : iso}Z`) : Number.NaN
  if (!Number.isNaN(shown)) return zoneNamed(timeZone).firstAt(shown)
  throw new Error(
    `"${text}" is no time: write 2026-11-03, "2026-11-03 08:00" (by the clocks of ${timeZone}), ` +
      "2026-11-03T07:00:00Z, now, or how long ago as 30d, 12h, 90m"
  )
}

/** An instant by the clocks of a zone, to the second: `2026-11-03 08:00:00`. */
export const shownIn = (timeZone: string): ((at: EpochMs) => string) => {
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "medium" })
  return (at) => format.format(at)
}
