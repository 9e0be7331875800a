/** Failing tries allowed per address and window. */
export const triesAllowed = 10
/** The window, milliseconds. */
export const triesWindowMs = 15 * 60 * 1000

/** Addresses remembered at once; the one that failed first is forgotten first. */
const atMost = 10_000

export interface Tries {
  /** Seconds until this address may try again; undefined when it may now. */
  readonly blockedFor: (address: string) => number | undefined
  readonly failed: (address: string) => void
}

/** Counts failing tries per address. `now` is in epoch milliseconds. */
export const makeTries = (now: () => number): Tries => {
  const windows = new Map<string, { readonly endsAt: number; count: number }>()
  const current = (address: string) => {
    const window = windows.get(address)
    if (window !== undefined && window.endsAt > now()) return window
    windows.delete(address)
    return undefined
  }
  return {
    blockedFor: (address) => {
      const window = current(address)
      return window === undefined || window.count < triesAllowed ? undefined : Math.ceil((window.endsAt - now()) / 1000)
    },
    failed: (address) => {
      const window = current(address)
      if (window !== undefined) {
        window.count += 1
        return
      }
      const oldest = windows.keys().next()
      if (windows.size >= atMost && !oldest.done) windows.delete(oldest.value)
      windows.set(address, { endsAt: now() + triesWindowMs, count: 1 })
    }
  }
}
