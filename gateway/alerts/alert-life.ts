import type { Alert, AlertChange, AlertTransition } from "../domain/alert.ts"
import type { Fact } from "../domain/fact.ts"
import type { Finding } from "../domain/finding.ts"
import { AlertId, type EpochMs } from "../domain/ids.ts"

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
}

/** At most this many reasons stay with an alert; its timeline in the log has them all. */
const reasonsMax = 50

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

const withReasons = (alert: Alert, why: AlertChange["why"]): Alert["why"] => [...alert.why, ...why].slice(-reasonsMax)

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
      why: finding.why
    },
    "raised",
    now,
    finding.rule,
    finding.why
  )

const again = (open: Alert, finding: Extract<Finding, { _tag: "ConditionActive" }>, now: EpochMs): Lived => {
  const returned = !open.active
  const alert: Alert = {
    ...open,
    active: true,
    resolvedByLateEvidence: returned ? false : open.resolvedByLateEvidence,
    // A condition that comes back asks again: the acknowledgement was for the earlier one.
    acknowledged: returned ? false : open.acknowledged,
    count: returned ? open.count + 1 : open.count,
    updatedAt: now,
    why: withReasons(open, finding.why)
  }
  return step(alert, returned ? "reactivated" : "updated", now, finding.rule, finding.why)
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
      return open === undefined ? raise(finding, birth, now) : again(open, finding, now)
    case "ConditionNormal":
      if (open === undefined || !open.active) return undefined
      return step(
        { ...open, active: false, updatedAt: now, why: withReasons(open, finding.why) },
        "returned-to-normal",
        now,
        open.rule,
        finding.why
      )
    case "LateEvidence":
      if (open === undefined || open.resolvedByLateEvidence) return undefined
      return step(
        { ...open, active: false, resolvedByLateEvidence: true, updatedAt: now, why: withReasons(open, finding.why) },
        "resolved-by-late-evidence",
        now,
        open.rule,
        finding.why
      )
  }
}

/** An officer's fact about an alert. */
export type OfficerFact = Extract<Fact, { _tag: "AlertAcknowledged" | "AlertClosed" | "AlertNoted" }>

/** What an officer's fact does to an open alert. A second acknowledgement is noted; the first officer stays. */
export const applyOfficer = (open: Alert, fact: OfficerFact): Lived => {
  switch (fact._tag) {
    case "AlertAcknowledged":
      return open.acknowledged
        ? step({ ...open, updatedAt: fact.at }, "noted", fact.at, fact.by, [], fact.note ?? "acknowledged as well")
        : step(
            { ...open, acknowledged: true, acknowledgedBy: fact.by, acknowledgedAt: fact.at, updatedAt: fact.at },
            "acknowledged",
            fact.at,
            fact.by,
            [],
            fact.note
          )
    case "AlertNoted":
      return step({ ...open, updatedAt: fact.at }, "noted", fact.at, fact.by, [], fact.note)
    case "AlertClosed":
      return step(
        { ...open, closed: true, closedBy: fact.by, closedAt: fact.at, outcome: fact.outcome, updatedAt: fact.at },
        "closed",
        fact.at,
        fact.by,
        [],
        fact.reason
      )
  }
}
