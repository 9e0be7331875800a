import { describe, expect, it } from "vitest"
import { instantOf, shownIn } from "../../gateway/cli/instant.ts"

const now = Date.parse("2026-11-27T12:00:00Z")
const context = { timeZone: "Europe/Berlin", now }
const iso = (text: string): string => new Date(instantOf(text, context)).toISOString()

describe("an instant that a person writes", () => {
  it.each([
    ["now", "2026-11-27T12:00:00.000Z"],
    ["30d", "2026-10-28T12:00:00.000Z"],
    ["-90m", "2026-11-27T10:30:00.000Z"],
    ["2026-11-03T07:00:00Z", "2026-11-03T07:00:00.000Z"],
    ["2026-11-03T08:00+01:00", "2026-11-03T07:00:00.000Z"],
    ["2026-11-03", "2026-11-02T23:00:00.000Z"],
    ["2026-11-03 08:00", "2026-11-03T07:00:00.000Z"],
    ["2026-07-03T08:00:30", "2026-07-03T06:00:30.000Z"],
    ["10:02:11", "2026-11-27T09:02:11.000Z"]
  ])("%s is %s, by the site's clocks where it has no offset", (text, instant) => {
    expect(iso(text)).toBe(instant)
  })

  it("that the clocks show twice is the first, and of one that they leave out it is when they pass over it", () => {
    expect(iso("2026-10-25 02:30")).toBe("2026-10-25T00:30:00.000Z")
    expect(iso("2026-03-29 02:30")).toBe("2026-03-29T01:00:00.000Z")
  })

  it.each(["yesterday", "2026-13-03", "2026-02-29 08:00", "2026-06-31T08:00:00Z", "30", "8:00"])(
    "%s is refused, with what could be written",
    (text) => {
      expect(() => iso(text)).toThrow(/is no time: write 2026-11-03/)
    }
  )

  it("is shown by the site's clocks", () => {
    expect(shownIn("Europe/Berlin")(now)).toBe("2026-11-27 13:00:00")
  })
})
