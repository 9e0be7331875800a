import type { CompleteDoorTimes } from "../domain/door.ts"
import type { DoorId, EpochMs } from "../domain/ids.ts"
import type { DeviceEvent } from "../domain/device-event.ts"
import type { Draft } from "./draft.ts"
import { type IndexedDoor, timesOf } from "./campus-index.ts"
import { fireDoor, stepDoor } from "./door-machine.ts"
import { verdictOn } from "./door-judgement.ts"
import type { DoorMemory } from "./door-memory.ts"
import type { DoorInput, DoorOutput } from "./door-step.ts"
import { hasSchedules, nextTurn, turnOf } from "./door-turns.ts"

const titles = {
  DoorForcedOpen: "Door forced open",
  DoorOpenTooLong: "Door held open",
  UnverifiedOpening: "Unverified opening",
  ProbableExit: "Probable exit, request came late"
} as const

const passageOf = (
  door: DoorId,
  { _tag, at, credential }: Extract<DoorOutput, { _tag: "Entered" | "NotTaken" }>,
  id: string
): DeviceEvent => {
  const word = _tag === "Entered" ? "DoorEntered" : "AccessNotTaken"
  return credential === undefined ? { _tag: word, at, door, id } : { _tag: word, at, door, credential, id }
}

const settle = (draft: Draft, { door, key, alertsSpot }: IndexedDoor, output: DoorOutput): void => {
  switch (output._tag) {
    case "Active":
      return draft.finding({
        _tag: "ConditionActive",
        condition: output.condition,
        key,
        at: output.at,
        why: output.why,
        rule: output.rule,
        priority: output.priority,
        title: `${titles[output.condition]}: ${door.name}`,
        door: door.id,
        area: door.area
      })
    case "Normal":
      // As after most closings of most doors, there is nothing that it could be about.
      if (!draft.isConcerned(alertsSpot)) return
      for (const condition of output.conditions)
        draft.finding({ _tag: "ConditionNormal", condition, key, at: output.at, why: output.why })
      return
    case "Late":
      return draft.finding({
        _tag: "LateEvidence",
        condition: output.condition,
        key,
        at: output.at,
        why: output.why,
        ...(output.partly ? { partly: true } : {})
      })
    case "Judged":
      return draft.judged(door.id, output.judgement)
    case "PreAlarm":
      return draft.event({ _tag: "DoorHeldPreAlarm", at: output.at, door: door.id })
    case "Entered":
    case "NotTaken":
      return draft.happened(passageOf(door.id, output, draft.nextId))
  }
}

const take = (
  draft: Draft,
  indexed: IndexedDoor,
  before: DoorMemory,
  after: DoorMemory,
  outputs: ReadonlyArray<DoorOutput>,
  at: number,
  reason: string
): void => {
  draft.setDoor(indexed, after)
  if (before.standing !== after.standing) {
    draft.happened({
      _tag: "DoorStandingChanged",
      at,
      door: indexed.door.id,
      from: before.standing,
      to: after.standing,
      reason,
      id: draft.nextId
    })
  }
  for (const output of outputs) settle(draft, indexed, output)
}

const step = (
  draft: Draft,
  indexed: IndexedDoor,
  before: DoorMemory,
  input: DoorInput,
  times: CompleteDoorTimes
): void => {
  const { door, outputs } = stepDoor(before, input, times, draft.judges)
  take(draft, indexed, before, door, outputs, input.at, input._tag)
}

const turnKey = ({ door }: IndexedDoor): string => `turn:${door.id}`

/** Tells a door which of its schedules hold at an instant, and when it is to be told next. */
export const turnDoor = (draft: Draft, indexed: IndexedDoor, at: EpochMs): void => {
  const { campus } = draft.situation
  if (campus === undefined) return
  draft.grace(turnKey(indexed), nextTurn(campus, indexed, at))
  const memory = draft.doorMemory(indexed)
  const turn = turnOf(campus, indexed, memory, at)
  if (turn === undefined) return
  const input: DoorInput = { ...turn, at, heardAt: draft.now, seq: draft.seq }
  step(draft, indexed, memory, input, timesOf(indexed, turn))
}

/** While deadlines wait for a start to settle, schedules do not: time has gone on. */
export const turnUntil = (draft: Draft, indexed: IndexedDoor, until: EpochMs): void => {
  const key = turnKey(indexed)
  for (let due = draft.dueAt(key); due !== undefined && due <= until; due = draft.dueAt(key))
    turnDoor(draft, indexed, due)
}

/** Tells a door's machine what its points said, after what its schedules have come to. */
export const tellDoor = (draft: Draft, indexed: IndexedDoor, input: DoorInput): void => {
  if (hasSchedules(indexed)) turnUntil(draft, indexed, input.heardAt)
  const memory = draft.doorMemory(indexed)
  step(draft, indexed, memory, input, timesOf(indexed, memory))
}

/** Fires what falls due next at the door, if that is at or before `upTo`. */
export const fireDoorUpTo = (draft: Draft, indexed: IndexedDoor, upTo: number): void => {
  const before = draft.doorMemory(indexed)
  const fired = fireDoor(before, upTo, timesOf(indexed, before), draft.judges)
  // The agenda is only an index: one that disagrees with the memory is set right, and never asked the same for ever.
  if (fired === undefined) draft.setDoor(indexed, before)
  else take(draft, indexed, before, fired.door, fired.outputs, fired.at, "TimePassed")
}

/** A person has closed the alert of openings: they are answered, and late evidence is for those after them. */
export const answerOpenings = (
  draft: Draft,
  indexed: IndexedDoor,
  alert: "DoorForcedOpen" | "UnverifiedOpening"
): void => {
  const memory = draft.doorMemory(indexed)
  const unexplained = memory.unexplained.filter((open) => verdictOn(open) !== alert)
  draft.setDoor(indexed, { ...memory, unexplained })
}
