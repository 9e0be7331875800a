/** Failing tries allowed per window of one who tries: an address, or a name from an address. */
export const triesAllowed = 10
/** The window, milliseconds. */
export const triesWindowMs = 15 * 60 * 1000

/** Who is remembered at once; the one that failed first is forgotten first. */
const atMost = 10_000

export interface Tries {
  /** Seconds until this one may try again; undefined when they may now. */
  readonly blockedFor: (who: string) => number | undefined
  /** Answers how often they failed in this window. */
  readonly failed: (who: string) => number
  /** Forgets what they failed before. */
  readonly succeeded: (who: string) => void
}

/** Counts failing tries, of which `allowed` are let pass in a window. `now` is in epoch milliseconds. */
export const makeTries = (now: () => number, allowed: number = triesAllowed): Tries => {
  const windows = new Map<string, { readonly endsAt: number; count: number }>()
  const current = (who: string) => {
    const window = windows.get(who)
    if (window !== undefined && window.endsAt > now()) return window
    windows.delete(who)
    return undefined
  }
  return {
    blockedFor: (who) => {
      const window = current(who)
      return window === undefined || window.count < allowed ? undefined : Math.ceil((window.endsAt - now()) / 1000)
    },
    succeeded: (who) => void windows.delete(who),
    failed: (who) => {
      const window = current(who)
      if (window !== undefined) {
        window.count += 1
        return window.count
      }
      const oldest = windows.keys().next()
      if (windows.size >= atMost && !oldest.done) windows.delete(oldest.value)
      windows.set(who, { endsAt: now() + triesWindowMs, count: 1 })
      return 1
    }
  }
}
