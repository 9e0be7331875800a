import ICAL from "ical.js"
import { holiday, type SpecialDays } from "../domain/schedule.ts"
import { inOrder, type Overlap, overlapsOf } from "./special-overlaps.ts"

/** Events whose summary holds this text, in whatever case, are days of this type; `*` is any. */
export interface DayTypeRule {
  readonly type: string
  readonly text: string
}

export interface IcsOptions {
  /** The first that fits decides. None at all: every day is a holiday. */
  readonly types: ReadonlyArray<DayTypeRule>
  /** How far an event that repeats without end is followed: a date, inclusive. */
  readonly until?: string | undefined
}

/** The special days that an iCalendar file (RFC 5545) tells of, and what of it was left out. */
export interface IcsDays {
  readonly days: ReadonlyArray<SpecialDays>
  /** Days that two of them want, and which of the two holds. */
  readonly overlaps: ReadonlyArray<Overlap>
  /** How many events the file has, each in its newest revision. */
  readonly events: number
  /** Events at a time of day: a meeting is no kind of day. */
  readonly timed: number
  /** Events that were called off. */
  readonly cancelled: number
  /** Summaries of those of them that go on into another day: somebody may have meant the days. */
  readonly overnight: ReadonlyArray<string>
  /** Summaries of whole-day events that no rule names. */
  readonly unnamed: ReadonlyArray<string>
}

/** What a file says cannot be a calendar of ours; `line` counts from 1, where it is known. */
export class IcsUnusable extends Error {
  override readonly name = "IcsUnusable"
  readonly line: number | undefined
  constructor(message: string, line?: number) {
    super(message)
    this.line = line
  }
}

/** An event repeats for ever, and nobody said how far to follow it. */
export class IcsEndless extends IcsUnusable {}

/** Far more than any school year has. */
const occurrencesMost = 1000

const dayMs = 86_400_000

/** An iCalendar date, as a calendar of ours writes it. */
const dateOf = (time: ICAL.Time): string => time.toString().slice(0, 10)

const dayBefore = (date: string): string => new Date(Date.parse(`${date}T00:00Z`) - dayMs).toISOString().slice(0, 10)

const unreadable = (why: string): IcsUnusable => new IcsUnusable(`it is no iCalendar file (RFC 5545): ${why}`)

/** The calendars of a file: several may stand one after another (RFC 5545, 3.4). */
const parse = (text: string): ReadonlyArray<ICAL.Component> => {
  if (text.trim() === "") throw unreadable("it is empty")
  try {
    const parsed: ReadonlyArray<unknown> = ICAL.parse(text)
    const parts = (typeof parsed[0] === "string" ? [parsed] : parsed).map(
      (part) => new ICAL.Component(part as Array<unknown>)
    )
    const other = parts.find(({ name }) => name !== "vcalendar")
    if (other === undefined) return parts
    throw unreadable(`a ${other.name.toUpperCase()} stands where a VCALENDAR should`)
  } catch (cause) {
    if (cause instanceof IcsUnusable) throw cause
    throw unreadable(cause instanceof Error ? cause.message : String(cause))
  }
}

const isDate = (written: string): boolean => {
  const [, year, month, day] = /^(\d{4})(\d{2})(\d{2})$/.exec(written) ?? []
  const date = `${year}-${month}-${day}`
  const at = Date.parse(`${date}T00:00Z`)
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(date)
}

const timeLine = /^(DTSTART|DTEND|EXDATE|RDATE|RECURRENCE-ID)((?:;[^:]*)?):(.*)$/i

interface Line {
  readonly text: string
  /** Where it begins, counted from 1. */
  readonly nth: number
}

/** The lines of the text, each with what was folded away from it, without a byte order mark. */
const unfolded = (text: string): ReadonlyArray<Line> => {
  const lines: Array<Line> = []
  for (const [nth, line] of text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .entries()) {
    const before = /^[ \t]/.test(line) ? lines.pop() : undefined
    lines.push(before === undefined ? { text: line, nth: nth + 1 } : { ...before, text: before.text + line.slice(1) })
  }
  return lines
}

