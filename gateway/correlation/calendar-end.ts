import type { Campus } from "../domain/campus.ts"
import type { EpochMs } from "../domain/ids.ts"
import type { Scheduled } from "./schedules.ts"
import { dayNamed, dayOf } from "./day-plan.ts"
import { zoneNamed } from "./zone.ts"

/** A calendar none of whose days is still to come. */
export interface EndedCalendar {
  readonly id: string
  /** Its last day, such as `2026-06-30`. */
  readonly lastDay: string
  /** The schedules that go by it. */
  readonly schedules: ReadonlyArray<string>
}

/**
 * The calendars of schedules that have run out: their newest entry is in the past, by the wall clock of the site. From then
 * on a holiday is a day like any other, and nobody is told.
 */
export const endedCalendars = (
  { calendars = [], schedules = [], site }: Pick<Campus, "calendars" | "schedules"> & Pick<Scheduled, "site">,
  at: EpochMs
): ReadonlyArray<EndedCalendar> => {
  const today = dayOf(zoneNamed(site.timeZone).localOf(at))
  return calendars.flatMap(({ id, days }): ReadonlyArray<EndedCalendar> => {
    const by = schedules.filter(({ calendar }) => calendar === id).map((schedule) => schedule.id)
    const lastDay = days.map(({ from, to = from }): string => to).reduce((last, day) => (day > last ? day : last), "")
    return by.length === 0 || lastDay === "" || dayNamed(lastDay) >= today ? [] : [{ id, lastDay, schedules: by }]
  })
}
