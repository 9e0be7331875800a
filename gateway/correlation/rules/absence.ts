import { areOfOne, besides, deaf, earliestOf, type Hit, type Match, noMatches } from "./hits.ts"

/** Whether both are of the same; what was remembered before they were told apart is of any. */
const areOfSame = ({ differs: one }: Hit, { differs: other }: Hit): boolean =>
  one === other || one === undefined || other === undefined

/** Whether one was told after another: by the log, whatever their clocks say; `undefined`: that is not known of them. */
const isHeardAfter = (hit: Hit, first: Hit): boolean | undefined => {
  if (hit.seq !== first.seq) return hit.seq > first.seq
  return hit.nth === undefined || first.nth === undefined ? undefined : hit.nth > first.nth
}

/**
 * Whether `hit`, the `other`th, is what should follow the `nth`, or the end of the circumstances it was to follow in. Of what
 * stays (`isState`), beginning and end are heard in their order, whatever their clock says of it: what is told in whole seconds
 * ends and begins at the same instant.
 */
export const ends = (hit: Hit, other: number, first: Hit, nth: number, isState: boolean): boolean => {
  if (!areOfSame(hit, first)) return false
  if (hit.step === deaf) return other > nth
  if (hit.step !== besides) return false
  const isAfter = isState ? isHeardAfter(hit, first) : undefined
  if (isAfter !== undefined) return isAfter
  // What is waited for after a happening is not that happening itself: a guard who has to badge again does not with the first.
  if (areOfOne(hit, first)) return false
  const { off = 0, at, since = at } = first
  return other > nth || hit.at + (hit.off ?? 0) >= since - off
}

/**
 * Every hit that is not followed in time by what should follow. Its condition holds until that comes after all; while
 * it does not, for good. Of `stays` the same (`isState`): a state that begins, and no end of it.
 */
export const absenceMatches =
  (waitMs: number, isState: boolean) =>
  (hits: ReadonlyArray<Hit>): ReadonlyArray<Match> => {
    // So it is with nearly every subject: only ends of what never began.
    if (!hits.some(({ step }) => step >= 0)) return noMatches
    const found: Array<Match> = []
    for (const [nth, first] of hits.entries()) {
      if (first.step < 0) continue
      const next = hits.find((hit, other) => ends(hit, other, first, nth, isState))
      const overdue = first.at + waitMs
      // One clock tells when a state begins and when it ends: how far that is off makes it last no longer, and no shorter.
      const off = isState ? 0 : (first.off ?? 0) + (next?.off ?? 0)
      if (next !== undefined && earliestOf(next) <= overdue + off) continue
      found.push({ at: overdue, until: next?.at ?? Number.POSITIVE_INFINITY, hits: [first] })
    }
    return found
  }
