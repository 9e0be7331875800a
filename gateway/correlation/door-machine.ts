import type { CompleteDoorTimes, DoorAlarm, LockPhysicalState } from "../domain/door.ts"
import type { EpochMs } from "../domain/ids.ts"
import { withExit, withoutExit } from "./door-cover.ts"
import { accessAnswered, accessOrdered, granted, grantsEnd, notTaken, taken } from "./door-grants.ts"
import { couldNotHear, witnessBack, witnessLost } from "./door-hearing.ts"
import { explain, judge, reportedForced } from "./door-judgement.ts"
import { type DoorMemory, standingOf } from "./door-memory.ts"
import { becomeHeld, closed, closingLasted, foundClosed, foundOpen, lost, opened, wasOpen } from "./door-openings.ts"
import { firstPersonIn, scheduleTurned, timeByRight } from "./door-schedule.ts"
import { type DoorDraft, type DoorInput, type DoorOutput, Emit, priorities, queued } from "./door-step.ts"
import { type DoorDue, heldFrom, nextDoorDue, stageAt } from "./door-timers.ts"

export interface DoorStep {
  readonly door: DoorMemory
  readonly outputs: ReadonlyArray<DoorOutput>
}

type Of<Tag extends DoorInput["_tag"]> = Extract<DoorInput, { _tag: Tag }>

const exitRequested = (draft: DoorDraft, input: Of<"ExitRequested">, times: CompleteDoorTimes, emit: Emit): void => {
  const { at, seq, point } = input
  draft.exits = withExit(draft.exits, queued(input, { point, seq, from: at, rose: true, until: at }))
  explain(draft, input.history, times, emit)
}

const exitStarted = (draft: DoorDraft, input: Of<"ExitStarted">, times: CompleteDoorTimes, emit: Emit): void => {
  const { at, seq, point, rose } = input
  draft.exits = withExit(draft.exits, queued(input, { point, seq, from: at, rose }))
  explain(draft, false, times, emit)
}

const lockChanged = (draft: DoorDraft, lock: LockPhysicalState, at: EpochMs): void => {
  if (lock !== "Locked") draft.lockedAt = undefined
  else if (draft.lock !== "Locked") draft.lockedAt = at
  draft.lock = lock
}

const modeChanged = (draft: DoorDraft, input: Of<"Mode">, times: CompleteDoorTimes, emit: Emit): void => {
  const { at, mode } = input
  if (mode === draft.mode) return
  draft.modeBefore = draft.mode
  draft.mode = mode
  draft.modeAt = at
  timeByRight(draft, input, `The door's mode is ${mode}`, emit)
  explain(draft, false, times, emit)
}

const reportedHeld = (draft: DoorDraft, at: EpochMs, seq: number, emit: Emit): void => {
  if (draft.opening !== undefined) draft.opening = { ...draft.opening, stage: "held" }
  emit.tell({
    _tag: "Active",
    condition: "DoorOpenTooLong",
    priority: priorities.DoorOpenTooLong,
    at,
    rule: "door.controller",
    why: [{ at, seq, text: "The door's controller reports open too long" }]
  })
}

const reported = (draft: DoorDraft, alarm: DoorAlarm, at: EpochMs, seq: number, emit: Emit): void => {
  if (alarm === "DoorForcedOpen") reportedForced(draft, at, seq, emit)
  else if (alarm === "DoorOpenTooLong") reportedHeld(draft, at, seq, emit)
}

/**
 * The controller takes its alarm back. One alert stands for its verdict and ours: it returns to normal unless we see
 * for ourselves that the door still stands open without right, or for too long.
 */
const reportedNormal = (draft: DoorDraft, at: EpochMs, seq: number, times: CompleteDoorTimes, emit: Emit): void => {
  const why = [{ at, seq, text: "The door's controller reports normal" }]
  const { opening } = draft
  const seen = draft.position === "Open" ? opening : undefined
  if (!(seen?.forced === true && seen.cover === undefined)) {
    if (draft.opening !== undefined) draft.opening = { ...draft.opening, forced: false }
    emit.tell({ _tag: "Normal", conditions: ["DoorForcedOpen"], at, why })
  }
  const heldAt = seen === undefined ? undefined : heldFrom({ ...seen, stage: "open" }, times)
  if (seen?.stage !== "held" || heldAt === undefined || heldAt > at) {
    if (draft.opening?.stage === "held") draft.opening = { ...draft.opening, stage: stageAt(draft.opening, at, times) }
    emit.tell({ _tag: "Normal", conditions: ["DoorOpenTooLong"], at, why })
  }
}

