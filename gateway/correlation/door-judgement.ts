import type { Reason } from "../domain/alert.ts"
import type { CompleteDoorTimes } from "../domain/door.ts"
import type { EpochMs } from "../domain/ids.ts"
import { appended } from "./lists.ts"
import { coverOf, grantSpanMs, grantsFor, grantsUsed, refusedGrants, rightfulInstant } from "./door-cover.ts"
import { groundsOf } from "./door-grounds.ts"
import { unheardBefore } from "./door-hearing.ts"
import type { Cover, Unexplained } from "./door-memory.ts"
import { type DoorDraft, type Emit, priorities, secondsBetween, tellJudgement } from "./door-step.ts"

/** Far more than can wait within one reorder grace; the newest judged ones stay for late evidence. */
const unexplainedKept = 8

/** What was concluded of an opening that nothing explains; `undefined` while it waits. */
export const verdictOn = ({ judgeAt, unverified }: Unexplained): Verdict | undefined =>
  judgeAt !== undefined ? undefined : unverified === true ? "UnverifiedOpening" : "DoorForcedOpen"

type Verdict = "DoorForcedOpen" | "UnverifiedOpening"

const verdicts: ReadonlyArray<Verdict> = ["DoorForcedOpen", "UnverifiedOpening"]

/** An opening that nothing explains yet waits for its judgement. */
export const awaitJudgement = (draft: DoorDraft, opening: Unexplained): void => {
  const all = appended(draft.unexplained, opening)
  const surplus = all.length - unexplainedKept
  // What is judged has its alert; what still waits must not be forgotten before it.
  const drop = surplus <= 0 ? undefined : (all.find(({ judgeAt }) => judgeAt === undefined) ?? opening)
  draft.unexplained = drop === undefined ? all : all.filter((one) => one !== drop)
}

const inTime = { extended: false } as const

/** Whoever was granted access has passed. Told once a grant, even when its opening was heard of late. */
export const useGrants = (
  draft: DoorDraft,
  openedAt: EpochMs,
  cover: Cover | undefined,
  times: CompleteDoorTimes,
  emit: Emit
): { readonly extended: boolean } => {
  const through = grantsFor(draft, openedAt, times)
  if (through.length === 0) return inTime
  const used = grantsUsed(through, openedAt, cover)
  draft.grants = draft.grants.map((grant) => {
    if (!through.includes(grant) || grant.usedAt !== undefined) return grant
    const isUsed = used.includes(grant)
    const at = isUsed ? openedAt : Math.max(openedAt, grant.at)
    if (grant.fate !== "entered") emit.tell({ _tag: "Entered", at, credential: grant.credential })
    return isUsed ? { ...grant, fate: "entered", usedAt: openedAt } : { ...grant, fate: "entered" }
  })
  return { extended: through.some(({ extended }) => extended) }
}