/**
 * A line whose dates are marked as such where nothing says so: some write `DTSTART:20261102`. What is no date of any calendar
 * is told with its line; the parser would take it for another day.
 */
const withDates = ({ text, nth }: Line): string => {
  const [, name = "", parameters = "", values = ""] = timeLine.exec(text) ?? []
  if (name === "" || (/;VALUE=/i.test(parameters) && !/;VALUE=DATE(;|$)/i.test(parameters))) return text
  const wrong = values.split(",").find((date) => !isDate(date))
  if (!/;VALUE=/i.test(parameters)) return wrong === undefined ? `${name}${parameters};VALUE=DATE:${values}` : text
  if (wrong !== undefined) throw new IcsUnusable(`${name.toUpperCase()} "${wrong}" is no date`, nth)
  return text
}

/** Where an event stands, by its UID: what a person looks for in the file. */
const lineOf = (text: string, uid: string): number | undefined => {
  const at = text.indexOf(`UID:${uid}`)
  return at < 0 ? undefined : text.slice(0, at).split("\n").length
}

const nameOf = (event: ICAL.Event): string => (event.summary ?? "").replaceAll(/\p{Cc}+/gu, " ").trim()

/** The first day and the last of an event that lasts whole days: its end is the first day that is not part of it. */
const spanOf = (start: ICAL.Time, end: ICAL.Time): { readonly from: string; readonly to?: string } => {
  const from = dateOf(start)
  const last = dayBefore(dateOf(end))
  return last > from ? { from, to: last } : { from }
}

const isUtc = ({ zone }: ICAL.Time): boolean => zone === ICAL.Timezone.utcTimezone

const isMidnight = (time: ICAL.Time): boolean =>
  time.hour === 0 && time.minute === 0 && time.second === 0 && !isUtc(time)

const dated = ({ component }: ICAL.Event): boolean => component.hasProperty("dtstart")

/** Days as such, or from midnight to midnight by its own clocks, as some calendars write them. */
const lastsWholeDays = (event: ICAL.Event): boolean => {
  if (!dated(event)) return false
  const { startDate, endDate } = event
  return startDate.isDate || (isMidnight(startDate) && isMidnight(endDate) && dateOf(endDate) > dateOf(startDate))
}

/** Whether an event at a time of day goes on into another day; of one in UTC only its length tells. */
const goesOn = (event: ICAL.Event): boolean => {
  if (!dated(event)) return false
  const { startDate, endDate, duration } = event
  return duration.toSeconds() * 1000 >= dayMs || (!isUtc(startDate) && dateOf(endDate) > dateOf(startDate))
}

interface Span {
  readonly event: ICAL.Event
  readonly from: string
  readonly to?: string
}

const isEndless = (event: ICAL.Event): boolean =>
  event.component.getAllProperties("rrule").some((property) => {
    const rule = property.getFirstValue()
    return rule instanceof ICAL.Recur && rule.count === null && rule.until === null
  })

const occurrences = (event: ICAL.Event, text: string, until: string | undefined): ReadonlyArray<Span> => {
  if (until === undefined && isEndless(event)) {
    const message = `the event "${nameOf(event)}" repeats without end; say how far to follow it`
    throw new IcsEndless(message, lineOf(text, event.uid))
  }
  const spans: Array<Span> = []
  const iterator = event.iterator()
  for (let next = iterator.next(); next !== undefined && next !== null; next = iterator.next()) {
    const { item, startDate, endDate } = event.getOccurrenceDetails(next)
    if (until !== undefined && dateOf(startDate) > until) break
    if (spans.length >= occurrencesMost) {
      const message = `the event "${nameOf(event)}" repeats more than ${occurrencesMost} times`
      throw new IcsUnusable(message, lineOf(text, event.uid))
    }
    spans.push({ event: item, ...spanOf(startDate, endDate) })
  }
  return spans
}

