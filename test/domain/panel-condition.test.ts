import { describe, expect, it } from "vitest"
import { commentOf } from "../../gateway/domain/panel-condition.ts"

describe("what is said at a panel with an acknowledgement", () => {
  it("is the officer's note and name, or the name alone", () => {
    expect(commentOf("M. Okafor", "guard sent")).toBe("guard sent (M. Okafor via Gatehouse)")
    expect(commentOf("M. Okafor", " \n ")).toBe("M. Okafor via Gatehouse")
  })

  it("is one line, of no length that a panel would not keep, with the name whole", () => {
    expect(commentOf("Ada", "first\nthen\tlast\u0007")).toBe("first then last (Ada via Gatehouse)")
    const long = commentOf("Ada", "x".repeat(2000))
    expect(long).toHaveLength(256)
    expect(long).toMatch(/x… \(Ada via Gatehouse\)$/)
    expect(commentOf("a".repeat(500), "x".repeat(2000))).toHaveLength(256)
  })

  it("ends in no half of a character", () => {
    for (let nth = 0; nth < 4; nth++) {
      const comment = commentOf("Ada", `${"y".repeat(nth)}${"🚪".repeat(400)}`)
      expect(comment.isWellFormed()).toBe(true)
      expect(comment.length).toBeLessThanOrEqual(256)
    }
  })
})
