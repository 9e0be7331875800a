import ICAL from "ical.js"
import { IcsEndless, IcsUnusable, type Line, lineOf } from "./ics-text.ts"

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

const dated = ({ component }: ICAL.Event): boolean => component.hasProperty("dtstart")

/** Days as such, or from midnight to midnight by its own clocks, as some calendars write them. */
export const lastsWholeDays = (event: ICAL.Event): boolean => {
  if (!dated(event)) return false
  const { startDate, endDate } = event
  return startDate.isDate || (isMidnight(startDate) && isMidnight(endDate) && dateOf(endDate) > dateOf(startDate))
}

/** Whether an event at a time of day goes on into another day; of one in UTC only its length tells. */
export const goesOn = (event: ICAL.Event): boolean => {
  if (!dated(event)) return false
  const { startDate, endDate, duration } = event
  return duration.toSeconds() * 1000 >= dayMs || (!isUtc(startDate) && dateOf(endDate) > dateOf(startDate))
}

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

/** The days of an event, of one that repeats each time, those that `until` allows. Throws `IcsUnusable`. */
export const spansOf = (event: ICAL.Event, lines: ReadonlyArray<Line>, until?: string): ReadonlyArray<Span> =>
  event.isRecurring() ? occurrences(event, lines, until) : [{ event, ...wholeDays(event.startDate, event.endDate) }]

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
