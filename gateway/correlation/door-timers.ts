import type { CompleteDoorTimes } from "../domain/door.ts"
import type { EpochMs } from "../domain/ids.ts"
import type { DoorMemory, Opening, OpenStage } from "./door-memory.ts"

/** What can fall due at a door; in this order when several do at the same instant. */
const dueOrder = ["grantEnds", "judge", "closes", "preAlarm", "held"] as const
export type DueKind = (typeof dueOrder)[number]

export interface DoorDue {
  readonly kind: DueKind
  /** When it fires. */
  readonly at: EpochMs
  /** When it was so: earlier than `at` where the facts came late. */
  readonly since: EpochMs
}

/** IEC 60839-11-1: a signal of 400 ms shall be processed, whatever the configuration says. */
export const debounceOf = (times: CompleteDoorTimes): number => Math.min(times.debounceMs, 400)

/** How long an opening may last. */
export const allowedMs = (times: CompleteDoorTimes, extended: boolean): number =>
  (times.heldOpenSeconds + (extended ? times.extendedGrantSeconds : 0)) * 1000

/**
 * Until when to wait before concluding from something that happened at `at` and was heard of at `heardAt`. What
 * explains or ends it may be as late as it was itself: a device that comes back tells its opening and its closing in
 * one breath. At most the door's reorder grace.
 */
export const settledAt = (at: EpochMs, heardAt: EpochMs, times: CompleteDoorTimes): EpochMs =>
  heardAt + Math.min(Math.max(0, heardAt - at), times.reorderGraceMs)

/** When an opening becomes held; `undefined` when it may stand open or is held already. */
export const heldFrom = (opening: Opening, times: CompleteDoorTimes): EpochMs | undefined =>
  opening.timedFrom === undefined || opening.stage === "held"
    ? undefined
    : opening.timedFrom + allowedMs(times, opening.extended)

const preAlarmMs = (times: CompleteDoorTimes, extended: boolean): number =>
  (times.heldPreAlarmSeconds + (extended ? times.extendedGrantSeconds : 0)) * 1000

const preAlarmFrom = (opening: Opening, times: CompleteDoorTimes): EpochMs | undefined =>
  opening.timedFrom === undefined || opening.stage !== "open"
    ? undefined
    : opening.timedFrom + preAlarmMs(times, opening.extended)

/** How far an opening that is not held has come. */
export const stageAt = ({ timedFrom, extended }: Opening, at: EpochMs, times: CompleteDoorTimes): OpenStage =>
  timedFrom !== undefined && timedFrom + preAlarmMs(times, extended) <= at ? "pre" : "open"

/** Of each door and message: no array is made for it. */
const least = <A>(items: ReadonlyArray<A>, atOf: (item: A) => EpochMs | undefined): EpochMs | undefined => {
  let nearest: EpochMs | undefined
  for (const item of items) {
    const at = atOf(item)
    if (at !== undefined && (nearest === undefined || at < nearest)) nearest = at
  }
  return nearest
}

const endOfWaiting = ({ fate, ends }: DoorMemory["grants"][number]): EpochMs | undefined =>
  fate === "waiting" ? ends : undefined

const judgementOf = ({ judgeAt }: DoorMemory["unexplained"][number]): EpochMs | undefined => judgeAt

/** The present opening; out of sight, or with the contact closed, nobody can say that it is still open. */
const watched = ({ position, closing, opening }: DoorMemory): Opening | undefined =>
  position === "Open" && closing === undefined ? opening : undefined

/** When the nearest of a kind is to be so; `undefined`: there is none. */
const sinceOf = (door: DoorMemory, kind: DueKind, times: CompleteDoorTimes): EpochMs | undefined => {
  switch (kind) {
    case "grantEnds":
      return least(door.grants, endOfWaiting)
    case "judge":
      return least(door.unexplained, judgementOf)
    case "closes":
      return door.closing === undefined ? undefined : door.closing.at + debounceOf(times)
    case "preAlarm": {
      const opening = watched(door)
      return opening === undefined ? undefined : preAlarmFrom(opening, times)
    }
    case "held": {
      const opening = watched(door)
      return opening === undefined ? undefined : heldFrom(opening, times)
    }
  }
}

const dueAt = (door: DoorMemory, kind: DueKind, since: EpochMs): EpochMs =>
  kind === "preAlarm" || kind === "held" ? Math.max(since, door.opening?.notBefore ?? since) : since

/**
 * What falls due next at a door. Deadlines are not kept anywhere: they follow from the memory and the door's times, so
 * that none can be forgotten, outlive its cause, or disagree with a changed configuration.
 */
export const nextDoorDue = (door: DoorMemory, times: CompleteDoorTimes): DoorDue | undefined => {
  let next: DueKind | undefined
  let nearest = Number.POSITIVE_INFINITY
  let wasSo = nearest
  for (const kind of dueOrder) {
    const since = sinceOf(door, kind, times)
    const at = since === undefined ? nearest : dueAt(door, kind, since)
    if (since === undefined || at >= nearest) continue
    next = kind
    nearest = at
    wasSo = since
  }
  return next === undefined ? undefined : { kind: next, at: nearest, since: wasSo }
}

/** When that is. */
export const nextDoorDueAt = (door: DoorMemory, times: CompleteDoorTimes): EpochMs | undefined => {
  const { grants, unexplained, closing } = door
  let nearest = Number.POSITIVE_INFINITY
  for (const { fate, ends } of grants) if (fate === "waiting" && ends < nearest) nearest = ends
  for (const { judgeAt } of unexplained) if (judgeAt !== undefined && judgeAt < nearest) nearest = judgeAt
  if (closing !== undefined) nearest = Math.min(nearest, closing.at + debounceOf(times))
  const opening = watched(door)
  if (opening !== undefined) {
    const since = Math.min(preAlarmFrom(opening, times) ?? nearest, heldFrom(opening, times) ?? nearest)
    if (since < nearest) nearest = Math.min(nearest, Math.max(since, opening.notBefore))
  }
  return nearest === Number.POSITIVE_INFINITY ? undefined : nearest
}

/** All that is to fall due at a door, the nearest of each kind. */
export const dueAtDoor = (door: DoorMemory, times: CompleteDoorTimes): ReadonlyArray<DoorDue> => {
  return dueOrder.flatMap((kind) => {
    const since = sinceOf(door, kind, times)
    return since === undefined ? [] : [{ kind, at: dueAt(door, kind, since), since }]
  })
}
