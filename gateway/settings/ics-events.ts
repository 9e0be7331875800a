import ICAL from "ical.js"
import { IcsEndless, IcsUnusable, type Line, lineOf, reasonOf } from "./ics-text.ts"

/** Far more than any school year has. */
const occurrencesMost = 1000

const dayMs = 86_400_000

/** An iCalendar date, as a calendar of ours writes it. */
const dateOf = (time: ICAL.Time): string => time.toString().slice(0, 10)

const dayBefore = (date: string): string => new Date(Date.parse(`${date}T00:00Z`) - dayMs).toISOString().slice(0, 10)

export const nameOf = (event: ICAL.Event): string => (event.summary ?? "").replaceAll(/\p{Cc}+/gu, " ").trim()

/** The first day and the last of an event that lasts whole days: its end is the first day that is not part of it. */
const wholeDays = (start: ICAL.Time, end: ICAL.Time): { readonly from: string; readonly to?: string } => {
  const from = dateOf(start)
  const last = dayBefore(dateOf(end))
  return last > from ? { from, to: last } : { from }
}

const isUtc = ({ zone }: ICAL.Time): boolean => zone === ICAL.Timezone.utcTimezone

const isMidnight = (time: ICAL.Time): boolean =>
  time.hour === 0 && time.minute === 0 && time.second === 0 && !isUtc(time)

interface Stretch {
  readonly start: ICAL.Time
  readonly end: ICAL.Time
}

/** From midnight to midnight by its own clocks, as some calendars write days. */
const areWholeDays = ({ start, end }: Stretch): boolean =>
  isMidnight(start) && isMidnight(end) && dateOf(end) > dateOf(start)

/** Whether it goes on into another day; of one in UTC only its length tells. */
const goesOn = ({ start, end }: Stretch): boolean =>
  (end.toUnixTime() - start.toUnixTime()) * 1000 >= dayMs || (!isUtc(start) && dateOf(end) > dateOf(start))

/** Days in a row that an event lasts, or one occurrence of it. */
export interface Span {
  readonly event: ICAL.Event
  readonly from: string
  readonly to?: string
}

const isEndless = (event: ICAL.Event): boolean =>
  event.component.getAllProperties("rrule").some((property) => {
    const rule = property.getFirstValue()
    return rule instanceof ICAL.Recur && rule.count === null && rule.until === null
  })

/** An occurrence at a time of day is left out also where only its date is excepted. */
const isExcepted = (at: ICAL.Time, exceptions: ReadonlyArray<ICAL.Time>): boolean =>
  exceptions.some((except) => (except.isDate ? dateOf(except) === dateOf(at) : except.compare(at) === 0))

const timesOf = (event: ICAL.Event, name: string): ReadonlyArray<ICAL.Time> =>
  event.component
    .getAllProperties(name)
    .flatMap((property): ReadonlyArray<unknown> => property.getValues())
    .filter((value) => value instanceof ICAL.Time)

/**
 * The starts of an event's occurrences before any was moved. The library's walk begins with the first RDATE where there is no
 * RRULE, and looks at one EXDATE a step: what it passes over is put right here.
 */
function* originals(event: ICAL.Event): Generator<ICAL.Time> {
  const excepted = timesOf(event, "exdate")
  if (!event.component.hasProperty("rrule") && !isExcepted(event.startDate, excepted)) yield event.startDate
  const iterator = event.iterator()
  for (let next = iterator.next(); next !== undefined && next !== null; next = iterator.next())
    if (!isExcepted(next, excepted)) yield next
}

const occurrences = (event: ICAL.Event, lines: ReadonlyArray<Line>, until: string | undefined): ReadonlyArray<Span> => {
  if (until === undefined && isEndless(event)) {
    const message = `the event "${nameOf(event)}" repeats without end; say how far to follow it`
    throw new IcsEndless(message, lineOf(lines, event.uid))
  }
  const spans: Array<Span> = []
  for (const original of originals(event)) {
    if (until !== undefined && dateOf(original) > until) break
    const { item, startDate, endDate } = event.getOccurrenceDetails(original)
    if (until !== undefined && dateOf(startDate) > until) continue
    if (spans.length >= occurrencesMost) {
      const message = `the event "${nameOf(event)}" repeats more than ${occurrencesMost} times`
      throw new IcsUnusable(message, lineOf(lines, event.uid))
    }
    spans.push({ event: item, ...wholeDays(startDate, endDate) })
  }
  return spans
}

