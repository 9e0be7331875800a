import { edgeNames } from "../domain/device-event.ts"
import type { Fact } from "../domain/fact.ts"
import type { EpochMs } from "../domain/ids.ts"
import type { Observation, PointValue } from "../domain/observation.ts"
import { appended } from "./lists.ts"
import { type IndexedDoor, type IndexedPoint, pointOn, type Role } from "./campus-index.ts"
import { certificateShown } from "./certificates.ts"
import { calledForHelp, conditionChanged, panelKeyOf } from "./conditions.ts"
import { readingShows } from "./door-commands.ts"
import { clockShown } from "./device-clock.ts"
import type { DoorInput, When } from "./door-step.ts"
import { tellDoor } from "./doors.ts"
import type { Draft } from "./draft.ts"
import { panelConditionTold } from "./panel-conditions.ts"
import { isWatched, watchSilence } from "./silence.ts"
import type { PointState } from "./situation.ts"
import { availability, gap, heard, queuedSince } from "./supervision.ts"
import type { Writable } from "./writable.ts"

type Observed = Extract<Fact, { _tag: "Observed" }>
type Of<Tag extends Observation["_tag"]> = Extract<Observation, { _tag: Tag }>

const isUnknown = ({ value }: PointValue): boolean => value === "unknown" || value === "Unknown"

/** Whether the value is a side of an edge. A fault (a cut wire) tells as little of the door as silence does. */
const isCertain = (value: PointValue): boolean => !isUnknown(value) && value.value !== "fault"

const edgeName = (to: PointValue): string =>
  to.kind === "mode" ? "DoorModeChanged" : (edgeNames[to.kind]?.[to.value] ?? "PointChanged")

/**
 * A point as two-valued as its wire: what an input's `on` means is for the role of the point to say, not for its kind.
 * A door contact on a plain input is on while the door is open (else `invert` it).
 */
const switched = ({ value }: PointValue): "on" | "off" | "unknown" | "fault" | undefined => {
  switch (value) {
    case "on":
    case "open":
      return "on"
    case "off":
    case "closed":
      return "off"
    case "unknown":
    case "fault":
      return value
    default:
      return undefined
  }
}

const positionInput = (value: PointValue, edge: boolean, when: When): DoorInput | undefined => {
  switch (switched(value)) {
    case "on":
      return { ...when, _tag: edge ? "Opened" : "FoundOpen" }
    case "off":
      return { ...when, _tag: edge ? "Closed" : "FoundClosed" }
    case "unknown":
      return { ...when, _tag: "Lost", from: when.at, fault: false }
    case "fault":
      return { ...when, _tag: "Lost", from: when.at, fault: true }
    case undefined:
      return undefined
  }
}

const lockStates = { locked: "Locked", unlocked: "Unlocked", unknown: "Unknown", fault: "Fault" } as const

/** What a reading tells the door it belongs to. `edge`: both the value before and this one are known. */
export const doorInput = (
  role: Role,
  ref: string,
  value: PointValue,
  when: When,
  { edge, news }: { readonly edge: boolean; readonly news: boolean }
): DoorInput | undefined => {
  switch (role) {
    case "position":
      return positionInput(value, edge, when)
    case "lock":
      return value.kind === "lock" ? { ...when, _tag: "Lock", lock: lockStates[value.value] } : undefined
    case "mode":
      return value.kind === "mode" ? { ...when, _tag: "Mode", mode: value.value } : undefined
    case "alarm":
      return value.kind === "alarm" && value.value !== "unknown"
        ? { ...when, _tag: "ControllerAlarm", alarm: value.value, news }
        : undefined
    case "rex": {
      const now = switched(value)
      if (now === undefined) return undefined
      return now === "on"
        ? { ...when, _tag: "ExitStarted", point: ref, rose: edge }
        : { ...when, _tag: "ExitEnded", point: ref }
    }
    case "reader":
    case "tamper":
      return undefined
  }
}

/** When it happened; a message without a time that can be trusted may have waited in its broker's queue. */
const whenOf = (draft: Draft, fact: Observed, seen: Of<"Reading" | "Occurrence">): When => {
  const when = { at: fact.occurredAt, heardAt: draft.now, seq: draft.seq }
  const dated = seen.deviceTime !== undefined && fact.clock?.trusted !== false
  const earliest = dated ? undefined : queuedSince(draft, fact.link)
  return earliest === undefined || earliest > when.at ? when : { ...when, earliest }
}

/** No device of the field has more points; what a device says of more is kept in the log and remembered nowhere. */
const pointsMax = 512

