import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { freeze, type Frozen, thaw } from "../../gateway/correlation/snapshot.ts"
import type { Alert } from "../../gateway/domain/alert.ts"
import type { Unstamped } from "../../gateway/intake/intake.ts"
import { Course } from "./escalation-course.ts"

/** The same courses in every run: a failure here is a fault in the code and never in the weather. */
const always = { seed: 20_261_127 } as const

const by = "Ada"
const seconds = (most: number) => fc.integer({ min: 1, max: most * 1000 })

const step = fc.oneof(
  { weight: 3, arbitrary: seconds(200).map((ms) => (course: Course) => course.pass(ms)) },
  { weight: 1, arbitrary: seconds(5).map((ms) => (course: Course) => course.pass(ms)) },
  {
    weight: 1,
    // The clock goes forward all at once: what was due in between comes late, and comes.
    arbitrary: seconds(3600).map((ms) => (course: Course) => {
      course.now += ms
      course.enter({ _tag: "TimePassed" })
    })
  },
  {
    weight: 1,
    arbitrary: seconds(3600).map((ms) => (course: Course) => course.enter({ _tag: "TimePassed" }, course.now - ms))
  },
  { weight: 1, arbitrary: seconds(900).map((ms) => (course: Course) => course.restart(ms)) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom("handed-over", "refused", "later", "nothing")
      .map((outcome) => (course: Course) => course.send(outcome as "later"))
  },
  {
    weight: 4,
    arbitrary: fc
      .constantFrom<(alert: Alert) => Unstamped>(
        ({ id: alert }) => ({ _tag: "AlertAcknowledged", alert, by }),
        ({ id: alert }) => ({ _tag: "AcknowledgementUndone", alert, by }),
        ({ id: alert }) => ({ _tag: "AlertClosed", alert, by, outcome: "real", reason: "seen" }),
        ({ id: alert }) => ({ _tag: "AlertShelved", alert, by, minutes: 1, reason: "known" }),
        ({ id: alert }) => ({ _tag: "AlertUnshelved", alert, by, reason: "not any more" })
      )
      .map((factOf) => (course: Course) => {
        if (course.alert !== undefined) course.enter(factOf(course.alert))
      })
  },
  {
    weight: 3,
    arbitrary: fc
      .constantFrom("Online" as const, "Rejected" as const)
      .map((state) => (course: Course) => course.link(state))
  }
)

describe("who is told of an alert, over any order of acknowledging, resolving, reopening, restarting and clock jumps", () => {
  it("misses no step, and tells nobody once somebody has answered", { timeout: 180_000 }, () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 14 }), (steps) => {
        const course = new Course()
        for (const one of steps) one(course)
        expect(course.faults).toEqual([])
      }),
      { ...always, numRuns: 10_000 }
    )
  })

  it("goes on after a snapshot as if there had been none", { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 14 }), (steps) => {
        const course = new Course()
        for (const one of steps) {
          one(course)
          const text = JSON.stringify(freeze(course.situation))
          expect(JSON.stringify(freeze(thaw(JSON.parse(text) as Frozen)))).toBe(text)
        }
      }),
      { ...always, numRuns: 300 }
    )
  })
})
