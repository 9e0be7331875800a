import { HashMap, Option } from "effect"
import type { AlertCondition, Priority } from "../domain/alert.ts"
import type { Fact } from "../domain/fact.ts"
import { DeviceId, PointRef } from "../domain/ids.ts"
import { type Observation, type PointValue, unknownValue } from "../domain/observation.ts"
import type { Role } from "./campus-index.ts"
import type { DoorInput } from "./door-machine.ts"
import type { Draft } from "./draft.ts"
import { tellDoor } from "./doors.ts"
import type { PointState } from "./situation.ts"

type Observed = Extract<Fact, { _tag: "Observed" }>
type Of<Tag extends Observation["_tag"]> = Extract<Observation, { _tag: Tag }>

/** Device silence this long is offline: three missed 30 s heartbeats (reliability target: at most 90 s). */
export const defaultOfflineGraceSeconds = 90

const rolesOf = (draft: Draft, ref: string) => draft.inner.index.roles.get(ref) ?? []

const isUnknown = (value: PointValue): boolean => value.value === "unknown" || value.value === "Unknown"

const edgeNames: { readonly [kind: string]: { readonly [value: string]: string } } = {
  position: { open: "DoorOpened", closed: "DoorClosed", fault: "FaultDetected" },
  lock: { locked: "DoorLocked", unlocked: "DoorUnlocked", fault: "FaultDetected" },
  rex: { on: "ExitRequested", off: "ExitRequestEnded" },
  tamper: { on: "TamperDetected", off: "TamperCleared" },
  fault: { on: "FaultDetected", off: "FaultCleared" },
  motion: { on: "MotionStarted", off: "MotionStopped" },
  input: { on: "InputActivated", off: "InputDeactivated" },
  battery: { low: "BatteryLow", ok: "BatteryRecovered" },
  alarm: { Normal: "DoorAlarmCleared", DoorForcedOpen: "DoorForcedOpen", DoorOpenTooLong: "DoorOpenTooLong" }
}

const edgeName = (to: PointValue): string =>
  to.kind === "mode" ? "DoorModeChanged" : (edgeNames[to.kind]?.[to.value] ?? "PointChanged")

/** A live message proves the device is there; a retained or replayed one proves nothing. */
const heard = (draft: Draft, id: string, live: boolean): void => {
  const device = draft.device(id)
  if (!live) return
  const back = device.availability !== "online"
  draft.setDevice(id, {
    availability: "online",
    reason: back ? "heard" : device.reason,
    since: back ? draft.now : device.since,
    lastHeardAt: draft.now
  })
  if (back) available(draft, id)
}

const available = (draft: Draft, id: string): void => {
  draft.endGrace(`device:${id}`)
  draft.event({ _tag: "DeviceAvailable", at: draft.now, device: DeviceId.make(id) })
  draft.finding({
    _tag: "ConditionNormal",
    condition: "DeviceOffline",
    key: `device:${id}`,
    at: draft.now,
    why: [{ at: draft.now, seq: draft.seq, text: "It is heard again" }]
  })
}

const conditionAt = (
  draft: Draft,
  ref: string,
  device: string,
  condition: AlertCondition,
  what: { readonly title: string; readonly priority: Priority; readonly rule: string; readonly text: string },
  at: number,
  active: boolean
): void => {
  const bound = rolesOf(draft, ref)[0]?.door.door
  const key = bound === undefined ? `device:${device}` : `door:${bound.id}`
  const why = [{ at, seq: draft.seq, text: what.text }]
  if (!active) return draft.finding({ _tag: "ConditionNormal", condition, key, at, why })
  const place = bound?.name ?? draft.inner.index.devices.get(device)?.name ?? device
  draft.finding({
    _tag: "ConditionActive",
    condition,
    key,
    at,
    why,
    rule: what.rule,
    priority: what.priority,
    title: `${what.title}: ${place}`,
    ...(bound === undefined ? { device: DeviceId.make(device) } : { door: bound.id, area: bound.area })
  })
}

