import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  mayForget,
  numberAfter,
  see,
  sequenceMax,
  stepsTo,
  worthAsking
} from "../../../adapters/opcua/subscription/sequence.ts"

const data = (number: number) => ({ number, keepAlive: false })
const keepAlive = (number: number) => ({ number, keepAlive: true })

describe("the numbers of a subscription's messages", () => {
  it("go on at 1 after the last, for 0 is none", () => {
    expect(numberAfter(1)).toBe(2)
    expect(numberAfter(sequenceMax)).toBe(1)
    expect(see(sequenceMax, data(sequenceMax))).toEqual({ deliver: true, missing: 0, expected: 1 })
    expect(see(sequenceMax, data(2))).toEqual({ deliver: true, missing: 2, expected: 3 })
  })

  it("of a keep-alive is that of the message to come, and says what never came", () => {
    expect(see(5, keepAlive(5))).toEqual({ deliver: false, missing: 0, expected: 5 })
    expect(see(5, keepAlive(7))).toEqual({ deliver: false, missing: 2, expected: 7 })
  })

  it("that lie behind were seen already", () => {
    expect(see(5, data(4))).toEqual({ deliver: false, missing: 0, expected: 5 })
    expect(see(5, keepAlive(4))).toEqual({ deliver: false, missing: 0, expected: 5 })
    expect(see(1, data(sequenceMax))).toEqual({ deliver: false, missing: 0, expected: 1 })
  })

  it("that are missing are asked for in their order, so far as the server still has them", () => {
    expect(worthAsking(5, 3, [])).toEqual([5, 6, 7])
    expect(worthAsking(5, 3, [8, 7, 6, 2])).toEqual([6, 7])
    expect(worthAsking(sequenceMax, 3, [])).toEqual([sequenceMax, 1, 2])
    expect(worthAsking(sequenceMax, 3, [1, sequenceMax, 9])).toEqual([sequenceMax, 1])
    expect(worthAsking(1, 5000, [])).toHaveLength(1000)
    expect(worthAsking(1, 5000, []).at(-1)).toBe(5000)
  })

  it("that are on disk need not be kept by the server any more, and no others", () => {
    expect(mayForget([3, 4, 5, 6], 5)).toEqual([3, 4])
    expect(mayForget([sequenceMax, 1, 2], 2)).toEqual([sequenceMax, 1])
    expect(mayForget([], 5)).toEqual([])
  })

  const number = fc.oneof(
    fc.integer({ min: 1, max: sequenceMax }),
    fc.integer({ min: 1, max: 20 }),
    fc.integer({ min: sequenceMax - 20, max: sequenceMax })
  )

  it("lead round the ring: so many steps after a number comes the other", () => {
    fc.assert(
      fc.property(number, fc.integer({ min: 0, max: 50 }), (from, steps) => {
        let to = from
        for (let step = 0; step < steps; step++) to = numberAfter(to)
        expect(stepsTo(from, to)).toBe(steps)
      })
    )
  })

  it("have every message given once and in order, whatever is lost, repeated or late, when what is missing is filled in", () => {
    const shuffled = fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(number, shuffled, (first, order) => {
        const numbers = [first]
        for (let nth = 0; nth < 30; nth++) numbers.push(numberAfter(numbers.at(-1) ?? 1))
        const given: Array<number> = []
        let expected = first
        for (const nth of order) {
          const came = numbers[nth] ?? first
          const seen = see(expected, data(came))
          given.push(...worthAsking(expected, seen.missing, []))
          if (seen.deliver) given.push(came)
          expected = seen.expected
        }
        expect(given).toEqual(numbers.slice(0, given.length))
        expect(given.length).toBe(Math.max(...order) + 1)
      })
    )
  })
})
