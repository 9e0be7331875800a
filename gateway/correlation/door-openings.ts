import type { Reason } from "../domain/alert.ts"
import type { CompleteDoorTimes } from "../domain/door.ts"
import type { EpochMs } from "../domain/ids.ts"
import { coverOf, mayStandOpen, modeThen, rightfulInstant, unlockedBySchedule } from "./door-cover.ts"
import { groundsOf } from "./door-grounds.ts"
import { awaitJudgement, reportOf, useGrants } from "./door-judgement.ts"
import type { Opening } from "./door-memory.ts"
import { type DoorDraft, type Emit, priorities, tellJudgement, type When } from "./door-step.ts"
import { allowedMs, debounceOf, heldFrom, settledAt } from "./door-timers.ts"
import type { OpeningVerdict } from "./door-verdict.ts"
import type { Writable } from "./writable.ts"

const shorter = "Its time became shorter while it was open, and counts from here"

/** Why the opening counts as long as it does. */
const openSince = (opening: Opening): ReadonlyArray<Reason> => [
  {
    at: opening.at,
    seq: opening.seq,
    text: opening.cover?.by === "recovery" ? "The door was found open" : "The door opened"
  },
  ...(opening.timedFrom === undefined || opening.timedFrom === opening.at || opening.relatched !== undefined
    ? []
    : [
        {
          at: opening.timedFrom,
          text: opening.retimed !== undefined ? shorter : "From here on it might not stand open any more"
        }
      ]),
  ...(opening.unseen ?? []).flatMap(({ from, to }) => [
    { at: from, text: "It was out of sight from here" },
    { at: to, text: "It was seen again, open, and is taken to have stayed open" }
  ]),
  ...(opening.relatched === undefined
    ? []
    : [
        {
          at: opening.relatched.at,
          text: `It closed without latching and opened again (${opening.relatched.times} ×, last here)`
        }
      ])
]

/** The opening has lasted as long as it may. */
export const becomeHeld = (draft: DoorDraft, at: EpochMs, times: CompleteDoorTimes, emit: Emit): void => {
  const { opening } = draft
  if (opening === undefined) return
  draft.opening = { ...opening, stage: "held" }
  const lasts = allowedMs(times, opening.extended)
  const seconds = lasts / 1000
  tellJudgement(opening, { at }, { _tag: "Held", since: opening.timedFrom ?? opening.at, allowedMs: lasts }, emit)
  emit.tell({
    _tag: "Active",
    condition: "DoorOpenTooLong",
    priority: priorities.DoorOpenTooLong,
    at,
    rule: "door.held",
    why: [...openSince(opening), { at, text: `It has been open for ${seconds} s, as long as it may be` }]
  })
}

const conditions = ["DoorForcedOpen", "DoorOpenTooLong", "UnverifiedOpening", "ProbableExit"] as const

const returned = (at: EpochMs, seq: number, text: string, emit: Emit): void => {
  const why = [{ at, seq, text }]
  emit.tell({ _tag: "Normal", conditions, at, why })
}

/** Since when an opening at `at` may not stand open; `undefined`: the mode lets it. */
const timedSince = (draft: DoorDraft, at: EpochMs): EpochMs | undefined => {
  if (mayStandOpen(draft.mode) || unlockedBySchedule(draft)) return undefined
  const { from, until } = draft.scheduled ?? {}
  // Heard of late: it opened while the schedule let it stand open, which is over.
  const scheduled = from !== undefined && until !== undefined && from <= at && at < until ? until : at
  return mayStandOpen(modeThen(draft, at)) ? Math.max(draft.modeAt, scheduled) : scheduled
}

/**
 * A door that opens again so soon after a rightful opening has not latched: the same opening goes on, and its held
 * timers with it, so that a door rattling in the wind is held open and not forced. One that was held already is
 * timed anew: the alert came back to normal with the closing, and must not come again with every bounce.
 */
const relatched = (draft: DoorDraft, at: EpochMs, times: CompleteDoorTimes): boolean => {
  const before = draft.closed
  if (before?.opening.cover === undefined || at - before.at > times.relatchMs) return false
  const { opening } = before
  const relatched = { times: (opening.relatched?.times ?? 0) + 1, at }
  const wasHeld = opening.stage === "held" && opening.timedFrom !== undefined
  const { retimed: _, ...anew } = opening
  // What let it stand open may be over since it closed.
  const timedFrom = opening.timedFrom ?? timedSince(draft, at)
  draft.opening = wasHeld ? { ...anew, relatched, stage: "open", timedFrom: at } : { ...opening, timedFrom, relatched }
  draft.closed = undefined
  return true
}

