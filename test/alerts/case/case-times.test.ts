import { describe, expect, it } from "vitest"
import { localOf, siteInstant } from "../../../gateway/console/src/case-times.ts"

describe("a time that an officer writes, by the site's clocks", () => {
  it.each([
    ["2026-03-02T10:02:11", "America/Chicago", "2026-03-02T16:02:11.000Z"],
    ["2026-07-02T10:02", "America/Chicago", "2026-07-02T15:02:00.000Z"],
    // The night on which the clocks go back: the first of two.
    ["2026-11-01T01:30:00", "America/Chicago", "2026-11-01T06:30:00.000Z"],
    ["2026-03-29T01:59:59", "Europe/Berlin", "2026-03-29T00:59:59.000Z"],
    ["2026-03-29T03:00:00", "Europe/Berlin", "2026-03-29T01:00:00.000Z"],
    ["2026-03-02T10:02:11", "Asia/Kolkata", "2026-03-02T04:32:11.000Z"]
  ])("%s in %s", (local, timeZone, instant) => {
    expect(siteInstant(local, timeZone)).toBe(instant)
    expect(localOf(instant, timeZone)).toBe(local.length === 16 ? `${local}:00` : local)
  })
})
