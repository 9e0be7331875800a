import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { TurnQueue } from "../../gateway/intake/turn-queue.ts"

describe("what waits to be kept", () => {
  it("is taken in turns: who says one thing waits for one thing of each other, however much they have said", () => {
    const queue = new TurnQueue<string>()
    for (let nth = 0; nth < 5000; nth++) queue.push("flood", `flood ${nth}`)
    queue.push("panic", "pressed")
    expect(queue.take(3)).toEqual(["flood 0", "pressed", "flood 1"])
    expect(queue.length).toBe(4998)
  })

  it("never crosses a mark: what a link has said belongs before the word that it is lost", () => {
    const queue = new TurnQueue<string>()
    queue.push("a", "a1")
    queue.push("a", "a2")
    queue.push("b", "b1")
    queue.mark("lost")
    queue.push("b", "b2")
    expect(queue.take(2)).toEqual(["a1", "b1"])
    expect(queue.take(9)).toEqual(["a2", "lost", "b2"])
    expect(queue.take(9)).toEqual([])
  })

  it("is all taken, each once, and what one source said keeps its order, whatever is taken when", () => {
    const step = fc.oneof(
      fc.record({ push: fc.constantFrom("a", "b", "c") }),
      fc.record({ take: fc.integer({ min: 1, max: 5 }) }),
      fc.constant({ mark: true } as const)
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const queue = new TurnQueue<{ readonly source: string; readonly nth: number; readonly span: number }>()
        const taken: Array<{ readonly source: string; readonly nth: number; readonly span: number }> = []
        let nth = 0
        let span = 0
        for (const one of steps) {
          if ("push" in one) queue.push(one.push, { source: one.push, nth: nth++, span })
          else if ("take" in one) taken.push(...queue.take(one.take))
          else {
            queue.mark({ source: "mark", nth: nth++, span: span + 1 })
            span += 2
          }
        }
        taken.push(...queue.take(Number.MAX_SAFE_INTEGER))
        expect(queue.length).toBe(0)
        expect(taken.map((item) => item.nth).toSorted((a, b) => a - b)).toEqual(
          Array.from({ length: nth }, (_, n) => n)
        )
        for (const source of ["a", "b", "c", "mark"]) {
          const own = taken.filter((item) => item.source === source).map((item) => item.nth)
          expect(own).toEqual(own.toSorted((a, b) => a - b))
        }
        const spans = taken.map((item) => item.span)
        expect(spans).toEqual(spans.toSorted((a, b) => a - b))
      })
    )
  })
})
