import type { Rule } from "../../domain/rule.ts"
import { type Hit, isWithin, type Match } from "./hits.ts"

/** Every hit that completes the number within the window that ends with it, and those it counts. */
export const countMatches =
  ({ atLeast, withinSeconds, distinct }: NonNullable<Rule["count"]>, activeMs: number) =>
  (hits: ReadonlyArray<Hit>): ReadonlyArray<Match> =>
    hits.flatMap((last, nth) => {
      const within = hits.slice(0, nth + 1).filter((hit) => isWithin(hit, last, withinSeconds * 1000))
      const counted = distinct === undefined ? within : firstOfEach(within)
      if (counted.length < atLeast) return []
      // Another of a kind that is there already completes nothing.
      if (distinct !== undefined && !counted.includes(last)) return []
      return [{ at: last.at, until: last.at + activeMs, hits: counted }]
    })

const firstOfEach = (hits: ReadonlyArray<Hit>): ReadonlyArray<Hit> => {
  const seen = new Set<string | undefined>()
  return hits.filter(({ differs }) => differs !== "" && !seen.has(differs) && seen.add(differs))
}
