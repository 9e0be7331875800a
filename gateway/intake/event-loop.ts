/**
 * The event loop as intake uses it. Handed in, as the clock is, so that a simulation lets hours pass without waiting, and
 * in the same order each time.
 */
export interface EventLoop {
  /** Runs `work` once this turn is over, before any time has passed. */
  readonly soon: (work: () => void) => void
  /** Runs `work` after so many milliseconds, unless it is called off before: by what is answered. */
  readonly after: (ms: number, work: () => void) => () => void
}

/** Node's. */
export const nodeLoop: EventLoop = {
  soon: (work) => void setImmediate(work),
  after: (ms, work) => {
    const timer = setTimeout(work, ms)
    return () => clearTimeout(timer)
  }
}
