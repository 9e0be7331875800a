import { describe, expect, it } from "vitest"
import type { CallsAt } from "../../gateway/console/src/replay-wire.ts"
import { marksOf } from "../../gateway/console/src/timeline-marks.ts"

const removed = (at: number, calls = 1): CallsAt => ({ course: "recorded", kind: "removed", at: String(at), calls })
const drawn = (...timeline: ReadonlyArray<CallsAt>) => marksOf(timeline, Number).map(({ x, count }) => [x, count])

describe("the marks of a replay's timelines", () => {
  it("stand where their first call was, and become one where they would hide one another", () => {
    expect(drawn(removed(0), removed(10), removed(100))).toEqual([
      [0, 2],
      [100, 1]
    ])
  })

  it("leave room for their number, the more the longer it is", () => {
    expect(drawn(removed(0), removed(16))).toEqual([
      [0, 1],
      [16, 1]
    ])
    expect(drawn(removed(0, 2), removed(16), removed(24))).toEqual([
      [0, 3],
      [24, 1]
    ])
    expect(drawn(removed(0, 1200), removed(40), removed(48))).toEqual([
      [0, 1201],
      [48, 1]
    ])
  })

  it("never join calls of another kind, or of the other course", () => {
    const moved = { kind: "moved", at: "5", calls: 1 } as const
    const marks = marksOf([removed(0), { ...moved, course: "recorded" }, { ...moved, course: "changed" }], Number)
    expect(marks).toHaveLength(3)
  })
})
