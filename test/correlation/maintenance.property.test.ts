import fc from "fast-check"
import { HashMap, Option } from "effect"
import { describe, expect, it } from "vitest"
import { innerOf } from "../../gateway/correlation/draft.ts"
import type { Situation } from "../../gateway/correlation/situation.ts"
import type { Alert, AlertChange } from "../../gateway/domain/alert.ts"
import { course, type Step } from "./course.ts"
import { type Folding, play } from "./play-course.ts"

const always = { seed: 20_261_127, numRuns: 300 } as const

const changesOf = ({ decisions }: Folding): ReadonlyArray<AlertChange> =>
  decisions.flatMap((decision) => (decision._tag === "Alert" ? [decision.change] : []))

const isMaintenance = (step: Step): boolean => step._tag === "Service" && (step.act === "begin" || step.act === "end")

/** Takes the maintenance out of a course, and leaves its time. */
const withoutMaintenance = (steps: ReadonlyArray<Step>): ReadonlyArray<Step> =>
  steps.map((step) =>
    isMaintenance(step) ? { ...step, _tag: "Service", act: "end bypass", nth: 5, minutes: 0 } : step
  )

/** A course in which something is worked on from the first, and perhaps again and elsewhere. */
const worked: fc.Arbitrary<ReadonlyArray<Step>> = fc
  .tuple(fc.nat(5), fc.constantFrom(0.2, 1, 8), course)
  .map(([nth, minutes, steps]) => [{ _tag: "Service", afterMs: 0, act: "begin", nth, minutes }, ...steps])

/** What alerts tell of the world, whoever was asked about it: the panels' own answering depends on that. */
const happenings = (steps: ReadonlyArray<Step>) =>
  play(steps, "prompt").flatMap((folding) =>
    changesOf(folding).flatMap(({ transition, by, alert: { condition, key, count, active, occurredAt, priority } }) =>
      by === "alerts.maintenance"
        ? []
        : transition === "raised" || transition === "reactivated" || transition === "updated"
          ? [JSON.stringify({ condition, key, count, active, occurredAt, priority })]
          : []
    )
  )

const aloud = ["DoorTampered", "PanicPressed", "DuressSignalled"]

const alertIn = ({ alerts }: Situation, id: string): Alert | undefined => Option.getOrUndefined(HashMap.get(alerts, id))

/** Alerts that were and are silent, and call for somebody all the same. */
const soundsOf = (folding: Folding) =>
  changesOf(folding).filter(
    ({ transition, alert }) =>
      transition === "reactivated" &&
      alert.active &&
      alert.outOfService !== undefined &&
      alertIn(folding.before, alert.id)?.outOfService !== undefined
  )

const silencedIn = ({ alerts }: Situation): ReadonlyArray<Alert> =>
  HashMap.toValues(alerts).filter(({ outOfService }) => outOfService !== undefined)

/** What silences an alert is going on, until the time that the alert tells; or it is over, and the alert is normal. */
const isHonest = ({ maintenance }: Situation, { active, outOfService }: Alert): boolean =>
  outOfService?.endedAt === undefined
    ? Option.getOrUndefined(HashMap.get(maintenance, outOfService?.key ?? ""))?.until === outOfService?.until
    : !active

/** Alerts that were silent, hold, and are so no more. */
const askedAgainIn = (folding: Folding) =>
  silencedIn(folding.before).flatMap(({ id }) => {
    const alert = alertIn(folding.after, id)
    if (alert === undefined || alert.outOfService !== undefined || !alert.active) return []
    const changes = changesOf(folding).filter((change) => change.alert.id === id)
    return [{ alert, transitions: changes.map(({ transition }) => transition) }]
  })

describe("maintenance, over any course of events", () => {
  it("loses nothing: every happening has its alert and its count as without it", () => {
    fc.assert(
      fc.property(worked, (steps) => {
        const told = steps.filter(({ _tag }) => _tag !== "Condition" && _tag !== "Answer")
        expect(new Set(happenings(told))).toEqual(new Set(happenings(withoutMaintenance(told))))
      }),
      always
    )
  })

  it("makes no sound for what comes in it, and has what still holds ask again at its end", () => {
    let silent = 0
    let asked = 0
    fc.assert(
      fc.property(worked, (steps) => {
        for (const folding of play(steps, "prompt")) {
          expect(soundsOf(folding)).toEqual([])
          for (const alert of silencedIn(folding.after)) {
            silent++
            expect(aloud).not.toContain(alert.condition)
            expect(isHonest(folding.after, alert)).toBe(true)
          }
          for (const { alert, transitions } of askedAgainIn(folding)) {
            asked++
            expect(alert.acknowledged).toBe(false)
            // What is shelved, or chatters, asks nobody anew for reasons of its own.
            const isCalm = alert.shelved !== undefined || alert.chattering !== undefined
            expect(isCalm || transitions.includes("reactivated")).toBe(true)
          }
        }
      }),
      always
    )
    expect(silent).toBeGreaterThan(100)
    expect(asked).toBeGreaterThan(20)
  })

  it("ends in time, and so does every bypass; none is of a reader or a tamper switch", () => {
    fc.assert(
      fc.property(worked, (steps) => {
        const foldings = play(steps, "prompt")
        for (const { after } of foldings) {
          const { wanted } = innerOf(after).agenda
          for (const [key, { until }] of HashMap.entries(after.maintenance))
            expect(wanted.get(`maintenance:${key}`)).toBe(until)
          for (const [point, { until }] of HashMap.entries(after.bypasses)) {
            expect(wanted.get(`bypass:${point}`)).toBe(until)
            expect(["reader/reader", "contact/tamper"]).not.toContain(point)
          }
        }
      }),
      { ...always, numRuns: 100 }
    )
  })
})
