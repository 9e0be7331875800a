import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { Campus, Door } from "../../gateway/domain/campus.ts"
import { type Schedule, ScheduleId, ScheduleRef } from "../../gateway/domain/schedule.ts"
import { campusOf, Stage } from "./door-stage.ts"

const always = { seed: 20_260_302, numRuns: 200 } as const

/** From and until when a schedule holds, in minutes after 10:00; apart from each other. */
type Window = readonly [from: number, until: number]

const windows: fc.Arbitrary<ReadonlyArray<Window>> = fc
  .uniqueArray(fc.integer({ min: 1, max: 15 }), { minLength: 2, maxLength: 6 })
  .map((minutes) => minutes.toSorted((a, b) => a - b))
  .map((minutes) => minutes.flatMap((from, nth) => (nth % 2 === 0 ? [[from, minutes[nth + 1] ?? 20] as const] : [])))

const clock = (minute: number): string => `10:${String(minute).padStart(2, "0")}`

const campus = (door: Partial<Door>, at: ReadonlyArray<Window>): Campus => {
  const periods = at.map(([from, until]) => ({ from: clock(from), to: clock(until) }))
  const schedule: Schedule = { id: ScheduleId.make("recess"), periods }
  return { ...campusOf(door), schedules: [schedule] }
}

const recess = ScheduleRef.make("recess")

const isIn = (at: ReadonlyArray<Window>, second: number): boolean =>
  at.some(([from, until]) => from * 60 <= second && second < until * 60)

const secondsOf = (stage: Stage, line: RegExp): ReadonlyArray<number> =>
  stage.story.filter((told) => line.test(told)).map(Number.parseFloat)

describe("a door by schedule, whatever its hours,", () => {
  test("is held no sooner than its shortest time and no later than its longest, and exactly in time between turns", () => {
    fc.assert(
      fc.property(
        windows,
        fc.integer({ min: 10, max: 100 }),
        fc.integer({ min: 10, max: 100 }),
        fc.integer({ min: 1, max: 900 }),
        (at, own, during, opens) => {
          const times = (heldOpenSeconds: number) => ({ heldOpenSeconds, heldPreAlarmSeconds: heldOpenSeconds - 1 })
          const door = { times: times(own), timesDuring: [{ schedule: recess, times: times(during) }] }
          const stage = Stage.closedDoor(campus(door, at)).at(opens)
          stage
            .grants()
            .opens()
            .at(opens + 110)
          const [held = Infinity] = secondsOf(stage, /DoorOpenTooLong raised/)
          expect(held).toBeGreaterThanOrEqual(opens + Math.min(own, during))
          expect(held).toBeLessThanOrEqual(opens + Math.max(own, during))
          const limit = isIn(at, opens) ? during : own
          const turns = at.flat().some((minute) => opens < minute * 60 && minute * 60 <= opens + limit)
          const exactly = turns ? held : opens + limit
          expect(held).toBe(exactly)
          // Who opened it while it might stand open longer has the shorter time from the turn on, as far as it had any left.
          const shortened = at
            .flat()
            .map((minute) => minute * 60)
            .filter((turn) => opens < turn && turn <= held && !isIn(at, turn) && own < during)
          const least = shortened.slice(0, 1).map((turn) => Math.min(turn + own, opens + during))
          expect(held).toBeGreaterThanOrEqual(Math.max(0, ...least))
        }
      ),
      always
    )
  })

  test("is forced where nobody was granted access outside the hours in which it is unlocked, and only there", () => {
    fc.assert(
      fc.property(windows, fc.integer({ min: 20, max: 10_000 }), (at, tenths) => {
        const second = tenths / 10
        const stage = Stage.closedDoor(campus({ unlockedDuring: { schedule: recess } }, at)).at(second)
        stage.opens().at(second + 5)
        const graceSeconds = 1.5
        const unlocked = at.some(
          ([from, until]) => from * 60 - graceSeconds <= second && second <= until * 60 + graceSeconds
        )
        expect(secondsOf(stage, /DoorForcedOpen raised/)).toHaveLength(unlocked ? 0 : 1)
      }),
      always
    )
  })

  test("is held from the end of its unlocked hours on, however long it had stood open in them", () => {
    fc.assert(
      fc.property(windows, fc.integer({ min: 1, max: 900 }), (at, opens) => {
        const stage = Stage.closedDoor(campus({ unlockedDuring: { schedule: recess } }, at)).at(opens)
        stage.grants().opens().at(1300)
        const raised = secondsOf(stage, /DoorOpenTooLong (raised|reactivated)/)
        // Held where it has stood open for thirty seconds in a row outside of the hours.
        const expected: Array<number> = []
        let since: number | undefined
        for (let second = opens; second <= 1300; second++) {
          if (isIn(at, second)) since = undefined
          else since ??= second
          if (since !== undefined && second === since + 30) expected.push(second)
        }
        expect(raised).toEqual(expected)
      }),
      always
    )
  })
})
