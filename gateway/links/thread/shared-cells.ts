/** What two threads tell each other without a message, each in a cell of its own. */
export type Cells = SharedArrayBuffer

/** How far our clock is ahead of the machine's monotonic one, milliseconds. */
const aheadCell = 0

/** How often the other thread's loop has come round. */
const beatCell = 1

/** The machine's monotonic clock, which all threads read alike, milliseconds. */
const monotonic = (): number => Number(process.hrtime.bigint()) / 1e6

/** Our clock nears the wall clock by a hundredth at most: the other thread is never off by more than a millisecond. */
const tellEveryMs = 100

/** How often a thread says that its loop comes round. */
const beatEveryMs = 1000

/**
 * Lets another thread read this clock, and looks whether its loop comes round: `stuck` is called, once, when it does not.
 * Our own time is counted, so that a machine that was asleep wakes up without a false alarm.
 */
export const watchThread = (
  now: () => number,
  stuckAfterMs: number,
  stuck: () => void
): { readonly cells: Cells; readonly stop: () => void } => {
  const cells: Cells = new SharedArrayBuffer(16)
  const told = new Float64Array(cells)
  let beat = 0
  let still = 0
  const tell = (): void => {
    told[aheadCell] = now() - monotonic()
    // Before its first round the thread loads its adapter, however long that takes.
    still = told[beatCell] === beat && beat > 0 ? still + tellEveryMs : 0
    beat = told[beatCell] ?? 0
    if (still >= stuckAfterMs && still < stuckAfterMs + tellEveryMs) stuck()
  }
  tell()
  const telling = setInterval(tell, tellEveryMs)
  telling.unref()
  return { cells, stop: () => clearInterval(telling) }
}

/** The clock that the other thread shares: epoch milliseconds, never going back. Tells it that this loop comes round. */
export const clockIn = (cells: Cells): (() => number) => {
  const told = new Float64Array(cells)
  const beat = (): void => void (told[beatCell] = (told[beatCell] ?? 0) + 1)
  beat()
  setInterval(beat, beatEveryMs)
  let newest = 0
  return () => {
    newest = Math.max(newest, Math.floor(monotonic() + (told[aheadCell] ?? 0)))
    return newest
  }
}
