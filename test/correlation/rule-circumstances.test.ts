import fc from "fast-check"
import { describe, expect, it, test } from "vitest"
import type { Rule } from "../../gateway/domain/rule.ts"
import { ScheduleRef } from "../../gateway/domain/schedule.ts"
import { armedCampus, endsOverride, lessons, overrides, setsThreat } from "./arming-stage.ts"
import { dawn, Stage } from "./door-stage.ts"
import { ruleOf } from "./rule-stage.ts"

const lingers = (circumstances: Partial<Rule>, forSeconds = 30): Rule =>
  ruleOf("lingers", { key: "point", ...circumstances, stays: { reading: "motion", is: "on", forSeconds } }, "Lingered")

const with_ = (rule: Rule) => ({ ...armedCampus({ hall: { armedOutside: "lessons" } }), rules: [rule] })

/** A gateway at 10:00, an hour of which nobody is at the door; its hall is disarmed from 10:01 until 10:04, and from 10:05. */
const staged = (circumstances: Partial<Rule>): Stage => Stage.closedDoor(with_(lingers(circumstances)))

const comings = (stage: Stage): ReadonlyArray<string> =>
  stage.story.filter((line) => line.includes("Lingered")).map((line) => line.replace(" Lingered", ""))

describe("a rule of what lasts that listens at times", () => {
  test("finds what lasted already when its area was armed, and lets go when it is disarmed", () => {
    // Motion from 10:03 on; armed from 10:04 until 10:05.
    const stage = staged({ armed: true }).at(180).motion("on").at(400)
    expect(comings(stage)).toEqual(["272.0 raised", "302.0 returned-to-normal"])
    expect(stage.reasons("Lingered")).toEqual([
      "240.0 It is on: pir/motion, as it was before",
      "270.0 It was so for 30 s",
      "300.0 It is over"
    ])
  })

  test("raises nothing when it is armed for too short a time", () => {
    const stage = staged({ armed: true }).at(70).motion("on").at(80)
    overrides(stage, "hall", "armed", 29)
    expect(comings(stage.at(230))).toEqual([])
  })

  test("finds what lasted already when a schedule begins, within it and outside of it", () => {
    const [during, outside] = [ScheduleRef.make("lessons"), ScheduleRef.make("lessons")]
    expect(comings(staged({ during }).at(10).motion("on").at(300))).toEqual(["92.0 raised", "242.0 returned-to-normal"])
    expect(comings(staged({ outside }).at(70).motion("on").at(310))).toEqual([
      "272.0 raised",
      "302.0 returned-to-normal"
    ])
  })

  test("finds what lasted already when the threat level rises, counted from then", () => {
    const stage = staged({ threat: ["high"] })
      .at(10)
      .motion("on")
      .at(100)
    setsThreat(stage, "high", 60)
    expect(comings(stage.at(300))).toEqual(["132.0 raised", "162.0 returned-to-normal"])
  })

  test("counts from when the last of several circumstances began", () => {
    const stage = staged({ threat: ["high"], armed: true })
      .at(10)
      .motion("on")
      .at(100)
    setsThreat(stage, "high")
    expect(comings(stage.at(320))).toEqual(["272.0 raised", "302.0 returned-to-normal"])
  })

  test("goes on over a restart in the middle of it", () => {
    const stage = staged({ armed: true }).at(180).motion("on").at(250).killedUntil(260).at(400)
    expect(comings(stage)).toEqual(["272.0 raised", "302.0 returned-to-normal"])
  })

  test("finds it when it is armed while the gateway does not run", () => {
    const stage = staged({ armed: true }).at(180).motion("on").at(230).killedUntil(245).at(400)
    expect(comings(stage)).toEqual(["272.0 raised", "302.0 returned-to-normal"])
  })

  test("turns with a schedule that turned while the gateway did not run, though it starts with another configuration", () => {
    const during = ScheduleRef.make("lessons")
    const restarted = (stage: Stage, circumstances: Partial<Rule> = { during }) => {
      const { site, ...campus } = with_(lingers(circumstances))
      return stage.configured({ ...campus, site: { ...site, name: "Renamed" } }, "v2").at(400)
    }
    // Lessons begin at 10:01, and at 10:05 again.
    const begun = staged({ during }).at(10).motion("on").at(50).killedUntil(65)
    expect(comings(restarted(begun))).toEqual(["92.0 raised", "242.0 returned-to-normal", "332.0 reactivated"])
    const over = staged({ during }).at(10).motion("on").at(230).killedUntil(245)
    expect(comings(restarted(over))).toEqual(["92.0 raised", "248.0 returned-to-normal", "332.0 reactivated"])
    // Armed from 10:04 until 10:05.
    const armed = staged({ armed: true }).at(180).motion("on").at(230).killedUntil(245)
    expect(comings(restarted(armed, { armed: true }))).toEqual(["272.0 raised", "302.0 returned-to-normal"])
  })

  test("hears of a beginning or an end only after it was armed, and judges it by when it was", () => {
    const late = staged({ armed: true }).at(241).motion("on", { deviceTime: 239.5, trusted: true }).at(400)
    expect(comings(late)).toEqual(["272.0 raised", "302.0 returned-to-normal"])
    const over = staged({ armed: true }).at(180).motion("on", { deviceTime: 180, trusted: true }).at(241)
    expect(comings(over.motion("off", { deviceTime: 239.5, trusted: true }).at(400))).toEqual([])
    // Begun while it was armed, told when it no longer was.
    const after = staged({ armed: true }).at(301).motion("on", { deviceTime: 299.5, trusted: true }).at(500)
    expect(comings(after)).toEqual([])
  })

  test("begins with its schedule's new hours, and ends with them, when the configuration is changed", () => {
    const during = ScheduleRef.make("lessons")
    const stage = staged({ during }).at(10).motion("on").at(20)
    const campus = with_(lingers({ during }))
    const now = { ...lessons, periods: [{ from: "10:00", to: "11:00" }] }
    stage.configured({ ...campus, schedules: [now] }, "v2").at(60)
    expect(comings(stage)).toEqual(["52.0 raised"])
    const later = { ...lessons, periods: [{ from: "10:30", to: "11:00" }] }
    stage.configured({ ...campus, schedules: [later] }, "v3").at(70)
    expect(comings(stage)).toEqual(["52.0 raised", "62.0 returned-to-normal"])
  })

  test("that is new finds what has lasted since its circumstances began, and not since before", () => {
    const stage = Stage.closedDoor({ ...with_(lingers({})), rules: [] })
      .at(180)
      .motion("on")
      .at(250)
    stage.configured(with_(lingers({ armed: true })), "v2").at(280)
    expect(comings(stage)).toEqual(["272.0 raised"])
  })
})

