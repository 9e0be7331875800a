import type { CompleteDoorTimes } from "../domain/door.ts"
import type { EpochMs } from "../domain/ids.ts"
import { coverOf, grantSpanMs, refusedGrants, unlockMs, withGrant } from "./door-cover.ts"
import { groundsOf } from "./door-grounds.ts"
import { awaitJudgement, explain } from "./door-judgement.ts"
import type { Grant, Opening } from "./door-memory.ts"
import { type DoorDraft, type DoorInput, type Emit, queued, tellJudgement, type When } from "./door-step.ts"
import { settledAt } from "./door-timers.ts"

type Of<Tag extends DoorInput["_tag"]> = Extract<DoorInput, { _tag: Tag }>

/** A device has this long to answer a command; after that nobody can say what became of it. */
export const commandAnswerMs = 10_000

const grantOf = (input: Of<"Granted">, times: CompleteDoorTimes): Grant => {
  const { at, seq, extended, credential, history } = input
  const until = at + grantSpanMs(times, extended)
  return queued(input, {
    at,
    seq,
    unlockedUntil: at + unlockMs(times, extended),
    until,
    ends: Math.max(until, settledAt(at, input.heardAt, times)),
    extended,
    credential,
    // Of a grant from history nobody can say that it was not taken: its opening may be history as well.
    fate: history ? "over" : "waiting",
    usedAt: undefined
  })
}

const setGrant = (draft: DoorDraft, changed: Grant, to: Partial<Grant>): void => {
  draft.grants = draft.grants.map((grant) => (grant === changed ? { ...grant, ...to } : grant))
}

/**
 * A grant while the door stands open counts as an entry at once: nothing else could show the passage of the second of
 * two people who badge for one opening (scenario 6), and a wheelchair that follows gets its longer time. Should the
 * door fall shut before that person, the grant still covers an opening of their own.
 */
const take = (draft: DoorDraft, given: Grant, history: boolean, times: CompleteDoorTimes, emit: Emit): void => {
  draft.grants = withGrant(draft.grants, given)
  explain(draft, history, times, emit)
  const { opening } = draft
  const grant = draft.grants.find(({ seq }) => seq === given.seq)
  const goesThrough = opening !== undefined && draft.position === "Open" && given.at >= opening.at
  if (grant?.fate !== "waiting" || !goesThrough) return
  if (grant.officer === undefined && refusedGrants(draft, given.at)) return
  setGrant(draft, grant, { fate: "entered" })
  emit.tell({ _tag: "Entered", at: given.at, credential: given.credential })
  if (grant.extended) draft.opening = { ...opening, extended: true }
}

/** Somebody was granted access at a reader. */
export const granted = (draft: DoorDraft, input: Of<"Granted">, times: CompleteDoorTimes, emit: Emit): void =>
  take(draft, grantOf(input, times), input.history, times, emit)

const grantBy = (draft: DoorDraft, credential: string | undefined, at: EpochMs): Grant | undefined =>
  draft.grants.findLast((grant) => at <= grant.ends && (credential === undefined || grant.credential === credential))

/** The controller says that the person passed. Some tell only this and never the grant: then it is both. */
export const taken = (draft: DoorDraft, input: Of<"Taken">, times: CompleteDoorTimes, emit: Emit): void => {
  const known = grantBy(draft, input.credential, input.at)
  if (known === undefined) {
    const grant = grantOf({ ...input, _tag: "Granted", extended: false, history: false }, times)
    draft.grants = withGrant(draft.grants, grant)
    explain(draft, false, times, emit)
  }
  const grant = grantBy(draft, input.credential, input.at)
  if (grant === undefined || grant.fate === "entered") return
  setGrant(draft, grant, { fate: "entered" })
  emit.tell({ _tag: "Entered", at: input.at, credential: grant.credential })
}

export const notTaken = (draft: DoorDraft, { at, credential }: Of<"NotTaken">, emit: Emit): void => {
  const grant = grantBy(draft, credential, at)
  if (grant?.fate !== "waiting") return
  setGrant(draft, grant, { fate: "over" })
  emit.tell({ _tag: "NotTaken", at, credential: grant.credential })
}

/** The grants that ran out. They stay in mind: an opening of their time may still be on its way. */
export const grantsEnd = (draft: DoorDraft, at: EpochMs, emit: Emit): void => {
  const over = draft.grants.filter(({ fate, ends }) => fate === "waiting" && ends <= at)
  for (const grant of over) {
    setGrant(draft, grant, { fate: "over" })
    // Not taken is said of a door that is seen to be closed; without a contact, or out of sight, nobody knows.
    if (draft.position === "Closed") emit.tell({ _tag: "NotTaken", at: grant.until, credential: grant.credential })
  }
}

/**
 * An officer lets somebody in from afar: a grant, from the moment the order goes out, for the lock may be released
 * before the device has answered. Until it has, the grant lasts longer by the time it has for that.
 */
export const accessOrdered = (
  draft: DoorDraft,
  input: Of<"AccessOrdered">,
  times: CompleteDoorTimes,
  emit: Emit
): void => {
  const grant = grantOf({ ...input, _tag: "Granted", credential: undefined, extended: false, history: false }, times)
  const longer = {
    unlockedUntil: grant.unlockedUntil + commandAnswerMs,
    until: grant.until + commandAnswerMs,
    ends: grant.ends + commandAnswerMs
  }
  take(draft, { ...grant, ...longer, officer: input.officer }, false, times, emit)
}

/** The opening without the cover that an order gave it; `undefined` when its cover is another. */
const uncovered = (opening: Opening | undefined, order: number): Opening | undefined => {
  if (opening?.cover?.by !== "grant" || opening.cover.seq !== order) return undefined
  return { ...opening, cover: undefined }
}

/** The order did not reach the lock: who has opened the door meanwhile did so by some other right, or by none. */
const withdraw = (draft: DoorDraft, order: number, when: When, times: CompleteDoorTimes, emit: Emit): void => {
  draft.grants = draft.grants.filter(({ seq }) => seq !== order)
  for (const opening of [uncovered(draft.closed?.opening, order), uncovered(draft.opening, order)]) {
    if (opening === undefined) continue
    const cover = coverOf(draft, opening.at, opening.seq, times)
    const judged: Opening = cover === undefined ? opening : { ...opening, cover }
    if (draft.opening?.seq === opening.seq) draft.opening = judged
    else if (draft.closed !== undefined) draft.closed = { ...draft.closed, opening: judged }
    if (cover !== undefined) {
      tellJudgement(opening, when, { _tag: "Covered", cover }, emit)
      continue
    }
    const until = when.at + times.reorderGraceMs
    awaitJudgement(draft, { at: opening.at, seq: opening.seq, judgeAt: until })
    tellJudgement(opening, when, { _tag: "Waits", until }, emit, groundsOf(draft, opening.at, opening.seq, times))
  }
}

/** What the device made of the order: the lock's time runs from here, or there was no grant. */
export const accessAnswered = (
  draft: DoorDraft,
  input: Of<"AccessAnswered">,
  times: CompleteDoorTimes,
  emit: Emit
): void => {
  const { at, order } = input
  if (!input.taken) return withdraw(draft, order, input, times, emit)
  const grant = draft.grants.find(({ seq, officer }) => seq === order && officer !== undefined)
  if (grant === undefined) return
  const until = at + grantSpanMs(times, false)
  setGrant(draft, grant, { unlockedUntil: at + unlockMs(times, false), until, ends: until })
}
