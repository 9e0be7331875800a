import type { MeasuredClock } from "../../adapters/adapter.ts"
import { type ClockQuality, clockToleranceMs } from "../domain/fact.ts"
import type { EpochMs } from "../domain/ids.ts"

/** A device's clock as seen through its last messages: device time minus our time of receipt, newest last. */
export type ClockSamples = ReadonlyArray<number>

const samplesMax = 16

/** Further in the future than this is a wrong clock (a field parser uses the same bound). */
const futureMaxMs = 60_000

/** Further in the past than this is a clock that was never set, or history. */
const pastMaxMs = 24 * 3600 * 1000

/** A skew up to this needs no proof: it is within the watermark for live alerts (2 s). */
export const skewFreeMs = clockToleranceMs

/** A larger skew is believed once this many messages agree on it. */
const samplesToBelieve = 3

/** Messages agree when their offsets lie this close together. */
const agreementMs = 2000

/** What is told live is not older: a device that writes its local time as UTC would be hours off by a clock that is right. */
const liveMaxAgeMs = 15 * 60_000

export interface Timed {
  readonly samples: ClockSamples
  readonly quality: ClockQuality
  /** The device's time on our clock when it can be trusted, else `receivedAt`; never after `receivedAt`. */
  readonly occurredAt: EpochMs
}

/**
 * When did it happen? Delay only makes a sample smaller, so the largest recent one is nearest to the clock's true
 * offset; a message that waited in a queue then keeps its own, earlier time.
 */
export const timeOf = (samples: ClockSamples, deviceTime: EpochMs, receivedAt: EpochMs, live: boolean): Timed => {
  const sample = deviceTime - receivedAt
  const plausible = sample <= futureMaxMs && sample >= -pastMaxMs
  const next = live && plausible ? [...samples, sample].slice(-samplesMax) : samples
  const offsetMs = next.length === 0 ? 0 : Math.max(...next)
  const near = next.filter((one) => offsetMs - one <= agreementMs)
  const uncertaintyMs = near.length === 0 ? futureMaxMs : offsetMs - Math.min(...near)
  const trusted = plausible && (Math.abs(offsetMs) <= skewFreeMs || near.length >= samplesToBelieve)
  return {
    samples: next,
    quality: { trusted, offsetMs, uncertaintyMs, ...(sample > skewFreeMs ? { aheadMs: sample } : {}) },
    occurredAt: trusted ? Math.min(deviceTime - offsetMs, receivedAt) : receivedAt
  }
}

/**
 * When did it happen, by a clock that was measured? Undefined where the measure is too rough, or the time that the device
 * wrote cannot be of that clock: then its messages themselves have to tell.
 */
export const timeByClock = (
  { offsetMs, uncertaintyMs }: MeasuredClock,
  deviceTime: EpochMs,
  receivedAt: EpochMs,
  live: boolean
): Omit<Timed, "samples"> | undefined => {
  const at = deviceTime - offsetMs
  const isAhead = at > receivedAt + uncertaintyMs + skewFreeMs
  const isStale = live && at < receivedAt - liveMaxAgeMs
  if (isAhead || isStale || uncertaintyMs > skewFreeMs) return undefined
  return { quality: { trusted: true, offsetMs, uncertaintyMs }, occurredAt: Math.min(at, receivedAt) }
}
