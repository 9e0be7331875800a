import { HashMap, Option } from "effect"
import type { Fact } from "../domain/fact.ts"
import { DeviceId, type EpochMs, PointRef } from "../domain/ids.ts"
import { type Observation, unknownValue } from "../domain/observation.ts"
import type { Role } from "./campus-index.ts"
import type { DoorInput } from "./door-step.ts"
import { tellDoor } from "./doors.ts"
import type { Draft } from "./draft.ts"
import { pictureOutOfSight } from "./frozen-picture.ts"
import { unheard, witnessBack, witnessLost } from "./hearing.ts"
import type { DeviceState } from "./situation.ts"
import { Spot } from "./table.ts"

/** Device silence this long is offline: three missed 30 s heartbeats (reliability target: at most 90 s). */
export const defaultOfflineGraceSeconds = 90

/** A link that is away this long is an alert: as for a device, three missed 30 s heartbeats. */
export const linkGraceSeconds = 90

type Of<Tag extends Observation["_tag"]> = Extract<Observation, { _tag: Tag }>

const startGrace = (draft: Draft, id: string): void => {
  const seconds = draft.inner.index.devices.get(id)?.offlineGraceSeconds ?? defaultOfflineGraceSeconds
  draft.grace(`device:${id}`, draft.now + seconds * 1000)
}

/** A device that comes back so soon after its link's loss has only now connected again. */
const reconnectsWithinMs = 60_000

/** What the device, and those behind it, told while it was away could not be heard. */
const heardAgain = (draft: Draft, id: string, { availability: was, since }: DeviceState): void => {
  const all = [id, ...(draft.inner.index.behind.get(id) ?? [])]
  for (const device of all) witnessBack(draft, device)
  if (was === "offline" || draft.now - since > reconnectsWithinMs) return
  for (const device of all) unheard(draft, device, since, draft.now)
}

const available = (draft: Draft, id: string, before: DeviceState | undefined): void => {
  if (before !== undefined) heardAgain(draft, id, before)
  draft.endGrace(`device:${id}`)
  draft.event({ _tag: "DeviceAvailable", at: draft.now, device: DeviceId.make(id) })
  draft.finding({
    _tag: "ConditionNormal",
    condition: "DeviceOffline",
    key: `device:${id}`,
    at: draft.now,
    why: [{ at: draft.now, seq: draft.seq, text: "It is heard again" }]
  })
  // The bridge's alert stood for those behind it; from here on each that was told to be offline answers for itself.
  for (const child of draft.inner.index.behind.get(id) ?? []) {
    if (draft.device(child).availability === "offline" && !isBridgeLost(draft, child)) startGrace(draft, child)
  }
}

/** A live message proves the device is there; a retained or replayed one proves nothing. */
export const heard = (draft: Draft, id: string, spot: Spot = new Spot(id)): void => {
  const { devices } = draft.situation
  const before = devices.at(spot)
  if (before?.availability === "online") {
    draft.situation.devices = devices.put(spot, { ...before, lastHeardAt: draft.now })
    return
  }
  const device = before ?? draft.device(id)
  const back = { availability: "online", reason: "heard", since: draft.now, lastHeardAt: draft.now } as const
  draft.situation.devices = devices.put(spot, { ...device, ...back })
  available(draft, id, before)
}

/** What a door is told when one of its points is out of sight. */
export const lostInput = (role: Role, point: string, from: EpochMs): DoorInputWithoutWhen | undefined => {
  switch (role) {
    case "position":
      return { _tag: "Lost", from, fault: false }
    case "lock":
      return { _tag: "Lock", lock: "Unknown" }
    case "mode":
      return { _tag: "Mode", mode: "Unknown" }
    case "rex":
      return { _tag: "ExitEnded", point }
    case "reader":
    case "tamper":
    case "alarm":
      return undefined
  }
}

type DoorInputWithoutWhen = DoorInput extends infer I
  ? I extends DoorInput
    ? Omit<I, "at" | "heardAt" | "seq">
    : never
  : never

