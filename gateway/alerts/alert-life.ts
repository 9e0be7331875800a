import type { Alert, AlertChange, AlertTransition } from "../domain/alert.ts"
import type { Fact } from "../domain/fact.ts"
import type { Finding } from "../domain/finding.ts"
import { AlertId, type EpochMs } from "../domain/ids.ts"
import { holderBut, released, whyNotClaimed, whyNotUndone } from "./in-hand.ts"
import { countedOutOfService, type InMaintenance, inService, mayComeSilently } from "./out-of-service.ts"
import { offShelf, unacknowledged } from "./shelving.ts"

/** The alert after one step of its life, and the step itself. */
export interface Lived {
  readonly alert: Alert
  readonly change: AlertChange
}

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

const step = (
  alert: Alert,
  transition: AlertTransition,
  at: EpochMs,
  by: string,
  why: AlertChange["why"],
  note?: string
): Lived => ({
  alert,
  change: { transition, at, by, why, alert, ...(note === undefined ? {} : { note }) }
})

const withReasons = (alert: Alert, why: AlertChange["why"]): Alert["why"] => {
  const all = [...alert.why, ...why]
  const { first, newest } = reasonsKept
  return all.length <= first + newest ? all : [...all.slice(0, first), ...all.slice(-newest)]
}

/** `A-<seq>`, then `A-<seq>.2`: ids derive from log positions, so the same log gives the same ids. */
export const alertIdOf = (seq: number, nth: number): AlertId =>
  AlertId.make(nth === 0 ? `A-${seq}` : `A-${seq}.${nth + 1}`)

const raise = (finding: Extract<Finding, { _tag: "ConditionActive" }>, birth: Birth, now: EpochMs): Lived =>
  step(
    {
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
    },
    "raised",
    now,
    finding.rule,
    finding.why
  )

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
): Lived => {
  const comesAgain = !open.active || finding.momentary === true
  const isSilent = maintenance !== undefined && mayComeSilently(open)
  const told: Alert = {
    ...(comesAgain && !isSilent ? inService(open) : open),
    active: true,
    priority: finding.priority < open.priority ? finding.priority : open.priority,
    updatedAt: now,
    why: withReasons(open, finding.why)
  }
  const { shelved } = open
  const counted = comesAgain ? { ...told, resolvedByLateEvidence: false, count: open.count + 1 } : told
  if (comesAgain && isSilent) {
    const shelf = shelved === undefined ? {} : { shelved: { ...shelved, meanwhile: shelved.meanwhile + 1 } }
    const silent = { ...unacknowledged(counted), ...shelf, outOfService: countedOutOfService(open, maintenance) }
    return step(silent, "updated", now, finding.rule, finding.why, "it came in maintenance")
  }
  if (shelved !== undefined && told.priority === 1) {
    const critical = unacknowledged(offShelf(counted))
    return step(critical, "reactivated", now, finding.rule, finding.why, "it is critical now, and shelved no longer")
  }
  if (!comesAgain) return step(told, "updated", now, finding.rule, finding.why)
  const anew = unacknowledged(counted)
  if (shelved === undefined) return step(anew, "reactivated", now, finding.rule, finding.why)
  const noted = { ...anew, shelved: { ...shelved, meanwhile: shelved.meanwhile + 1 } }
  return step(noted, "updated", now, finding.rule, finding.why)
}

/** What is shelved until it is normal again is shelved no longer then. */
const backToNormal = (open: Alert): Alert => (open.shelved?.oneShot === true ? offShelf(open) : open)

