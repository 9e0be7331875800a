import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { dawn, Stage } from "./door-stage.ts"

/** One thing at the door, so long after the one before. Times lie around every limit of the rules. */
interface Act {
  readonly afterMs: number
  readonly what: "door" | "grant" | "extended" | "press" | "motion"
}

const limits = [
  1, 50, 149, 150, 151, 399, 400, 999, 1000, 1001, 1499, 1501, 1999, 2000, 2001, 4999, 5000, 5001, 7999, 8001
]

const acts: fc.Arbitrary<ReadonlyArray<Act>> = fc.array(
  fc.record({
    afterMs: fc.oneof(fc.constantFrom(...limits), fc.integer({ min: 1, max: 3000 })),
    what: fc.oneof(
      { weight: 6, arbitrary: fc.constant("door" as const) },
      { weight: 2, arbitrary: fc.constant("grant" as const) },
      { weight: 3, arbitrary: fc.constantFrom("press" as const, "motion" as const, "extended" as const) }
    )
  }),
  { minLength: 1, maxLength: 25, size: "max" }
)

interface Span {
  readonly from: number
  readonly to: number
}

interface Known {
  readonly open: ReadonlyArray<Span>
  readonly motion: ReadonlyArray<Span>
  readonly presses: ReadonlyArray<number>
  readonly grants: ReadonlyArray<{ readonly at: number; readonly extended: boolean; used: boolean }>
}

/** The course as spans: what a person with a stopwatch at the door would write down. */
const written = (course: ReadonlyArray<Act>): Known => {
  let now = 0
  const toggles = { door: [] as Array<number>, motion: [] as Array<number> }
  const presses: Array<number> = []
  const grants: Array<{ at: number; extended: boolean; used: boolean }> = []
  for (const { afterMs, what } of course) {
    now += afterMs
    if (what === "press") presses.push(now)
    else if (what === "door" || what === "motion") toggles[what].push(now)
    else grants.push({ at: now, extended: what === "extended", used: false })
  }
  const spans = (times: ReadonlyArray<number>): ReadonlyArray<Span> =>
    times.flatMap((from, nth) => (nth % 2 === 0 ? [{ from, to: times[nth + 1] ?? Infinity }] : []))
  return { open: spans(toggles.door), motion: spans(toggles.motion), presses, grants }
}

/** The rules of forced entry once more, over the whole course at once, with none of the machine's state. */
const forcedBy = ({ open, motion, presses, grants }: Known): ReadonlyArray<number> => {
  const forced: Array<number> = []
  let before: { readonly to: number; readonly rightful: boolean } | undefined
  const steady: Array<Span> = []
  for (const span of open) {
    const last = steady.at(-1)
    if (last !== undefined && span.from < last.to + 150) steady[steady.length - 1] = { from: last.from, to: span.to }
    else steady.push(span)
  }
  for (const { from, to } of steady) {
    const isBounce = to - from < 150
    const edges = [...presses, ...motion.map((span) => span.from)].filter(
      (at) => at >= from - 5000 && at <= from + 1000
    )
    const seen = motion.some((on) => on.from <= from && from <= on.to)
    const granted = grants.filter(({ at, extended, used }) => {
      const unlocked = at + (extended ? 20_000 : 5000)
      return at <= from + 1500 && from <= (used ? unlocked : unlocked + 3000)
    })
    const first = Math.min(...edges, ...granted.map(({ at }) => at), seen ? from : Infinity)
    if (first > from && before?.rightful === true && from - before.to <= 2000) before = { to, rightful: true }
    else if (first < Infinity) {
      if (isBounce) continue
      // One that comes in the instant of the judgement is late evidence.
      if (first === from + 1500) forced.push(from)
      // A grant that came after the opening is used up by it when it was the one to explain it.
      for (const grant of granted) if (grant.at <= Math.max(from, first)) grant.used = true
      before = { to, rightful: true }
    } else if (!isBounce) {
      forced.push(from)
      before = { to, rightful: false }
    }
  }
  return forced
}

const enact = (course: ReadonlyArray<Act>): Stage => {
  const stage = Stage.closedDoor()
  let [now, isOpen, isSeen] = [0, false, false]
  for (const [nth, { afterMs, what }] of course.entries()) {
    now += afterMs
    stage.at(now / 1000)
    if (what === "door") isOpen = !isOpen
    if (what === "motion") isSeen = !isSeen
    if (what === "door" && isOpen) stage.opens()
    else if (what === "door") stage.closes()
    else if (what === "motion") stage.motion(isSeen ? "on" : "off")
    else if (what === "press") stage.presses()
    else stage.grants(`card-${nth}`, { extended: what === "extended" })
  }
  return stage.at(now / 1000 + 10)
}

const judgedForced = (stage: Stage): ReadonlyArray<number> =>
  stage.changes
    .filter(({ by, why }) => by === "door.forced" && why[0]?.text === "The door opened")
    .map(({ why }) => (why[0]?.at ?? 0) - dawn)

describe("an opening", () => {
  it("is forced exactly when neither grant nor request to exit nor re-latch bounce explains it", () => {
    let seen = 0
    fc.assert(
      fc.property(acts, (course) => {
        const expected = forcedBy(written(course))
        seen += expected.length
        expect(judgedForced(enact(course))).toEqual(expected)
      }),
      { seed: 20_260_302, numRuns: 600 }
    )
    expect(seen).toBeGreaterThan(300)
  })
})
