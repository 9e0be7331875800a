import { describe, expect, it } from "vitest"
import { type ClockSamples, timeByClock, timeOf } from "../../gateway/intake/clock-quality.ts"

const now = Date.parse("2026-03-02T10:00:00Z")

/** Hears messages one second apart whose device clock is off by `skewMs`; answers the last one's time. */
const hear = (skewMs: number, messages: number, before: ClockSamples = []) => {
  let samples = before
  let last = timeOf(samples, now + skewMs, now, true)
  for (let nth = 0; nth < messages; nth++) {
    last = timeOf(samples, now + nth * 1000 + skewMs, now + nth * 1000, true)
    samples = last.samples
  }
  return last
}

describe("a device's clock", () => {
  it("is believed at once when it is right", () => {
    expect(hear(-40, 1)).toMatchObject({ quality: { trusted: true }, occurredAt: now })
  })

  it("that is wrong is believed, and corrected, once three messages agree on how wrong it is", () => {
    expect(hear(-20_000, 2).quality.trusted).toBe(false)
    const third = hear(-20_000, 3)
    expect(third.quality).toMatchObject({ trusted: true, offsetMs: -20_000 })
    expect(third.occurredAt).toBe(now + 2000)
  })

  it("from the future is not believed: it happened when we heard it", () => {
    expect(timeOf([], now + 3_600_000, now, true)).toMatchObject({ quality: { trusted: false }, occurredAt: now })
  })

  it("from the future is marked with how far ahead it says it is, and one within the tolerance is not", () => {
    expect(timeOf([], now + 3_600_000, now, true).quality.aheadMs).toBe(3_600_000)
    expect(timeOf([], now + 2001, now, true).quality.aheadMs).toBe(2001)
    expect(timeOf([], now + 2000, now, true).quality).not.toHaveProperty("aheadMs")
    expect(timeOf([], now - 3_600_000, now, true).quality).not.toHaveProperty("aheadMs")
  })

  it("that was never set is not believed", () => {
    expect(timeOf([], 1610, now, true)).toMatchObject({ quality: { trusted: false }, occurredAt: now })
  })

  it("dates a message that waited in a queue by what the device says, not by when it came", () => {
    const { samples } = hear(0, 5)
    const late = timeOf(samples, now + 1000, now + 9000, true)
    expect(late.occurredAt).toBe(now + 1000)
  })

  it("never puts a happening after we heard of it", () => {
    const { samples } = hear(-5000, 5)
    expect(timeOf(samples, now + 1500, now, true).occurredAt).toBeLessThanOrEqual(now)
  })
})

describe("a device's clock that was measured", () => {
  const hourAhead = { offsetMs: 3_600_000, uncertaintyMs: 40 }

  it("dates the very first message, however wrong it is", () => {
    const said = now - 2500 + hourAhead.offsetMs
    expect(timeByClock(hourAhead, said, now, true)).toEqual({
      quality: { trusted: true, ...hourAhead },
      occurredAt: now - 2500
    })
  })

  it("dates a state that is found, however old", () => {
    const said = now - 7 * 24 * 3_600_000 + hourAhead.offsetMs
    expect(timeByClock(hourAhead, said, now, false)?.occurredAt).toBe(now - 7 * 24 * 3_600_000)
  })

  it("never puts a happening after we heard of it", () => {
    expect(timeByClock({ offsetMs: 0, uncertaintyMs: 40 }, now + 30, now, true)?.occurredAt).toBe(now)
  })

  it("is not believed of a message that cannot be of it: local time written as UTC, or measured too roughly", () => {
    const right = { offsetMs: 0, uncertaintyMs: 40 }
    expect(timeByClock(right, now + 3_600_000, now, true)).toBeUndefined()
    expect(timeByClock(right, now - 3_600_000, now, true)).toBeUndefined()
    expect(timeByClock({ offsetMs: 0, uncertaintyMs: 5000 }, now, now, true)).toBeUndefined()
  })
})