const doorInput = (role: Role, value: PointValue, edge: boolean, at: number, seq: number): DoorInput | undefined => {
  const when = { at, seq }
  switch (value.kind) {
    case "position": {
      if (role !== "position") return undefined
      if (value.value === "unknown" || value.value === "fault") {
        return { ...when, _tag: "Lost", fault: value.value === "fault" }
      }
      const open = value.value === "open"
      return { ...when, _tag: edge ? (open ? "Opened" : "Closed") : open ? "FoundOpen" : "FoundClosed" }
    }
    case "lock": {
      const words = { locked: "Locked", unlocked: "Unlocked", unknown: "Unknown", fault: "Fault" } as const
      return role === "lock" ? { ...when, _tag: "Lock", lock: words[value.value] } : undefined
    }
    case "mode":
      return role === "mode" ? { ...when, _tag: "Mode", mode: value.value } : undefined
    case "alarm":
      return role === "alarm" && value.value !== "unknown"
        ? { ...when, _tag: "ControllerAlarm", alarm: value.value }
        : undefined
    default:
      // A request to exit is the edge alone: found pressed, nobody knows since when.
      return role === "rex" && edge && value.value === "on" ? { ...when, _tag: "ExitRequested" } : undefined
  }
}

const remember = (draft: Draft, ref: string, device: string, state: PointState): void => {
  if (!HashMap.has(draft.situation.points, ref)) {
    const known = Option.getOrElse(HashMap.get(draft.inner.pointsOf, device), (): ReadonlyArray<string> => [])
    draft.inner.pointsOf = HashMap.set(draft.inner.pointsOf, device, [...known, ref])
  }
  draft.situation.points = HashMap.set(draft.situation.points, ref, state)
}

const tamperOrFault = (draft: Draft, ref: string, device: string, value: PointValue, at: number): void => {
  if ((value.kind !== "tamper" && value.kind !== "fault") || value.value === "unknown") return
  const active = value.value === "on"
  if (value.kind === "tamper") {
    const what = { title: "Tamper", priority: 2 as const, rule: "door.tamper", text: `Tamper is ${value.value}` }
    return conditionAt(draft, ref, device, "DoorTampered", what, at, active)
  }
  const what = { title: "Fault", priority: 3 as const, rule: "door.fault", text: `Fault is ${value.value}` }
  conditionAt(draft, ref, device, "DoorFaulted", what, at, active)
}

const reading = (draft: Draft, fact: Observed, seen: Of<"Reading">): void => {
  const ref = PointRef.make(`${seen.device}/${seen.point}`)
  const known = Option.getOrUndefined(HashMap.get(draft.situation.points, ref))
  const at = fact.occurredAt
  heard(draft, seen.device, seen.origin === "change")
  const about = { at, device: seen.device, point: ref }
  // Older than what we know: history. It changes no state; a late request to exit is still evidence.
  const stale = known !== undefined && (at < known.since || seen.origin === "replayed")
  const same = known !== undefined && known.reading.value === seen.reading.value
  if (seen.test === true || (stale && seen.reading.kind !== "rex") || (same && !stale)) return
  const edge =
    seen.origin !== "recovery" && known !== undefined && !isUnknown(known.reading) && !isUnknown(seen.reading)
  if (!stale) remember(draft, ref, seen.device, { reading: seen.reading, since: at, seq: draft.seq })
  if (isUnknown(seen.reading)) draft.event({ _tag: "StateLost", ...about, reason: "the device does not know" })
  else if (edge) {
    const name = edgeName(seen.reading)
    draft.event({ _tag: "PointChanged", ...about, name, from: known.reading, to: seen.reading })
  } else draft.event({ _tag: "StateRecovered", ...about, to: seen.reading })
  for (const { role, door } of rolesOf(draft, ref)) {
    const input = doorInput(role, seen.reading, edge, at, draft.seq)
    if (input !== undefined) tellDoor(draft, door, input)
  }
  tamperOrFault(draft, ref, seen.device, seen.reading, at)
}

const occurrenceInput = (seen: Of<"Occurrence">, at: number, seq: number): DoorInput | undefined => {
  const happened = seen.occurrence
  switch (happened._tag) {
    case "AccessGranted":
      return { _tag: "Granted", at, seq, credential: happened.credential, extended: happened.extended === true }
    case "AccessTaken":
      return { _tag: "Taken", at, seq }
    case "ExitRequested":
      return { _tag: "ExitRequested", at, seq }
    case "DoorForcedReported":
      return { _tag: "ControllerAlarm", at, seq, alarm: "DoorForcedOpen" }
    case "DoorHeldReported":
      return { _tag: "ControllerAlarm", at, seq, alarm: "DoorOpenTooLong" }
    default:
      return undefined
  }
}

const emergency = (draft: Draft, ref: string, seen: Of<"Occurrence">, at: number): void => {
  if (seen.occurrence._tag === "PanicPressed") {
    const what = { title: "Panic pressed", priority: 1 as const, rule: "emergency.panic", text: "Panic was pressed" }
    conditionAt(draft, ref, seen.device, "PanicPressed", what, at, true)
  } else if (seen.occurrence._tag === "DuressSignalled") {
    const what = { title: "Duress", priority: 1 as const, rule: "access.duress", text: "Duress was signalled" }
    conditionAt(draft, ref, seen.device, "DuressSignalled", what, at, true)
  }
}

