import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { isDuring, nextChange, type Scheduled } from "../../gateway/correlation/schedules.ts"
import {
  type Calendar,
  CalendarId,
  holiday,
  type Period,
  type Schedule,
  ScheduleId,
  ScheduleRef,
  weekdays
} from "../../gateway/domain/schedule.ts"
import { SiteId } from "../../gateway/domain/ids.ts"

const minuteMs = 60_000
const dayMs = 86_400_000

/** Days before and after which zones change their clocks, or leave out a day. */
const eventful = [
  ["Europe/Berlin", "2026-03-29"],
  ["Europe/Berlin", "2026-10-25"],
  ["America/New_York", "2026-03-08"],
  ["America/New_York", "2026-11-01"],
  ["Australia/Lord_Howe", "2026-04-05"],
  ["Australia/Lord_Howe", "2026-10-04"],
  ["Africa/Casablanca", "2026-02-15"],
  ["Africa/Cairo", "2026-04-24"],
  ["America/Havana", "2026-11-01"],
  ["Pacific/Apia", "2011-12-30"],
  ["Asia/Kathmandu", "2026-06-01"],
  ["UTC", "2026-12-31"]
] as const

/** What a zone's wall clock shows, minute by minute, asked of the runtime; the days counted, the minutes of each. */
const readings = (zone: string, from: number, minutes: number): ReadonlyArray<{ day: number; minute: number }> => {
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "short" })
  return Array.from({ length: minutes }, (_, nth) => {
    const [date = "", time = ""] = format.format(from + nth * minuteMs).split(" ")
    const [hours = 0, past = 0] = time.split(":").map(Number)
    return { day: Date.parse(`${date}T00:00Z`) / dayMs, minute: hours * 60 + past }
  })
}

const clock = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`

const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3))

const period: fc.Arbitrary<Period> = fc
  .record({
    begins: fc.nat(1439),
    lasts: fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 1439 })),
    days: fc.option(fc.subarray([...weekdays], { minLength: 1 }), { nil: undefined })
  })
  .map(({ begins, lasts, days }) => ({
    from: clock(begins),
    to: clock((begins + lasts) % 1440),
    ...(days === undefined ? {} : { days })
  }))

/** Periods near the hours at which clocks change, more often than chance has it. */
const nightly: fc.Arbitrary<Period> = fc
  .record({ begins: fc.integer({ min: 0, max: 210 }), lasts: fc.integer({ min: 1, max: 120 }) })
  .map(({ begins, lasts }) => ({ from: clock(begins), to: clock(begins + lasts) }))

const periods = fc.array(fc.oneof(period, nightly), { minLength: 0, maxLength: 4 })

const id = ScheduleId.make("plan")

const campusOf = (schedules: ReadonlyArray<Schedule>, zone: string, calendars: ReadonlyArray<Calendar>): Scheduled => ({
  site: { id: SiteId.make("north"), name: "North", timeZone: zone },
  schedules,
  calendars
})

/**
 * The statement apart from the code: minute by minute, with the clock that never goes back. A period of a day has begun
 * once the clock has shown its beginning or later, and is over once it has shown its end or later.
 */
const heldMinutes = (
  zone: string,
  from: number,
  minutes: number,
  plan: (day: number) => ReadonlyArray<{ readonly from: string; readonly to: string }>
): ReadonlyArray<boolean> => {
  let shown = -Infinity
  return readings(zone, from - 2 * dayMs, minutes + 2880)
    .map(({ day, minute }) => {
      shown = Math.max(shown, day * 1440 + minute)
      return [day - 2, day - 1, day].some((one) =>
        plan(one).some((period) => {
          const [begins, ends] = [minutesOf(period.from), minutesOf(period.to)]
          const to = ends > begins ? ends : ends + 1440
          return one * 1440 + begins <= shown && shown < one * 1440 + to
        })
      )
    })
    .slice(2880)
}

const weekdayOf = (day: number) => weekdays[(new Date(day * dayMs).getUTCDay() + 6) % 7]

const types = [holiday, "half-day", "tue"] as const

describe("a schedule, in any zone, around any change of its clocks,", () => {
  test("holds in the minutes in which its periods do, and changes when nextChange says so", () => {
    const special = fc.dictionary(fc.constantFrom("-1", "0", "1"), fc.constantFrom(...types))
    fc.assert(
      fc.property(
        fc.constantFrom(...eventful),
        periods,
        periods,
        special,
        fc.nat(720),
        (where, week, half, days, off) => {
          const [zone, date] = where
          const noon = Date.parse(`${date}T12:00Z`)
          const from = noon - dayMs + off * minuteMs
          const day = (nth: number) => new Date(noon + nth * dayMs).toISOString().slice(0, 10)
          const calendar: Calendar = {
            id: CalendarId.make("year"),
            days: Object.entries(days).map(([nth, type]) => ({ from: day(Number(nth)), type }))
          }
          const halves = half.map(({ from, to }) => ({ from, to }))
          const plan: Schedule = { id, periods: week, calendar: calendar.id, onDays: { "half-day": halves } }
          const campus = campusOf([plan], zone, [calendar])
          const typeOf = new Map(calendar.days.map(({ from, type }) => [Date.parse(`${from}T00:00Z`) / dayMs, type]))
          const planOf = (one: number): ReadonlyArray<{ from: string; to: string }> => {
            const type = typeOf.get(one)
            if (type === holiday) return []
            if (type === "half-day") return halves
            const weekday = type === "tue" ? "tue" : weekdayOf(one)
            return week.filter(({ days }) => days === undefined || days.includes(weekday ?? "mon"))
          }
          const minutes = 3 * 1440
          const expected = heldMinutes(zone, from, minutes, planOf)
          const wrong = expected.findIndex((holds, nth) => isDuring(campus, id, from + nth * minuteMs) !== holds)
          expect(wrong).toBe(-1)
          const changes: Array<number> = []
          for (let at = nextChange(campus, id, from); at !== undefined && at < from + minutes * minuteMs;) {
            changes.push((at - from) / minuteMs)
            at = nextChange(campus, id, at)
          }
          expect(changes).toEqual(
            expected.flatMap((holds, nth) => (nth > 0 && holds !== expected[nth - 1] ? [nth] : []))
          )
        }
      ),
      { seed: 20_260_329, numRuns: 120 }
    )
  })

  test("is, with what is outside it, all of time; and so is the sum of both", () => {
    const [outside, both] = [ScheduleId.make("outside"), ScheduleId.make("both")]
    fc.assert(
      fc.property(
        fc.constantFrom(...eventful),
        periods,
        fc.array(fc.nat(8000), { maxLength: 40 }),
        (where, week, minutes) => {
          const [zone, date] = where
          const campus = campusOf(
            [
              { id, periods: week },
              { id: outside, outside: ScheduleRef.make("plan") },
              { id: both, anyOf: [ScheduleRef.make("plan"), ScheduleRef.make("outside")] }
            ],
            zone,
            []
          )
          const from = Date.parse(`${date}T00:00Z`) - 2 * dayMs
          for (const minute of minutes) {
            const at = from + minute * minuteMs
            expect(isDuring(campus, outside, at)).toBe(!isDuring(campus, id, at))
            expect(nextChange(campus, outside, at)).toBe(nextChange(campus, id, at))
            expect(isDuring(campus, both, at)).toBe(true)
            expect(nextChange(campus, both, at)).toBeUndefined()
          }
        }
      ),
      { seed: 20_260_330, numRuns: 100 }
    )
  })
})
