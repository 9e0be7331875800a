import type { EpochMs } from "../domain/ids.ts"
import { tellDoor } from "./doors.ts"
import type { Draft } from "./draft.ts"

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
