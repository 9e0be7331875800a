import type { Arming, ArmingState } from "../../gateway/domain/arming.ts"
import type { Campus } from "../../gateway/domain/campus.ts"
import { AreaId } from "../../gateway/domain/ids.ts"
import { type Schedule, ScheduleId, ScheduleRef } from "../../gateway/domain/schedule.ts"
import { campusOf, dawn, type Stage } from "./door-stage.ts"

export const areas = { hall: AreaId.make("hall"), lobby: AreaId.make("lobby"), store: AreaId.make("store") }

/** Short lessons, so that areas turn within minutes: from 10:01 until 10:04, and from 10:05 until 10:30. */
export const lessons: Schedule = {
  id: ScheduleId.make("lessons"),
  periods: [
    { from: "10:01", to: "10:04" },
    { from: "10:05", to: "10:30" },
    { name: "break", from: "10:07", to: "10:09" }
  ]
}

/** When an area is armed, its schedule by its bare name. */
export type AreaArming =
  | { readonly armedDuring: string }
  | { readonly armedOutside: string }
  | { readonly always: ArmingState }

const armingFrom = (arming: AreaArming): Arming => {
  if ("always" in arming) return arming
  return "armedDuring" in arming
    ? { armedDuring: ScheduleRef.make(arming.armedDuring) }
    : { armedOutside: ScheduleRef.make(arming.armedOutside) }
}

/** The test campus with a lobby and a store in its hall, and what is said of each. */
export const armedCampus = (said: Readonly<Partial<Record<keyof typeof areas, AreaArming>>>): Campus => {
  const arming = (area: keyof typeof areas) => {
    const own = said[area]
    return own === undefined ? {} : { arming: armingFrom(own) }
  }
  return {
    ...campusOf(),
    areas: [
      { id: areas.hall, name: "Hall", kind: "building", ...arming("hall") },
      { id: areas.lobby, name: "Lobby", kind: "room", in: areas.hall, ...arming("lobby") },
      { id: areas.store, name: "Store", kind: "room", in: areas.hall, ...arming("store") }
    ],
    schedules: [lessons]
  }
}

const by = "officer"

/** An officer arms or disarms an area for so many seconds from now. */
export const overrides = (stage: Stage, area: string, state: ArmingState, forSeconds: number): void =>
  stage.enter({
    _tag: "AreaArmingOverridden",
    area: AreaId.make(area),
    state,
    until: stage.now + forSeconds * 1000,
    by,
    reason: "an evening's event"
  })

export const endsOverride = (stage: Stage, area: string): void =>
  stage.enter({ _tag: "AreaArmingOverrideEnded", area: AreaId.make(area), by, reason: "it was called off" })

export const setsThreat = (stage: Stage, level: string, forSeconds?: number): void =>
  stage.enter({
    _tag: "ThreatLevelSet",
    level,
    by,
    reason: "a call to the office",
    ...(forSeconds === undefined ? {} : { until: stage.now + forSeconds * 1000 })
  })

/** What areas became, at the second they did, and why. */
export const armingOf = (stage: Stage): ReadonlyArray<string> =>
  stage.events.flatMap((event) =>
    event._tag === "AreaArmed" || event._tag === "AreaDisarmed"
      ? [
          `${(event.at - dawn) / 1000} ${event.area} ${event._tag === "AreaArmed" ? "armed" : "disarmed"}: ${event.reason}`
        ]
      : []
  )
