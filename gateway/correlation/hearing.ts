import type { EpochMs } from "../domain/ids.ts"
import type { IndexedDoor } from "./campus-index.ts"
import { tellDoor } from "./doors.ts"
import type { Draft } from "./draft.ts"

const tellWitness = (draft: Draft, device: string, _tag: "WitnessLost" | "WitnessBack"): void => {
  const when = { at: draft.now, heardAt: draft.now, seq: draft.seq }
  for (const { door, of } of draft.inner.index.witness.get(device) ?? []) {
    tellDoor(draft, door, { ...when, _tag, of, device })
  }
}

/** A device is known to be away: its readers and exits tell nothing. */
export const witnessLost = (draft: Draft, device: string): void => tellWitness(draft, device, "WitnessLost")

/** It is there again. */
export const witnessBack = (draft: Draft, device: string): void => tellWitness(draft, device, "WitnessBack")

/** Of a door that is configured otherwise now: who is away and tells it nothing any more is waited for no longer. */
export const reviseWitnesses = (draft: Draft, door: IndexedDoor): void => {
  const when = { at: draft.now, heardAt: draft.now, seq: draft.seq }
  const { unheard: spans } = draft.doorMemory(door)
  for (const telling of ["grants", "exits"] as const) {
    for (const { device } of spans?.[telling]?.away ?? []) {
      const isInService = draft.inner.index.devices.get(device)?.disabled !== true
      const witnesses = isInService ? (draft.inner.index.witness.get(device) ?? []) : []
      if (witnesses.some((one) => one.of === telling && one.door.door.id === door.door.id)) continue
      tellDoor(draft, door, { ...when, _tag: "WitnessBack", of: telling, device })
    }
  }
}

/**
 * What a device told from then until then could not be heard: neither the grants of its readers nor the requests to exit.
 * A queue that kept it is no such span, for all of it comes late.
 */
export const unheard = (draft: Draft, device: string, from: EpochMs, until: EpochMs): void => {
  const when = { at: draft.now, heardAt: draft.now, seq: draft.seq }
  for (const { door, of } of draft.inner.index.witness.get(device) ?? []) {
    tellDoor(draft, door, { ...when, _tag: "Unheard", of, from: Math.min(from, until), until })
  }
}
