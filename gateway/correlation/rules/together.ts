import { areOfOne, type CompletedBy, type Hit, isWithin } from "./hits.ts"

/** How many different steps must come within the window: all of them, or some. */
export interface Together {
  readonly steps: number
  readonly windowMs: number
  readonly activeMs: number
}

const areOfSeveral = (hits: ReadonlyArray<Hit>): boolean =>
  hits.every((hit, nth) => !hits.some((other, place) => place < nth && areOfOne(hit, other)))

/** As many steps as can be, each by a happening of its own (augmenting paths); in the order of time. */
const eachByItsOwn = (hits: ReadonlyArray<Hit>): ReadonlyArray<Hit> => {
  const chosen = new Map<number, Hit>()
  const choose = (step: number, passed: Array<Hit>): boolean => {
    for (const hit of hits.toReversed()) {
      if (hit.step !== step || passed.some((one) => areOfOne(one, hit))) continue
      passed.push(hit)
      const [other] = [...chosen].find(([, one]) => areOfOne(one, hit)) ?? []
      if (other !== undefined && !choose(other, passed)) continue
      chosen.set(step, hit)
      return true
    }
    return false
  }
  for (const step of new Set(hits.map((hit) => hit.step))) choose(step, [])
  return hits.filter((hit) => chosen.get(hit.step) === hit)
}

/**
 * The match of a hit that completes so many different steps within the window that ends with it, in whatever order they
 * came, each by a happening of its own.
 */
export const togetherCompletedBy =
  ({ steps, windowMs, activeMs }: Together): CompletedBy =>
  (hits, nth) => {
    const last = hits[nth]
    if (last === undefined) return undefined
    const within = hits.slice(0, nth + 1).filter((hit) => isWithin(hit, last, windowMs))
    const latest = new Map<number, Hit>()
    for (const hit of within) latest.set(hit.step, hit)
    if (latest.size < steps) return undefined
    const newest = within.filter((hit) => latest.get(hit.step) === hit)
    const found = areOfSeveral(newest) ? newest : eachByItsOwn(within)
    if (found.length < steps) return undefined
    return { at: last.at, until: last.at + activeMs, hits: found }
  }
