import { HashMap, Option } from "effect"
import type { AreaStanding, ArmingOverride, ArmingState } from "../domain/arming.ts"
import type { Area, Campus } from "../domain/campus.ts"
import type { Fact } from "../domain/fact.ts"
import type { EpochMs } from "../domain/ids.ts"
import type { Draft } from "./draft.ts"
import { isDuring, nextChange } from "./schedules.ts"
import type { Situation } from "./situation.ts"

type Known = Pick<Situation, "campus" | "arming">

/** What an area is told to be, by what, and when that may change; `undefined`: never by itself. */
interface Decided {
  readonly state: ArmingState
  readonly because: string
  readonly until: EpochMs | undefined
}

/** The areas of a campus, and whether any has arming of its own. */
interface Areas {
  readonly byId: ReadonlyMap<string, Area>
  readonly isAnyArmed: boolean
}

/** Derived from campuses and never stored. */
const areasKnown = new WeakMap<Campus, Areas>()

const areasOf = (campus: Campus): Areas => {
  const known = areasKnown.get(campus)
  if (known !== undefined) return known
  const areas: Areas = {
    byId: new Map(campus.areas.map((area) => [area.id, area])),
    isAnyArmed: campus.areas.some(({ arming }) => arming !== undefined)
  }
  areasKnown.set(campus, areas)
  return areas
}

const keyOf = (area: string): string => `arming:${area}`

const standingOf = ({ arming }: Pick<Situation, "arming">, area: string): AreaStanding | undefined =>
  Option.getOrUndefined(HashMap.get(arming, area))

/** An officer's word holds from when it was given until it ends. */
const holds = (override: ArmingOverride | undefined, at: EpochMs): override is ArmingOverride =>
  override !== undefined && override.at <= at && at < override.until

const bySchedule = (campus: Campus, { arming }: Area, at: EpochMs): Decided | undefined => {
  if (arming?.always !== undefined)
    return { state: arming.always, because: `always ${arming.always}`, until: undefined }
  const during = arming?.armedDuring
  const schedule = during ?? arming?.armedOutside
  if (schedule === undefined) return undefined
  const isOn = isDuring(campus, schedule, at)
  return {
    state: isOn === (during !== undefined) ? "armed" : "disarmed",
    because: `${isOn ? "during" : "outside"} ${schedule}`,
    until: nextChange(campus, schedule, at)
  }
}

/**
 * What decides over an area at an instant: the nearest of itself and those it lies in that anything is said of. An
 * officer's word comes before the schedule of the same area, and never before that of one within it: to disarm a building
 * does not disarm the store in it that has arming of its own.
 */
const decide = ({ campus, arming }: Known, id: string, at: EpochMs): Decided | undefined => {
  if (campus === undefined) return undefined
  const { byId, isAnyArmed } = areasOf(campus)
  // Of many campuses nobody says anything.
  if (!isAnyArmed && HashMap.isEmpty(arming)) return undefined
  const seen = new Set<string>()
  for (let area = byId.get(id); area !== undefined && !seen.has(area.id);) {
    seen.add(area.id)
    const override = standingOf({ arming }, area.id)?.override
    if (holds(override, at)) {
      const { state, by, reason, until } = override
      return { state, because: `${by}: ${reason}`, until }
    }
    const scheduled = bySchedule(campus, area, at)
    if (scheduled !== undefined) return scheduled
    area = area.in === undefined ? undefined : byId.get(area.in)
  }
  return undefined
}

/** Whether an area is armed at an instant. One of which nobody has said anything is not. */
export const isArmed = (situation: Known, area: string, at: EpochMs): boolean =>
  decide(situation, area, at)?.state === "armed"