const occurrence = (draft: Draft, fact: Observed, seen: Of<"Occurrence">): void => {
  const ref = PointRef.make(`${seen.device}/${seen.point}`)
  const at = fact.occurredAt
  heard(draft, seen.device, seen.origin === "change")
  draft.event({ _tag: "Occurred", at, device: seen.device, point: ref, occurrence: seen.occurrence })
  if (seen.test === true || seen.origin === "recovery") return
  const input = occurrenceInput(seen, at, draft.seq)
  const evidence = input?._tag === "Granted" || input?._tag === "ExitRequested"
  const replayed = seen.origin === "replayed"
  if (input !== undefined && (!replayed || (evidence && seen.deviceTime !== undefined))) {
    for (const { door } of rolesOf(draft, ref)) tellDoor(draft, door, input)
  }
  if (!replayed) emergency(draft, ref, seen, at)
}

/** From here on, what the device's points last said can no longer be trusted. */
const lose = (draft: Draft, device: string, reason: string): void => {
  for (const ref of Option.getOrElse(HashMap.get(draft.inner.pointsOf, device), (): ReadonlyArray<string> => [])) {
    const known = Option.getOrUndefined(HashMap.get(draft.situation.points, ref))
    if (known === undefined || isUnknown(known.reading)) continue
    const lost = { reading: unknownValue(known.reading.kind), since: draft.now, seq: draft.seq }
    draft.situation.points = HashMap.set(draft.situation.points, ref, lost)
    draft.event({ _tag: "StateLost", at: draft.now, device: DeviceId.make(device), point: PointRef.make(ref), reason })
    for (const { role, door } of rolesOf(draft, ref)) {
      const input = doorInput(role, lost.reading, false, draft.now, draft.seq)
      if (input !== undefined) tellDoor(draft, door, input)
    }
  }
}

const unavailable = (draft: Draft, id: string, state: "offline" | "unknown", reason: string): void => {
  const device = draft.device(id)
  if (device.availability !== state || device.lastHeardAt === undefined) {
    const known = device.availability === state
    draft.setDevice(id, { ...device, availability: state, reason, since: known ? device.since : draft.now })
    if (!known) {
      draft.event({ _tag: "DeviceUnavailable", at: draft.now, device: DeviceId.make(id), state, reason })
    }
  }
  lose(draft, id, reason)
}

const availability = (draft: Draft, seen: Of<"Availability">): void => {
  const id = seen.device
  const before = draft.device(id).availability
  if (seen.state === "online") {
    if (before === "online") return
    draft.setDevice(id, { ...draft.device(id), availability: "online", reason: seen.reason, since: draft.now })
    return available(draft, id)
  }
  unavailable(draft, id, seen.state, seen.reason)
  if (seen.state === "offline" && before !== "offline") {
    const seconds = draft.inner.index.devices.get(id)?.offlineGraceSeconds ?? defaultOfflineGraceSeconds
    draft.grace(`device:${id}`, draft.now + seconds * 1000)
  }
  for (const child of draft.inner.index.behind.get(id) ?? []) {
    unavailable(draft, child, "unknown", `its bridge ${id} is ${seen.state}`)
  }
}

const gap = (draft: Draft, fact: Observed, seen: Of<"Gap">): void => {
  draft.event({ _tag: "GapRecorded", at: fact.occurredAt, cause: seen.cause, detail: seen.detail })
  const devices = seen.devices ?? draft.inner.index.onLink.get(fact.link) ?? []
  for (const device of devices) lose(draft, device, `not everything was heard: ${seen.detail}`)
}

/** What an observation means, given all that is known. */
export const observe = (draft: Draft, fact: Observed): void => {
  const seen = fact.observation
  switch (seen._tag) {
    case "Reading":
      return reading(draft, fact, seen)
    case "Occurrence":
      return occurrence(draft, fact, seen)
    case "Availability":
      return availability(draft, seen)
    case "Gap":
      return gap(draft, fact, seen)
    case "Unreadable":
      return draft.event({
        _tag: "MessageUnreadable",
        at: fact.occurredAt,
        why: seen.why,
        source: seen.source,
        ...(seen.device === undefined ? {} : { device: seen.device })
      })
    case "UnknownDevice":
      return
  }
}
