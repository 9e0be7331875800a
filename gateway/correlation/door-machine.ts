import type { Priority, Reason } from "../domain/alert.ts"
import type { CompleteDoorTimes, DoorAlarm, DoorMode, LockPhysicalState } from "../domain/door.ts"
import type { EpochMs } from "../domain/ids.ts"
import {
  type Cover,
  type DoorMemory,
  type Grant,
  modeAllowsOpening,
  nearestDeadline,
  type Opening,
  standingOf
} from "./door-memory.ts"

/** What a door's points tell its machine. `at` is when it happened, `seq` the log entry that says so. */
export type DoorInput = { readonly at: EpochMs; readonly seq: number } & (
  | { readonly _tag: "Opened" | "Closed" | "FoundOpen" | "FoundClosed" | "ExitRequested" | "Taken" }
  | { readonly _tag: "Lost"; readonly fault: boolean }
  | { readonly _tag: "Granted"; readonly credential: string | undefined; readonly extended: boolean }
  | { readonly _tag: "Lock"; readonly lock: LockPhysicalState }
  | { readonly _tag: "Mode"; readonly mode: DoorMode }
  | { readonly _tag: "ControllerAlarm"; readonly alarm: DoorAlarm }
)

export type DoorCondition = "DoorForcedOpen" | "DoorOpenTooLong" | "ProbableExit"

/** What the machine concluded; the fold adds ids, names and the area. */
export type DoorOutput =
  | {
      readonly _tag: "Active"
      readonly condition: DoorCondition
      readonly priority: Priority
      readonly at: EpochMs
      readonly why: ReadonlyArray<Reason>
      readonly rule: string
    }
  | {
      readonly _tag: "Normal" | "Late"
      readonly condition: DoorCondition
      readonly at: EpochMs
      readonly why: ReadonlyArray<Reason>
    }
  | { readonly _tag: "Entered" | "NotTaken"; readonly at: EpochMs; readonly credential: string | undefined }
  | { readonly _tag: "PreAlarm"; readonly at: EpochMs }

export interface DoorStep {
  readonly door: DoorMemory
  readonly outputs: ReadonlyArray<DoorOutput>
}

/** Forced is critical; held is high; a probable exit is low (scenario 3: the door's nuisance count, not an emergency). */
const priorities: Readonly<Record<DoorCondition, Priority>> = {
  DoorForcedOpen: 1,
  DoorOpenTooLong: 2,
  ProbableExit: 4
}

type Draft = { -readonly [K in keyof DoorMemory]: DoorMemory[K] }
type Emit = (output: DoorOutput) => void

const secondsBetween = (from: EpochMs, to: EpochMs): string => `${((to - from) / 1000).toFixed(1)} s`

/** How long a grant covers an opening: the unlock time, the entry time on top, and more for those who need it. */
export const grantSpanMs = (times: CompleteDoorTimes, extended: boolean): number =>
  (times.grantSeconds + times.entrySeconds + (extended ? times.extendedGrantSeconds : 0)) * 1000

const coverByGrant = (door: DoorMemory, openedAt: EpochMs): Cover | undefined => {
  const grant = door.grant
  if (grant === undefined || door.mode === "LockedDown" || openedAt < grant.at || openedAt > grant.until) {
    return undefined
  }
  return { by: "grant", at: grant.at, seq: grant.seq, text: "Access was granted" }
}

const coverByExit = (door: DoorMemory, openedAt: EpochMs, times: CompleteDoorTimes): Cover | undefined => {
  const rex = door.rex
  if (rex === undefined) return undefined
  const covers = rex.at >= openedAt - times.rexValidSeconds * 1000 && rex.at <= openedAt + times.rexLateSeconds * 1000
  return covers ? { by: "rex", at: rex.at, seq: rex.seq, text: "Exit was requested" } : undefined
}

const coverByRelatch = (door: DoorMemory, openedAt: EpochMs, times: CompleteDoorTimes): Cover | undefined => {
  const before = door.closed
  if (before?.opening.cover === undefined || openedAt - before.at > times.relatchMs) return undefined
  return { by: "relatch", at: before.at, seq: before.opening.seq, text: "The door had closed just before" }
}

/** Why an opening at `at` would be rightful, as far as is known now. */
const coverOf = (door: DoorMemory, at: EpochMs, seq: number, times: CompleteDoorTimes): Cover | undefined =>
  modeAllowsOpening(door.mode)
    ? { by: "mode", at, seq, text: `The door's mode was ${door.mode}` }
    : (coverByGrant(door, at) ?? coverByExit(door, at, times) ?? coverByRelatch(door, at, times))

