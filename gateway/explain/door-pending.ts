import type { DoorMemory } from "../correlation/door-memory.ts"
import { dueAtDoor, type DueKind } from "../correlation/door-timers.ts"
import type { CompleteDoorTimes } from "../domain/door.ts"
import type { PendingExplained } from "./explanation.ts"

const texts: Readonly<Record<DueKind, string>> = {
  grantEnds: "a grant that is still unused counts as not taken",
  judge: "an opening that nothing explains yet is judged",
  closes: "its closing cannot be bounce any more",
  preAlarm: "the pre-alarm of an opening that lasts",
  held: "it has been open for as long as it may: held"
}

/** All that was to fall due at a door, nearest first. */
export const pendingExplained = (door: DoorMemory, times: CompleteDoorTimes): ReadonlyArray<PendingExplained> =>
  dueAtDoor(door, times)
    .map(({ kind, at }) => ({ what: kind, dueAt: at, text: texts[kind] }))
    .sort((a, b) => a.dueAt - b.dueAt)