const remember = (
  draft: Draft,
  { ref, device, roles, stateSpot }: IndexedPoint,
  known: PointState | undefined,
  state: PointState
): void => {
  if (known === undefined) {
    const points = draft.pointsOf(device)
    if (points.length >= pointsMax && roles.length === 0) return
    draft.inner.pointsOf = draft.inner.pointsOf.with(device, appended(points, ref))
  }
  draft.situation.points = draft.situation.points.put(stateSpot, state)
}

/** A message overtaken by newer ones is less late than this; one dated farther back is from a clock set back. */
const overtakenMaxMs = 5000

/** As many changes as a resumed session may deliver twice. */
const deviceTimesKept = 8

/** How a message about a point stands to what is known of it: by the device's own time where both have one. */
const orderOf = (
  known: PointState | undefined,
  seen: Of<"Reading">
): "newer" | "older" | "again" | "clock set back" => {
  if (known?.deviceTime === undefined || seen.deviceTime === undefined) return "newer"
  const behind = known.deviceTime - seen.deviceTime
  if (behind <= 0) return "newer"
  if (known.deviceSince?.includes(seen.deviceTime) === true) return "again"
  return behind <= overtakenMaxMs ? "older" : "clock set back"
}

/**
 * History, or a message overtaken by newer ones, changes no state. It may still explain an opening, and an opening that
 * it tells of is judged unless it is mere history. History without a time of its own proves nothing.
 */
const pastReading = (draft: Draft, { ref, roles }: IndexedPoint, seen: Of<"Reading">, when: When): void => {
  const history = seen.origin === "replayed"
  if ((history && seen.deviceTime === undefined) || switched(seen.reading) !== "on") return
  for (const { role, door } of roles) {
    if (role === "rex") tellDoor(draft, door, { ...when, _tag: "ExitRequested", point: ref, history })
    if (role === "position" && !history) tellDoor(draft, door, { ...when, _tag: "WasOpen" })
  }
}

/**
 * When a new value began. The messages of one point come in their order, and its own clock tells how long the value
 * before lasted; our estimate of that clock may waver meanwhile. Neither may turn around, nor may an opening shrink to
 * contact bounce.
 */
const beganAt = (known: PointState | undefined, seen: Of<"Reading">, told: EpochMs, now: EpochMs): EpochMs => {
  if (known === undefined) return told
  const since = known.deviceSince?.at(-1)
  const lasted = since === undefined || seen.deviceTime === undefined ? 0 : Math.max(0, seen.deviceTime - since)
  return Math.max(told, known.since, Math.min(now, known.since + lasted))
}

const reading = (draft: Draft, fact: Observed, seen: Of<"Reading">, point: IndexedPoint): void => {
  const { ref, roles } = point
  const known = draft.pointAt(point)
  if (seen.origin === "change") heard(draft, point.device, point.deviceSpot)
  if (seen.test === true) return
  const order = orderOf(known, seen)
  if (order === "again") return
  const past = whenOf(draft, fact, seen)
  if (seen.origin === "replayed" || order === "older") return pastReading(draft, point, seen, past)
  const { reading: value } = seen
  if (known !== undefined && known.reading.kind === value.kind && known.reading.value === value.value) {
    if (seen.deviceTime !== undefined) remember(draft, point, known, { ...known, deviceTime: seen.deviceTime })
    return readingShows(draft, roles, fact, past.earliest)
  }
  const at = beganAt(known, seen, order === "newer" ? fact.occurredAt : fact.receivedAt, draft.now)
  const news = seen.origin === "change"
  const edge = news && known !== undefined && isCertain(known.reading) && isCertain(value)
  const state: Writable<PointState> = { reading: value, since: at, seq: draft.seq }
  if (seen.deviceTime !== undefined) {
    state.deviceTime = seen.deviceTime
    state.deviceSince = [...(known?.deviceSince ?? []), seen.deviceTime].slice(-deviceTimesKept)
  }
  remember(draft, point, known, state)
  tellEvent(draft, point, seen, known, at, edge)
  const when = past.at === at ? past : { ...past, at }
  for (const { role, door } of roles) {
    const input = doorInput(role, ref, value, when, { edge, news })
    if (input !== undefined) tellDoor(draft, door, input)
  }
  // Of a panel's condition the alert is its own, and was told already.
  if (seen.condition === undefined) conditionChanged(draft, point, value, at, news)
  readingShows(draft, roles, fact, past.earliest)
}

const tellEvent = (
  draft: Draft,
  { ref: point, device, roles }: IndexedPoint,
  { reading: to }: Of<"Reading">,
  known: PointState | undefined,
  at: EpochMs,
  edge: boolean
): void => {
  const faulted = to.value === "fault" && known !== undefined && isCertain(known.reading)
  if (known !== undefined && (edge || faulted)) {
    const name = edgeName(to)
    draft.happened({ _tag: "PointChanged", at, device, point, name, from: known.reading, to, id: draft.nextId }, roles)
  } else if (isCertain(to)) draft.event({ _tag: "StateRecovered", at, device, point, to })
  else {
    const reason = isUnknown(to) ? "the device does not know" : "it is at fault"
    draft.event({ _tag: "StateLost", at, device, point, reason })
  }
}

