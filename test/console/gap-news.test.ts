import { describe, expect, it } from "vitest"
import { changesGaps, gapsDueInMs } from "../../gateway/console/src/gap-news.ts"
import type { Gap } from "../../gateway/console/src/wire.ts"

const noon = Date.parse("2026-03-02T12:00:00Z")

/** A console that is silenced until so many seconds after noon; without a number, a contact that was never heard. */
const gap = (endsAfter?: number): Gap => ({
  id: `gap-${endsAfter}`,
  kind: endsAfter === undefined ? "door-blind" : "console-silenced",
  severity: 2,
  title: "The alarm is silenced",
  owner: "R. Alvarez",
  reason: "silenced",
  todo: "Wait.",
  ...(endsAfter === undefined ? {} : { until: new Date(noon + endsAfter * 1000).toISOString() })
})

describe("what is not protected", () => {
  it("is looked up again when the first of it ends", () => {
    expect(gapsDueInMs([gap(50), gap(), gap(20)], noon)).toBe(20_500)
  })

  it("is looked up every minute where nothing says when it ends", () => {
    expect(gapsDueInMs([], noon)).toBe(60_000)
    expect(gapsDueInMs([gap(), gap(7200)], noon)).toBe(60_000)
  })

  it("is asked for with a rest where something is over and still there", () => {
    expect(gapsDueInMs([gap(-600)], noon)).toBe(5_000)
  })

  it("may change with who has acknowledged an alert, and with an alert that comes again", () => {
    expect(changesGaps("acknowledged")).toBe(true)
    expect(changesGaps("acknowledgement-undone")).toBe(true)
    expect(changesGaps("reactivated")).toBe(true)
    expect(changesGaps("noted")).toBe(false)
  })
})
