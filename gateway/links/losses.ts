import type { Report } from "../../adapters/adapter.ts"
import type { DeviceId, EpochMs } from "../domain/ids.ts"
import type { Observation } from "../domain/observation.ts"

type Gap = Extract<Observation, { _tag: "Gap" }>

/**
 * What a refusing store cost. A message that its transport tells again, or that its adapter holds, will come again; any
 * other (QoS 0) is gone, and the devices that spoke are out of sight from then until the gap is written.
 */
export const makeLosses = () => {
  let devices = new Set<DeviceId>()
  let count = 0
  let from: EpochMs = 0
  return {
    /** A report that was refused. */
    refused: ({ delivery, held, observations, receivedAt }: Report): void => {
      if (delivery !== undefined || held === true) return
      for (const observation of observations) {
        if (!("device" in observation) || observation.device === undefined) continue
        if (count === 0) from = receivedAt
        devices.add(observation.device)
        count++
      }
    },
    /** The gap that is still to be written; `written` once it is. Losses that come meanwhile are a gap of their own. */
    take: (to: EpochMs): Gap | undefined => {
      if (count === 0) return undefined
      const detail = `the store refused ${count} observations that nobody will send again`
      const gap: Gap = { _tag: "Gap", cause: "EventsDropped", devices: [...devices], from, to, count, detail }
      devices = new Set()
      count = 0
      return gap
    },
    /** The gap could not be written either. */
    putBack: (gap: Gap): void => {
      for (const device of gap.devices ?? []) devices.add(device)
      count += gap.count ?? 0
      from = gap.from ?? from
    }
  }
}
