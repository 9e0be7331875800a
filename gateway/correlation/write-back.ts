import type { Alert } from "../domain/alert.ts"
import type { EpochMs } from "../domain/ids.ts"
import type { Observation } from "../domain/observation.ts"
import {
  type AlertPanelCondition,
  commentOf,
  type WriteBack,
  type WriteBackKind,
  type WriteBackState
} from "../domain/panel-condition.ts"
import type { KnownCondition } from "./known-conditions.ts"

/**
 * What goes back to a panel waits this long for the panel to be there; so long is waited for the answer, and so long for
 * the panel to tell a condition again of which nobody knows. What comes later an officer must look at again.
 */
export const writeBackWithinMs = 60_000

const within = `${writeBackWithinMs / 1000} s`

export const kindOf = ({ kind = "acknowledge" }: WriteBack): WriteBackKind => kind

/** Whether something is still to come of it. */
export const isPending = (writeBack: WriteBack | undefined): boolean =>
  writeBack?.state === "owed" || writeBack?.state === "sent" || writeBack?.state === "unknown"

/** All that goes back to a condition of an alert, or went: its acknowledgement, then notes and shelving, oldest first. */
export const writeBacksOf = ({
  writeBack,
  besides = []
}: Pick<AlertPanelCondition, "writeBack" | "besides">): ReadonlyArray<WriteBack> =>
  writeBack === undefined ? besides : [writeBack, ...besides]

/** Puts one of them in the place of what it was before. */
export const withWriteBack = (entry: AlertPanelCondition, before: WriteBack, after: WriteBack): AlertPanelCondition =>
  entry.writeBack === before
    ? { ...entry, writeBack: after }
    : { ...entry, besides: (entry.besides ?? []).map((one) => (one === before ? after : one)) }

/** Whether something of an alert's condition is on its way. */
export const isOwing = (entry: AlertPanelCondition): boolean => writeBacksOf(entry).some(isPending)

/** Whether something of the alert is on its way. */
export const owesWriteBack = ({ panelConditions = [] }: Alert): boolean => panelConditions.some(isOwing)

/** When it is given up; `undefined`: it is settled. */
export const dueOf = (writeBack: WriteBack): EpochMs | undefined =>
  isPending(writeBack) ? (writeBack.state === "owed" ? writeBack.askedAt : writeBack.at) + writeBackWithinMs : undefined

/** When something of the alert is given up next. */
export const writeBackDue = ({ panelConditions = [] }: Alert): EpochMs | undefined => {
  const all = panelConditions.flatMap((entry) => writeBacksOf(entry).flatMap((one) => dueOf(one) ?? []))
  return all.length === 0 ? undefined : Math.min(...all)
}

/** What came into another state; it has no word for why, unless one is given. */
export const become = (writeBack: WriteBack, state: WriteBackState, at: EpochMs, detail?: string): WriteBack => {
  const { detail: _, ...kept } = writeBack
  return { ...kept, state, at, ...(detail === undefined ? {} : { detail }) }
}

type Seen = Extract<Observation, { _tag: "PanelCondition" }>

/** How a condition was told, how it stood before, and how it stands now. */
export interface Telling {
  readonly seen: Seen
  readonly was: KnownCondition | undefined
  readonly known: KnownCondition
  readonly now: EpochMs
}

/** Some panels call the next state acknowledged as soon as a condition is over; the one that was answered to is then a branch. */
export const isOverByItself = ({ seen, was }: Telling): boolean => was?.active === true && seen.active === false

/** Whether the panel's newest comment is what an officer wrote. */
export const isOurs = ({ by, note = "" }: WriteBack, comment: string | undefined): boolean =>
  comment === commentOf(by, note)

/** Whether the panel shows the acknowledgement. A state that was not the officer's may be acknowledged by others. */
const isAcknowledged = (writeBack: WriteBack, telling: Telling): boolean => {
  if (!telling.seen.acked) return false
  if (isOurs(writeBack, telling.seen.comment)) return true
  return isPending(writeBack) || writeBack.state === "not-proved" ? !isOverByItself(telling) : false
}

