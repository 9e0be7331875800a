import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { makeClocks } from "../../../adapters/onvif/clock/clocks.ts"
import { shownTime } from "../../../adapters/onvif/clock/device-time.ts"
import type { Answer } from "../../../adapters/onvif/wire/connection.ts"
import { parseXml } from "../../../adapters/onvif/wire/xml.ts"

/** A device whose clock is `offsetMs` ahead of ours, asked at times of ours; nothing passes but what is said. */
const stage = () => {
  let now = Date.UTC(2026, 10, 20)
  let authenticatesWith: number | undefined
  const connection = {
    setClockOffset: (offsetMs: number) => void (authenticatesWith = offsetMs)
  } as unknown as Parameters<typeof makeClocks>[0]
  const clocks = makeClocks(connection, () => now)
  const pass = (ms: number): void => void (now += ms)
  /** An exchange: the device looks at its clock `answerMs` after the question, its answer needs `backMs`. */
  const exchange = (offsetMs: number, answerMs: number, backMs: number, resolutionMs: number) => {
    const askedAt = now
    const shown = Math.floor((now + answerMs + offsetMs) / resolutionMs) * resolutionMs
    pass(answerMs + backMs)
    return { shown, resolutionMs, askedAt, answeredAt: now }
  }
  return {
    clocks,
    pass,
    authenticatesWith: () => authenticatesWith,
    ask: (offsetMs: number, { answerMs = 5, backMs = 5 } = {}) => {
      const clock = exchange(offsetMs, answerMs, backMs, 1000)
      const answer = { receivedAt: now, tookMs: answerMs + backMs } as Answer
      clocks.asking()
      clocks.asked({ clock, answer })
    },
    /** A pull that the device holds for `heldMs`. */
    pull: (offsetMs: number, heldMs: number, resolutionMs = 1000) =>
      clocks.told(exchange(offsetMs, heldMs, 5, resolutionMs)),
    pullStampedAtItsBeginning: (offsetMs: number, heldMs: number) => {
      const clock = exchange(offsetMs, 0, heldMs, 1000)
      clocks.told(clock)
    }
  }
}

/** The truth lies within what is said to be known, and that is not more than so much. */
const isKnown = (clocks: ReturnType<typeof stage>["clocks"], offsetMs: number, uncertaintyMaxMs: number): boolean => {
  const estimate = clocks.estimate()
  if (estimate === undefined || estimate.uncertaintyMs > uncertaintyMaxMs) return false
  return Math.abs(estimate.offsetMs - offsetMs) <= estimate.uncertaintyMs + 1
}

describe("the clock of a device", () => {
  it("is known to half a second once it was asked, years off or not", () => {
    const { clocks, ask } = stage()
    expect(clocks.estimate()).toBeUndefined()
    ask(-26 * 365 * 86_400_000)
    expect(isKnown(clocks, -26 * 365 * 86_400_000, 510)).toBe(true)
  })

  it("is known better with each pull that tells it more finely, however long the device held it", () => {
    const { clocks, ask, pull } = stage()
    ask(7_200_000)
    pull(7_200_000, 60_000, 1)
    expect(isKnown(clocks, 7_200_000, 510)).toBe(true)
    for (let nth = 0; nth < 20; nth++) pull(7_200_000, 137 * nth, 1)
    expect(isKnown(clocks, 7_200_000, 500)).toBe(true)
  })

  it("is known anew when it was set while we listen", () => {
    const { clocks, ask, pull } = stage()
    ask(0)
    pull(3_600_000, 30_000)
    expect(isKnown(clocks, 3_600_000, 1510)).toBe(true)
    pull(-5000, 30_000)
    expect(clocks.wantsAsking()).toBe(true)
    ask(-5000)
    expect(isKnown(clocks, -5000, 510)).toBe(true)
  })

  it("is what WS-UsernameToken is made by, also after it was set", () => {
    const { ask, authenticatesWith } = stage()
    ask(90_000)
    expect(Math.abs((authenticatesWith() ?? 0) - 90_000)).toBeLessThanOrEqual(510)
    ask(-90_000)
    expect(Math.abs((authenticatesWith() ?? 0) + 90_000)).toBeLessThanOrEqual(510)
  })

  it("is asked again when a pull contradicts it, no oftener than each minute", () => {
    const { clocks, ask, pull, pass } = stage()
    ask(0)
    expect(clocks.wantsAsking()).toBe(false)
    pull(-5000, 20_000)
    expect(clocks.wantsAsking()).toBe(false)
    pass(60_000)
    expect(clocks.wantsAsking()).toBe(true)
  })

  it("is not thought to have been set by a device that tells with a pull when that began", () => {
    const { clocks, ask, pass, pullStampedAtItsBeginning } = stage()
    ask(0)
    pullStampedAtItsBeginning(0, 60_000)
    expect(clocks.wantsAsking()).toBe(true)
    ask(0)
    for (let nth = 0; nth < 10; nth++) {
      pullStampedAtItsBeginning(0, 60_000)
      expect(isKnown(clocks, 0, 700)).toBe(true)
    }
    pass(60_000)
    expect(clocks.wantsAsking()).toBe(false)
  })

  it("is asked every half hour, before it drifts too far", () => {
    const { clocks, ask, pass } = stage()
    ask(0)
    pass(30 * 60_000)
    expect(clocks.wantsAsking()).toBe(true)
    expect(isKnown(clocks, 0, 1000)).toBe(true)
  })

  it("always lies within what is said of it, whatever the line does", () => {
    const delays = fc.record({ answerMs: fc.nat(4000), backMs: fc.nat(900) })
    fc.assert(
      fc.property(fc.integer({ min: -1e9, max: 1e9 }), fc.array(delays, { minLength: 1 }), (offsetMs, exchanges) => {
        const { clocks, ask, pull } = stage()
        for (const { answerMs, backMs } of exchanges) {
          ask(offsetMs, { answerMs, backMs })
          pull(offsetMs, answerMs * 10)
          expect(isKnown(clocks, offsetMs, 6000)).toBe(true)
        }
      })
    )
  })
})

describe("local time alone", () => {
  const calendar =
    "<Time><Hour>0</Hour><Minute>0</Minute><Second>50</Second></Time>" +
    "<Date><Year>1979</Year><Month>11</Month><Day>30</Day></Date>"
  const shown = (zone: string) =>
    shownTime(
      parseXml(
        Buffer.from(`<R><SystemDateAndTime>${zone}<LocalDateTime>${calendar}</LocalDateTime></SystemDateAndTime></R>`)
      )
    )

  it("is made UTC by its zone", () => {
    expect(shown("<TimeZone><TZ>CST-8</TZ></TimeZone>")).toBe(Date.UTC(1979, 10, 29, 16, 0, 50))
  })

  it("is the clock that the device goes by where it names no zone, or one that nobody can read", () => {
    expect(shown("")).toBe(Date.UTC(1979, 10, 30, 0, 0, 50))
    expect(shown("<TimeZone><TZ>(+08)</TZ></TimeZone>")).toBe(Date.UTC(1979, 10, 30, 0, 0, 50))
  })
})
