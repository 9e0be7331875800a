import { type Calendar, type DayPeriod, holiday, type Schedule, weekdays } from "../domain/schedule.ts"
import type { EpochMs } from "../domain/ids.ts"
import type { Zone } from "./zone.ts"

/** A stretch of time, its end not part of it. */
export interface Stretch {
  readonly from: EpochMs
  readonly to: EpochMs
}

export const dayMs = 86_400_000
const minuteMs = 60_000

/** Days of the calendar, counted: day 0 is 1970-01-01, a Thursday. */
export const dayOf = (local: number): number => Math.floor(local / dayMs)

/** The number of a date written `2026-03-02`. */
export const dayNamed = (date: string): number => dayOf(Date.parse(`${date}T00:00Z`))

export const weekdayOf = (day: number): (typeof weekdays)[number] => weekdays[(((day + 3) % 7) + 7) % 7] ?? "mon"

const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3))

/** Far more than a course of events touches at a time. */
const daysKept = 64

/**
 * The plan of one schedule as the days it makes: which stretches of time belong to a day. `period`: only those of that
 * name. A plan is looked up by day, so that no zone is asked twice for the same one.
 */
export class DayPlan {
  readonly zone: Zone
  /** The last special day; absent: there is none. */
  readonly lastSpecialDay: number | undefined
  readonly #schedule: Schedule
  readonly #special = new Map<number, string>()
  readonly #period: string | undefined
  readonly #stretches = new Map<number, ReadonlyArray<Stretch>>()

  constructor(schedule: Schedule, calendar: Calendar | undefined, zone: Zone, period: string | undefined) {
    this.#schedule = schedule
    this.#period = period
    this.zone = zone
    for (const { from, to = from, type = holiday } of calendar?.days ?? []) {
      const last = dayNamed(to)
      for (let day = dayNamed(from); day <= last; day++) this.#special.set(day, type)
    }
    const days = [...this.#special.keys()]
    this.lastSpecialDay = days.length === 0 ? undefined : days.reduce((latest, day) => Math.max(latest, day))
  }

  /** The stretches that begin on that day, in no order; they may reach into the next one, and overlap. */
  stretchesOf(day: number): ReadonlyArray<Stretch> {
    const known = this.#stretches.get(day)
    if (known !== undefined) return known
    if (this.#stretches.size >= daysKept) this.#stretches.clear()
    const stretches = this.#periodsOf(day)
      .filter(({ name }) => this.#period === undefined || name === this.#period)
      .map(({ from, to }) => {
        const [begins, ends] = [minutesOf(from), minutesOf(to)]
        const at = (minutes: number): EpochMs => this.zone.firstAt(day * dayMs + minutes * minuteMs)
        return { from: at(begins), to: at(ends > begins ? ends : ends + 1440) }
      })
      // A period that the clock passes over on this day has no time.
      .filter(({ from, to }) => from < to)
    this.#stretches.set(day, stretches)
    return stretches
  }

  #periodsOf(day: number): ReadonlyArray<DayPeriod> {
    const { periods = [], onDays = {} } = this.#schedule
    const type = this.#special.get(day)
    const own = type === undefined || !Object.hasOwn(onDays, type) ? undefined : onDays[type]
    if (own !== undefined) return own
    if (type === holiday) return []
    const weekday = weekdays.find((name) => name === type) ?? weekdayOf(day)
    return periods.filter(({ days }) => days === undefined || days.includes(weekday))
  }
}