/** From here on, what the device's points last said can no longer be trusted; they are out of sight since `from`. */
export const lose = (draft: Draft, device: string, reason: string, from: EpochMs): void => {
  const when = { at: draft.now, heardAt: draft.now, seq: draft.seq }
  for (const ref of draft.pointsOf(device)) {
    const known = draft.point(ref)
    if (known === undefined || known.reading.value === "unknown" || known.reading.value === "Unknown") continue
    const lost = { reading: unknownValue(known.reading.kind), since: draft.now, seq: draft.seq }
    draft.situation.points = draft.situation.points.with(ref, lost)
    draft.event({ _tag: "StateLost", at: draft.now, device: DeviceId.make(device), point: PointRef.make(ref), reason })
    for (const { role, door } of draft.inner.index.roles.get(ref) ?? []) {
      const input = lostInput(role, ref, from)
      if (input !== undefined) tellDoor(draft, door, { ...when, ...input } as DoorInput)
    }
  }
}

export const setUnavailable = (draft: Draft, id: string, state: "offline" | "unknown", reason: string): void => {
  const known = draft.situation.devices.get(id)
  if (known?.availability === state) return
  draft.setDevice(id, { ...draft.device(id), availability: state, reason, since: draft.now })
  draft.event({ _tag: "DeviceUnavailable", at: draft.now, device: DeviceId.make(id), state, reason })
  pictureOutOfSight(draft, id)
}

/** Whether a bridge on the way to the device is lost: its alert stands for all behind it. */
export const isBridgeLost = (draft: Draft, id: string): boolean => {
  const { behind } = draft.inner.index
  return [...behind].some(
    ([bridge, devices]) => draft.device(bridge).availability === "offline" && devices.includes(id)
  )
}

export const availability = (draft: Draft, seen: Of<"Availability">): void => {
  if (seen.origin === "replayed") return
  const id = seen.device
  const known = draft.knownDevice(id)
  const before = draft.device(id).availability
  if (seen.state === "online") {
    if (before === "online") return
    draft.setDevice(id, { ...draft.device(id), availability: "online", reason: seen.reason, since: draft.now })
    return available(draft, id, known)
  }
  // A battery device that is expected to speak now and then goes to sleep in between: it is no less there for that.
  const sleeps = draft.inner.index.devices.get(id)?.expectedIntervalSeconds !== undefined
  if (seen.state === "offline" && sleeps) return
  setUnavailable(draft, id, seen.state, seen.reason)
  lose(draft, id, seen.reason, draft.now)
  if (seen.state === "offline") witnessLost(draft, id)
  if (seen.state === "unknown") draft.endGrace(`device:${id}`)
  else if (before !== "offline" && !isBridgeLost(draft, id)) startGrace(draft, id)
  for (const child of draft.inner.index.behind.get(id) ?? []) {
    const reason = `its bridge ${id} is ${seen.state}`
    setUnavailable(draft, child, "unknown", reason)
    lose(draft, child, reason, draft.now)
    if (seen.state === "offline") witnessLost(draft, child)
    draft.endGrace(`device:${child}`)
  }
}

/** Since when a device is out of sight: when the gap says so, or since the gateway itself went blind, or from now. */
const blindSince = (draft: Draft, device: string, seen: Of<"Gap">): EpochMs => {
  if (seen.from !== undefined) return Math.min(seen.from, draft.now)
  const { blind } = draft.inner
  const heardAt = draft.device(device).lastHeardAt
  return blind === undefined || (heardAt !== undefined && heardAt >= blind.to) ? draft.now : blind.from
}

export const gap = (draft: Draft, link: string, at: EpochMs, seen: Of<"Gap">): void => {
  draft.event({ _tag: "GapRecorded", at, cause: seen.cause, detail: seen.detail })
  const devices = seen.devices ?? draft.inner.index.onLink.get(link) ?? []
  for (const device of devices) {
    const reason = `not everything was heard: ${seen.detail}`
    // Without the session, a device that has died meanwhile would be shown as there for ever.
    if (seen.cause === "SessionLost" && draft.device(device).availability === "online") {
      setUnavailable(draft, device, "unknown", reason)
    }
    const from = blindSince(draft, device, seen)
    unheard(draft, device, from, Math.min(seen.to ?? draft.now, draft.now))
    lose(draft, device, reason, from)
  }
}