const controllerAlarm = (
  draft: DoorDraft,
  input: Of<"ControllerAlarm">,
  times: CompleteDoorTimes,
  emit: Emit
): void => {
  const before = draft.alarm
  draft.alarm = input.alarm
  if (input.alarm !== "Normal") {
    if (input.news) reported(draft, input.alarm, input.at, input.seq, emit)
  } else if (before !== "Normal") reportedNormal(draft, input.at, input.seq, times, emit)
}

const apply = (draft: DoorDraft, input: DoorInput, times: CompleteDoorTimes, emit: Emit): void => {
  switch (input._tag) {
    case "Opened":
      return opened(draft, input, times, emit)
    case "WasOpen":
      return wasOpen(draft, input, times, emit)
    case "Closed":
      return closed(draft, input, times, emit)
    case "FoundOpen":
      return foundOpen(draft, input, times, emit)
    case "FoundClosed":
      return foundClosed(draft, input, emit)
    case "Lost":
      return lost(draft, input.from, input.fault, times, emit)
    case "Granted":
      granted(draft, input, times, emit)
      return input.history ? undefined : firstPersonIn(draft, input, times, emit)
    case "ScheduleTurned":
      return scheduleTurned(draft, input, times, emit)
    case "Taken":
      taken(draft, input, times, emit)
      return firstPersonIn(draft, input, times, emit)
    case "NotTaken":
      return notTaken(draft, input, emit)
    case "AccessOrdered":
      return accessOrdered(draft, input, times, emit)
    case "AccessAnswered":
      return accessAnswered(draft, input, times, emit)
    case "ExitRequested":
      return exitRequested(draft, input, times, emit)
    case "ExitStarted":
      return exitStarted(draft, input, times, emit)
    case "ExitEnded":
      draft.exits = withoutExit(draft.exits, input.point, input.at)
      return
    case "TakenOut":
      draft.outOfService = true
      return
    case "PutBack":
      draft.outOfService = undefined
      return
    case "Lock":
      return lockChanged(draft, input.lock, input.at)
    case "Mode":
      return modeChanged(draft, input, times, emit)
    case "Unheard":
      return couldNotHear(draft, input.of, { from: input.from, until: input.until }, times)
    case "WitnessLost":
      return witnessLost(draft, input)
    case "WitnessBack":
      return witnessBack(draft, input, times)
    case "ControllerAlarm":
      return controllerAlarm(draft, input, times, emit)
    case "ControllerReported":
      return reported(draft, input.alarm, input.at, input.seq, emit)
  }
}

const fire = (draft: DoorDraft, { kind, at, since }: DoorDue, times: CompleteDoorTimes, emit: Emit): void => {
  switch (kind) {
    case "grantEnds":
      return grantsEnd(draft, at, emit)
    case "judge":
      return judge(draft, at, times, emit)
    case "closes":
      return closingLasted(draft, times, emit)
    case "preAlarm":
      if (draft.opening !== undefined) draft.opening = { ...draft.opening, stage: "pre" }
      return emit.tell({ _tag: "PreAlarm", at: since })
    case "held":
      return becomeHeld(draft, since, times, emit)
  }
}

const settled = (before: DoorMemory, draft: DoorDraft, at: EpochMs, { outputs }: Emit): DoorStep => {
  draft.standing = standingOf(draft)
  if (draft.standing !== before.standing) draft.since = at
  return { door: draft, outputs }
}

/** One step of a door: what it remembers after `input`, and what follows. Pure. `judges`: whether to tell of judgements. */
export const stepDoor = (door: DoorMemory, input: DoorInput, times: CompleteDoorTimes, judges: boolean): DoorStep => {
  const draft: DoorDraft = { ...door }
  const emit = new Emit(judges)
  apply(draft, input, times, emit)
  return settled(door, draft, input.at, emit)
}

/** Fires what falls due next at the door, if that is at or before `upTo`; `undefined` when nothing does. */
export const fireDoor = (
  door: DoorMemory,
  upTo: EpochMs,
  times: CompleteDoorTimes,
  judges: boolean
): (DoorStep & { readonly at: EpochMs }) | undefined => {
  const due = nextDoorDue(door, times)
  if (due === undefined || due.at > upTo) return undefined
  const at = due.kind === "closes" ? (door.closing?.at ?? due.since) : due.since
  const draft: DoorDraft = { ...door }
  const emit = new Emit(judges)
  fire(draft, due, times, emit)
  const { door: after, outputs } = settled(door, draft, at, emit)
  return { door: after, outputs, at }
}
