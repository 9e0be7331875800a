import type { EpochMs } from "../../../gateway/domain/ids.ts"

/** How long a subscription lives at the device, by our clock. */
export interface Lease {
  readonly grantedAt: EpochMs
  readonly untilAt: EpochMs
  /** When it ends as the device told, believed or not: how that moves shows whether pulls extend the lease. */
  readonly toldUntilAt: EpochMs | undefined
}

/** The times of an answer about a subscription, by the device's clock; absent where it leaves them out or nobody can read them. */
export interface LeaseTimes {
  readonly currentTime?: EpochMs | undefined
  readonly terminationTime?: EpochMs | undefined
}

/** A shorter lease is not believed: devices that get their own times wrong say such, or one that is over. */
const shortestMs = 10_000

/** Nor a longer one: it would not be renewed for a day. */
const longestMs = 24 * 3600 * 1000

/** A lease moved by less than this is the same one, computed anew with a clock of whole seconds. */
export const sameLeaseMs = 1500

/** Home Assistant renews at 80 % too: a device that counts from its own receipt has then not forgotten us. */
const renewShare = 0.8

/**
 * What the device grants, milliseconds. Only the difference of its two times counts, so that a clock that is years off
 * grants what it means to grant.
 */
export const grantedMs = ({ currentTime, terminationTime }: LeaseTimes): number | undefined =>
  currentTime === undefined || terminationTime === undefined ? undefined : terminationTime - currentTime

/** The lease that begins `now`; where the answer does not tell, the one that was asked for. */
export const leaseFrom = (times: LeaseTimes, askedMs: number, now: EpochMs): Lease => {
  const granted = grantedMs(times)
  return {
    grantedAt: now,
    untilAt: now + Math.min(longestMs, Math.max(shortestMs, granted ?? askedMs)),
    toldUntilAt: granted === undefined ? undefined : now + granted
  }
}

export const renewAtOf = ({ grantedAt, untilAt }: Lease): EpochMs =>
  Math.floor(grantedAt + renewShare * (untilAt - grantedAt))

/** Far less was granted than asked for: the device cannot add a duration to its clock, or does not want to. */
export const isCutShort = (times: LeaseTimes, askedMs: number): boolean => (grantedMs(times) ?? askedMs) < askedMs / 2
