import type { EpochMs } from "../../domain/ids.ts"
import { areOfOne, besides, type CompletedBy, countsFrom, earliestOf, type Hit, isWithin, mayPrecede } from "./hits.ts"

export interface Ordered {
  readonly steps: number
  readonly windowMs: number
  readonly activeMs: number
}

const isIn = (chain: ReadonlyArray<Hit>, hit: Hit): boolean => {
  for (const one of chain) if (areOfOne(one, hit)) return true
  return false
}

/** The latest hit of a step that may come before those of the chain, and is none of them. */
const latestBefore = (hits: ReadonlyArray<Hit>, step: number, chain: ReadonlyArray<Hit>): Hit | undefined => {
  const after = chain.at(-1)
  for (let nth = hits.length - 1; nth >= 0; nth--) {
    const hit = hits[nth]
    if (hit === undefined || after === undefined || hit.step !== step) continue
    if (mayPrecede(hit, after) && !isIn(chain, hit)) return hit
  }
  return undefined
}

/**
 * The latest hit of each step before the one after it, back from the last as far as they go: the shortest that ends there. The
 * last comes first.
 */
export const chainBack = (hits: ReadonlyArray<Hit>, last: Hit): ReadonlyArray<Hit> => {
  const chain = [last]
  for (let step = last.step - 1; step >= 0; step--) {
    const before = latestBefore(hits, step, chain)
    if (before === undefined) break
    chain.push(before)
  }
  return chain
}

/** Whether what is forbidden in between lies in the chain's span, and is none of it. */
const isBroken = (hits: ReadonlyArray<Hit>, chain: ReadonlyArray<Hit>, from: EpochMs, to: EpochMs): boolean => {
  for (let nth = hits.length - 1; nth >= 0; nth--) {
    const hit = hits[nth]
    if (hit === undefined || hit.at < from) return false
    if (hit.step === besides && earliestOf(hit) <= to && !chain.some(({ seq }) => seq === hit.seq)) return true
  }
  return false
}

/**
 * So long ago what must not come parts for good what was before it from what comes after: nothing of that time is on its way any
 * more, but the rare message that is told as late as this (ours). A badge that goes in and out all day is remembered for so long.
 */
export const partsForGoodMs = 3_600_000

/**
 * The place of the newest hit that parts for good, of those that count from before then; nothing before it is ever part of a match
 * with what comes after it. 0: there is none.
 */
export const partedAt = (hits: ReadonlyArray<Hit>, before: EpochMs): number => {
  for (let nth = hits.length - 1; nth > 0; nth--) {
    const hit = hits[nth]
    if (hit?.step === besides && countsFrom(hit) < before) return nth
  }
  return 0
}

/** The match of a hit of the last step that the others precede in their order, with nothing forbidden between. */
export const sequenceCompletedBy =
  ({ steps, windowMs, activeMs }: Ordered): CompletedBy =>
  (hits, nth) => {
    const last = hits[nth]
    if (last === undefined || last.step !== steps - 1) return undefined
    const chain = chainBack(hits, last)
    const first = chain.at(-1)
    if (chain.length < steps || first === undefined || !isWithin(first, last, windowMs)) return undefined
    if (isBroken(hits, chain, first.at, last.at)) return undefined
    return { at: last.at, until: last.at + activeMs, hits: chain.toReversed() }
  }