const judgeAt = ({ at, heardAt }: When, times: CompleteDoorTimes): EpochMs =>
  Math.max(at + times.reorderGraceMs, settledAt(at, heardAt, times))

export const opened = (draft: DoorDraft, when: When, times: CompleteDoorTimes, emit: Emit): void => {
  const { at, seq, earliest } = when
  draft.position = "Open"
  if (draft.closing !== undefined) {
    const bounced = at < draft.closing.at + debounceOf(times)
    if (bounced) {
      const { closing, opening } = draft
      if (opening !== undefined)
        tellJudgement(when, when, { _tag: "Bounced", closedAt: closing.at, before: opening.seq }, emit)
      draft.closing = undefined
      return
    }
    closingLasted(draft, times, emit)
  }
  draft.unseenFrom = undefined
  const instant = rightfulInstant(draft, at, earliest, times)
  const cover = coverOf(draft, instant, seq, times)
  const grounds = cover === undefined && emit.judges ? groundsOf(draft, instant, seq, times) : undefined
  const used = useGrants(draft, instant, cover, times, emit)
  // Somebody's own right comes before bounce: a grant that is used again is the lock being open still.
  const before = draft.closed
  if (cover === undefined && earliest === undefined && before !== undefined && relatched(draft, at, times)) {
    const verdict = { _tag: "Relatched", closedAt: before.at, before: before.opening.seq } as const
    return tellJudgement(when, when, verdict, emit, grounds)
  }
  const report = cover === undefined ? reportOf(draft, at, times) : undefined
  const opening: Writable<Opening> = {
    at,
    seq,
    cover,
    extended: used.extended,
    timedFrom: timedSince(draft, at),
    stage: "open",
    forced: report !== undefined,
    notBefore: settledAt(at, when.heardAt, times)
  }
  if (earliest !== undefined) opening.queued = true
  draft.opening = opening
  if (report !== undefined) {
    draft.unexplained = draft.unexplained.map((one) => (one === report ? { at, seq } : one))
    tellJudgement(when, when, { _tag: "ReportedForced" }, emit, grounds)
  } else if (cover === undefined) {
    const since = earliest === undefined ? {} : { earliest }
    const until = judgeAt(when, times)
    awaitJudgement(draft, { at, seq, ...since, judgeAt: until })
    tellJudgement(when, when, { _tag: "Waits", until }, emit, grounds)
  } else tellJudgement(when, when, { _tag: "Covered", cover }, emit)
}

/** A message overtaken by newer ones says that the door was open in between: what nothing explains is judged as well. */
export const wasOpen = (draft: DoorDraft, when: When, times: CompleteDoorTimes, emit: Emit): void => {
  const { at, seq } = when
  const { opening, closed } = draft
  const isKnown =
    (opening !== undefined && opening.at <= at) ||
    (closed !== undefined && closed.opening.at <= at && at <= closed.at) ||
    draft.unexplained.some((one) => one.at === at)
  if (isKnown) return
  const cover = coverOf(draft, at, seq, times)
  const grounds = cover === undefined && emit.judges ? groundsOf(draft, at, seq, times) : undefined
  useGrants(draft, at, cover, times, emit)
  if (cover !== undefined) return tellJudgement(when, when, { _tag: "Covered", cover }, emit)
  const until = judgeAt(when, times)
  awaitJudgement(draft, { at, seq, judgeAt: until })
  tellJudgement(when, when, { _tag: "Waits", until }, emit, grounds)
}

/**
 * The contact closed. Whether the door did shows once it cannot be bounce any more. Out of a queue, messages come in one
 * breath whatever time lay between them: none of that is taken for bounce, or a break-in behind the back of a gateway
 * that starts again would be.
 */
export const closed = (draft: DoorDraft, when: When, times: CompleteDoorTimes, emit: Emit): void => {
  const { at, seq, heardAt, earliest } = when
  draft.position = "Closed"
  draft.closing = earliest === undefined ? { at, seq } : { at, seq, queued: true }
  if (earliest !== undefined || heardAt >= at + debounceOf(times)) closingLasted(draft, times, emit)
}

/** An opening shorter than the debounce time was none: nobody passes through it, and no grant is used up by it. */
const forgetBounce = (draft: DoorDraft, opening: Opening): void => {
  draft.unexplained = draft.unexplained.filter(({ seq, judgeAt }) => seq !== opening.seq || judgeAt === undefined)
  draft.grants = draft.grants.map((grant) => {
    if (grant.usedAt === undefined || grant.usedAt < opening.at) return grant
    return { ...grant, usedAt: undefined }
  })
}