/** Whether the panel shows the note. One with the same words may have been there before. */
const isCommented = (writeBack: WriteBack, { seen, was }: Telling): boolean =>
  writeBack.state !== "owed" &&
  isOurs(writeBack, seen.comment) &&
  (seen.event !== writeBack.event || was?.comment !== seen.comment)

/** Whether the panel shows what the officer asked for. */
const isShown = (writeBack: WriteBack, telling: Telling): boolean => {
  const mayBe = isPending(writeBack) || writeBack.state === "not-proved"
  switch (kindOf(writeBack)) {
    case "acknowledge":
      return isAcknowledged(writeBack, telling)
    case "comment":
      return isCommented(writeBack, telling)
    case "shelve":
      return mayBe && telling.seen.shelved === true
    case "unshelve":
      return mayBe && telling.seen.shelved === false
  }
}

const changedSince = "its state has changed since: look again"

/** What an officer is to do for what did not get there. */
export const againWords: Readonly<Record<WriteBackKind, string>> = {
  acknowledge: "acknowledge again to send it",
  comment: "note it again to send it",
  shelve: "shelve it again to send it",
  unshelve: "it stays shelved there until its time is over"
}

/** What a condition that is told means for what is on its way to it; `undefined`: nothing. */
export const turnedBy = (writeBack: WriteBack, telling: Telling): WriteBack | undefined => {
  const { seen, known, now } = telling
  const { state } = writeBack
  const kind = kindOf(writeBack)
  if (state === "proved") return undefined
  // What comes of one that is being sent, its answer tells; of a note, only what the panel tells of the condition.
  if (state === "sent" && kind !== "comment") return undefined
  if (isShown(writeBack, telling)) return become(writeBack, "proved", now)
  if (state === "sent" || !isPending(writeBack)) return undefined
  if (!seen.retain && kind !== "unshelve") {
    const detail = "the panel wants no answer to it any more"
    return become(writeBack, state === "owed" ? "stale" : "not-proved", now, detail)
  }
  const isOther = seen.event !== writeBack.event && !(known.same ?? []).includes(writeBack.event)
  if (kind === "acknowledge" && (seen.acked || isOther)) return become(writeBack, "stale", now, changedSince)
  // The panel tells all that it has once it is reached anew: what it shows as it was, it has not heard of.
  if (state !== "unknown" || seen.origin !== "recovery") return undefined
  return now - writeBack.askedAt < writeBackWithinMs
    ? become(writeBack, "owed", now)
    : become(writeBack, "not-written-back", now, `the panel has not heard of it; ${againWords[kind]}`)
}

/** What it becomes when its time is over. */
export const gaveUp = (writeBack: WriteBack, at: EpochMs): WriteBack => {
  if (writeBack.state === "owed") {
    const detail = `the panel was away for ${within}; ${againWords[kindOf(writeBack)]}`
    return become(writeBack, "not-written-back", at, detail)
  }
  const why = writeBack.detail ?? `no answer came within ${within}`
  return become(writeBack, "not-proved", at, `${why}, and the panel has not told the condition again`)
}

const nouns: Readonly<Record<WriteBackKind, string>> = {
  acknowledge: "the acknowledgement",
  comment: "the note",
  shelve: "the shelving",
  unshelve: "the end of the shelving"
}

const stateWords: Readonly<Record<WriteBackState, string>> = {
  owed: "is to go back to the panel",
  sent: "is being sent to the panel",
  unknown: "may have reached the panel or not",
  proved: "is shown by the panel",
  refused: "is refused by the panel",
  stale: "was not taken",
  "not-proved": "is not shown by the panel",
  "not-written-back": "is not written back"
}

/** How far it has come, in words for the timeline. */
export const wordsOf = (writeBack: WriteBack): string => {
  const { state, detail } = writeBack
  return `${nouns[kindOf(writeBack)]} ${stateWords[state]}${detail === undefined ? "" : `: ${detail}`}`
}