const runHeldTimers = (draft: Draft, from: EpochMs, extended: boolean, times: CompleteDoorTimes): void => {
  const more = extended ? times.extendedGrantSeconds : 0
  draft.deadlines = {
    ...draft.deadlines,
    preAlarm: from + (times.heldPreAlarmSeconds + more) * 1000,
    held: from + (times.heldOpenSeconds + more) * 1000
  }
}

const stopped = (deadlines: DoorMemory["deadlines"], ...names: ReadonlyArray<keyof DoorMemory["deadlines"]>) =>
  Object.fromEntries(
    Object.entries(deadlines).filter(([name]) => !names.includes(name as keyof DoorMemory["deadlines"]))
  ) as DoorMemory["deadlines"]

const useGrant = (draft: Draft, at: EpochMs, emit: Emit): void => {
  const grant = draft.grant
  if (grant === undefined || grant.taken) return
  draft.grant = { ...grant, taken: true }
  draft.deadlines = stopped(draft.deadlines, "grantEnds")
  emit({ _tag: "Entered", at, credential: grant.credential })
}

const opened = (draft: Draft, at: EpochMs, seq: number, times: CompleteDoorTimes, emit: Emit): void => {
  const before = draft.closed
  if (before !== undefined && at - before.at < times.debounceMs && before.at >= before.opening.at) {
    // The contact bounced while closing: it is the same opening that goes on.
    draft.position = "Open"
    draft.opening = before.opening
    delete draft.closed
    runHeldTimers(draft, before.opening.at, before.opening.extended, times)
    return
  }
  const cover = coverOf(draft, at, seq, times)
  const extended = cover?.by === "grant" && draft.grant?.extended === true
  draft.position = "Open"
  draft.opening = { at, seq, cover, extended }
  delete draft.forced
  if (!modeAllowsOpening(draft.mode)) runHeldTimers(draft, at, extended, times)
  if (cover === undefined) draft.deadlines = { ...draft.deadlines, judge: at + times.reorderGraceMs }
  else if (cover.by === "grant") useGrant(draft, at, emit)
}

const returned = (at: EpochMs, seq: number, emit: Emit): void => {
  const why = [{ at, seq, text: "The door closed" }]
  for (const condition of ["DoorForcedOpen", "DoorOpenTooLong", "ProbableExit"] as const) {
    emit({ _tag: "Normal", condition, at, why })
  }
}

const closed = (draft: Draft, at: EpochMs, seq: number, times: CompleteDoorTimes, emit: Emit): void => {
  const opening = draft.opening
  draft.position = "Closed"
  draft.deadlines = stopped(draft.deadlines, "preAlarm", "held")
  delete draft.opening
  if (opening !== undefined) {
    draft.closed = { at, opening }
    const bounce = opening.cover === undefined && at - opening.at < times.debounceMs
    if (bounce) draft.deadlines = stopped(draft.deadlines, "judge")
  }
  returned(at, seq, emit)
}

/** A grant or a request to exit may explain an opening that came first, judged or not. */
const explain = (draft: Draft, cover: Cover, times: CompleteDoorTimes, emit: Emit): void => {
  const covers = (openedAt: EpochMs): boolean =>
    cover.by === "grant"
      ? coverByGrant(draft, openedAt) !== undefined
      : coverByExit(draft, openedAt, times) !== undefined
  const forced = draft.forced
  if (forced !== undefined && covers(forced.openedAt)) {
    delete draft.forced
    if (draft.opening !== undefined) draft.opening = { ...draft.opening, cover }
    const why = [{ at: cover.at, seq: cover.seq, text: `${cover.text}, but we heard of it late` }]
    emit({ _tag: "Late", condition: "DoorForcedOpen", at: cover.at, why })
    return
  }
  const open = draft.opening ?? (draft.deadlines.judge === undefined ? undefined : draft.closed?.opening)
  if (open === undefined || open.cover !== undefined || !covers(open.at)) return
  if (draft.opening !== undefined) draft.opening = { ...open, cover }
  else if (draft.closed !== undefined) draft.closed = { ...draft.closed, opening: { ...open, cover } }
  draft.deadlines = stopped(draft.deadlines, "judge")
  if (cover.by === "grant") useGrant(draft, open.at, emit)
  else if (cover.at > open.at) probableExit(open, cover, emit)
}