interface Turn {
  readonly atMs: number
  readonly lagMs: number
}

const turns = fc
  .uniqueArray(fc.integer({ min: 70, max: 170 }), { maxLength: 12 })
  .chain((seconds) =>
    fc.tuple(
      ...seconds
        .sort((a, b) => a - b)
        .map((at) => fc.record({ atMs: fc.constant(at * 1000), lagMs: fc.integer({ min: 0, max: 900 }) }))
    )
  )

/** From when to when it is so, of changes that come in turn. */
const stretches = (changes: ReadonlyArray<Turn>, end: number): ReadonlyArray<readonly [number, number]> =>
  changes.flatMap(({ atMs }, nth) => (nth % 2 === 0 ? [[atMs, changes[nth + 1]?.atMs ?? end] as const] : []))

describe("what lasts while an area is armed", () => {
  it("is found whenever both last together for long enough, however late its messages are", () => {
    fc.assert(
      fc.property(turns, turns, (motions, armings) => {
        const stage = Stage.closedDoor(with_(lingers({ armed: true }, 8)))
        const steps = [
          ...motions.map(({ atMs, lagMs }, nth) => ({
            atMs: atMs + lagMs,
            does: () => {
              stage.motion(nth % 2 === 0 ? "on" : "off", { deviceTime: atMs / 1000, trusted: true })
            }
          })),
          ...armings.map(({ atMs }, nth) => ({
            atMs: atMs + 500,
            does: () => {
              if (nth % 2 === 0) overrides(stage, "hall", "armed", 1000)
              else endsOverride(stage, "hall")
            }
          }))
        ]
        for (const { atMs, does } of steps.sort((a, b) => a.atMs - b.atMs)) {
          stage.at(atMs / 1000)
          does()
        }
        stage.at(200)
        const armed = stretches(
          armings.map((turn) => ({ ...turn, atMs: turn.atMs + 500 })),
          200_000
        )
        const expected = stretches(motions, 200_000).flatMap(([on, off]) =>
          armed.flatMap(([from, to]) => {
            const [began, ended] = [Math.max(on, from), Math.min(off, to)]
            return ended - began > 8000 ? [began + 8000] : []
          })
        )
        const found = stage.changes
          .filter(
            ({ transition, alert }) => alert.condition === "Lingered" && ["raised", "reactivated"].includes(transition)
          )
          .map(({ why }) => (why.at(-1)?.at ?? 0) - dawn)
        expect(found).toEqual(expected)
      }),
      { seed: 20_261_127, numRuns: 400 }
    )
  })
})
