import { besides, type Hit, isWithin, type Match, mayPrecede, noMatches } from "./hits.ts"

export interface Ordered {
  readonly steps: number
  readonly windowMs: number
  readonly activeMs: number
}

/** The latest hit of each step before the one after it, back from the last: the shortest that ends there. */
const chainTo = (hits: ReadonlyArray<Hit>, last: Hit, steps: number): ReadonlyArray<Hit> | undefined => {
  const chain = [last]
  for (let step = steps - 2; step >= 0; step--) {
    const after = chain[0] ?? last
    const before = hits.findLast(
      (hit) =>
        hit.step === step && mayPrecede(hit, after) && !chain.some(({ seq, at }) => seq === hit.seq && at === hit.at)
    )
    if (before === undefined) return undefined
    chain.unshift(before)
  }
  return chain
}

/** Every hit of the last step that the others precede in their order, with nothing forbidden between. */
export const sequenceMatches =
  ({ steps, windowMs, activeMs }: Ordered) =>
  (hits: ReadonlyArray<Hit>): ReadonlyArray<Match> => {
    if (hits.length < steps) return noMatches
    return hits.flatMap((last) => {
      if (last.step !== steps - 1) return []
      const chain = chainTo(hits, last, steps)
      const first = chain?.[0]
      if (chain === undefined || first === undefined || !isWithin(first, last, windowMs)) return []
      const broken = hits.some(
        (hit) =>
          hit.step === besides && hit.at >= first.at && hit.at <= last.at && !chain.some(({ seq }) => seq === hit.seq)
      )
      return broken ? [] : [{ at: last.at, until: last.at + activeMs, hits: chain }]
    })
  }
