import { Schema } from "effect"

const word = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

const named = (identifier: string, what: string, example: string) =>
  Schema.String.pipe(
    Schema.check(
      Schema.isPattern(word, {
        expected: `${what}: letters, digits, ".", "_" and "-", at most 64, such as "${example}"`
      })
    )
  ).annotate({ identifier, description: what })

export const ScheduleId = named("ScheduleId", "a schedule id", "school-hours").pipe(Schema.brand("ScheduleId"))
export type ScheduleId = typeof ScheduleId.Type

export const CalendarId = named("CalendarId", "a calendar id", "school-year").pipe(Schema.brand("CalendarId"))
export type CalendarId = typeof CalendarId.Type

/** A schedule, or one named period of it: `school-day`, `school-day/recess`. */
export const ScheduleRef = Schema.String.pipe(
  Schema.check(
    Schema.isPattern(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}(\/[A-Za-z0-9][A-Za-z0-9._-]{0,63})?$/, {
      expected: 'a schedule, or a named period of one written "<schedule>/<period>", such as "school-day/recess"'
    })
  ),
  Schema.brand("ScheduleRef")
).annotate({ identifier: "ScheduleRef", description: "A schedule, or one of its named periods" })
export type ScheduleRef = typeof ScheduleRef.Type

/** Monday first, as ISO 8601 counts the days of a week. */
export const weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const
export const Weekday = Schema.Literals(weekdays)
export type Weekday = typeof Weekday.Type

/** A wall clock's reading. 24:00 is the end of a day. */
export const TimeOfDay = Schema.String.pipe(
  Schema.check(
    Schema.isPattern(/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/, {
      expected: 'a time of day from "00:00" to "24:00", such as "07:30"'
    })
  )
).annotate({ identifier: "TimeOfDay" })
export type TimeOfDay = typeof TimeOfDay.Type

/** A day of the calendar, in no zone: 2026-03-02. */
export const LocalDate = Schema.String.pipe(
  Schema.check(
    Schema.isPattern(/^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/, {
      expected: 'a date such as "2026-03-02"'
    })
  )
).annotate({ identifier: "LocalDate" })
export type LocalDate = typeof LocalDate.Type

/** The type of day on which a schedule has no periods unless it says otherwise. */
export const holiday = "holiday"

/** What kind of day a special day is: `holiday`, a word of the site's own, or the weekday whose plan it follows. */
export const DayType = named("DayType", "a type of day", "half-day")
export type DayType = typeof DayType.Type

const span = {
  /** What the period is called, so that it can be referred to: `recess`. Several may share a name. */
  name: Schema.optionalKey(named("PeriodName", "a period's name", "recess")),
  from: TimeOfDay,
  /** Not part of the period any more. At or before `from`: it ends on the next day. */
  to: TimeOfDay
}

/** A stretch of a day, on given days of the week. */
export const Period = Schema.Struct({
  ...span,
  /** Absent: every day. Of one that ends on the next day, the days on which it begins. */
  days: Schema.optionalKey(Schema.Array(Weekday))
}).annotate({ identifier: "Period" })
export type Period = typeof Period.Type

/** A stretch of a special day. */
export const DayPeriod = Schema.Struct(span).annotate({ identifier: "DayPeriod" })
export type DayPeriod = typeof DayPeriod.Type

/** Days that are not like others of their weekday. */
export const SpecialDays = Schema.Struct({
  name: Schema.optionalKey(Schema.NonEmptyString),
  from: LocalDate,
  /** The last of them; absent: it is one day. */
  to: Schema.optionalKey(LocalDate),
  /** Absent: a holiday. */
  type: Schema.optionalKey(DayType)
}).annotate({ identifier: "SpecialDays" })
export type SpecialDays = typeof SpecialDays.Type

/** The special days of a school year. Where two overlap, the later one in the list holds. */
export const Calendar = Schema.Struct({
  id: CalendarId,
  name: Schema.optionalKey(Schema.NonEmptyString),
  days: Schema.Array(SpecialDays)
}).annotate({ identifier: "Calendar" })
export type Calendar = typeof Calendar.Type

/**
 * When something holds, by the wall clock. Either a plan of its own (`periods`, with `calendar` and `onDays`), or what is
 * `outside` another schedule (after hours), or whenever one of several holds (`anyOf`).
 */
export const Schedule = Schema.Struct({
  id: ScheduleId,
  name: Schema.optionalKey(Schema.NonEmptyString),
  /** IANA zone of its wall clock; absent: the site's. */
  timeZone: Schema.optionalKey(Schema.NonEmptyString),
  /** The plan of an ordinary week. */
  periods: Schema.optionalKey(Schema.Array(Period)),
  /** Whose special days it follows. */
  calendar: Schema.optionalKey(CalendarId),
  /** The plan of a type of special day, in place of the week's. A holiday that is not named here has no periods. */
  onDays: Schema.optionalKey(Schema.Record(Schema.String, Schema.Array(DayPeriod))),
  /** Holds whenever the other one does not. */
  outside: Schema.optionalKey(ScheduleRef),
  /** Holds whenever at least one of them does. */
  anyOf: Schema.optionalKey(Schema.Array(ScheduleRef))
}).annotate({ identifier: "Schedule" })
export type Schedule = typeof Schedule.Type
