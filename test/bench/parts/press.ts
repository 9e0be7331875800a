/** Microseconds by the machine's monotonic clock, which every process on it reads alike. */
export const monotonicUs = (): number => Number(process.hrtime.bigint() / 1000n)

/**
 * The action word of the `nth` press of a button. It carries the instant at which it was published, so that whoever
 * sees it arrive, in whichever process, knows how long it took.
 */
export const actionOf = (nth: number): string => `p${nth}@${monotonicUs()}`

/** What a button publishes. */
export const pressOf = (nth: number): string => JSON.stringify({ action: actionOf(nth) })

/** Milliseconds since a press with this action word was published. */
export const waitedMs = (action: string): number =>
  (monotonicUs() - Number(action.slice(action.indexOf("@") + 1))) / 1000