/** Further occurrences with a length of their own. The library takes each for a time and fails: it is not to see them. */
const takePeriods = ({ component }: ICAL.Event): ReadonlyArray<Stretch> =>
  component.getAllProperties("rdate").flatMap((property): ReadonlyArray<Stretch> => {
    const periods = property.getValues().filter((value) => value instanceof ICAL.Period)
    if (periods.length > 0) component.removeProperty(property)
    return periods.map((period) => ({ start: period.start, end: period.getEnd() }))
  })

/** What an event makes of days. */
export interface EventDays {
  readonly spans: ReadonlyArray<Span>
  /** How many occurrences are at a time of day; one that repeats in whole counts once. */
  readonly timed: number
  /** Whether one of those goes on into another day. */
  readonly overnight: boolean
}

const timedOnly = (stretches: ReadonlyArray<Stretch>): EventDays => ({
  spans: [],
  timed: stretches.length,
  overnight: stretches.some(goesOn)
})

const repeated = (event: ICAL.Event, lines: ReadonlyArray<Line>, until: string | undefined): EventDays => {
  const periods = takePeriods(event).filter(({ start }) => until === undefined || dateOf(start) <= until)
  const whole = periods.filter(areWholeDays).map(({ start, end }): Span => ({ event, ...wholeDays(start, end) }))
  return {
    ...timedOnly(periods.filter((period) => !areWholeDays(period))),
    spans: [...occurrences(event, lines, until), ...whole]
  }
}

/** The days of an event, of one that repeats each time, those that `until` allows. Throws `IcsUnusable`. */
export const daysOf = (event: ICAL.Event, lines: ReadonlyArray<Line>, until?: string): EventDays => {
  if (!event.component.hasProperty("dtstart")) return { spans: [], timed: 1, overnight: false }
  const [start, end] = [event.startDate, event.endDate]
  if (!start.isDate && !areWholeDays({ start, end })) return timedOnly([{ start, end }])
  if (!event.isRecurring()) return { spans: [{ event, ...wholeDays(start, end) }], timed: 0, overnight: false }
  try {
    return repeated(event, lines, until)
  } catch (cause) {
    if (cause instanceof IcsUnusable) throw cause
    const message = `the event "${nameOf(event)}" cannot be followed: ${reasonOf(cause)}`
    throw new IcsUnusable(message, lineOf(lines, event.uid))
  }
}

export const isCancelled = ({ component }: ICAL.Event): boolean =>
  component.getFirstPropertyValue("status") === "CANCELLED"

const revisionOf = ({ sequence }: ICAL.Event): number => Number(sequence ?? 0)

/** Those of the newest revision among all of the same key; one without a UID is one by itself. */
const newestOf = (
  events: ReadonlyArray<ICAL.Event>,
  keyOf: (event: ICAL.Event) => string
): ReadonlyArray<ICAL.Event> => {
  const newest = new Map<string, number>()
  for (const event of events) newest.set(keyOf(event), Math.max(newest.get(keyOf(event)) ?? 0, revisionOf(event)))
  return events.filter((event) => !event.uid || revisionOf(event) === newest.get(keyOf(event)))
}

/**
 * Every event of the file in its newest revision, those that stand for one occurrence of another with that one, and by
 * themselves where the file does not have it.
 */
export const eventsOf = (calendars: ReadonlyArray<ICAL.Component>): ReadonlyArray<ICAL.Event> => {
  // Left to itself the library relates what stands for an occurrence with every event, whatever its UID.
  const all = calendars.flatMap((calendar) =>
    calendar.getAllSubcomponents("vevent").map((component) => new ICAL.Event(component, { exceptions: [] }))
  )
  const masters = newestOf(
    all.filter((event) => !event.isRecurrenceException()),
    ({ uid }) => uid
  )
  const exceptions = newestOf(
    all.filter((event) => event.isRecurrenceException()),
    ({ uid, recurrenceId }) => `${uid} ${recurrenceId.toString()}`
  )
  const alone = exceptions.filter((event) => {
    const own = masters.filter(({ uid }) => uid === event.uid)
    for (const master of own) master.relateException(event)
    return own.length === 0
  })
  return [...masters, ...alone]
}
