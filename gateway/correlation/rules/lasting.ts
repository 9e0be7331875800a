import { DeviceId, DoorId, type EpochMs } from "../../domain/ids.ts"
import type { Rule } from "../../domain/rule.ts"
import type { CampusIndex } from "../campus-index.ts"
import type { Draft } from "../draft.ts"
import { readingWord, type Signal, standingWord } from "./signal.ts"

const deviceOf = (ref: string): string => ref.slice(0, ref.indexOf("/"))

/** What may tell something of an area: its doors with their points, and its devices. */
interface Within {
  readonly doors: Set<string>
  readonly refs: Set<string>
  readonly devices: Set<string>
}

/** Derived from indexes and never stored. */
const areasOf = new WeakMap<CampusIndex, ReadonlyMap<string, Within>>()

const byArea = (index: CampusIndex): ReadonlyMap<string, Within> => {
  const known = areasOf.get(index)
  if (known !== undefined) return known
  const areas = new Map<string, Within>()
  const at = (area: string): Within => {
    const within = areas.get(area) ?? { doors: new Set(), refs: new Set(), devices: new Set() }
    areas.set(area, within)
    return within
  }
  for (const { door, points } of index.doors.values()) {
    at(door.area).doors.add(door.id)
    for (const [ref] of points) at(door.area).refs.add(ref)
  }
  for (const { id, area } of index.devices.values()) if (area !== undefined) at(area).devices.add(id)
  for (const { id, area, device } of index.cameras.values()) {
    if (device === undefined) continue
    at(area).devices.add(device)
    for (const near of index.doorsBeside.get(id) ?? []) at(near.area).devices.add(device)
  }
  areasOf.set(index, areas)
  return areas
}

const nothing: Within = { doors: new Set(), refs: new Set(), devices: new Set() }

/** In one order, however the maps came about. */
const inOrder = (signals: ReadonlyArray<Signal>): ReadonlyArray<Signal> =>
  [...signals].sort((a, b) => a.at - b.at || ((a.point ?? a.door ?? "") < (b.point ?? b.door ?? "") ? -1 : 1))

const doorsIn = ({ situation, inner }: Draft, area: string | undefined) => {
  if (area === undefined) return situation.doors.entries()
  return [...(byArea(inner.index).get(area) ?? nothing).doors].flatMap((id) => {
    const state = situation.doors.get(id)
    return state === undefined ? [] : [[id, state] as const]
  })
}

const pointsIn = (draft: Draft, area: string | undefined) => {
  if (area === undefined) return draft.situation.points.entries()
  const { refs, devices } = byArea(draft.inner.index).get(area) ?? nothing
  const all = new Set([...refs, ...[...devices].flatMap((device) => draft.pointsOf(device))])
  return [...all].flatMap((ref) => {
    const state = draft.point(ref)
    return state === undefined ? [] : [[ref, state] as const]
  })
}

/** The states that a rule watches for, as they stand now, each as the signal that it began with; `area`: only what may lie there. */
export const lastingNow = (draft: Draft, { stays }: Rule, area?: string): ReadonlyArray<Signal> => {
  const told = (at: EpochMs, word: string, to: string) => ({
    word,
    at,
    uncertaintyMs: 0,
    seq: draft.seq,
    nth: draft.decisions.length,
    history: false,
    fields: { from: "", to, kind: stays?.reading }
  })
  if (stays?.reading === undefined) {
    const doors = doorsIn(draft, area)
    return inOrder(
      doors.map(([id, state]) => ({ ...told(state.since, standingWord, state.standing), door: DoorId.make(id) }))
    )
  }
  const points = pointsIn(draft, area).filter(([, { reading }]) => reading.kind === stays.reading)
  return inOrder(
    points.map(([ref, { since, reading }]) => ({
      ...told(since, readingWord(reading), reading.value),
      point: ref,
      device: DeviceId.make(deviceOf(ref))
    }))
  )
}
