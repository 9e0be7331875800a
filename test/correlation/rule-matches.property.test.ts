import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { countCompletedBy } from "../../gateway/correlation/rules/count.ts"
import { besides, type CompletedBy, type Hit, matchesBy } from "../../gateway/correlation/rules/hits.ts"
import { sequenceCompletedBy } from "../../gateway/correlation/rules/sequence.ts"
import { togetherCompletedBy } from "../../gateway/correlation/rules/together.ts"

const activeMs = 5000
const windowMs = 4000

const kinds: Readonly<Record<string, readonly [completedBy: CompletedBy, atLeast: number]>> = {
  count: [countCompletedBy({ event: "A", atLeast: 2, withinSeconds: 4 }, activeMs), 2],
  "distinct count": [countCompletedBy({ event: "A", atLeast: 2, withinSeconds: 4, distinct: "door" }, activeMs), 2],
  "exceeding count": [
    countCompletedBy({ event: "A", atLeast: 2, withinSeconds: 4, exceeds: { event: "B", beforeSeconds: 2 } }, activeMs),
    2
  ],
  together: [togetherCompletedBy({ steps: 2, windowMs, activeMs }), 2],
  sequence: [sequenceCompletedBy({ steps: 2, windowMs, activeMs }), 2]
}

/** Hits in the order of time, by clocks that are right. */
const hits = fc
  .array(
    fc.record({
      afterMs: fc.integer({ min: 1, max: 3000 }),
      step: fc.constantFrom(0, 1, besides),
      differs: fc.constantFrom("a", "b", "c")
    }),
    { maxLength: 12 }
  )
  .map((steps) => {
    let at = 0
    return steps.map(({ afterMs, step, differs }, nth): Hit => ({
      at: (at += afterMs),
      seq: nth + 1,
      step,
      text: "",
      differs
    }))
  })

describe("a hit that comes in the order of time", () => {
  for (const [kind, [completedBy, atLeast]] of Object.entries(kinds)) {
    it(`adds at most the match that it completes to those of a ${kind}`, () => {
      fc.assert(
        fc.property(hits, (all) => {
          const matches = matchesBy(completedBy, atLeast)
          const completed = completedBy(all, all.length - 1)
          const known = matches(all.slice(0, -1))
          expect(matches(all)).toEqual(completed === undefined ? known : [...known, completed])
        }),
        { seed: 20_260_302, numRuns: 500 }
      )
    })
  }
})
