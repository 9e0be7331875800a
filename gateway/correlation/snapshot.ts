import { HashMap } from "effect"
import type { Alert } from "../domain/alert.ts"
import type { Campus } from "../domain/campus.ts"
import type { LinkState } from "../domain/link.ts"
import { emptyIndex, indexCampus } from "./campus-index.ts"
import { type DeadlineHeap, insert } from "./deadline-heap.ts"
import { type DoorMemory, nearestDeadline } from "./door-memory.ts"
import { doorStateOf, innerOf } from "./draft.ts"
import type { DeviceState, PointState, Situation } from "./situation.ts"

type Rows<V> = ReadonlyArray<readonly [string, V]>

/** A situation as plain JSON: rows sorted by key, indexes left out. Equal situations freeze equal. */
export interface Frozen {
  readonly seq: number
  readonly at: number
  readonly configVersion: string
  readonly campus: Campus | null
  readonly points: Rows<PointState>
  readonly devices: Rows<DeviceState>
  readonly doors: Rows<DoorMemory>
  readonly links: Rows<LinkState>
  readonly alerts: Rows<Alert>
  readonly graces: Rows<number>
  readonly notBefore: number
  readonly pointsOf: Rows<ReadonlyArray<string>>
}

const rows = <V>(map: HashMap.HashMap<string, V>): Rows<V> =>
  [...HashMap.entries(map)].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))

export const freeze = (situation: Situation): Frozen => {
  const inner = innerOf(situation)
  return {
    seq: situation.seq,
    at: situation.at,
    configVersion: situation.configVersion,
    campus: situation.campus ?? null,
    points: rows(situation.points),
    devices: rows(situation.devices),
    doors: rows(HashMap.map(situation.doors, (door) => door.machine as DoorMemory)),
    links: rows(situation.links),
    alerts: rows(situation.alerts),
    graces: rows(inner.graces),
    notBefore: inner.notBefore,
    pointsOf: rows(inner.pointsOf)
  }
}

const dueOf = (frozen: Frozen): DeadlineHeap => {
  let due: DeadlineHeap
  for (const [id, memory] of frozen.doors) {
    const at = nearestDeadline(memory.deadlines)
    if (at !== undefined) due = insert(due, { at, key: `door:${id}` })
  }
  for (const [key, at] of frozen.graces) due = insert(due, { at, key })
  return due
}

/** The situation a snapshot holds; folding on from it equals folding on from the original. */
export const thaw = (frozen: Frozen): Situation => ({
  seq: frozen.seq,
  at: frozen.at,
  configVersion: frozen.configVersion,
  campus: frozen.campus ?? undefined,
  points: HashMap.fromIterable(frozen.points),
  devices: HashMap.fromIterable(frozen.devices),
  doors: HashMap.fromIterable(frozen.doors.map(([id, memory]) => [id, doorStateOf(memory)] as const)),
  links: HashMap.fromIterable(frozen.links),
  alerts: HashMap.fromIterable(frozen.alerts),
  inner: {
    index: frozen.campus === null ? emptyIndex : indexCampus(frozen.campus),
    due: dueOf(frozen),
    graces: HashMap.fromIterable(frozen.graces),
    notBefore: frozen.notBefore,
    openAlert: HashMap.fromIterable(
      frozen.alerts.map(([id, alert]) => [`${alert.condition}|${alert.key}`, id] as const)
    ),
    pointsOf: HashMap.fromIterable(frozen.pointsOf)
  }
})