/** The device's grace is over. */
export const deviceOffline = (draft: Draft, id: string, at: EpochMs): void => {
  const state = draft.device(id)
  const { name = id, area } = draft.inner.index.devices.get(id) ?? {}
  draft.endGrace(`device:${id}`)
  draft.finding({
    _tag: "ConditionActive",
    condition: "DeviceOffline",
    key: `device:${id}`,
    at: state.since,
    rule: "supervision.offline",
    priority: 3,
    title: `Device offline: ${name}`,
    device: DeviceId.make(id),
    ...(area === undefined ? {} : { area }),
    why: [
      { at: state.since, text: `It went offline: ${state.reason}` },
      { at, text: `It has been away for ${Math.round((at - state.since) / 1000)} s` }
    ]
  })
}

/** The link's grace is over, or no grace is given to it. */
export const linkLost = (draft: Draft, id: string, since: EpochMs): void => {
  const state = Option.getOrUndefined(HashMap.get(draft.situation.links, id))
  draft.endGrace(`link:${id}`)
  const reason = state?._tag === "Offline" || state?._tag === "Rejected" ? state.reason : "no reason given"
  draft.finding({
    _tag: "ConditionActive",
    condition: "LinkLost",
    key: `link:${id}`,
    at: since,
    rule: "supervision.link",
    priority: 2,
    title: `Link lost: ${id}`,
    why: [{ at: since, text: reason }]
  })
}

/** So long after it came back a link may still deliver what its broker had queued. */
const queueDrainsMs = 3000

const outOfSight = (draft: Draft, link: string, from: EpochMs): void => {
  const sight = draft.inner.sight.get(link)
  if (sight !== undefined && sight.until === undefined) return
  draft.inner.sight = draft.inner.sight.with(link, { from })
}

/** The gateway did not run: every link was out of sight, and is until it is back. */
export const wentBlind = (draft: Draft, from: EpochMs): void => {
  for (const link of HashMap.keys(draft.situation.links)) outOfSight(draft, link, from)
}

/** Since when a message that comes now may have waited in a queue; `undefined` when it comes straight from its device. */
export const queuedSince = (draft: Draft, link: string): EpochMs | undefined => {
  const sight = draft.inner.sight.get(link)
  return sight !== undefined && (sight.until === undefined || draft.now <= sight.until) ? sight.from : undefined
}

const inSight = (draft: Draft, link: string): void => {
  const sight = draft.inner.sight.get(link)
  if (sight === undefined || sight.until !== undefined) return
  draft.inner.sight = draft.inner.sight.with(link, { ...sight, until: draft.now + queueDrainsMs })
}

export const linkChanged = (draft: Draft, fact: Extract<Fact, { _tag: "LinkChanged" }>): void => {
  const key = `link:${fact.link}`
  draft.situation.links = HashMap.set(draft.situation.links, fact.link, fact.state)
  const { _tag } = fact.state
  if (_tag === "Offline" || _tag === "Rejected" || _tag === "Stopped") outOfSight(draft, fact.link, draft.now)
  switch (fact.state._tag) {
    case "Online":
      inSight(draft, fact.link)
      draft.endGrace(key)
      return draft.finding({
        _tag: "ConditionNormal",
        condition: "LinkLost",
        key,
        at: draft.now,
        why: [{ at: draft.now, seq: draft.seq, text: "It is online again" }]
      })
    case "Offline":
      // One that is known to be lost has its alert; trying in vain is no news.
      if (!draft.hasGrace(key) && !draft.isActive("LinkLost", key)) {
        draft.grace(key, draft.now + linkGraceSeconds * 1000)
      }
      return
    case "Rejected":
      return linkLost(draft, fact.link, draft.now)
    case "Stopped":
      return draft.endGrace(key)
    case "Connecting":
      return
  }
}
