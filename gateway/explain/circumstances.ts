import { HashMap } from "effect"
import { isArmed } from "../correlation/arming.ts"
import type { IndexedDoor } from "../correlation/campus-index.ts"
import { type DoorMemory } from "../correlation/door-memory.ts"
import { unlockedBySchedule } from "../correlation/door-cover.ts"
import { Draft, innerOf } from "../correlation/draft.ts"
import { maintenanceOf } from "../correlation/maintenance.ts"
import { everyHeld } from "../correlation/rules/held-back.ts"
import type { Situation } from "../correlation/situation.ts"
import { threatLevelAt } from "../correlation/threat-level.ts"
import type { Alert, Reason } from "../domain/alert.ts"
import { whereIsArea } from "../domain/where.ts"
import { spanOf } from "./span-words.ts"

/** What is worked on at the door, by the same rule that keeps its alerts silent. */
const maintained = (known: Situation, { door }: IndexedDoor): ReadonlyArray<Reason> => {
  // It only looks: the copy is thrown away.
  const looking = new Draft(known, known.seq + 1, known.at)
  const subject = { condition: "DoorForcedOpen", rule: "door.forced", door: door.id, area: door.area } as const
  const found = maintenanceOf(looking, subject)
  if (found === undefined) return []
  const { key, by, at, reason, until } = found
  const left = spanOf(until - known.at)
  return [
    { at, text: `${key} is in maintenance for ${left} more (${by}: ${reason}): its alerts come, and make no sound` }
  ]
}

const bypassed = ({ bypasses, at: now }: Situation, { door }: IndexedDoor): ReadonlyArray<Reason> =>
  [...HashMap.values(bypasses)]
    .filter((bypass) => bypass.door === door.id)
    .sort((a, b) => (a.point < b.point ? -1 : 1))
    .map(({ point, by, reason, at, until }) => ({
      at,
      text: `Its point ${point} is bypassed for ${spanOf(until - now)} more (${by}: ${reason}): what it says does not count`
    }))

const unlocked = (memory: DoorMemory): ReadonlyArray<Reason> =>
  unlockedBySchedule(memory)
    ? [{ at: memory.scheduled?.from ?? memory.since, text: "It is unlocked by its schedule: whoever opens it may" }]
    : []

const armed = (known: Situation, { door }: IndexedDoor): ReadonlyArray<Reason> => {
  const standing = HashMap.get(known.arming, door.area)
  const since = standing._tag === "Some" ? standing.value : undefined
  const state = isArmed(known, door.area, known.at) ? "armed" : "disarmed"
  const because = since === undefined || since.because === "" ? "" : `: ${since.because}`
  return since === undefined && state === "disarmed"
    ? []
    : [{ at: since?.since ?? known.at, text: `Its area ${whereIsArea(known.campus, door.area)} is ${state}${because}` }]
}

const silent = ({ shelved, outOfService, chattering }: Alert, now: number): string | undefined => {
  if (shelved !== undefined)
    return `shelved by ${shelved.by} for ${spanOf(shelved.until - now)} more (${shelved.reason}): it makes no sound`
  if (outOfService !== undefined && outOfService.endedAt === undefined) return "out of service: it makes no sound"
  if (chattering !== undefined) return `chattering, it came ${chattering.times} ×: it is counted, and asks nobody anew`
  return undefined
}

/** Alerts of the door that were open: what comes again adds to them, and raises no other. */
const open = (known: Situation, { door }: IndexedDoor): ReadonlyArray<Reason> =>
  [...HashMap.values(known.alerts)]
    .filter((alert) => alert.door === door.id)
    .sort((a, b) => a.raisedBy - b.raisedBy)
    .map((alert) => {
      const quiet = silent(alert, known.at) ?? (alert.active ? "active" : "back to normal")
      return { at: alert.raisedAt, seq: alert.raisedBy, text: `${alert.id} (${alert.title}) was open, ${quiet}` }
    })

/** What is held on the alert of its cause. */
const heldBack = (known: Situation, { door }: IndexedDoor): ReadonlyArray<Reason> =>
  everyHeld(innerOf(known).heldBack)
    .filter(({ finding }) => finding.door === door.id)
    .map(({ finding, cause }) => ({ at: finding.at, text: `${finding.title} is told by ${cause}, its cause, alone` }))

const threatened = (known: Situation): ReadonlyArray<Reason> =>
  known.threat === undefined
    ? []
    : [{ at: known.threat.since, text: `The threat level of the site is ${threatLevelAt(known)}` }]

/** What holds at a door beside its points: open alerts, what is held back, maintenance, bypasses, its schedule, its area's arming, the threat level. */
export const circumstancesOf = (known: Situation, door: IndexedDoor, memory: DoorMemory): ReadonlyArray<Reason> => [
  ...open(known, door),
  ...heldBack(known, door),
  ...maintained(known, door),
  ...bypassed(known, door),
  ...unlocked(memory),
  ...armed(known, door),
  ...threatened(known)
]
