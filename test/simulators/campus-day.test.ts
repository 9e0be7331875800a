import { describe, expect, test } from "vitest"
import { rehearse, stageOf } from "../../gateway/cli/scenario-runner.ts"
import { campusDay, type Incident, type Moment } from "../../simulators/campus/day.ts"
import { chance } from "../../simulators/campus/people.ts"
import { demoIncidents, forcedAfterMs } from "../../simulators/scenarios/demo-world.ts"
import type { Step } from "../../simulators/scenarios/scenario.ts"
import { read } from "../scenarios/stage.ts"

const stage = stageOf(read(["config/demo"]))
const { campus } = stage.settings
const hourMs = 3_600_000

const place = { file: "", line: 1, column: 1, length: 1 }
const where = { item: place, subject: place, of: () => place }
const carriage = { delayMs: 0, times: 1, redelivered: false, retained: false }

const dayUntil = (endMs: number, seed: number, incidents: Iterable<Incident> = []): ReadonlyArray<Moment> => {
  const moments: Array<Moment> = []
  for (const moment of campusDay(campus, chance(seed), incidents)) {
    if (moment.atMs > endMs) break
    moments.push(moment)
  }
  return moments
}

const stepsOf = (day: ReadonlyArray<Moment>): ReadonlyArray<Step> =>
  day.flatMap((moment): ReadonlyArray<Step> =>
    moment._tag === "Told"
      ? []
      : [{ _tag: "Acts", atMs: Math.round(moment.atMs), where, action: moment.action, carriage }]
  )

const asked = ({ alerts, start }: ReturnType<typeof rehearse>): ReadonlyArray<string> =>
  alerts.flatMap(({ at, change }) =>
    change.transition === "raised" || change.transition === "reactivated"
      ? [`${Math.round((at - start) / 1000)} s ${change.alert.condition} ${change.alert.door ?? change.alert.device}`]
      : []
  )

describe("people who come and go rightfully", () => {
  // A false alarm of the demonstration's own would be the first thing that a visitor sees.
  test.each([1, 2, 3, 4, 5, 6, 7, 8])("raise no alarm in an hour (seed %i)", (seed) => {
    const steps = stepsOf(dayUntil(hourMs, seed))
    expect(steps.length).toBeGreaterThan(1000)
    expect(asked(rehearse(stage, { steps, endMs: hourMs }))).toEqual([])
  })

  test("raise none when the gateway restarts among them", () => {
    const steps: ReadonlyArray<Step> = [
      ...stepsOf(dayUntil(hourMs / 4, 9)),
      ...[200_000, 410_000, 777_000].map((atMs): Step => ({
        _tag: "Restarts",
        atMs,
        backMs: atMs + 5000,
        where,
        session: "kept"
      }))
    ].toSorted((a, b) => a.atMs - b.atMs)
    expect(asked(rehearse(stage, { steps, endMs: hourMs / 4 }))).toEqual([])
  })

  test("walk the same way for the same seed, and another way for another", () => {
    expect(dayUntil(600_000, 7)).toEqual(dayUntil(600_000, 7))
    expect(dayUntil(600_000, 7)).not.toEqual(dayUntil(600_000, 8))
  })

  test("come in order of time", () => {
    const times = dayUntil(hourMs, 3, demoIncidents(campus)).map(({ atMs }) => atMs)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
  })
})

test("a day ends where nobody can walk and nothing is to happen", () => {
  const empty = { ...campus, doors: [] }
  expect([...campusDay(empty, chance(1))]).toEqual([])
})

describe("the demonstration", () => {
  const roundMs = 8 * 60_000
  const day = dayUntil(roundMs - 60_000, 1, demoIncidents(campus))

  test("tells the forced door before it happens", () => {
    const told = day.find((moment) => moment._tag === "Told")
    expect(told).toMatchObject({ text: "Science Hall roof hatch will be forced in 15 s", atMs: forcedAfterMs - 15_000 })
  })

  test("raises the alerts it is to show, the forced door first and well within a minute", () => {
    const raised = asked(rehearse(stage, { steps: stepsOf(day), endMs: roundMs - 60_000 }))
    expect(raised).toEqual([
      "22 s DoorForcedOpen roof-hatch",
      "122 s DoorOpenTooLong staff-entrance",
      "207 s DeniedBurst gym-entrance",
      "340 s DeviceOffline boiler-input"
    ])
  })

  test("goes on elsewhere in the next round", () => {
    const doors = new Set<string>()
    let nth = 0
    for (const { doors: concerned } of demoIncidents(campus)) {
      for (const door of concerned) doors.add(door)
      if (++nth === 20) break
    }
    expect(doors.size).toBeGreaterThan(6)
  })
})