const probableExit = (open: Opening, cover: Cover, emit: Emit): void =>
  emit({
    _tag: "Active",
    condition: "ProbableExit",
    priority: priorities.ProbableExit,
    at: open.at,
    rule: "door.probable-exit",
    why: [
      { at: open.at, seq: open.seq, text: "The door opened before the request to exit" },
      { at: cover.at, seq: cover.seq, text: `Exit was requested ${secondsBetween(open.at, cover.at)} later` }
    ]
  })

const granted = (
  draft: Draft,
  input: Extract<DoorInput, { _tag: "Granted" }>,
  times: CompleteDoorTimes,
  emit: Emit
): void => {
  const until = input.at + grantSpanMs(times, input.extended)
  const grant: Grant = {
    at: input.at,
    seq: input.seq,
    until,
    extended: input.extended,
    credential: input.credential,
    taken: false
  }
  draft.grant = grant
  draft.deadlines = { ...draft.deadlines, grantEnds: until }
  explain(draft, { by: "grant", at: input.at, seq: input.seq, text: "Access was granted" }, times, emit)
}

const judged = (draft: Draft, times: CompleteDoorTimes, emit: Emit): void => {
  const open = draft.opening ?? draft.closed?.opening
  draft.deadlines = stopped(draft.deadlines, "judge")
  if (open === undefined || open.cover !== undefined || draft.forced !== undefined) return
  draft.forced = { openedAt: open.at, seq: open.seq }
  emit({
    _tag: "Active",
    condition: "DoorForcedOpen",
    priority: priorities.DoorForcedOpen,
    at: open.at,
    rule: "door.forced",
    why: [
      { at: open.at, seq: open.seq, text: "The door opened" },
      { at: open.at, text: `No access was granted in the ${grantSpanMs(times, false) / 1000} s before` },
      { at: open.at, text: `No exit was requested in the ${times.rexValidSeconds} s before` }
    ]
  })
  if (draft.position === "Closed" && draft.closed !== undefined) {
    const why = [{ at: draft.closed.at, text: "The door had closed again" }]
    emit({ _tag: "Normal", condition: "DoorForcedOpen", at: draft.closed.at, why })
  }
}

const held = (draft: Draft, at: EpochMs, times: CompleteDoorTimes, emit: Emit): void => {
  draft.deadlines = stopped(draft.deadlines, "held")
  const open = draft.opening
  if (open === undefined) return
  const allowed = times.heldOpenSeconds + (open.extended ? times.extendedGrantSeconds : 0)
  emit({
    _tag: "Active",
    condition: "DoorOpenTooLong",
    priority: priorities.DoorOpenTooLong,
    at,
    rule: "door.held",
    why: [
      { at: open.at, seq: open.seq, text: "The door opened" },
      { at, text: `It has been open for ${allowed} s, as long as it may be` }
    ]
  })
}

/** Fires the one deadline that falls at `at`; grant, judgement, pre-alarm, held in this order when they coincide. */
const due = (draft: Draft, at: EpochMs, times: CompleteDoorTimes, emit: Emit): void => {
  const { grantEnds, judge, preAlarm } = draft.deadlines
  if (grantEnds === at) {
    draft.deadlines = stopped(draft.deadlines, "grantEnds")
    const grant = draft.grant
    if (grant !== undefined && !grant.taken) emit({ _tag: "NotTaken", at, credential: grant.credential })
    // The grant itself stays in memory: an opening of its span may still be on its way.
    if (grant !== undefined) draft.grant = { ...grant, taken: true }
  } else if (judge === at) judged(draft, times, emit)
  else if (preAlarm === at) {
    draft.deadlines = stopped(draft.deadlines, "preAlarm")
    emit({ _tag: "PreAlarm", at })
  } else held(draft, at, times, emit)
}

const found = (draft: Draft, open: boolean, at: EpochMs, seq: number, times: CompleteDoorTimes, emit: Emit): void => {
  if (!open) {
    draft.position = "Closed"
    draft.deadlines = stopped(draft.deadlines, "preAlarm", "held")
    delete draft.opening
    returned(at, seq, emit)
    return
  }
  if (draft.position === "Open") return
  draft.position = "Open"
  draft.opening = { at, seq, extended: false, cover: { by: "recovery", at, seq, text: "It was found open" } }
  if (!modeAllowsOpening(draft.mode)) runHeldTimers(draft, at, false, times)
}

