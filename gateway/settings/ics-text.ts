import ICAL from "ical.js"

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

const unreadable = (why: string): IcsUnusable => new IcsUnusable(`it is no iCalendar file (RFC 5545): ${why}`)

const isDate = (written: string): boolean => {
  const [, year, month, day] = /^(\d{4})(\d{2})(\d{2})$/.exec(written) ?? []
  const date = `${year}-${month}-${day}`
  const at = Date.parse(`${date}T00:00Z`)
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(date)
}

const timeLine = /^(DTSTART|DTEND|EXDATE|RDATE|RECURRENCE-ID)((?:;[^:]*)?):(.*)$/i

export interface Line {
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
const withDates = (line: Line): Line => {
  const { text, nth } = line
  const [, name = "", parameters = "", values = ""] = timeLine.exec(text) ?? []
  if (name === "" || (/;VALUE=/i.test(parameters) && !/;VALUE=DATE(;|$)/i.test(parameters))) return line
  const wrong = values.split(",").find((date) => !isDate(date))
  if (!/;VALUE=/i.test(parameters))
    return wrong === undefined ? { text: `${name}${parameters};VALUE=DATE:${values}`, nth } : line
  if (wrong !== undefined) throw new IcsUnusable(`${name.toUpperCase()} "${wrong}" is no date`, nth)
  return line
}

/** The lines of a calendar's text, its dates marked as such. Throws `IcsUnusable`. */
export const linesOf = (text: string): ReadonlyArray<Line> => {
  if (text.trim() === "") throw unreadable("it is empty")
  return unfolded(text).map(withDates)
}

/** The calendars of a file: several may stand one after another (RFC 5545, 3.4). */
export const calendarsOf = (lines: ReadonlyArray<Line>): ReadonlyArray<ICAL.Component> => {
  try {
    const parsed: ReadonlyArray<unknown> = ICAL.parse(lines.map(({ text }) => text).join("\n"))
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

/** Where an event stands, by its UID: what a person looks for in the file. */
export const lineOf = (lines: ReadonlyArray<Line>, uid: string): number | undefined =>
  lines.find(({ text }) => text === `UID:${uid}`)?.nth
