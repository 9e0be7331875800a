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

const unreadable = (why: string, line?: number): IcsUnusable =>
  new IcsUnusable(`it is no iCalendar file (RFC 5545): ${why}`, line)

export const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

/** As much of a line as a person needs to find it. */
const excerptOf = (text: string): string => `"${text.length > 60 ? `${text.slice(0, 60)}…` : text}"`

const isDate = (written: string): boolean => {
  const [, year, month, day] = /^(\d{4})(\d{2})(\d{2})$/.exec(written) ?? []
  const date = `${year}-${month}-${day}`
  const at = Date.parse(`${date}T00:00Z`)
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(date)
}

/** 24:00:00 is no time of the standard, but some write it for the end of a day. */
const isDateTime = (written: string): boolean => {
  const [, date = ""] = /^(\d{8})T(?:(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d|60)|240000)Z?$/i.exec(written) ?? []
  return isDate(date)
}

/** A parameter in quotation marks may hold a colon: the names of Outlook's time zones do. */
const timeLine = /^(DTSTART|DTEND|EXDATE|RDATE|RECURRENCE-ID)((?:;(?:"[^"]*"|[^":])*)?):(.*)$/i

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
  const [, type = ""] = /;VALUE=([^;]*)/i.exec(parameters) ?? []
  if (name === "" || !["", "DATE", "DATE-TIME"].includes(type.toUpperCase())) return line
  const dates = values.split(",")
  if (type === "" && dates.every(isDate)) return { text: `${name}${parameters};VALUE=DATE:${values}`, nth }
  const wrong = dates.find((date) => !isDate(date) && (type.toUpperCase() === "DATE" || !isDateTime(date)))
  if (wrong === undefined) return line
  throw new IcsUnusable(
    `${name.toUpperCase()} "${wrong}" is no date${type.toUpperCase() === "DATE" ? "" : " and time"}`,
    nth
  )
}

/** What the library would find wrong in a line without telling where it stands. */
const checkLine = ({ text, nth }: Line, within: string): void => {
  if (!text.includes(":")) {
    const next = "a line that goes on from the one before begins with a space"
    throw unreadable(`${excerptOf(text)} is no line of a calendar (NAME:VALUE); ${next}`, nth)
  }
  const [name = ""] = text.split(/[:;]/, 1)
  try {
    ICAL.parse.property(text)
    if (within === "VEVENT" && name.toUpperCase() === "DURATION")
      ICAL.Duration.fromString(text.slice(text.indexOf(":") + 1))
  } catch (cause) {
    throw new IcsUnusable(`${excerptOf(text)} cannot be read: ${reasonOf(cause)}`, nth)
  }
}

/** Calendars and nothing beside them, and each part that begins ends. */
const checkParts = (lines: ReadonlyArray<Line>): void => {
  const open: Array<Line & { readonly name: string }> = []
  for (const line of lines) {
    const text = line.text.trim()
    if (text === "") continue
    const [, verb = "", name = ""] = /^(BEGIN|END):(.*)$/.exec(text.toUpperCase()) ?? []
    const within = open.at(-1)?.name
    if (within === undefined && text.toUpperCase() !== "BEGIN:VCALENDAR")
      throw unreadable(`${excerptOf(text)} stands where BEGIN:VCALENDAR should`, line.nth)
    if (verb === "BEGIN") open.push({ ...line, name })
    else if (verb === "") checkLine(line, within ?? "")
    else if (open.pop()?.name !== name)
      throw unreadable(`${excerptOf(text)} stands where END:${within} should`, line.nth)
  }
  const last = open.pop()
  if (last !== undefined)
    throw unreadable(`no END:${last.name} follows this BEGIN:${last.name}; the file may have been cut off`, last.nth)
}

/** The lines of a calendar's text, its dates marked as such. Throws `IcsUnusable`. */
export const linesOf = (text: string): ReadonlyArray<Line> => {
  if (text.trim() === "") throw unreadable("it is empty")
  if (text.includes("\0") || text.startsWith("\uFFFD"))
    throw unreadable("it is no text in UTF-8, but in UTF-16 perhaps; save it as UTF-8")
  const lines = unfolded(text)
  checkParts(lines)
  return lines.map(withDates)
}

/** The calendars of a file: several may stand one after another (RFC 5545, 3.4). */
export const calendarsOf = (lines: ReadonlyArray<Line>): ReadonlyArray<ICAL.Component> => {
  try {
    const parsed: ReadonlyArray<unknown> = ICAL.parse(lines.map(({ text }) => text).join("\n"))
    const calendars = typeof parsed[0] === "string" ? [parsed] : parsed
    return calendars.map((calendar) => new ICAL.Component(calendar as Array<unknown>))
  } catch (cause) {
    throw unreadable(reasonOf(cause))
  }
}

/** Where an event stands, by its UID: what a person looks for in the file. */
export const lineOf = (lines: ReadonlyArray<Line>, uid: string): number | undefined =>
  lines.find(({ text }) => text === `UID:${uid}`)?.nth
