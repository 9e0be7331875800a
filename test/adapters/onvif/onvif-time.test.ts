import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  formatDeviceTime,
  formatDuration,
  instantOf,
  isClockSet,
  parseDeviceTime,
  parseDuration,
  readDeviceTime
} from "../../../adapters/onvif/wire/onvif-time.ts"

const at = Date.UTC(2023, 4, 15, 7, 10, 32)

describe("a device's time", () => {
  it.each([
    ["2023-05-15T07:10:32Z", at],
    ["2023-05-15T07:10:32", at],
    ["2023-05-15T07:10:32.5Z", at + 500],
    ["2023-05-15T07:10:32.123456", at + 123],
    ["2023-05-15T07:10:32.123456789Z", at + 123],
    ["2023-05-15T07:10:32.00000000000000000000001Z", at],
    ["2023-05-15T07:10:32,25Z", at + 250],
    ["2023-05-15T15:10:32+08:00", at],
    ["2023-05-15T15:10:32+0800", at],
    ["2023-05-15T02:40:32-04:30", at],
    ["\n  2023-05-15T07:10:32\n", at],
    ["2023-05-15T07:10:32 Z", at],
    ["2023-05-15 07:10:32", at],
    ["2023-05-15t07:10:32z", at],
    ["2023-5-15T7:10:32Z", at],
    ["2023-05-14T24:00:00Z", Date.UTC(2023, 4, 15)],
    ["2016-12-31T23:59:60Z", Date.UTC(2017, 0, 1)],
    ["2024-02-29T00:00:00Z", Date.UTC(2024, 1, 29)]
  ])("written as %j is understood", (text, expected) => {
    expect(readDeviceTime(text)).toBe(expected)
  })

  it.each([
    "",
    "T00:61:16Z",
    "2023-05-15T00:61:16Z",
    "0000-00-00T00:00:00Z",
    "2023-05-15T-07:10:32Z",
    "2023-05-15T25:10:32Z",
    "2023-05-15T24:00:01Z",
    "2023-05-15T07:10:61Z",
    "2023-13-01T00:00:00Z",
    "2023-02-29T00:00:00Z",
    "2023-00-10T00:00:00Z",
    "2023-05-15",
    "2023-05-15T07:10:32+15:00",
    "2023-05-15T07:10:32+08:75",
    "2023-05-15T07:10:32 PDT",
    "1684134632",
    "yesterday"
  ])("written as %j is none", (text) => {
    expect(parseDeviceTime(text)).toBeUndefined()
    expect(readDeviceTime(text)).toBeUndefined()
  })

  it.each(["1970-01-01T00:00:00Z", "1979-12-31T16:00:00Z", "2000-01-01T00:03:12Z"])(
    "of a clock that was never set (%s) says nothing, but can be compared with itself",
    (text) => {
      expect(readDeviceTime(text)).toBeUndefined()
      const instant = parseDeviceTime(text)
      expect(instant).toBeTypeOf("number")
      expect(isClockSet(instant ?? 0)).toBe(false)
    }
  )

  it("is written in UTC with Z, and read again as the same", () => {
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(2008, 0, 1), max: Date.UTC(2200, 0, 1) }), (instant) => {
        expect(formatDeviceTime(instant)).toMatch(/Z$/)
        expect(readDeviceTime(formatDeviceTime(instant))).toBe(instant)
      })
    )
  })

  it("is taken from calendar parts only where the calendar has them", () => {
    const parts = { year: 2026, month: 11, day: 23, hour: 10, minute: 2, second: 11 }
    expect(instantOf(parts)).toBe(Date.UTC(2026, 10, 23, 10, 2, 11))
    expect(instantOf({ ...parts, day: 31 })).toBeUndefined()
    expect(instantOf({ ...parts, month: Number.NaN })).toBeUndefined()
    expect(instantOf({ ...parts, year: 26 })).toBeUndefined()
  })
})

describe("a duration", () => {
  it.each([
    ["PT60S", 60_000],
    ["PT1M", 60_000],
    ["PT10M", 600_000],
    ["PT1H", 3_600_000],
    ["P1D", 86_400_000],
    ["P1DT2H3M4.5S", 93_784_500],
    ["PT0S", 0],
    ["PT0.005S", 5],
    [" PT5S\n", 5000],
    ["-PT5S", -5000],
    ["P1Y", 365 * 86_400_000],
    ["P1M", 30 * 86_400_000]
  ])("written as %j is understood", (text, expected) => {
    expect(parseDuration(text)).toBe(expected)
  })

  it.each(["", "P", "PT", "P1DT", "60", "PT60", "PT1.5M", "T60S", "PT5S junk", "P-1D"])(
    "written as %j is none",
    (text) => {
      expect(parseDuration(text)).toBeUndefined()
    }
  )

  it("is written in seconds, and read again as the same", () => {
    expect(formatDuration(60_000)).toBe("PT60S")
    expect(formatDuration(600_000)).toBe("PT600S")
    fc.assert(
      fc.property(fc.integer({ min: -1e9, max: 1e9 }), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBe(ms === 0 ? 0 : ms)
      })
    )
  })
})
