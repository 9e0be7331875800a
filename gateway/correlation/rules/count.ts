import type { Rule } from "../../domain/rule.ts"
import { besides, type CompletedBy, earliestOf, type Hit, isWithin } from "./hits.ts"

/** The match of a hit that completes the number within the window that ends with it, with those it counts. */
export const countCompletedBy =
  ({ atLeast, withinSeconds, distinct, exceeds }: NonNullable<Rule["count"]>, activeMs: number): CompletedBy =>
  (hits, nth) => {
    const last = hits[nth]
    if (last === undefined || last.step === besides) return undefined
    if (!areEnough(hits, nth, atLeast, withinSeconds * 1000)) return undefined
    const within = hits
      .slice(0, nth + 1)
      .filter((hit) => hit.step !== besides && isWithin(hit, last, withinSeconds * 1000))
    const counted = distinct === undefined ? within : firstOfEach(within)
    if (counted.length < atLeast) return undefined
    // Another of a kind that is there already completes nothing.
    if (distinct !== undefined && !counted.includes(last)) return undefined
    if (exceeds !== undefined && counted.length <= allowedFor(hits, counted, last, exceeds)) return undefined
    return { at: last.at, until: last.at + activeMs, hits: counted }
  }

/** Whether so many lie within the window that ends with the `nth`, whatever kind they are of. */
const areEnough = (hits: ReadonlyArray<Hit>, nth: number, atLeast: number, windowMs: number): boolean => {
  const last = hits[nth]
  let many = 0
  for (let one = 0; one <= nth; one++) {
    const hit = hits[one]
    if (hit !== undefined && last !== undefined && hit.step !== besides && isWithin(hit, last, windowMs)) many++
  }
  return many >= atLeast
}

/** How many there may be: one for each of those that came with them, or shortly before the first. */
const allowedFor = (
  hits: ReadonlyArray<Hit>,
  counted: ReadonlyArray<Hit>,
  last: Hit,
  { beforeSeconds = 0 }: NonNullable<NonNullable<Rule["count"]>["exceeds"]>
): number => {
  const from = (counted[0] ?? last).at - beforeSeconds * 1000
  return hits.filter((hit) => {
    const off = (hit.off ?? 0) + (last.off ?? 0)
    return hit.step === besides && hit.at >= from - off && earliestOf(hit) <= last.at + off
  }).length
}

const firstOfEach = (hits: ReadonlyArray<Hit>): ReadonlyArray<Hit> => {
  const seen = new Set<string | undefined>()
  return hits.filter(({ differs }) => differs !== "" && !seen.has(differs) && seen.add(differs))
}
