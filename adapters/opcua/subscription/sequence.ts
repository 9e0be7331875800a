/** Sequence numbers are 1 to this, and then 1 again (OPC 10000-4, 7.26 and 5.14.1.2: 0 is never used). */
export const sequenceMax = 0xffff_ffff

/** The number that follows. */
export const numberAfter = (number: number): number => (number >= sequenceMax ? 1 : number + 1)

/** How many steps forward lead from one number to another. */
export const stepsTo = (from: number, to: number): number => (to - from + sequenceMax) % sequenceMax

/** Half the ring: what lies further ahead than this lies behind. */
const half = sequenceMax / 2

/** A NotificationMessage as far as its place in the order goes. */
export interface Numbered {
  readonly number: number
  /** Carries nothing: its number is that of the message that will come next (OPC 10000-4, 5.14.1.1). */
  readonly keepAlive: boolean
}

/** What a message's number says. */
export interface Seen {
  /** Was not given before: hand it on, after those that are missing. */
  readonly deliver: boolean
  /** So many messages before it never came; the first of them has the number that was expected. */
  readonly missing: number
  /** The number of the next message. */
  readonly expected: number
}

/** Compares a message's number with the one that is due. A number that lies behind was seen already. */
export const see = (expected: number, { number, keepAlive }: Numbered): Seen => {
  const missing = stepsTo(expected, number)
  if (missing > half) return { deliver: false, missing: 0, expected }
  return { deliver: !keepAlive, missing, expected: keepAlive ? number : numberAfter(number) }
}

/** At most this many missing messages are asked for again, the newest: no server is known to keep more. */
const askedForMax = 1000

/**
 * The missing numbers that are worth asking for. `available` is what the server says it still has; a server that says
 * nothing is asked for all.
 */
export const worthAsking = (
  expected: number,
  missing: number,
  available: ReadonlyArray<number>
): ReadonlyArray<number> => {
  if (available.length > 0) {
    return available
      .filter((number) => stepsTo(expected, number) < missing)
      .toSorted((one, other) => stepsTo(expected, one) - stepsTo(expected, other))
      .slice(-askedForMax)
  }
  const asked = Math.min(missing, askedForMax)
  const first = missing - asked
  return Array.from({ length: asked }, (_, nth) => ((expected - 1 + first + nth) % sequenceMax) + 1)
}

/** What the server still keeps and need not any more: every number before the first that is not on disk. */
export const mayForget = (available: ReadonlyArray<number>, firstNotKept: number): ReadonlyArray<number> =>
  available.filter((number) => stepsTo(number, firstNotKept) > 0 && stepsTo(number, firstNotKept) <= half)
