import { type CompletedBy, type Hit, isWithin } from "./hits.ts"

/** How many different steps must come within the window: all of them, or some. */
export interface Together {
  readonly steps: number
  readonly windowMs: number
  readonly activeMs: number
}

/** The match of a hit that completes so many different steps within the window that ends with it, in whatever order they came. */
export const togetherCompletedBy =
  ({ steps, windowMs, activeMs }: Together): CompletedBy =>
  (hits, nth) => {
    const last = hits[nth]
    if (last === undefined) return undefined
    const latest = new Map<number, Hit>()
    for (const hit of hits.slice(0, nth + 1)) if (isWithin(hit, last, windowMs)) latest.set(hit.step, hit)
    if (latest.size < steps) return undefined
    const found = hits.filter((hit) => latest.get(hit.step) === hit)
    return { at: last.at, until: last.at + activeMs, hits: found }
  }