const controller = (draft: Draft, alarm: DoorAlarm, at: EpochMs, seq: number, emit: Emit): void => {
  draft.alarm = alarm
  if (alarm === "Normal") return
  const forcedOpen = alarm === "DoorForcedOpen"
  if (forcedOpen) draft.forced = { openedAt: draft.opening?.at ?? at, seq }
  draft.deadlines = stopped(draft.deadlines, forcedOpen ? "judge" : "held")
  emit({
    _tag: "Active",
    condition: alarm,
    priority: priorities[alarm],
    at,
    rule: "door.controller",
    why: [{ at, seq, text: `The door's controller reports ${forcedOpen ? "forced open" : "open too long"}` }]
  })
}

const modeChanged = (draft: Draft, mode: DoorMode, at: EpochMs, times: CompleteDoorTimes): void => {
  const mayBefore = modeAllowsOpening(draft.mode)
  draft.mode = mode
  if (draft.opening === undefined || mayBefore === modeAllowsOpening(mode)) return
  if (mayBefore) runHeldTimers(draft, at, false, times)
  else draft.deadlines = stopped(draft.deadlines, "preAlarm", "held")
}

const lost = (draft: Draft, fault: boolean): void => {
  draft.position = fault ? "Fault" : "Unknown"
  // An opening that waits for its judgement did happen; how long the door stays open can no longer be known.
  draft.deadlines = stopped(draft.deadlines, "preAlarm", "held")
  if (draft.opening !== undefined && draft.deadlines.judge !== undefined) {
    draft.closed = { at: draft.opening.at, opening: draft.opening }
  }
  delete draft.opening
}

const apply = (draft: Draft, input: DoorInput, times: CompleteDoorTimes, emit: Emit): void => {
  switch (input._tag) {
    case "Opened":
      return opened(draft, input.at, input.seq, times, emit)
    case "Closed":
      return closed(draft, input.at, input.seq, times, emit)
    case "FoundOpen":
    case "FoundClosed":
      return found(draft, input._tag === "FoundOpen", input.at, input.seq, times, emit)
    case "Lost":
      return lost(draft, input.fault)
    case "Granted":
      return granted(draft, input, times, emit)
    case "Taken":
      return useGrant(draft, input.at, emit)
    case "ExitRequested": {
      if (draft.rex === undefined || input.at >= draft.rex.at) draft.rex = { at: input.at, seq: input.seq }
      return explain(draft, { by: "rex", at: input.at, seq: input.seq, text: "Exit was requested" }, times, emit)
    }
    case "Lock":
      draft.lock = input.lock
      return
    case "Mode":
      return modeChanged(draft, input.mode, input.at, times)
    case "ControllerAlarm":
      return controller(draft, input.alarm, input.at, input.seq, emit)
  }
}

const heldStage = (draft: Draft): "no" | "pre" | "held" => {
  const { preAlarm, held: heldAt } = draft.deadlines
  if (draft.opening === undefined || preAlarm !== undefined || modeAllowsOpening(draft.mode)) return "no"
  return heldAt === undefined ? "held" : "pre"
}

const settled = (draft: Draft, before: DoorMemory, at: EpochMs, outputs: ReadonlyArray<DoorOutput>): DoorStep => {
  draft.standing = standingOf(draft, heldStage(draft))
  if (draft.standing !== before.standing) draft.since = at
  return { door: draft, outputs }
}

/** One step of a door: what it remembers after `input`, and what follows. Pure. */
export const stepDoor = (door: DoorMemory, input: DoorInput, times: CompleteDoorTimes): DoorStep => {
  const draft: Draft = { ...door }
  const outputs: Array<DoorOutput> = []
  apply(draft, input, times, (output) => void outputs.push(output))
  return settled(draft, door, input.at, outputs)
}

/** Fires the nearest deadline of the door, if it falls at or before `upTo`; `undefined` when none does. */
export const fireDoor = (
  door: DoorMemory,
  upTo: EpochMs,
  times: CompleteDoorTimes
): (DoorStep & { readonly at: EpochMs }) | undefined => {
  const at = nearestDeadline(door.deadlines)
  if (at === undefined || at > upTo) return undefined
  const draft: Draft = { ...door }
  const outputs: Array<DoorOutput> = []
  due(draft, at, times, (output) => void outputs.push(output))
  return { ...settled(draft, door, at, outputs), at }
}
