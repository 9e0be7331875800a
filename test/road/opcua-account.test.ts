import { describe, expect, it } from "vitest"
import { accountOf, repeatsOf } from "./opcua-account.ts"
import type { LoggedGap } from "./opcua-log.ts"

/** Number n is told at the n-th second. */
const toldAt = (number: number): number => number * 1000

const gap = (after: number, from: number | undefined, to: number | undefined): LoggedGap => ({
  after,
  cause: "SessionLost",
  from,
  to,
  detail: ""
})

describe("the account of a torture run", () => {
  const told = [{ from: 1, to: 6 }]

  it("has nothing lost where all was heard, in whatever order", () => {
    expect(accountOf(told, { numbers: [2, 1, 3, 4, 6, 5], gaps: [], toldAt })).toEqual({
      told: 6,
      lost: 0,
      unexplained: 0
    })
  })

  it.each([
    ["there is no gap", [], 2],
    ["the gap stands there and is of that time", [gap(2, 2000, 5000)], 0],
    ["the gap stands before something that was heard", [gap(1, 2000, 5000)], 2],
    ["the gap stands behind something that was heard", [gap(3, 2000, 5000)], 2],
    ["the gap is of another time", [gap(2, 8000, 9000)], 2],
    ["the gap has no span", [gap(2, undefined, undefined)], 2]
  ])("tells what is lost, and what of it no gap explains: %s", (_, gaps, unexplained) => {
    expect(accountOf(told, { numbers: [1, 2, 5, 6], gaps, toldAt })).toEqual({ told: 6, lost: 2, unexplained })
  })

  it("counts what is lost at the end, and not what nobody told", () => {
    const ranges = [...told, { from: 1001, to: 1003 }]
    expect(accountOf(ranges, { numbers: [1, 2, 3, 4, 5, 6, 7, 1001], gaps: [], toldAt })).toEqual({
      told: 9,
      lost: 2,
      unexplained: 2
    })
  })

  it("tells what comes twice from what comes late", () => {
    expect(repeatsOf([1, 3, 2, 3, 4])).toEqual({ twice: 1, disordered: 1 })
  })
})
