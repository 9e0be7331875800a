import { mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { DayPlan, dayNamed } from "../../gateway/correlation/day-plan.ts"
import { zoneNamed } from "../../gateway/correlation/zone.ts"
import { CalendarId, ScheduleId } from "../../gateway/domain/schedule.ts"
import { readIcs } from "../../gateway/settings/ics-calendar.ts"
import { checkSettings } from "../../gateway/settings/load-settings.ts"
import { run } from "../cli/run.ts"
import { installed } from "./installed.ts"

const file = join(import.meta.dirname, "school.ics")
const text = readFileSync(file, "utf8")
const types = [
  { type: "holiday", text: "No School" },
  { type: "half-day", text: "early dismissal" }
]

const calendar = (...lines: ReadonlyArray<string>): string =>
  ["BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", "UID:1", ...lines, "END:VEVENT", "END:VCALENDAR"].join("\r\n")

describe("a school's iCalendar file", () => {
  test("gives its whole days: the end is not part of them, repeats and exceptions each on their day", () => {
    expect(readIcs(text, { types })).toEqual({
      days: [
        { name: "Early dismissal", from: "2027-02-05", type: "half-day" },
        { name: "Early dismissal (moved)", from: "2027-02-22", type: "half-day" },
        { name: "Labor Day, no school", from: "2026-09-07" },
        { name: "Winter break - no school", from: "2026-12-21", to: "2027-01-06" }
      ],
      overlaps: [],
      events: 6,
      timed: 1,
      cancelled: 1,
      overnight: [],
      unnamed: ["Spirit day"]
    })
  })

  test("is all holidays when nobody says otherwise", () => {
    const { days, unnamed } = readIcs(text, { types: [] })
    expect(days.map(({ type }) => type)).toEqual(days.map(() => undefined))
    expect([days.length, unnamed]).toEqual([5, []])
  })

  test("has days also where an event goes from midnight to midnight, and names what goes into another day otherwise", () => {
    const zone = "TZID=America/Chicago"
    const winter = calendar(`DTSTART;${zone}:20261221T000000`, `DTEND;${zone}:20270107T000000`, "SUMMARY:Winter break")
    expect(readIcs(winter, { types: [] }).days).toEqual([
      { name: "Winter break", from: "2026-12-21", to: "2027-01-06" }
    ])
    const repeated = calendar("DTSTART:20261102T000000", "DURATION:P1D", "RRULE:FREQ=WEEKLY;COUNT=2", "SUMMARY:Off")
    expect(readIcs(repeated, { types: [] }).days.map(({ from, to }) => [from, to])).toEqual([
      ["2026-11-02", undefined],
      ["2026-11-09", undefined]
    ])
    const trip = calendar(`DTSTART;${zone}:20261105T150000`, `DTEND;${zone}:20261106T100000`, "SUMMARY:Trip")
    expect(readIcs(trip, { types: [] })).toMatchObject({ days: [], timed: 1, overnight: ["Trip"] })
    // Whose midnight that is, the file does not say.
    const utc = calendar("DTSTART:20261105T000000Z", "DTEND:20261106T000000Z", "SUMMARY:Off")
    expect(readIcs(utc, { types: [] })).toMatchObject({ days: [], timed: 1, overnight: ["Off"] })
    expect(readIcs(calendar("SUMMARY:On no day"), { types: [] })).toMatchObject({ days: [], timed: 1, overnight: [] })
  })

  test("that repeats without end is followed as far as somebody says, and refused otherwise, with its line", () => {
    const endless = calendar("DTSTART;VALUE=DATE:20261225", "RRULE:FREQ=YEARLY", "SUMMARY:Christmas")
    expect(() => readIcs(endless, { types: [] })).toThrow('the event "Christmas" repeats without end')
    expect(() => readIcs(endless, { types: [] })).toThrow(expect.objectContaining({ line: 4 }) as Error)
    const { days } = readIcs(endless, { types: [], until: "2028-12-25" })
    expect(days.map(({ from }) => from)).toEqual(["2026-12-25", "2027-12-25", "2028-12-25"])
  })

  test("that repeats for ever and a day is refused", () => {
    const often = calendar("DTSTART;VALUE=DATE:20260101", "RRULE:FREQ=DAILY;COUNT=5000", "SUMMARY:Day")
    expect(() => readIcs(often, { types: [] })).toThrow("repeats more than 1000 times")
  })

  test("that is none is refused in words", () => {
    expect(() => readIcs("<html>", { types: [] })).toThrow("it is no iCalendar file (RFC 5545)")
    expect(() => readIcs("\r\n", { types: [] })).toThrow("it is no iCalendar file (RFC 5545): it is empty")
  })

  test.each([
    ["VCARD", ["BEGIN:VCARD", "VERSION:3.0", "FN:Ada", "END:VCARD"]],
    ["VEVENT", ["BEGIN:VEVENT", "UID:1", "DTSTART;VALUE=DATE:20261102", "END:VEVENT"]]
  ])("that is a %s and no calendar is refused, with what was found", (found, lines) => {
    expect(() => readIcs(lines.join("\r\n"), { types: [] })).toThrow(
      expect.objectContaining({
        message: expect.stringContaining(`"BEGIN:${found}" stands where BEGIN:VCALENDAR should`) as string,
        line: 1
      }) as Error
    )
  })

  const daysOf = (...lines: ReadonlyArray<string>) => {
    const { days } = readIcs(["BEGIN:VCALENDAR", ...lines, "END:VCALENDAR"].join("\r\n"), { types: [] })
    return days.map(({ name, from }) => `${name} ${from}`)
  }
  const event = (name: string, ...lines: ReadonlyArray<string>): ReadonlyArray<string> => [
    "BEGIN:VEVENT",
    `SUMMARY:${name}`,
    ...lines,
    "END:VEVENT"
  ]
  const on = (date: string): string => `DTSTART;VALUE=DATE:${date}`

  const half = event("Early dismissal", "UID:1", on("20261216"), "RRULE:FREQ=WEEKLY;COUNT=4")
  const winter = event("No school", "UID:2", on("20261221"), "DTEND;VALUE=DATE:20270104")

  test("keeps a holiday closed where early dismissals fall into it, and names each such day", () => {
    const { days, overlaps } = readIcs(["BEGIN:VCALENDAR", ...half, ...winter, "END:VCALENDAR"].join("\n"), { types })
    const zone = zoneNamed("UTC")
    const periods = [{ from: "08:00", to: "16:00" }]
    const schedule = {
      id: ScheduleId.make("school"),
      periods,
      onDays: { "half-day": [{ from: "08:00", to: "12:00" }] }
    }
    const plan = new DayPlan(schedule, { id: CalendarId.make("school-year"), days }, zone, undefined)
    const openOn = (date: string) => plan.stretchesOf(dayNamed(date)).map(({ to }) => new Date(to).getUTCHours())
    expect(["2026-12-16", "2026-12-23", "2026-12-30", "2027-01-06"].map(openOn)).toEqual([[12], [], [], [12]])
    expect(overlaps.map(({ from, to, holds, over }) => [from, to, holds.name, over.name])).toEqual([
      ["2026-12-23", "2026-12-23", "No school", "Early dismissal"],
      ["2026-12-30", "2026-12-30", "No school", "Early dismissal"]
    ])
  })

  test("keeps a holiday closed also where a half day has the same date, or a week of them begins before it", () => {
    const week = event("Early dismissal", "UID:1", on("20261123"), "DTEND;VALUE=DATE:20261128")
    const friday = event("No school", "UID:2", on("20261127"))
    const monday = event("No school", "UID:3", on("20261123"))
    const lines = ["BEGIN:VCALENDAR", ...friday, ...week, ...monday, "END:VCALENDAR"]
    const { days, overlaps } = readIcs(lines.join("\n"), { types })
    expect(days.map(({ from }) => from)).toEqual(["2026-11-23", "2026-11-23", "2026-11-27"])
    expect(overlaps.map(({ from, to }) => [from, to])).toEqual([
      ["2026-11-23", "2026-11-23"],
      ["2026-11-27", "2026-11-27"]
    ])
  })

  test("loses no day of events without a UID, of one occurrence alone, or of two of one UID", () => {
    expect(daysOf(...event("A", on("20261102")), ...event("B", on("20261103")))).toEqual([
      "A 2026-11-02",
      "B 2026-11-03"
    ])
    expect(daysOf(...event("C", "UID:1", "RECURRENCE-ID;VALUE=DATE:20261104", on("20261105")))).toEqual([
      "C 2026-11-05"
    ])
    const two = [...event("A", "UID:1", on("20261102")), ...event("B", "UID:1", on("20261103"))]
    expect(daysOf(...two)).toEqual(["A 2026-11-02", "B 2026-11-03"])
  })

  test("counts the newest revision of an event alone", () => {
    const before = event("Break", "UID:1", "SEQUENCE:1", on("20261102"))
    const after = event("Break", "UID:1", "SEQUENCE:2", on("20261109"))
    expect(daysOf(...after, ...before)).toEqual(["Break 2026-11-09"])
  })

  const weekly = (uid: number, name: string): ReadonlyArray<string> =>
    event(name, `UID:${uid}`, on("20260902"), "RRULE:FREQ=WEEKLY;COUNT=3")
  const moved = (revision: number, ...lines: ReadonlyArray<string>): ReadonlyArray<string> =>
    event("Moved", "UID:1", `SEQUENCE:${revision}`, "RECURRENCE-ID;VALUE=DATE:20260909", ...lines)

  test("counts the newest revision of one occurrence alone, wherever it stands", () => {
    const revisions = [...moved(2, on("20260909"), "STATUS:CANCELLED"), ...moved(1, on("20260910"))]
    expect(daysOf(...weekly(1, "A"), ...revisions)).toEqual(["A 2026-09-02", "A 2026-09-16"])
  })

  test("moves an occurrence of its own event, and none of another on the same day", () => {
    expect(daysOf(...weekly(1, "A"), ...weekly(2, "B"), ...moved(1, on("20260910")))).toEqual([
      "A 2026-09-02",
      "B 2026-09-02",
      "B 2026-09-09",
      "Moved 2026-09-10",
      "A 2026-09-16",
      "B 2026-09-16"
    ])
  })

  test("has its first day also where only further dates follow it, unless it is excepted", () => {
    const dates = [on("20261010"), "RDATE;VALUE=DATE:20261012,20261014"]
    expect(daysOf(...event("A", ...dates))).toEqual(["A 2026-10-10", "A 2026-10-12", "A 2026-10-14"])
    const first = "EXDATE;VALUE=DATE:20261010"
    expect(daysOf(...event("A", ...dates, first))).toEqual(["A 2026-10-12", "A 2026-10-14"])
  })

  test("leaves out a day that is excepted after others on which nothing was", () => {
    const excepted = "EXDATE;VALUE=DATE:20260903,20260904,20260905,20260909"
    const lines = [on("20260902"), "RRULE:FREQ=WEEKLY;COUNT=3", excepted]
    expect(daysOf(...event("A", ...lines))).toEqual(["A 2026-09-02", "A 2026-09-16"])
  })

  test("is followed past an occurrence that was moved beyond the last day asked for", () => {
    const lines = [...event("A", "UID:1", on("20260902"), "RRULE:FREQ=WEEKLY"), ...moved(1, on("20270910"))]
    const text = ["BEGIN:VCALENDAR", ...lines, "END:VCALENDAR"].join("\r\n")
    const { days } = readIcs(text, { types: [], until: "2026-09-30" })
    expect(days.map(({ from }) => from)).toEqual(["2026-09-02", "2026-09-16", "2026-09-23", "2026-09-30"])
  })

  test("may begin with a byte order mark, hold several calendars, and leave out that a date is one", () => {
    const one = calendar("DTSTART:20261102", "SUMMARY:A")
    const other = calendar("DTSTART;VALUE=DATE:20261103", "SUMMARY:B")
    const { days } = readIcs(`\uFEFF${one}\r\n${other}`, { types: [] })
    expect(days.map(({ from }) => from)).toEqual(["2026-11-02", "2026-11-03"])
  })

  test("may fold a list of dates in the middle of one", () => {
    const daily = [
      "DTSTART;VALUE=DATE:20261101",
      "RRULE:FREQ=DAILY;COUNT=3",
      "EXDATE;VALUE=DATE:20261101,2026",
      " 1103"
    ]
    expect(daysOf(...event("A", ...daily))).toEqual(["A 2026-11-02"])
  })

  const all = (...lines: ReadonlyArray<string>): string =>
    ["BEGIN:VCALENDAR", ...event("A", ...lines), "END:VCALENDAR"].join("\r\n")

  test.each([
    ["the line of a time that is none", all("DTSTART:20261301T000000"), 4, '"20261301T000000" is no date and time'],
    ["a line of no name", all(on("20261102"), "by bus"), 5, '"by bus" is no line of a calendar (NAME:VALUE)'],
    ["the line of a rule", all(on("20261102"), "RRULE:FREQ=SOMETIMES"), 5, '"RRULE:FREQ=SOMETIMES" cannot be read'],
    ["the line of a length", all(on("20261102"), "DURATION:XYZ"), 5, '"DURATION:XYZ" cannot be read'],
    ["the part that never ends", "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\n", 2, "no END:VEVENT follows"],
    ["the end of another part", all("BEGIN:VALARM"), 5, '"END:VEVENT" stands where END:VALARM should'],
    ["its first line where it is no text", "\u0004P\u001A", 1, "stands where BEGIN:VCALENDAR should"],
    ["an event that nobody can follow", all("UID:1", on("20260201"), "RRULE:FREQ=SECONDLY"), 4, 'the event "A"']
  ])("is refused at %s", (_place, wrong, line, message) => {
    expect(() => readIcs(wrong, { types: [], until: "2027-08-31" })).toThrow(
      expect.objectContaining({ message: expect.stringContaining(message) as string, line }) as Error
    )
  })

  test("that is written in UTF-16 is refused with what to do", () => {
    const utf16 = Buffer.from(`\uFEFF${all(on("20261102"))}`, "utf16le").toString("utf8")
    expect(() => readIcs(utf16, { types: [] })).toThrow(
      "it is no text in UTF-8, but in UTF-16 perhaps; save it as UTF-8"
    )
  })

  test("may have time zones whose names hold a colon", () => {
    const zone = 'TZID="(UTC-06:00) Central Time (US & Canada)"'
    const lines = [`DTSTART;${zone}:20261123T000000`, `DTEND;${zone}:20261128T000000`]
    expect(readIcs(all(...lines), { types: [] }).days).toEqual([{ name: "A", from: "2026-11-23", to: "2026-11-27" }])
  })

  test("takes a further date with a length of its own for days where it is some, and names it otherwise", () => {
    const lines = [on("20260902"), "RDATE;VALUE=DATE:20260905"]
    const whole = all(...lines, "RDATE;VALUE=PERIOD:20260906T000000/P2D")
    expect(readIcs(whole, { types: [] }).days.map(({ from, to }) => [from, to])).toEqual([
      ["2026-09-02", undefined],
      ["2026-09-05", undefined],
      ["2026-09-06", "2026-09-07"]
    ])
    const utc = readIcs(all(...lines, "RDATE;VALUE=PERIOD:20260906T000000Z/P1D"), { types: [] })
    expect([utc.days.length, utc.timed, utc.overnight]).toEqual([2, 1, ["A"]])
  })

  test.each(["20261332", "20260229", "2026-11-02"])("is refused at the line of a date that is none: %s", (date) => {
    const wrong = calendar("SUMMARY:A", on(date))
    expect(() => readIcs(wrong, { types: [] })).toThrow(`DTSTART "${date}" is no date`)
    expect(() => readIcs(wrong, { types: [] })).toThrow(expect.objectContaining({ line: 6 }) as Error)
  })
})

describe("gatehouse calendar import", () => {
  const asked = ["--id", "school-year", "--as", "holiday=no school", "--as", "half-day=early dismissal"]

  test("tells of days that two events want, and which of them holds", async () => {
    const lines = ["BEGIN:VCALENDAR"]
    for (const [uid, name] of ["Early dismissal", "No school"].entries())
      lines.push("BEGIN:VEVENT", `UID:${uid}`, `SUMMARY:${name}`, "DTSTART;VALUE=DATE:20261223", "END:VEVENT")
    const both = join(mkdtempSync(join(tmpdir(), "gatehouse-ics-")), "both.ics")
    writeFileSync(both, [...lines, "END:VCALENDAR"].join("\r\n"))
    const { err } = await run(["calendar", "import", both, ...asked])
    expect(err).toContain('2026-12-23: "No school" (holiday) holds over "Early dismissal" (half-day)')
  })

  test("puts no calendar without days in the place of one that has some, and says why there are none", async () => {
    const directory = mkdtempSync(join(tmpdir(), "gatehouse-ics-"))
    const into = join(directory, "school-year.yaml")
    await run(["calendar", "import", file, ...asked, "--into", into])
    const before = readFileSync(into, "utf8")
    const empty = join(directory, "empty.ics")
    writeFileSync(empty, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n")
    const without = await run(["calendar", "import", empty, ...asked, "--into", into])
    const reason = `${empty}: it gives no special day (it holds no event); nothing is written`
    expect([without.code, without.out, without.err]).toEqual([1, "", expect.stringContaining(reason)])
    const lines = ["DTSTART:20261102T090000", "STATUS:CANCELLED", "DTSTART;VALUE=DATE:20261103\r\nSUMMARY:Fair"]
    const others = lines.flatMap((line, uid) => ["BEGIN:VEVENT", `UID:${uid}`, line, "END:VEVENT"])
    writeFileSync(empty, ["BEGIN:VCALENDAR", ...others, "END:VCALENDAR"].join("\r\n"))
    const left = await run(["calendar", "import", empty, ...asked, "--into", into])
    const why = "3 events read; left out: 1 at a time of day, 1 cancelled, 1 summary that no --as names"
    expect([left.code, left.err]).toEqual([1, expect.stringContaining(why)])
    expect(readFileSync(into, "utf8")).toBe(before)
  })

  test("writes a file that the configuration takes, the same one again, and none that somebody wrote by hand", async () => {
    const directory = mkdtempSync(join(tmpdir(), "gatehouse-ics-"))
    const into = join(directory, "school-year.yaml")
    const first = await run(["calendar", "import", file, ...asked, "--into", into])
    expect([first.code, first.out]).toEqual([0, `${into} written: 4 special days and spans\n`])
    expect(first.err).toContain("left out, for no --as names it: Spirit day")
    const again = await run(["calendar", "import", file, ...asked, "--into", into])
    expect(again.out).toBe(`${into} unchanged: 4 special days and spans\n`)
    const site = join(directory, "site.yaml")
    const plan = "schedules: [{ id: school, calendar: school-year, periods: [], onDays: { half-day: [] } }]"
    writeFileSync(site, `site: { id: n, name: N, timeZone: UTC }\nlinks: {}\n${plan}\n`)
    const { settings, problems } = checkSettings([directory], installed)
    expect(problems).toEqual([])
    expect(settings?.campus.calendars?.[0]?.days).toHaveLength(4)
    const refused = await run(["calendar", "import", file, ...asked, "--into", site])
    expect([refused.code, refused.err]).toEqual([2, expect.stringContaining("was not written by an import")])
  })
})
