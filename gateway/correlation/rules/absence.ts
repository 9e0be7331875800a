import { besides, type Hit, type Match } from "./hits.ts"

/**
 * Every hit that is not followed in time by what should follow. Its condition holds until that comes after all; while
 * it does not, for good. Of `stays` the same: a state that begins, and no end of it.
 */
export const absenceMatches =
  (waitMs: number) =>
  (hits: ReadonlyArray<Hit>): ReadonlyArray<Match> =>
    hits.flatMap((first, nth) => {
      if (first.step === besides) return []
      const off = first.off ?? 0
      const next = hits.find(
        (hit, other) => hit.step === besides && (other > nth || hit.at + (hit.off ?? 0) >= first.at - off)
      )
      const overdue = first.at + waitMs
      if (next !== undefined && next.at <= overdue + off + (next.off ?? 0)) return []
      return [{ at: overdue, until: next?.at ?? Number.POSITIVE_INFINITY, hits: [first] }]
    })
