import type { Hit } from "./hits.ts"

/** Which of too many hits is let go, by its place among them. */
export type Spare = (hits: ReadonlyArray<Hit>) => number

/** The oldest of the kind that there is most of: what came once stays, however often something else comes. */
export const oldestOfMost: Spare = (hits) => {
  const kinds = new Map<string, { first: number; many: number }>()
  for (const [nth, { step, differs = "" }] of hits.entries()) {
    const kind = `${step}|${differs}`
    const known = kinds.get(kind)
    if (known === undefined) kinds.set(kind, { first: nth, many: 1 })
    else known.many++
  }
  let most = { first: 0, many: 0 }
  for (const kind of kinds.values()) if (kind.many > most.many) most = kind
  return most.first
}

/** The oldest that says again what the one before it said: what has begun lasts since the first, and ends with the first end. */
export const oldestRepetition: Spare = (hits) => {
  const nth = hits.findIndex(({ step }, place) => {
    const before = hits[place - 1]
    return before !== undefined && step >= 0 === before.step >= 0
  })
  return Math.max(nth, 0)
}
