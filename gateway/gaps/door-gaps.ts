import { HashMap, Option } from "effect"
import { modeSince } from "../correlation/door-memory.ts"
import { isDuring } from "../correlation/schedules.ts"
import type { DoorState, Situation } from "../correlation/situation.ts"
import type { Campus, Door } from "../domain/campus.ts"
import { defaultDoorTimes } from "../domain/door.ts"
import type { Gap } from "../domain/gap.ts"
import type { GapSources } from "./list.ts"

/** A passage that lasts so many times the door's grant is none any more: its mode hides what happens. */
const accessedTooLong = 4

const blindGap = (situation: Situation, door: Door, state: DoorState | undefined): Gap | undefined => {
  const { position } = door
  const about = { id: `door-blind:${door.id}`, kind: "door-blind", door: door.id, area: door.area } as const
  if (position === undefined) {
    return {
      ...about,
      severity: 3,
      title: `${door.name} has no contact`,
      owner: "configuration",
      reason: "without a position nobody can know that it is forced or held",
      todo: "Give the door a contact, and its position in the configuration."
    }
  }
  // What is bypassed is told as such.
  if (HashMap.has(situation.bypasses, position)) return undefined
  if (state !== undefined && state.position !== "Unknown" && state.position !== "Fault") return undefined
  const point = situation.points.get(position)
  const fault = state?.position === "Fault"
  return {
    ...about,
    severity: 2,
    title: `${door.name} cannot be seen`,
    ...(point === undefined ? {} : { since: point.since }),
    owner: `point ${position}`,
    reason: fault
      ? "its contact is at fault"
      : point === undefined
        ? "its contact was never heard"
        : "its contact is unknown",
    todo: fault
      ? "Look at the contact and its wire."
      : "Look after the contact's device; send somebody to look at the door."
  }
}

const isMeant = (campus: Campus, { unlockedDuring }: Door, at: number): boolean =>
  unlockedDuring !== undefined && isDuring(campus, unlockedDuring.schedule, at)

const openGap = (
  { situation, at }: GapSources,
  campus: Campus,
  door: Door,
  state: DoorState | undefined
): Gap | undefined => {
  if (state === undefined) return undefined
  const grantSeconds = door.times?.grantSeconds ?? defaultDoorTimes.grantSeconds
  const passage = state.mode === "Accessed" && at - modeSince(state) > accessedTooLong * grantSeconds * 1000
  if (state.mode !== "Unlocked" && state.mode !== "LockedOpen" && !passage) return undefined
  const meant = isMeant(campus, door, at)
  const last = Option.getOrUndefined(HashMap.get(situation.commands, door.id))?.at(-1)
  return {
    id: `door-open-to-all:${door.id}`,
    kind: "door-open-to-all",
    severity: meant ? 4 : 3,
    title: `${door.name} is ${state.mode}: nobody can force it`,
    door: door.id,
    area: door.area,
    since: modeSince(state),
    owner: meant ? `schedule ${door.unlockedDuring?.schedule ?? ""}` : (last?.by ?? "its controller"),
    reason: meant ? "its schedule unlocks it" : "its mode lets everybody in, and hides a forced entry",
    todo: meant ? "Nothing: it ends with the schedule." : `Lock it when nobody needs it: gatehouse door ${door.id} lock`
  }
}

/** Doors that nobody can see, or that nobody has to force. */
export const doorGaps = (sources: GapSources): ReadonlyArray<Gap> => {
  const { situation } = sources
  const { campus } = situation
  if (campus === undefined) return []
  return campus.doors.flatMap((door) => {
    const state = situation.doors.get(door.id)
    return [blindGap(situation, door, state), openGap(sources, campus, door, state)].filter((gap) => gap !== undefined)
  })
}
