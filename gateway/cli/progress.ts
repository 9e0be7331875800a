const width = 24

/** Milliseconds between two pictures of the bar: quick enough to look alive. */
const everyMs = 100

/** "40 s", "3 min". */
const lasting = (ms: number): string => (ms < 90_000 ? `${Math.ceil(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`)

/**
 * A bar on standard error that fills as work goes on, on a terminal only: what is piped on or kept in a file is not
 * disturbed. `end` wipes it away.
 */
export const progressBar = (what: string, now: () => number = Date.now) => {
  const { stderr } = process
  const began = now()
  let shownAt = 0
  return {
    show: (done: number, of: number): void => {
      const at = now()
      if (!stderr.isTTY || at - shownAt < everyMs || of <= 0) return
      shownAt = at
      const share = Math.min(1, done / of)
      const full = Math.round(share * width)
      const left = share < 0.02 ? "" : `, ${lasting(((at - began) * (1 - share)) / share)} left`
      const bar = `${"█".repeat(full)}${"░".repeat(width - full)}`
      stderr.write(`\r${bar} ${String(Math.floor(share * 100)).padStart(3)} %  ${what}${left}\u001b[K`)
    },
    end: (): void => {
      if (stderr.isTTY && shownAt > 0) stderr.write("\r\u001b[K")
    }
  }
}