const isCancelled = ({ component }: ICAL.Event): boolean => component.getFirstPropertyValue("status") === "CANCELLED"

/**
 * Every event of the file in its newest revision, those that stand for one occurrence of another with that one. One without
 * a UID is one by itself, and so is the occurrence of an event that the file does not have.
 */
const eventsOf = (calendars: ReadonlyArray<ICAL.Component>): ReadonlyArray<ICAL.Event> => {
  const all = calendars.flatMap((calendar) =>
    calendar.getAllSubcomponents("vevent").map((component) => new ICAL.Event(component))
  )
  const newest = new Map<string, number>()
  for (const event of all)
    if (!event.isRecurrenceException()) newest.set(event.uid, Math.max(newest.get(event.uid) ?? 0, revisionOf(event)))
  const masters = all.filter(
    (event) => !event.isRecurrenceException() && (!event.uid || revisionOf(event) === newest.get(event.uid))
  )
  const alone = all.filter((event) => {
    if (!event.isRecurrenceException()) return false
    const own = masters.filter(({ uid }) => uid === event.uid)
    for (const master of own) master.relateException(event)
    return own.length === 0
  })
  return [...masters, ...alone]
}

const revisionOf = ({ sequence }: ICAL.Event): number => Number(sequence ?? 0)

const typeOf = (name: string, types: ReadonlyArray<DayTypeRule>): string | undefined => {
  if (types.length === 0) return holiday
  return types.find(({ text }) => text === "*" || name.toLowerCase().includes(text.toLowerCase()))?.type
}

/**
 * The special days in the text of an iCalendar file: events that last whole days, repeated ones each time, those that were cancelled
 * not at all. Of two on one day the holiday holds: it stands after the other. The same text and options give the same days in the
 * same order. Throws `IcsUnusable`.
 */
export const readIcs = (text: string, { types, until }: IcsOptions): IcsDays => {
  const found: Array<SpecialDays> = []
  const unnamed = new Set<string>()
  const overnight = new Set<string>()
  let [timed, cancelled] = [0, 0]
  const events = eventsOf(parse(unfolded(text).map(withDates).join("\n")))
  for (const master of events) {
    if (isCancelled(master)) {
      cancelled++
      continue
    }
    if (!lastsWholeDays(master)) {
      timed++
      if (goesOn(master)) overnight.add(nameOf(master))
      continue
    }
    const spans = master.isRecurring()
      ? occurrences(master, text, until)
      : [{ event: master, ...spanOf(master.startDate, master.endDate) }]
    for (const { event, ...span } of spans) {
      const name = nameOf(event)
      const type = typeOf(name, types)
      if (isCancelled(event)) continue
      if (type === undefined) unnamed.add(name)
      else found.push({ ...(name === "" ? {} : { name }), ...span, ...(type === holiday ? {} : { type }) })
    }
  }
  const days = inOrder(found)
  return {
    days,
    overlaps: overlapsOf(days),
    events: events.length,
    timed,
    cancelled,
    overnight: [...overnight].sort(),
    unnamed: [...unnamed].sort()
  }
}

/** A calendar as a file of the configuration; the same days give the same text. */
export const calendarYaml = (id: string, days: ReadonlyArray<SpecialDays>): string =>
  [
    importedLine,
    "calendars:",
    `  - id: ${id}`,
    ...(days.length === 0 ? ["    days: []"] : ["    days:"]),
    ...days.map(({ name, from, to, type }) => {
      const parts = [
        ...(name === undefined ? [] : [`name: ${JSON.stringify(name)}`]),
        `from: ${from}`,
        ...(to === undefined ? [] : [`to: ${to}`]),
        ...(type === undefined ? [] : [`type: ${type}`])
      ]
      return `      - { ${parts.join(", ")} }`
    }),
    ""
  ].join("\n")

/** The first line of a file that an import wrote: another import may take its place. */
export const importedLine = "# Written by `gatehouse calendar import`: import again instead of changing it here."
