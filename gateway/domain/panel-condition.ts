import { Schema } from "effect"
import { DeviceId, EpochMs } from "./ids.ts"

/**
 * Names a condition of a panel, in the words of OPC 10000-9: its ConditionId, and the BranchId where it is an earlier
 * state of the condition that still wants an answer. Without a branch it is the condition itself, its trunk.
 */
export const ConditionRef = Schema.Struct({
  id: Schema.String,
  branch: Schema.optionalKey(Schema.String)
}).annotate({ identifier: "ConditionRef" })
export type ConditionRef = typeof ConditionRef.Type

/** What an officer's acknowledgement does at a device that has conditions. */
export const Acknowledging = Schema.Literals(["none", "acknowledge", "acknowledge+confirm"]).annotate({
  identifier: "Acknowledging",
  description: "What an officer's acknowledgement does at the device; absent: what its link says"
})
export type Acknowledging = typeof Acknowledging.Type

/** What of an officer's acts goes back to a panel. Shelving is of the condition itself, the others are of one state of it. */
export const WriteBackKind = Schema.Literals(["acknowledge", "comment", "shelve", "unshelve"]).annotate({
  identifier: "WriteBackKind"
})
export type WriteBackKind = typeof WriteBackKind.Type

/**
 * What came of something that was to be sent. `proved`: the condition is shown to be so. `accepted`: the panel says yes,
 * and what it tells of the condition will show it. `stale`: it is in another state than the officer saw. `away`: nobody
 * answered, and nothing was sent. `unknown`: it may have been done.
 */
export const WriteBackOutcome = Schema.Literals([
  "proved",
  "accepted",
  "not-proved",
  "stale",
  "refused",
  "unknown",
  "away"
]).annotate({ identifier: "WriteBackOutcome" })
export type WriteBackOutcome = typeof WriteBackOutcome.Type

/**
 * How far it has come on its way back to the panel. `owed` waits for the panel to be there, `sent` for what comes of it,
 * `unknown` for the panel to tell the condition again. The others are final, but that a condition which is shown to be
 * so late turns `stale` and `not-proved` into `proved`.
 */
export const WriteBackState = Schema.Literals([
  "owed",
  "sent",
  "unknown",
  "proved",
  "refused",
  "stale",
  "not-proved",
  "not-written-back"
]).annotate({ identifier: "WriteBackState" })
export type WriteBackState = typeof WriteBackState.Type

/** An officer's act on its way back to the panel. */
export const WriteBack = Schema.Struct({
  /** Absent: an acknowledgement. */
  kind: Schema.optionalKey(WriteBackKind),
  /** Log entry of the officer's fact that asks for it; absent in the log of an earlier version. */
  asked: Schema.optionalKey(Schema.Finite),
  state: WriteBackState,
  by: Schema.String,
  note: Schema.optionalKey(Schema.String),
  /** When the officer asked for it. */
  askedAt: EpochMs,
  /** When it came into this state. */
  at: EpochMs,
  /**
   * The EventId of the state that the officer saw: it is this one that is acknowledged, and no later one. A note goes to
   * the newest state that there is when it is sent.
   */
  event: Schema.String,
  /** Until when it is to be shelved; absent: until it is normal again. */
  until: Schema.optionalKey(EpochMs),
  /** Why it is so, for people. */
  detail: Schema.optionalKey(Schema.String)
}).annotate({ identifier: "WriteBack" })
export type WriteBack = typeof WriteBack.Type

/** A condition of a panel behind an alert, and whether its panel shows it acknowledged. */
export const AlertPanelCondition = Schema.Struct({
  device: DeviceId,
  ...ConditionRef.fields,
  acked: Schema.Boolean,
  /** Whom the panel names for it, and with which words. */
  ackedBy: Schema.optionalKey(Schema.String),
  comment: Schema.optionalKey(Schema.String),
  /** The newest acknowledgement that is to go back to it; absent where none is. */
  writeBack: Schema.optionalKey(WriteBack),
  /** Notes and shelving that are to go back to it, oldest first; of what is settled the newest. Absent where none is. */
  besides: Schema.optionalKey(Schema.Array(WriteBack))
}).annotate({ identifier: "AlertPanelCondition" })
export type AlertPanelCondition = typeof AlertPanelCondition.Type

/** No panel of the field keeps a longer comment. */
const commentMax = 256
const officerMax = 80

/** No half of a character is left at the end. */
const cut = (text: string, max: number): string =>
  text.length <= max ? text : `${text.slice(0, max - 1).replace(/[\uD800-\uDBFF]$/u, "")}…`

/**
 * What is said at the panel with an acknowledgement: the officer's name stands in it, for not every panel keeps who it was
 * (OPC 10000-9, 5.5.2, ClientUserId).
 */
export const commentOf = (officer: string, note: string): string => {
  const said = note.replace(/[\s\p{Cc}]+/gu, " ").trim()
  const signed = `${cut(officer, officerMax)} via Gatehouse`
  return said === "" ? signed : `${cut(said, commentMax - signed.length - 3)} (${signed})`
}