/** When an area may have been armed or disarmed within a time that is over, in no order. */
export const armingTurnsBetween = (
  situation: Known,
  area: string,
  from: EpochMs,
  to: EpochMs
): ReadonlyArray<EpochMs> => {
  const turns = [standingOf(situation, area)?.since ?? from]
  for (let at = decide(situation, area, from)?.until; at !== undefined && at <= to;) {
    turns.push(at)
    at = decide(situation, area, at)?.until
  }
  return turns
}

/** How an area stands at `at`, and when it is to be looked at again. */
const review = (draft: Draft, id: string, at: EpochMs): void => {
  const { situation } = draft
  const before = standingOf(situation, id)
  const override = before?.override !== undefined && before.override.until > at ? before.override : undefined
  const decided = decide(situation, id, at)
  if (decided === undefined && before === undefined) return draft.endGrace(keyOf(id))
  const { state, because, until } = decided ?? {
    state: "disarmed",
    because: "no schedule says when it is armed",
    until: undefined
  }
  const isNew = (before?.state ?? "disarmed") !== state
  const after: AreaStanding = {
    state,
    since: isNew || before === undefined ? at : before.since,
    because,
    ...(override === undefined ? {} : { override })
  }
  situation.arming =
    decided === undefined ? HashMap.remove(situation.arming, id) : HashMap.set(situation.arming, id, after)
  draft.grace(keyOf(id), until)
  const area = situation.campus === undefined ? undefined : areasOf(situation.campus).byId.get(id)
  if (isNew && area !== undefined)
    draft.event({ _tag: state === "armed" ? "AreaArmed" : "AreaDisarmed", at, area: area.id, reason: because })
}

/** A schedule turns over, or an officer's word ends: each at its own instant, also when the gateway was blind then. */
export const armingTurns = (draft: Draft, id: string, at: EpochMs): void => review(draft, id, at)

/** The area and all that lies in it. */
const within = (campus: Campus, id: string): ReadonlyArray<string> => {
  const found = new Set<string>([id])
  for (let grown = true; grown;) {
    grown = false
    for (const area of campus.areas) {
      if (area.in === undefined || !found.has(area.in) || found.has(area.id)) continue
      found.add(area.id)
      grown = true
    }
  }
  return [...found]
}

const overridden = (draft: Draft, id: string, override: ArmingOverride | undefined): void => {
  const { campus, arming } = draft.situation
  if (campus === undefined || !areasOf(campus).byId.has(id)) return
  const { override: _, ...standing } = standingOf(draft.situation, id) ?? {
    state: "disarmed" as const,
    since: draft.now,
    because: ""
  }
  draft.situation.arming = HashMap.set(arming, id, override === undefined ? standing : { ...standing, override })
  for (const area of within(campus, id)) review(draft, area, draft.now)
}

/** An officer's word on an area that the campus has, and that is not over already. */
export const armingOverridden = (draft: Draft, fact: Extract<Fact, { _tag: "AreaArmingOverridden" }>): void => {
  const { area, state, until, by, reason } = fact
  if (until > draft.now) overridden(draft, area, { state, at: draft.now, until, by, reason })
}

/** The officer's word is taken back; the schedule holds again. */
export const armingOverrideEnded = (
  draft: Draft,
  { area }: Extract<Fact, { _tag: "AreaArmingOverrideEnded" }>
): void => {
  if (standingOf(draft.situation, area)?.override !== undefined) overridden(draft, area, undefined)
}

/** Another configuration: other schedules, other areas. An officer's word on an area that is still there stands. */
export const reviewArming = (draft: Draft): void => {
  const { campus } = draft.situation
  for (const id of HashMap.keys(draft.situation.arming)) {
    if (campus !== undefined && areasOf(campus).byId.has(id)) continue
    draft.situation.arming = HashMap.remove(draft.situation.arming, id)
    draft.endGrace(keyOf(id))
  }
  for (const { id } of campus?.areas ?? []) {
    const due = draft.dueAt(keyOf(id))
    // A turn that waits for a start to settle comes yet, at its own instant.
    if (due === undefined || due > draft.now) review(draft, id, draft.now)
  }
}
