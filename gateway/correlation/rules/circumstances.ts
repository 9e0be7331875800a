import type { EpochMs } from "../../domain/ids.ts"
import type { Rule } from "../../domain/rule.ts"
import { isArmed } from "../arming.ts"
import type { Draft } from "../draft.ts"
import { isDuring } from "../schedules.ts"
import { threatLevelAt } from "../threat-level.ts"
import type { Place } from "./places.ts"

const isScheduled = (draft: Draft, { during, outside }: Rule, at: EpochMs): boolean => {
  const { campus } = draft.situation
  if (during === undefined && outside === undefined) return true
  if (campus === undefined) return false
  return (
    (during === undefined || isDuring(campus, during, at)) && (outside === undefined || !isDuring(campus, outside, at))
  )
}

const isInScope = (draft: Draft, rule: Rule, { door, area }: Place): boolean => {
  if (rule.doors !== undefined && (door === undefined || !rule.doors.includes(door.id))) return false
  if (rule.areas === undefined) return true
  const around = area === undefined ? [] : (draft.inner.index.areasAround.get(area) ?? [])
  return rule.areas.some((id) => around.includes(id))
}

/** What keeps a rule from listening: its doors and areas, its schedule, the threat level, whether the area is armed. */
export type Deafness = "elsewhere" | "schedule" | "threat" | "arming"

/** Why a rule does not listen there and then; `undefined`: it does. */
export const deafness = (draft: Draft, rule: Rule, place: Place, at: EpochMs): Deafness | undefined => {
  if (!isInScope(draft, rule, place)) return "elsewhere"
  if (!isScheduled(draft, rule, at)) return "schedule"
  if (rule.threat !== undefined && !rule.threat.includes(threatLevelAt(draft.situation))) return "threat"
  if (rule.armed === undefined) return undefined
  const isSo = (place.area !== undefined && isArmed(draft.situation, place.area, at)) === rule.armed
  return isSo ? undefined : "arming"
}

/** Whether a rule listens there and then. */
export const listens = (draft: Draft, rule: Rule, place: Place, at: EpochMs): boolean =>
  deafness(draft, rule, place, at) === undefined
