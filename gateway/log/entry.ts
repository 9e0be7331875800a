import { Schema } from "effect"
import { AlertChange } from "../domain/alert.ts"
import { DeviceEvent } from "../domain/device-event.ts"
import { Fact } from "../domain/fact.ts"
import { AlertId, DeviceId, DoorId, EpochMs, SiteId } from "../domain/ids.ts"

const common = {
  /** Position in the log, from 1, without holes. `(site, seq)` names the entry for ever. */
  seq: Schema.Finite,
  site: SiteId,
  /** On disk. */
  recordedAt: EpochMs,
  device: Schema.optionalKey(DeviceId),
  door: Schema.optionalKey(DoorId),
  alert: Schema.optionalKey(AlertId)
}

/** One line of the security log: a fact, or what the fold concluded from the fact `cause`. */
export const Entry = Schema.TaggedUnion({
  Fact: { ...common, fact: Fact },
  Event: { ...common, cause: Schema.Finite, event: DeviceEvent },
  Alert: { ...common, cause: Schema.Finite, change: AlertChange }
})
export type Entry = typeof Entry.Type