/** The lingering exit: somebody pushed the door before the detector saw them. Its count tells of a badly aimed one. */
const probableExit = (draft: DoorDraft, open: Unexplained, cover: Cover, emit: Emit): void => {
  emit.tell({
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
  if (draft.opening?.seq === open.seq) return
  const why = [{ at: cover.at, text: "The door had closed again" }]
  emit.tell({ _tag: "Normal", conditions: ["ProbableExit"], at: cover.at, why })
}

const attach = (draft: DoorDraft, open: Unexplained, cover: Cover, extended: boolean): void => {
  const { opening, closed } = draft
  if (opening?.seq === open.seq) {
    draft.opening = { ...opening, cover, forced: false, extended: opening.extended || extended }
  } else if (closed?.opening.seq === open.seq) {
    draft.closed = { ...closed, opening: { ...closed.opening, cover, forced: false } }
  }
}

/**
 * New evidence has come: it may explain openings that came first. One that waited is simply rightful; one that was
 * judged is resolved by late evidence, and its alert with it once no other opening behind it is unexplained.
 */
export const explain = (draft: DoorDraft, history: boolean, times: CompleteDoorTimes, emit: Emit): void => {
  if (draft.unexplained.length === 0) return
  const late: Record<Verdict, Array<Reason>> = { DoorForcedOpen: [], UnverifiedOpening: [] }
  for (const open of draft.unexplained) {
    const instant = rightfulInstant(draft, open.at, open.earliest, times)
    const cover = coverOf(draft, instant, open.seq, times)
    if (cover === undefined) continue
    draft.unexplained = draft.unexplained.filter((one) => one !== open)
    const { extended } = useGrants(draft, instant, cover, times, emit)
    attach(draft, open, cover, extended)
    const verdict = verdictOn(open)
    tellJudgement(open, cover, { _tag: "CoveredLate", cover, judged: verdict !== undefined }, emit)
    if (verdict !== undefined) {
      late[verdict].push({ at: cover.at, seq: cover.seq, text: `${cover.text}, but we heard of it late` })
    } else if (cover.by === "rex" && cover.at > open.at && !history) probableExit(draft, open, cover, emit)
  }
  for (const condition of verdicts) {
    const why = late[condition]
    const last = why.at(-1)
    if (last === undefined) continue
    const partly = draft.unexplained.some((open) => verdictOn(open) === condition)
    emit.tell({ _tag: "Late", condition, at: last.at, why, partly })
  }
}

/** What was looked for and not found, with the nearest miss: an installer must see why it did not count. */
const reasonsFor = (
  draft: DoorDraft,
  { at, seq, earliest }: Unexplained,
  times: CompleteDoorTimes
): ReadonlyArray<Reason> => {
  const why: Array<Reason> = [{ at, seq, text: "The door opened" }]
  if (earliest !== undefined) why.push({ at: earliest, text: "It may have opened from here on: nobody was listening" })
  const grant = draft.grants.findLast((one) => one.at <= at)
  if (grant !== undefined && refusedGrants(draft, at)) {
    why.push({ at: grant.at, seq: grant.seq, text: `Access was granted, but the door's mode is ${draft.mode}` })
  } else {
    why.push({ at, text: `No access was granted in the ${grantSpanMs(times, false) / 1000} s before` })
    if (grant !== undefined) {
      const text = `The last grant was ${secondsBetween(grant.at, at)} before${grant.usedAt === undefined ? "" : ", and used"}`
      why.push({ at: grant.at, seq: grant.seq, text })
    }
  }
  why.push({ at, text: `No exit was requested in the ${times.rexValidSeconds} s before` })
  const exit = draft.exits.findLast((one) => one.from <= at)
  if (exit !== undefined) {
    const text = `The last request to exit came ${secondsBetween(exit.from, at)} before`
    why.push({ at: exit.from, seq: exit.seq, text })
  }
  if (draft.mode === "Unknown" && draft.modeBefore !== "Unknown") {
    why.push({ at: draft.modeAt, text: `The door's mode is unknown; it was ${draft.modeBefore} before` })
  }
  return why
}

const judgeOne = (draft: DoorDraft, open: Unexplained, at: EpochMs, times: CompleteDoorTimes, emit: Emit): Verdict => {
  const unheard = unheardBefore(draft, open, times)
  const isForced = unheard.length === 0
  const condition = isForced ? "DoorForcedOpen" : "UnverifiedOpening"
  if (isForced) markForced(draft, open)
  else markUnverified(draft, open)
  const verdict = isForced ? ({ _tag: "Forced" } as const) : ({ _tag: "Unverified", unheard } as const)
  tellJudgement(open, { at }, verdict, emit, groundsOf(draft, open.at, open.seq, times))
  emit.tell({
    _tag: "Active",
    condition,
    priority: priorities[condition],
    at: open.at,
    rule: isForced ? "door.forced" : "door.unverified",
    why: [...reasonsFor(draft, open, times), ...unheard]
  })
  return condition
}

/**
 * Judges every opening whose grace is over. One that might have been made rightful by what nobody could hear is not
 * called forced: a person is asked all the same, for it might be that, too.
 */
export const judge = (draft: DoorDraft, at: EpochMs, times: CompleteDoorTimes, emit: Emit): void => {
  const ready = draft.unexplained.filter(({ judgeAt }) => judgeAt !== undefined && judgeAt <= at)
  const judged = new Set(ready.map((open) => judgeOne(draft, open, at, times, emit)))
  const { opening, unexplained } = draft
  const present = unexplained.find(({ seq }) => seq === opening?.seq)
  const isActive = {
    DoorForcedOpen: opening?.forced === true,
    UnverifiedOpening: present !== undefined && verdictOn(present) === "UnverifiedOpening"
  }
  const closedAt = draft.closed?.at ?? at
  const why = [{ at: closedAt, text: "The door had closed again" }]
  for (const condition of judged) {
    // None of them is the present opening: the door had closed before it was judged.
    if (!isActive[condition]) emit.tell({ _tag: "Normal", conditions: [condition], at: closedAt, why })
  }
}

const markForced = (draft: DoorDraft, open: Unexplained): void => {
  const { judgeAt: _, unverified: _unverified, ...judged } = open
  draft.unexplained = draft.unexplained.map((one) => (one === open ? judged : one))
  if (draft.opening?.seq === open.seq) draft.opening = { ...draft.opening, forced: true }
}

const markUnverified = (draft: DoorDraft, open: Unexplained): void => {
  const { judgeAt: _, ...judged } = open
  draft.unexplained = draft.unexplained.map((one) => (one === open ? { ...judged, unverified: true } : one))
}

/** The controller, which heard everything, calls it forced: that alert stands for the opening from here on. */
const verify = (draft: DoorDraft, at: EpochMs, seq: number, emit: Emit): void => {
  const present = draft.unexplained.find((open) => open.seq === draft.opening?.seq && open.unverified === true)
  if (present === undefined) return
  markForced(draft, present)
  const why = [{ at, seq, text: "The door's controller reports it forced: that is an alert of its own" }]
  emit.tell({ _tag: "Normal", conditions: ["UnverifiedOpening"], at, why })
}

/** The door's controller itself calls the opening forced: nothing more to wait for. */
export const reportedForced = (draft: DoorDraft, at: EpochMs, seq: number, emit: Emit): void => {
  const waiting = draft.unexplained.filter(({ judgeAt }) => judgeAt !== undefined)
  for (const open of waiting) markForced(draft, open)
  verify(draft, at, seq, emit)
  const why: Array<Reason> = [{ at, seq, text: "The door's controller reports forced open" }]
  const { opening } = draft
  if (opening !== undefined) {
    draft.opening = { ...opening, forced: true }
    tellJudgement(opening, { at, seq }, { _tag: "ReportedForced" }, emit)
    why.push({ at: opening.at, seq: opening.seq, text: "The door opened" })
    // Two witnesses disagree: a person must see both.
    const { cover } = opening
    if (cover !== undefined) why.push({ at: cover.at, seq: cover.seq, text: `${cover.text}, as far as we know` })
  } else if (waiting.length === 0) awaitJudgement(draft, { at, seq, reported: true })
  emit.tell({
    _tag: "Active",
    condition: "DoorForcedOpen",
    priority: priorities.DoorForcedOpen,
    at: opening?.at ?? waiting[0]?.at ?? at,
    rule: "door.controller",
    why
  })
}

/** The controller's report that told of this very opening before its contact was heard. */
export const reportOf = (draft: DoorDraft, openedAt: EpochMs, times: CompleteDoorTimes): Unexplained | undefined =>
  draft.unexplained.find(({ at, reported }) => reported === true && Math.abs(openedAt - at) <= times.reorderGraceMs)
