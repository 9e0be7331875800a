import { describe, expect, it } from "vitest"
import { clockAround, instantOfSiteTime, siteTimeOf } from "../../gateway/console/src/site-clock.ts"

describe("the site's clocks", () => {
  const clock = clockAround("Europe/Berlin", "2026-03-02T22:30:00Z")

  it("show the time alone on the day that is spoken of", () => {
    expect(clock("2026-03-02T12:00:05Z")).toBe("13:00:05")
  })

  it("show the date too of another day, as the site counts days", () => {
    expect(clock("2026-03-01T22:59:59Z")).toBe("2026-03-01 23:59:59")
    expect(clock("2026-03-01T23:00:00Z")).toBe("00:00:00")
    expect(clock("2026-03-02T23:00:00Z")).toBe("2026-03-03 00:00:00")
  })

  it("show nothing of what is no time", () => {
    expect(clock("")).toBe("–")
  })

  it("are written in a field and read again as the same instant", () => {
    const at = "2026-07-02T10:02:00.000Z"
    expect(siteTimeOf(at, "Europe/Berlin")).toBe("2026-07-02T12:02:00")
    expect(instantOfSiteTime(siteTimeOf(at, "Europe/Berlin").slice(0, 16), "Europe/Berlin")).toBe(at)
  })
})
