import { HashMap, Option } from "effect"
import { DeviceId, type EpochMs } from "../domain/ids.ts"
import type { CampusIndex } from "./campus-index.ts"
import type { Draft } from "./draft.ts"
import { isBridgeLost, lose, setUnavailable } from "./supervision.ts"

const keyOf = (id: string): string => `silence:${id}`

const intervalMsOf = ({ inner }: Draft, id: string): number | undefined => intervalMsIn(inner.index, id)

const intervalMsIn = ({ devices }: CampusIndex, id: string): number | undefined => {
  const device = devices.get(id)
  return device?.expectedIntervalSeconds === undefined || device.disabled === true
    ? undefined
    : device.expectedIntervalSeconds * 1000
}

/** From now on the device is expected to say something within its interval; one that is none is watched no longer. */
export const watchSilence = (draft: Draft, id: string): void => {
  const intervalMs = intervalMsOf(draft, id)
  if (intervalMs === undefined) return draft.endGrace(keyOf(id))
  draft.grace(keyOf(id), Math.max(draft.now, draft.device(id).lastHeardAt ?? 0) + intervalMs)
}

/** Another configuration: who is expected to speak as before is waited for as before. `before`: how the campus was arranged. */
export const reviseSilences = (draft: Draft, before: CampusIndex): void => {
  for (const id of draft.inner.index.devices.keys())
    if (intervalMsIn(before, id) !== intervalMsOf(draft, id)) watchSilence(draft, id)
}

/** Whether the device is expected to say something. */
export const isWatched = (draft: Draft, id: string): boolean => draft.hasGrace(keyOf(id))

const isLinkAway = (draft: Draft, id: string): boolean => {
  const link = draft.inner.index.devices.get(id)?.link
  const state = link === undefined ? undefined : Option.getOrUndefined(HashMap.get(draft.situation.links, link))
  return state !== undefined && state._tag !== "Online"
}

const hours = (ms: number): string =>
  ms < 120_000
    ? `${Math.round(ms / 1000)} s`
    : ms < 7_200_000
      ? `${Math.round(ms / 60_000)} min`
      : `${Math.round(ms / 3_600_000)} h`

/**
 * The device's interval is over: it was heard meanwhile and gets another one, or nobody knows any more whether it is
 * there. While its link or bridge is away that one's alert stands for it, and its silence proves nothing.
 */
export const silenceFalls = (draft: Draft, id: string, at: EpochMs): void => {
  const intervalMs = intervalMsOf(draft, id)
  if (intervalMs === undefined) return draft.endGrace(keyOf(id))
  const heardAt = draft.device(id).lastHeardAt
  if (heardAt !== undefined && heardAt + intervalMs > at) return draft.grace(keyOf(id), heardAt + intervalMs)
  draft.grace(keyOf(id), at + intervalMs)
  if (isLinkAway(draft, id) || isBridgeLost(draft, id)) return
  draft.endGrace(keyOf(id))
  const since = heardAt ?? at - intervalMs
  const reason = `nothing was heard of it for ${hours(at - since)}`
  setUnavailable(draft, id, "unknown", reason)
  lose(draft, id, reason, since)
  const device = draft.inner.index.devices.get(id)
  draft.finding({
    _tag: "ConditionActive",
    condition: "DeviceOffline",
    key: `device:${id}`,
    at: since,
    rule: "supervision.silence",
    priority: 3,
    title: `Device silent: ${device?.name ?? id}`,
    device: DeviceId.make(id),
    why: [
      { at: since, text: heardAt === undefined ? "It has not been heard yet" : "It was heard for the last time" },
      { at, text: `It should say something every ${hours(intervalMs)} at least` }
    ]
  })
}
