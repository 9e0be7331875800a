import type { Alert, AlertChange } from "../domain/alert.ts"
import type { Finding } from "../domain/finding.ts"
import { AlertId, type EpochMs } from "../domain/ids.ts"
import type { Happening } from "./life-table.ts"
import { countedOutOfService, type InMaintenance } from "./out-of-service.ts"
import { type Lived, turned } from "./turned.ts"

/** What a new alert takes from outside its finding. */
export interface Birth {
  readonly seq: number
  /** How many alerts this fact has raised before. */
  readonly nth: number
  readonly configVersion: string
  /** What it is about is worked on: it comes without a sound. */
  readonly maintenance?: InMaintenance
}

/** So many of the first reasons stay with an alert, for they raised it, and so many of the newest; the log has all. */
const reasonsKept = { first: 10, newest: 40 }

const withReasons = (alert: Alert, why: AlertChange["why"]): Alert["why"] => {
  const all = [...alert.why, ...why]
  const { first, newest } = reasonsKept
  return all.length <= first + newest ? all : [...all.slice(0, first), ...all.slice(-newest)]
}

/** `A-<seq>`, then `A-<seq>.2`: ids derive from log positions, so the same log gives the same ids. */
export const alertIdOf = (seq: number, nth: number): AlertId =>
  AlertId.make(nth === 0 ? `A-${seq}` : `A-${seq}.${nth + 1}`)

const raise = (finding: Extract<Finding, { _tag: "ConditionActive" }>, birth: Birth, now: EpochMs): Lived => {
  const alert: Alert = {
    id: alertIdOf(birth.seq, birth.nth),
    condition: finding.condition,
    key: finding.key,
    ...(finding.door === undefined ? {} : { door: finding.door }),
    ...(finding.device === undefined ? {} : { device: finding.device }),
    ...(finding.area === undefined ? {} : { area: finding.area }),
    priority: finding.priority,
    validationLevel: 1,
    ...(birth.maintenance === undefined ? {} : { outOfService: { ...birth.maintenance, meanwhile: 1 } }),
    title: finding.title,
    active: true,
    acknowledged: false,
    closed: false,
    resolvedByLateEvidence: false,
    count: 1,
    occurredAt: finding.at,
    raisedAt: now,
    updatedAt: now,
    raisedBy: birth.seq,
    rule: finding.rule,
    configVersion: birth.configVersion,
    ...(finding.procedure === undefined ? {} : { procedure: finding.procedure }),
    ...(finding.escalation === undefined ? {} : { escalation: finding.escalation }),
    why: finding.why
  }
  return { alert, change: { transition: "raised", at: now, by: finding.rule, why: finding.why, alert } }
}

/**
 * The condition is told again. While it is active that adds reasons and nothing else: it never multiplies, and never
 * takes an acknowledgement back. Once it had returned to normal, or where each happening stands for itself, it counts
 * again and asks again. The priority of an open alert only ever rises. One that is shelved asks nobody, and counts what
 * comes; but what has become critical is shelved no longer.
 */
const again = (
  open: Alert,
  finding: Extract<Finding, { _tag: "ConditionActive" }>,
  { maintenance }: Birth,
  now: EpochMs
): Lived | undefined => {
  const comesAgain = !open.active || finding.momentary === true
  const told: Alert = {
    ...open,
    priority: finding.priority < open.priority ? finding.priority : open.priority,
    ...(comesAgain ? { count: open.count + 1 } : {}),
    why: withReasons(open, finding.why)
  }
  const act = { at: now, by: finding.rule, why: finding.why }
  if (!comesAgain) return withNote(open, turned(told, "told again", act))
  if (maintenance === undefined) return withNote(open, turned(countedOnShelf(told), "comes again", act))
  const service = countedOutOfService(open, maintenance)
  return withNote(open, turned(countedOnShelf(told), "comes in maintenance", { ...act, service }))
}

const countedOnShelf = (alert: Alert): Alert =>
  alert.shelved === undefined
    ? alert
    : { ...alert, shelved: { ...alert.shelved, meanwhile: alert.shelved.meanwhile + 1 } }

/** Says what has become of its silence. */
const withNote = (before: Alert, lived: Lived | undefined): Lived | undefined => {
  if (lived === undefined) return undefined
  const { alert, change } = lived
  const isOff = before.shelved !== undefined && alert.shelved === undefined
  const note = isOff
    ? `${alert.priority === 1 && alert.active ? "it is critical now, and " : ""}shelved no longer`
    : alert.outOfService !== before.outOfService && alert.outOfService !== undefined
      ? "it came in maintenance"
      : undefined
  return note === undefined ? lived : { alert, change: { ...change, note } }
}

const returned = (
  open: Alert,
  finding: Extract<Finding, { _tag: "ConditionNormal" }>,
  now: EpochMs
): Lived | undefined => {
  const told = { ...open, why: withReasons(open, finding.why) }
  return turned(told, "returns to normal", { at: now, by: open.rule, why: finding.why })
}

const explained = (
  open: Alert,
  finding: Extract<Finding, { _tag: "LateEvidence" }>,
  now: EpochMs
): Lived | undefined => {
  const on: Happening = finding.partly === true ? "explained in part" : "explained late"
  const told = { ...open, why: withReasons(open, finding.why) }
  return turned(told, on, { at: now, by: open.rule, why: finding.why })
}

/** TMA-AVS-01: level 4 is a threat to life. */
const threatToLife = 4

/**
 * A second kind of sensor says so too: the validation level rises (TMA-AVS-01), and the priority where the rule says so.
 * Neither ever falls. What becomes critical is shelved no longer, and no maintenance explains a threat to life. `undefined`: it is known already.
 */
const confirmed = (open: Alert, finding: Extract<Finding, { _tag: "Confirmed" }>, now: EpochMs): Lived | undefined => {
  const { priority = open.priority, validationLevel, why } = finding
  if (validationLevel <= open.validationLevel && priority >= open.priority) return undefined
  const level = Math.max(validationLevel, open.validationLevel)
  const told: Alert = {
    ...open,
    validationLevel: level,
    priority: priority < open.priority ? priority : open.priority,
    why: withReasons(open, why)
  }
  const on: Happening = level >= threatToLife ? "confirmed as a threat to life" : "confirmed"
  return turned(told, on, { at: now, by: finding.rule, why, note: `validation level ${level}` })
}

/**
 * What a finding does to the open alert of its condition and key: raise one, update it, or let it return to normal.
 * `undefined`: nothing changes (a normal condition without an alert).
 */
export const applyFinding = (
  open: Alert | undefined,
  finding: Finding,
  birth: Birth,
  now: EpochMs
): Lived | undefined => {
  switch (finding._tag) {
    case "ConditionActive":
      return open === undefined ? raise(finding, birth, now) : again(open, finding, birth, now)
    case "ConditionNormal":
      return open === undefined ? undefined : withNote(open, returned(open, finding, now))
    case "Confirmed":
      return open === undefined ? undefined : confirmed(open, finding, now)
    case "LateEvidence":
      return open === undefined ? undefined : explained(open, finding, now)
  }
}
