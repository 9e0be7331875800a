import type { Door } from "../domain/campus.ts"
import type { EpochMs } from "../domain/ids.ts"
import { type IndexedDoor, timesOf } from "./campus-index.ts"
import type { DoorMemory } from "./door-memory.ts"
import type { DoorInput } from "./door-step.ts"
import { isDuring, nextChange, type Scheduled } from "./schedules.ts"

const schedulesOf = ({ timesDuring = [], unlockedDuring }: Door): ReadonlyArray<string> => [
  ...timesDuring.map(({ schedule }) => schedule),
  ...(unlockedDuring === undefined ? [] : [unlockedDuring.schedule])
]

/** Whether a door has schedules at all; most have none. */
export const hasSchedules = ({ door: { timesDuring, unlockedDuring } }: IndexedDoor): boolean =>
  timesDuring !== undefined || unlockedDuring !== undefined

/** When one of a door's schedules changes next. */
export const nextTurn = (campus: Scheduled, { door }: IndexedDoor, at: EpochMs): EpochMs | undefined => {
  const turns = schedulesOf(door).flatMap((schedule) => nextChange(campus, schedule, at) ?? [])
  return turns.length === 0 ? undefined : Math.min(...turns)
}

type Unlocked = Extract<DoorInput, { _tag: "ScheduleTurned" }>["unlocked"]

const unlockedAt = (campus: Scheduled, { unlockedDuring }: Door, at: EpochMs): Unlocked => {
  if (unlockedDuring === undefined || !isDuring(campus, unlockedDuring.schedule, at)) return "no"
  return unlockedDuring.firstPersonIn === true ? "after the first person" : "at once"
}

const isScheduledAs = ({ scheduled }: DoorMemory, unlocked: Unlocked): boolean => {
  const window = scheduled?.until === undefined ? scheduled : undefined
  if (unlocked === "no") return window === undefined
  return window !== undefined && (unlocked === "after the first person" || window.from !== undefined)
}

/**
 * What a door is to be told of its schedules at an instant; `undefined` when it knows. Of several times that hold at once
 * the first in the list is taken.
 */
export const turnOf = (
  campus: Scheduled,
  indexed: IndexedDoor,
  memory: DoorMemory,
  at: EpochMs
): Omit<Extract<DoorInput, { _tag: "ScheduleTurned" }>, "at" | "heardAt" | "seq"> | undefined => {
  const { door } = indexed
  const timesBy = door.timesDuring?.find(({ schedule }) => isDuring(campus, schedule, at))?.schedule
  const unlocked = unlockedAt(campus, door, at)
  if (memory.timesBy === timesBy && isScheduledAs(memory, unlocked)) return undefined
  const earlyMs = (door.unlockedDuring?.firstPersonEarlyMinutes ?? 0) * 60_000
  return { _tag: "ScheduleTurned", timesBy, unlocked, earlyMs, before: timesOf(indexed, memory) }
}
