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

/**
 * The oldest that says again what was said of the same before: what has begun lasts since the first, and ends with the first
 * end. Else the oldest of what is over.
 */
export const oldestRepetition: Spare = (hits) => {
  const before = new Map<string | undefined, boolean>()
  for (const [nth, { step, differs }] of hits.entries()) {
    if (before.get(differs) === step >= 0) return nth
    before.set(differs, step >= 0)
  }
  // What goes on has nothing after it.
  const over = hits.findIndex(
    ({ step, differs }, nth) => step < 0 || hits.findLastIndex((hit) => hit.differs === differs) > nth
  )
  return Math.max(over, 0)
}
