import { holiday, type SpecialDays } from "../domain/schedule.ts"
import { daysOf, eventsOf, isCancelled, nameOf } from "./ics-events.ts"
import { calendarsOf, linesOf } from "./ics-text.ts"
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
  /** Events that were called off. */
  readonly cancelled: number
  /** Events at a time of day: a meeting is no kind of day. */
  readonly timed: number
  /** Summaries of those of them that go on into another day: somebody may have meant the days. */
  readonly overnight: ReadonlyArray<string>
  /** Summaries of whole-day events that no rule names. */
  readonly unnamed: ReadonlyArray<string>
}

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
  const lines = linesOf(text)
  const events = eventsOf(calendarsOf(lines))
  for (const master of events) {
    if (isCancelled(master)) {
      cancelled++
      continue
    }
    const made = daysOf(master, lines, until)
    timed += made.timed
    if (made.overnight) overnight.add(nameOf(master))
    for (const { event, ...span } of made.spans) {
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

export { IcsEndless, IcsUnusable } from "./ics-text.ts"
