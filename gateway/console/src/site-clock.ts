import type { Instant } from "./wire.ts"

const fields = (timeZone: string | undefined): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "medium" })

/** What the site's clocks show at an instant, as a date-and-time field holds it: `2026-03-02T10:02:11`. */
export const siteTimeOf = (at: Instant, timeZone: string): string =>
  fields(timeZone).format(new Date(at)).replace(" ", "T")

/** The instant at which the site's clocks show that; `undefined` for what is no time. Of an hour that comes twice, the first. */
export const instantOfSiteTime = (text: string, timeZone: string): Instant | undefined => {
  const shown = Date.parse(`${text}Z`)
  if (Number.isNaN(shown)) return undefined
  const hourMs = 3_600_000
  // The clock's offset is at most 14 h from UTC; the offsets a day before and after are the only two that it can have.
  const candidates = [-24, 24].map((hours) => {
    const near = new Date(shown + hours * hourMs).toISOString()
    const offsetMs = Date.parse(`${siteTimeOf(near, timeZone)}Z`) - Math.floor(Date.parse(near) / 1000) * 1000
    return shown - offsetMs
  })
  const exact = candidates.filter((at) => Date.parse(`${siteTimeOf(new Date(at).toISOString(), timeZone)}Z`) === shown)
  return new Date(Math.min(...(exact.length > 0 ? exact : candidates))).toISOString()
}

/**
 * Formats instants by the site's clocks, with the date where it is of another day than the one that is spoken of; by this
 * computer's clock until the time zone is known.
 */
export const clockAround = (timeZone: string | undefined, spokenOf: Instant): ((at: Instant) => string) => {
  const format = fields(timeZone)
  const shownOf = (at: Instant): string => (Number.isNaN(Date.parse(at)) ? "–" : format.format(new Date(at)))
  const day = shownOf(spokenOf).slice(0, "2026-03-02".length)
  return (at) => {
    const shown = shownOf(at)
    return shown.startsWith(`${day} `) ? shown.slice(day.length + 1) : shown
  }
}
