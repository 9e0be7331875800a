import type { EpochMs } from "../../../gateway/domain/ids.ts"

/** The device's clock minus ours lies between these two. */
export interface ClockOffset {
  readonly atLeastMs: number
  readonly atMostMs: number
  /** By our clock. */
  readonly measuredAt: EpochMs
}

/** A time that a device said, in an exchange that began and ended by our clock. */
export interface ClockReading {
  readonly shown: EpochMs
  /** How finely it is written: 1000 where the device leaves out the fraction. */
  readonly resolutionMs: number
  readonly askedAt: EpochMs
  readonly answeredAt: EpochMs
}

/** Two clocks of the field part by no more than this: 200 ms in 1000 s (a cheap crystal has a quarter of it). */
const driftShare = 200e-6

/** The device looked at its clock somewhere between question and answer: that bounds how far it is off. */
export const measuredOffset = ({ shown, resolutionMs, askedAt, answeredAt }: ClockReading): ClockOffset => ({
  atLeastMs: shown - answeredAt,
  atMostMs: shown + resolutionMs - askedAt,
  measuredAt: answeredAt
})

const drifted = ({ atLeastMs, atMostMs, measuredAt }: ClockOffset, at: EpochMs): ClockOffset => {
  const driftMs = Math.max(0, at - measuredAt) * driftShare
  return { atLeastMs: atLeastMs - driftMs, atMostMs: atMostMs + driftMs, measuredAt: at }
}

/**
 * What is known of a clock after one more measurement. Bounds that overlap narrow each other: a long poll says little by
 * itself and spoils nothing. `undefined` when they do not overlap: the clock was set meanwhile, or is another one.
 */
export const narrowed = (known: ClockOffset | undefined, seen: ClockOffset): ClockOffset | undefined => {
  if (known === undefined) return seen
  const now = drifted(known, seen.measuredAt)
  const atLeastMs = Math.max(now.atLeastMs, seen.atLeastMs)
  const atMostMs = Math.min(now.atMostMs, seen.atMostMs)
  return atLeastMs <= atMostMs ? { atLeastMs, atMostMs, measuredAt: seen.measuredAt } : undefined
}

/** The best estimate, and how far from it the truth can be. */
export const estimateOf = (
  known: ClockOffset,
  at: EpochMs
): { readonly offsetMs: number; readonly uncertaintyMs: number } => {
  const { atLeastMs, atMostMs } = drifted(known, at)
  return { offsetMs: Math.round((atLeastMs + atMostMs) / 2), uncertaintyMs: Math.ceil((atMostMs - atLeastMs) / 2) }
}