const ended = (opening: Opening, at: EpochMs, times: CompleteDoorTimes): OpeningVerdict => ({
  _tag: "Closed",
  lastedMs: at - opening.at,
  allowedMs: allowedMs(times, opening.extended),
  timed: opening.timedFrom !== undefined
})

/** The contact has stayed closed: the door is. */
export const closingLasted = (draft: DoorDraft, times: CompleteDoorTimes, emit: Emit): void => {
  const { closing, opening } = draft
  draft.closing = undefined
  if (closing === undefined) return
  const { at, seq, queued } = closing
  if (opening !== undefined) {
    const heldAt = heldFrom(opening, times)
    // While nobody could hear, time went on: it had been held before it closed.
    if (heldAt !== undefined && heldAt <= at) becomeHeld(draft, heldAt, times, emit)
    else heldInError(draft, opening, at, seq, times, emit)
    const isMeasured = queued !== true && opening.queued !== true
    const tooShort = isMeasured && at - opening.at < debounceOf(times)
    if (emit.judges) {
      const verdict = tooShort ? ({ _tag: "TooShort", lastedMs: at - opening.at } as const) : ended(opening, at, times)
      tellJudgement(opening, { at, seq }, verdict, emit)
    }
    if (tooShort) forgetBounce(draft, opening)
    else if (queued === true) draft.closed = undefined
    else draft.closed = { at, opening: draft.opening ?? opening }
    draft.opening = undefined
  }
  returned(at, seq, "The door closed", emit)
}

/** The closing was on its way while the held alarm came: it had closed in time. */
const heldInError = (
  draft: DoorDraft,
  opening: Opening,
  at: EpochMs,
  seq: number,
  times: CompleteDoorTimes,
  emit: Emit
): void => {
  const { stage, timedFrom, extended } = opening
  if (stage !== "held" || timedFrom === undefined || draft.alarm === "DoorOpenTooLong") return
  if (at >= timedFrom + allowedMs(times, extended)) return
  const why = [{ at, seq, text: "The door had closed in time, but we heard of it late" }]
  emit.tell({ _tag: "Late", condition: "DoorOpenTooLong", at, why, partly: false })
}

const unseenKept = 3

/**
 * Seen again, and open. What happened out of sight is not known, so this is never forced. An opening that was out of
 * sight for less than an opening may last is taken to have stayed open and counts from its own beginning; else the
 * door is open from here, the earliest that can be proved.
 */
export const foundOpen = (draft: DoorDraft, when: When, times: CompleteDoorTimes, emit: Emit): void => {
  if (draft.closing !== undefined) closingLasted(draft, times, emit)
  if (draft.position === "Open") return
  const { at, seq } = when
  const { opening, unseenFrom } = draft
  draft.position = "Open"
  draft.unseenFrom = undefined
  if (opening !== undefined && unseenFrom !== undefined && at - unseenFrom < allowedMs(times, opening.extended)) {
    draft.opening = { ...opening, unseen: [...(opening.unseen ?? []), { from: unseenFrom, to: at }].slice(-unseenKept) }
    return tellJudgement(when, when, { _tag: "FoundOpen", before: opening.seq }, emit)
  }
  draft.opening = {
    at,
    seq,
    cover: { by: "recovery", at, seq, text: "It was found open" },
    extended: false,
    timedFrom: timedSince(draft, at),
    stage: "open",
    forced: false,
    notBefore: settledAt(at, when.heardAt, times)
  }
  tellJudgement(when, when, { _tag: "FoundOpen" }, emit)
}

/** Seen again, and closed, nobody knows since when. */
export const foundClosed = (draft: DoorDraft, when: When, emit: Emit): void => {
  draft.unseenFrom = undefined
  if (draft.position === "Closed") return
  draft.position = "Closed"
  draft.opening = undefined
  // Not known to have closed just now: what follows is no re-latch bounce.
  draft.closed = undefined
  returned(when.at, when.seq, "The door was found closed", emit)
}

/** The position is out of sight. The opening stays in mind, and so does a judgement that waits. */
export const lost = (draft: DoorDraft, from: EpochMs, fault: boolean, times: CompleteDoorTimes, emit: Emit): void => {
  if (draft.closing !== undefined) closingLasted(draft, times, emit)
  draft.position = fault ? "Fault" : "Unknown"
  draft.unseenFrom ??= from
}