const occurrenceInput = (role: Role, ref: string, seen: Of<"Occurrence">, when: When): DoorInput | undefined => {
  const happened = seen.occurrence
  const history = seen.origin === "replayed"
  // History may explain, when it says of which time it is; it says nothing of now.
  if (history && seen.deviceTime === undefined) return undefined
  switch (happened._tag) {
    case "AccessGranted": {
      const extended = happened.extended === true
      return { ...when, _tag: "Granted", credential: happened.credential, extended, history }
    }
    case "ExitRequested":
      return { ...when, _tag: "ExitRequested", point: ref, history }
    // A detector that tells no end of motion, or a button, that hangs at an exit.
    case "MotionDetected":
    case "ButtonPressed":
      return role === "rex" ? { ...when, _tag: "ExitRequested", point: ref, history } : undefined
    case "AccessTaken":
    case "AccessNotTaken": {
      const _tag = happened._tag === "AccessTaken" ? "Taken" : "NotTaken"
      return history ? undefined : { ...when, _tag, credential: happened.credential }
    }
    case "DoorForcedReported":
      return history ? undefined : { ...when, _tag: "ControllerReported", alarm: "DoorForcedOpen" }
    case "DoorHeldReported":
      return history ? undefined : { ...when, _tag: "ControllerReported", alarm: "DoorOpenTooLong" }
    default:
      return undefined
  }
}

const occurrence = (draft: Draft, fact: Observed, seen: Of<"Occurrence">, point: IndexedPoint): void => {
  const { ref, device, roles } = point
  const at = fact.occurredAt
  const happened = seen.occurrence
  if (seen.origin === "change") heard(draft, device, point.deviceSpot)
  // A test, or what is told again of an unknown time, is kept as a fact; it is not something that happens now.
  if (seen.test === true || seen.origin === "recovery") return
  if (seen.origin === "replayed")
    draft.event({ _tag: "Occurred", at, device, point: ref, occurrence: happened, history: true })
  else draft.happened({ _tag: "Occurred", at, device, point: ref, occurrence: happened, id: draft.nextId }, roles)
  const when = whenOf(draft, fact, seen)
  // A point may be more than one thing to a door; what happened at it happened once.
  const told: Array<IndexedDoor> | undefined = roles.length > 1 ? [] : undefined
  for (const { role, door } of roles) {
    const input = occurrenceInput(role, ref, seen, when)
    if (input === undefined || told?.includes(door) === true) continue
    told?.push(door)
    tellDoor(draft, door, input)
  }
  const calls = happened._tag === "PanicPressed" || happened._tag === "DuressSignalled"
  if (!calls || seen.origin === "replayed") return
  const key = seen.condition === undefined ? undefined : panelKeyOf(seen.device, seen.condition)
  calledForHelp(draft, ref, happened._tag, { at, key, told: { area: seen.area, place: happened.at } })
}

/** What an observation means, given all that is known. A disabled device is out of service: what it says is kept only. */
export const observe = (draft: Draft, fact: Observed): void => {
  const { observation } = fact
  const point = pointTold(draft, observation)
  const said = "device" in observation ? observation.device : undefined
  const device = point === undefined && said !== undefined ? draft.inner.index.devices.get(said) : point?.configured
  if (device?.disabled === true) return
  clockShown(draft, fact)
  take(draft, fact, observation, point)
  // A device that was silent and is heard is expected to go on.
  if (device?.expectedIntervalSeconds !== undefined && !isWatched(draft, device.id)) watchSilence(draft, device.id)
}

/** The point that a reading or an occurrence is of. */
const pointTold = (draft: Draft, seen: Observation): IndexedPoint | undefined =>
  seen._tag === "Reading" || seen._tag === "Occurrence"
    ? pointOn(draft.inner.index, seen.device, seen.point)
    : undefined

const take = (draft: Draft, fact: Observed, seen: Observation, point: IndexedPoint | undefined): void => {
  switch (seen._tag) {
    case "Reading":
      return point === undefined ? undefined : reading(draft, fact, seen, point)
    case "Occurrence":
      return point === undefined ? undefined : occurrence(draft, fact, seen, point)
    case "PanelCondition":
      return panelConditionTold(draft, fact, seen)
    case "Availability":
      return availability(draft, seen)
    case "Certificate":
      return certificateShown(draft, fact.link, seen)
    case "Gap":
      return gap(draft, fact.link, fact.occurredAt, seen)
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
