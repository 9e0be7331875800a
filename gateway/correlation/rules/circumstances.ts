import type { EpochMs } from "../../domain/ids.ts"
import type { Rule } from "../../domain/rule.ts"
import { armingTurnsBetween, isArmed } from "../arming.ts"
import type { Draft } from "../draft.ts"
import { isDuring, nextChange } from "../schedules.ts"
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

/** Whether something is known to lie where a rule does not listen; what belongs to no door may be of any. */
export const isElsewhere = (draft: Draft, rule: Rule, { door, area }: Place): boolean => {
  if (rule.doors !== undefined && door !== undefined && !rule.doors.includes(door.id)) return true
  if (rule.areas === undefined || area === undefined) return false
  const around = draft.inner.index.areasAround.get(area) ?? []
  return !rule.areas.some((id) => around.includes(id))
}

const isInScope = (draft: Draft, rule: Rule, place: Place): boolean => {
  const isSomewhere =
    (rule.doors === undefined || place.door !== undefined) && (rule.areas === undefined || place.area !== undefined)
  return isSomewhere && !isElsewhere(draft, rule, place)
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

/** A stretch of time in which a rule listened; without an end while it still does. */
export interface Listening {
  readonly from: EpochMs
  readonly until?: EpochMs
}

/** What lasts for longer is found by the schedules of the last week all the same: they turn more often. */
const lookBackMs = 7 * 86_400_000

const scheduleTurns = (draft: Draft, schedule: string | undefined, from: EpochMs, to: EpochMs): Array<EpochMs> => {
  const { campus } = draft.situation
  const turns: Array<EpochMs> = []
  if (schedule === undefined || campus === undefined) return turns
  for (let at = nextChange(campus, schedule, from); at !== undefined && at <= to; at = nextChange(campus, schedule, at))
    turns.push(at)
  return turns
}

/** When what a rule listens under may have turned, in order; the first is `from`. */
const turnsSince = (draft: Draft, rule: Rule, { area }: Place, from: EpochMs): ReadonlyArray<EpochMs> => {
  const to = draft.instant
  const begin = Math.max(from, to - lookBackMs)
  const armed =
    rule.armed === undefined || area === undefined ? [] : armingTurnsBetween(draft.situation, area, begin, to)
  const threat = rule.threat === undefined ? [] : [draft.situation.threat?.since ?? begin]
  const scheduled = [rule.during, rule.outside].flatMap((schedule) => scheduleTurns(draft, schedule, begin, to))
  const turns = [...armed, ...threat, ...scheduled].filter((at) => at > begin && at <= to)
  return [begin, ...turns.sort((a, b) => a - b)]
}

/** The last stretch between `from` and now in which a rule listened there; `undefined`: there was none. */
export const lastListening = (draft: Draft, rule: Rule, place: Place, from: EpochMs): Listening | undefined => {
  if (!isCircumstantial(rule) || from >= draft.instant) return listens(draft, rule, place, from) ? { from } : undefined
  // Of the level before the present one nothing is known any more.
  const levelSince = rule.threat === undefined ? undefined : draft.situation.threat?.since
  let last: Listening | undefined
  let before = false
  for (const [nth, at] of turnsSince(draft, rule, place, from).entries()) {
    const hears = (levelSince === undefined || at >= levelSince) && listens(draft, rule, place, at)
    // What lies farther back than is looked is taken as it was then.
    if (hears && !before) last = { from: nth === 0 ? from : at }
    if (!hears && before && last !== undefined) last = { from: last.from, until: at }
    before = hears
  }
  return last
}

/** Whether a rule listens at some times only. */
export const isCircumstantial = ({ during, outside, armed, threat }: Rule): boolean =>
  [during, outside, armed, threat].some((one) => one !== undefined)

/** Whether a rule listens there and then. */
export const listens = (draft: Draft, rule: Rule, place: Place, at: EpochMs): boolean =>
  deafness(draft, rule, place, at) === undefined
