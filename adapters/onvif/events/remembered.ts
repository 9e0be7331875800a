import type { EpochMs } from "../../../gateway/domain/ids.ts"
import type { Reference } from "../device/event-service.ts"
import type { Learnt } from "./subscription.ts"

/** What one attempt at a device leaves to the next. */
export interface Remembered {
  /** Everything up to then was heard and kept; `undefined`: nothing yet since the process began. */
  heardAt: EpochMs | undefined
  /** That nothing was heard since then is on disk. */
  gapTold: boolean
  learnt: Learnt
  /** A subscription that was not ended: it holds one of the device's few places until its lease is over. */
  orphan: Reference | undefined
}

const key = "onvif"

/** Kept in the link's memory, for as long as that lives. */
export const rememberedIn = (memory: Map<string, unknown>): Remembered => {
  const known = memory.get(key) as Remembered | undefined
  if (known !== undefined) return known
  const fresh: Remembered = { heardAt: undefined, gapTold: false, learnt: {}, orphan: undefined }
  memory.set(key, fresh)
  return fresh
}
