import type { CompleteDoorTimes } from "../domain/door.ts"
import type { EpochMs } from "../domain/ids.ts"
import { mayStandOpen, refusedGrants, unlockedBySchedule } from "./door-cover.ts"
import { explain } from "./door-judgement.ts"
import type { DoorDraft, DoorInput, Emit, When } from "./door-step.ts"
import { allowedMs, stageAt } from "./door-timers.ts"

type Turned = Extract<DoorInput, { _tag: "ScheduleTurned" }>

const normal = (at: EpochMs, seq: number, text: string, emit: Emit): void =>
  emit.tell({ _tag: "Normal", conditions: ["DoorOpenTooLong"], at, why: [{ at, seq, text }] })

/**
 * When its mode or its schedule lets the door stand open its timers stop; when neither does any longer they begin, from
 * now. `because`: what lets it, in words.
 */
export const timeByRight = (draft: DoorDraft, { at, seq }: When, because: string, emit: Emit): void => {
  const { opening, mode, modeBefore } = draft
  if (opening === undefined) return
  if (mayStandOpen(mode) || unlockedBySchedule(draft)) {
    const { retimed: _, ...rest } = opening
    draft.opening = { ...rest, timedFrom: undefined, stage: "open" }
    normal(at, seq, `${because}: it may stand open`, emit)
    return
  }
  // A mode that is merely out of sight takes no permission back.
  if (opening.timedFrom !== undefined || (mode === "Unknown" && mayStandOpen(modeBefore))) return
  draft.opening = { ...opening, timedFrom: Math.max(at, opening.at) }
}

/**
 * Other times hold from here on, and an opening under way is judged by them: it counts from its own beginning. Where they
 * are shorter, it gets as long as they are, from here: who opened the door while it might stand open longer closes it in
 * time; but never longer than it had before. Where they are longer, it is held no more.
 */
const retime = (draft: DoorDraft, { at, seq, before }: Turned, times: CompleteDoorTimes, emit: Emit): void => {
  const { opening } = draft
  const timedFrom = opening?.timedFrom
  if (opening === undefined || timedFrom === undefined) return
  const [was, is] = [allowedMs(before, opening.extended), allowedMs(times, opening.extended)]
  const { retimed: began = timedFrom, ...rest } = opening
  if (opening.stage === "held") {
    // What its controller reports is the controller's to take back.
    if (began + is <= at || draft.alarm === "DoorOpenTooLong") return
    draft.opening = { ...rest, timedFrom: began, stage: stageAt({ ...rest, timedFrom: began }, at, times) }
    return normal(at, seq, `By its schedule it may be open for ${is / 1000} s from here on`, emit)
  }
  if (is === was) {
    draft.opening = { ...opening, stage: stageAt(opening, at, times) }
    return
  }
  const until = is < was ? Math.max(began + is, Math.min(at + is, timedFrom + was)) : began + is
  const counted = { ...rest, timedFrom: until - is, ...(until - is === began ? {} : { retimed: began }) }
  draft.opening = { ...counted, stage: stageAt(counted, at, times) }
}

/** Whether somebody has gone in, or is about to, shortly before: not an officer from afar, nor whoever did not pass. */
const cameEarly = ({ grants }: DoorDraft, { at, earlyMs }: Turned): boolean =>
  earlyMs > 0 &&
  grants.some(
    (grant) => grant.officer === undefined && grant.fate !== "over" && grant.at >= at - earlyMs && grant.at <= at
  )

const scheduledBy = (draft: DoorDraft, input: Turned): void => {
  const { at, unlocked, earlyMs } = input
  const { scheduled } = draft
  const window = scheduled?.until === undefined ? scheduled : undefined
  if (unlocked === "no") {
    if (window !== undefined) draft.scheduled = { ...window, until: at }
  } else if (window === undefined)
    draft.scheduled = {
      begun: at,
      ...(unlocked === "at once" || cameEarly(draft, input) ? { from: at } : {}),
      ...(earlyMs > 0 ? { firstFrom: at - earlyMs } : {})
    }
  else if (unlocked === "at once" && window.from === undefined) draft.scheduled = { ...window, from: at }
}

/** The door's schedules have turned over. */
export const scheduleTurned = (draft: DoorDraft, input: Turned, times: CompleteDoorTimes, emit: Emit): void => {
  draft.timesBy = input.timesBy
  retime(draft, input, times, emit)
  const before = unlockedBySchedule(draft)
  scheduledBy(draft, input)
  if (unlockedBySchedule(draft) !== before) timeByRight(draft, input, "The door is unlocked by its schedule", emit)
  explain(draft, false, times, emit)
}

/** Where the schedule waits for the first person, it is whoever is granted access, or is told to have passed. */
export const firstPersonIn = (draft: DoorDraft, when: When, times: CompleteDoorTimes, emit: Emit): void => {
  const { scheduled } = draft
  if (scheduled === undefined || scheduled.from !== undefined || scheduled.until !== undefined) return
  if (when.at < (scheduled.firstFrom ?? scheduled.begun) || refusedGrants(draft, when.at)) return
  draft.scheduled = { ...scheduled, from: Math.max(when.at, scheduled.begun) }
  timeByRight(draft, when, "The first person is in, and the door is unlocked by its schedule", emit)
  explain(draft, false, times, emit)
}
