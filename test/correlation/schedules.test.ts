import { describe, expect, test } from "vitest"
import { isDuring, nextChange, type Scheduled } from "../../gateway/correlation/schedules.ts"
import { CalendarId, type Schedule, ScheduleId, ScheduleRef } from "../../gateway/domain/schedule.ts"
import { SiteId } from "../../gateway/domain/ids.ts"

const schoolDays = ["mon", "tue", "wed", "thu", "fri"] as const

const year = {
  id: CalendarId.make("year"),
  days: [
    { name: "Spring break", from: "2026-03-16", to: "2026-03-20" },
    { name: "Book day", from: "2026-03-18", type: "half-day" },
    { name: "A Tuesday that is taught as a Friday", from: "2026-03-24", type: "fri" }
  ]
}

const schedules: ReadonlyArray<Schedule> = [
  {
    id: ScheduleId.make("school"),
    calendar: year.id,
    periods: [
      { days: schoolDays, from: "07:30", to: "16:00" },
      { name: "recess", days: schoolDays, from: "10:00", to: "10:20" },
      { name: "late", days: ["fri"], from: "20:00", to: "01:00" }
    ],
    onDays: { "half-day": [{ from: "07:30", to: "12:00" }] }
  },
  { id: ScheduleId.make("after-hours"), outside: ScheduleRef.make("school") },
  { id: ScheduleId.make("always"), periods: [{ from: "00:00", to: "24:00" }] },
  { id: ScheduleId.make("circle"), outside: ScheduleRef.make("circle") },
  { id: ScheduleId.make("berlin"), timeZone: "Europe/Berlin", periods: [{ from: "07:30", to: "16:00" }] }
]

const campus: Scheduled = {
  site: { id: SiteId.make("north"), name: "North", timeZone: "America/Chicago" },
  schedules,
  calendars: [year]
}

/** An instant by Chicago's clock: 6 hours behind UTC until 8 March 2026 at 02:00, then 5. */
const chicago = (local: string, zone = "-06:00"): number => Date.parse(`${local}${zone}`)

describe("a school's schedule", () => {
  test.each([
    ["school", "2026-03-02T07:29:59", false, "a second before it begins"],
    ["school", "2026-03-02T07:30", true, "when it begins"],
    ["school", "2026-03-02T16:00", false, "when it ends"],
    ["school", "2026-03-01T10:00", false, "on a Sunday"],
    ["after-hours", "2026-03-01T10:00", true, "which is after hours"],
    ["school/recess", "2026-03-02T10:19:59", true, "in one of its named periods"],
    ["school/recess", "2026-03-02T11:00", false, "outside of that one"],
    ["school", "2026-03-07T00:59", true, "over midnight, until the next day"],
    ["school", "2026-03-07T01:00", false, "but no longer"],
    ["nobody-has-written", "2026-03-02T10:00", false, "never, when nobody has written it"],
    ["circle", "2026-03-02T10:00", true, "somehow, when it leads back to itself: that is refused before"]
  ])("%s at %s: %s (%s)", (ref, local, holds) => {
    expect(isDuring(campus, ref, chicago(local))).toBe(holds)
  })

  test.each([
    ["2026-03-17T10:00", false, "a holiday has no periods"],
    ["2026-03-18T10:00", true, "a half day within the holidays has its own"],
    ["2026-03-18T12:30", false, "and no other"],
    ["2026-03-24T20:30", true, "a day follows the plan of the weekday that its calendar names"]
  ])("on a special day, %s: %s (%s)", (local, holds) => {
    expect(isDuring(campus, "school", chicago(local, "-05:00"))).toBe(holds)
  })

  test("goes by its own zone where it has one", () => {
    expect(isDuring(campus, "berlin", Date.parse("2026-03-02T06:30Z"))).toBe(true)
    expect(isDuring(campus, "berlin", Date.parse("2026-03-02T15:00Z"))).toBe(false)
  })

  test("changes next after the holidays, however long they are", () => {
    expect(nextChange(campus, "after-hours", chicago("2026-03-13T16:30"))).toBe(chicago("2026-03-13T20:00", "-05:00"))
    expect(nextChange(campus, "after-hours", chicago("2026-03-14T01:00", "-05:00"))).toBe(
      chicago("2026-03-18T07:30", "-05:00")
    )
    expect(nextChange(campus, "always", chicago("2026-03-02T00:00"))).toBeUndefined()
    expect(nextChange(campus, "nobody-has-written", 0)).toBeUndefined()
  })
})

describe("a period at night, on the day that the clock is changed,", () => {
  const night = (timeZone: string): Scheduled => ({
    site: { id: SiteId.make("north"), name: "North", timeZone },
    schedules: [{ id: ScheduleId.make("night"), periods: [{ from: "01:30", to: "02:30" }] }]
  })
  const spans = (timeZone: string, from: string): string => {
    const begins = nextChange(night(timeZone), "night", Date.parse(from)) ?? 0
    const ends = nextChange(night(timeZone), "night", begins) ?? 0
    return `${new Date(begins).toISOString().slice(11, 16)} ${(ends - begins) / 60_000} min`
  }

  test.each([
    ["America/New_York", "2026-03-08T04:00Z", "06:30 30 min", "the hour from 2 is left out: it ends with it"],
    ["America/New_York", "2026-11-01T04:00Z", "05:30 120 min", "the hour from 1 comes twice: it begins with the first"],
    ["Europe/Berlin", "2026-03-28T23:00Z", "00:30 30 min", "the hour from 2 is left out"],
    ["Europe/Berlin", "2026-10-24T22:00Z", "23:30 60 min", "the hour from 2 comes twice: it ends in the first"],
    ["Australia/Lord_Howe", "2026-10-03T12:00Z", "15:00 30 min", "half an hour from 2 is left out"],
    ["Australia/Lord_Howe", "2026-04-04T12:00Z", "14:30 90 min", "half an hour from 1:30 comes twice"]
  ])("%s, %s: %s (%s)", (zone, from, span) => {
    expect(spans(zone, from)).toBe(span)
  })
})
