import type { EpochMs } from "../domain/ids.ts"
import { type Calendar, holiday, weekdays } from "../domain/schedule.ts"
import { dayMs, dayNamed, dayOf, weekdayOf } from "./day-plan.ts"
import { zoneNamed } from "./zone.ts"

/** Business days are Monday to Friday, unless the institution is closed (Clery Act handbook, 34 CFR 668.46(a)). */
const free: ReadonlySet<string> = new Set(["sat", "sun"])

const typeOn = (calendar: Calendar | undefined, day: number): string | undefined => {
  // Where two overlap, the later one in the list holds.
  const special = calendar?.days.findLast(({ from, to = from }) => day >= dayNamed(from) && day <= dayNamed(to))
  return special === undefined ? undefined : (special.type ?? holiday)
}

const isBusinessDay = (calendar: Calendar | undefined, day: number): boolean => {
  const type = typeOn(calendar, day)
  if (type === holiday) return false
  // A day of a site's own type is like any other of its weekday; one whose type is a weekday follows that.
  return !free.has(weekdays.find((name) => name === type) ?? weekdayOf(day))
}

/** A calendar of a whole free year is a slip of the pen, and no reason to count for ever. */
const longestDays = 400

/**
 * The end of the `count`th business day after the day of `from`, by the wall clock of the zone: what is reported on a
 * Friday evening is due on the end of Tuesday.
 */
export const endOfBusinessDay = (
  from: EpochMs,
  count: number,
  timeZone: string,
  calendar: Calendar | undefined
): EpochMs => {
  const zone = zoneNamed(timeZone)
  const first = dayOf(zone.localOf(from))
  let day = first
  for (let left = count; left > 0 && day < first + longestDays;) {
    day++
    if (isBusinessDay(calendar, day)) left--
  }
  return zone.firstAt((day + 1) * dayMs)
}
