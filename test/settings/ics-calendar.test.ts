import { mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
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
        { name: "Labor Day, no school", from: "2026-09-07" },
        { name: "Winter break - no school", from: "2026-12-21", to: "2027-01-06" },
        { name: "Early dismissal", from: "2027-02-05", type: "half-day" },
        { name: "Early dismissal (moved)", from: "2027-02-22", type: "half-day" }
      ],
      timed: 1,
      unnamed: ["Spirit day"]
    })
  })

  test("is all holidays when nobody says otherwise", () => {
    const { days, unnamed } = readIcs(text, { types: [] })
    expect(days.map(({ type }) => type)).toEqual(days.map(() => undefined))
    expect([days.length, unnamed]).toEqual([5, []])
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
  })
})

describe("gatehouse calendar import", () => {
  const asked = ["--id", "school-year", "--as", "holiday=no school", "--as", "half-day=early dismissal"]

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