const explained = (open: Alert, finding: Extract<Finding, { _tag: "LateEvidence" }>, now: EpochMs): Lived => {
  const told: Alert = { ...open, updatedAt: now, why: withReasons(open, finding.why) }
  return finding.partly === true
    ? step(told, "updated", now, open.rule, finding.why)
    : step(
        { ...backToNormal(told), active: false, resolvedByLateEvidence: true },
        "resolved-by-late-evidence",
        now,
        open.rule,
        finding.why
      )
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
  const raised: Alert = {
    ...open,
    validationLevel: level,
    priority: priority < open.priority ? priority : open.priority,
    updatedAt: now,
    why: withReasons(open, why)
  }
  const isAloud = level >= threatToLife && open.outOfService !== undefined
  const heard = isAloud ? unacknowledged(inService(raised)) : raised
  const alert = raised.priority === 1 && open.shelved !== undefined ? unacknowledged(offShelf(heard)) : heard
  return step(alert, "confirmed", now, finding.rule, why, `validation level ${level}`)
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
      if (open === undefined || !open.active) return undefined
      return step(
        { ...backToNormal(open), active: false, updatedAt: now, why: withReasons(open, finding.why) },
        "returned-to-normal",
        now,
        open.rule,
        finding.why,
        open.shelved?.oneShot === true ? "shelved no longer" : undefined
      )
    case "Confirmed":
      return open === undefined ? undefined : confirmed(open, finding, now)
    case "LateEvidence":
      return open === undefined || open.resolvedByLateEvidence ? undefined : explained(open, finding, now)
  }
}

/** An officer's fact about an alert. */
export type OfficerFact = Extract<
  Fact,
  {
    _tag:
      | "AlertAcknowledged"
      | "AcknowledgementUndone"
      | "AlertClaimed"
      | "AlertReleased"
      | "AlertClosed"
      | "AlertNoted"
  }
>

const acted = (open: Alert, fact: OfficerFact, transition: AlertTransition, note?: string): Lived =>
  step({ ...open, updatedAt: fact.at }, transition, fact.at, fact.by, [], note)

/**
 * The first acknowledgement counts; a second one is noted. What somebody else has in hand is theirs to answer, unless the
 * acknowledgement is forced.
 */
const acknowledge = (open: Alert, fact: Extract<OfficerFact, { _tag: "AlertAcknowledged" }>): Lived => {
  if (open.acknowledged) return acted(open, fact, "noted", fact.note ?? "acknowledged as well")
  const holder = holderBut(open, fact.by)
  if (holder !== undefined && fact.forced !== true) {
    return acted(open, fact, "noted", `not acknowledged: ${holder} has it in hand`)
  }
  const words = holder === undefined ? [fact.note] : [`forced: ${holder} has it in hand`, fact.note]
  const note = words.filter((word) => word !== undefined).join("; ")
  const answered = { ...open, acknowledged: true, acknowledgedBy: fact.by, acknowledgedAt: fact.at }
  return acted(answered, fact, "acknowledged", note === "" ? undefined : note)
}

/** What an officer's fact does to an open alert. Of two that cannot both count the first does, and the other is noted. */
export const applyOfficer = (open: Alert, fact: OfficerFact): Lived => {
  switch (fact._tag) {
    case "AlertAcknowledged":
      return acknowledge(open, fact)
    case "AcknowledgementUndone": {
      const why = whyNotUndone(open, fact.by, fact.at)
      return why === undefined
        ? acted(unacknowledged(open), fact, "acknowledgement-undone")
        : acted(open, fact, "noted", `not undone: ${why}`)
    }
    case "AlertClaimed": {
      const why = whyNotClaimed(open, fact.by, fact.from)
      if (why !== undefined) return acted(open, fact, "noted", `not claimed: ${why}`)
      const words = [fact.from === undefined ? undefined : `out of the hands of ${fact.from}`, fact.note]
      const note = words.filter((word) => word !== undefined).join("; ")
      const claimed = { ...open, claimed: { by: fact.by, at: fact.at } }
      return acted(claimed, fact, "claimed", note === "" ? undefined : note)
    }
    case "AlertReleased":
      return open.claimed === undefined
        ? acted(open, fact, "noted", "not released: nobody has it in hand")
        : acted(released(open), fact, "released", fact.note)
    case "AlertNoted":
      return acted(open, fact, "noted", fact.note)
    case "AlertClosed": {
      const { by, at, outcome } = fact
      const closed = { ...offShelf(open), closed: true, closedBy: by, closedAt: at, outcome }
      return acted(closed, fact, "closed", fact.reason)
    }
  }
}
