import { dayMs, dayOf } from "../correlation/day-plan.ts"
import type { GapReportRef } from "../correlation/situation.ts"
import { zoneNamed } from "../correlation/zone.ts"
import type { EpochMs } from "../domain/ids.ts"
import { LocalDate } from "../domain/schedule.ts"

/** Minutes since midnight of `07:30`. */
const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3))

/** The site's day, and when reports are due on it. */
export interface ReportDue {
  /** The day of which a report is to be made now; absent: none is. */
  readonly date?: LocalDate
  /** When to look again. */
  readonly next: EpochMs
}

/**
 * Whether the report of the day is to be made at `now`: once its time has come by the site's wall clock, also hours later
 * where the gateway did not run then, and never twice for a day.
 */
export const reportDue = (
  {
    timeZone,
    reportAt,
    made
  }: { readonly timeZone: string; readonly reportAt: string; readonly made: ReadonlyArray<GapReportRef> },
  now: EpochMs
): ReportDue => {
  const zone = zoneNamed(timeZone)
  const midnight = dayOf(zone.localOf(now)) * dayMs
  const dueOn = (dayStart: number): EpochMs => zone.firstAt(dayStart + minutesOf(reportAt) * 60_000)
  const today = dueOn(midnight)
  if (now < today) return { next: today }
  const date = LocalDate.make(new Date(midnight).toISOString().slice(0, 10))
  const next = dueOn(midnight + dayMs)
  return made.some((report) => report.date >= date) ? { next } : { date, next }
}
