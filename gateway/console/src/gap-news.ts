import type { AlertTransition } from "../../domain/alert.ts"
import type { Gap } from "./wire.ts"

/** Steps of an alert that make something protected no longer or again, or change who answers for that. */
const gapTransitions: ReadonlySet<AlertTransition> = new Set([
  "raised",
  "reactivated",
  "returned-to-normal",
  "resolved-by-late-evidence",
  "acknowledged",
  "acknowledgement-undone",
  "acknowledged-at-panel",
  "closed",
  "shelved",
  "unshelved"
])

/** Whether a step of an alert's life may change what is not protected. */
export const changesGaps = (transition: AlertTransition): boolean => gapTransitions.has(transition)

/** Some begin and end by the clock alone, and nothing in the log says so. */
const longestMs = 60_000

/** The gateway has ended it a moment after its time. */
const graceMs = 500

/** One that is over, and still there, is not asked for all the time. */
const overMs = 5_000

/** How long from now the gaps are to be looked up again: when the first of them ends, and every minute at least. */
export const gapsDueInMs = (gaps: ReadonlyArray<Gap>, nowMs: number): number =>
  Math.min(
    longestMs,
    ...gaps.flatMap(({ until }) => {
      if (until === undefined) return []
      const leftMs = Date.parse(until) - nowMs
      return [leftMs < 0 ? overMs : leftMs + graceMs]
    })
  )
