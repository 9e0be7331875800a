import type { CaseRole, CleryStanding, Disposition, IncidentTransition, Reality } from "../../domain/incident.ts"
import type { Alert, Instant } from "./wire.ts"

/** A step of a procedure, as the alert began with it. */
export interface Step {
  readonly id: string
  readonly text: string
  readonly kind?: "act" | "call" | "look" | "question"
  readonly answers?: ReadonlyArray<{ readonly answer: string; readonly next?: string }>
  readonly next?: string
  readonly required?: boolean
}

/** What was said of a step, by whom and when. */
export interface StepMark {
  readonly step: string
  readonly how: "done" | "answered" | "skipped"
  readonly by: string
  readonly at: Instant
  readonly answer?: string
  readonly reason?: string
}

/** The procedure of an alert, and how far it has come. */
export interface Checklist {
  readonly name: string
  readonly version: string
  readonly steps: ReadonlyArray<Step>
  readonly marks: ReadonlyArray<StepMark>
}

/** What is said of a step. */
export type StepSaid =
  | { readonly done: true }
  | { readonly answer: string }
  | { readonly skip: string }
  | { readonly undo: true }

export interface CasePerson {
  readonly id: number
  readonly name: string
  readonly role: CaseRole
  readonly note?: string
}

/** What officers write of a case. */
export interface CaseWritten {
  readonly title: string
  readonly reality: Reality
  readonly nature: string
  readonly reportedAt: Instant
  readonly occurredAt: Instant
  readonly occurredUntil?: Instant | null
  readonly generalLocation: string
  readonly narrative: string
  readonly clery: CleryStanding
}

/** The case that an officer keeps. */
export interface Incident extends CaseWritten {
  readonly id: string
  readonly openedAt: Instant
  readonly author: string
  readonly updatedAt: Instant
  readonly revision: number
  readonly alerts: ReadonlyArray<{ readonly id: string; readonly title: string; readonly occurredAt: Instant }>
  readonly people: ReadonlyArray<CasePerson>
  readonly notes: ReadonlyArray<{
    readonly id: number
    readonly text: string
    readonly by: string
    readonly at: Instant
  }>
  readonly acts: ReadonlyArray<{ readonly what: IncidentTransition; readonly at: Instant; readonly by: string }>
  readonly closed: boolean
  readonly closedBy?: string
  readonly closedAt?: Instant
  readonly disposition?: Disposition
  readonly closing?: string
  readonly cleryDue?: Instant
  readonly cleryOverdue?: true
  readonly cleryEnteredAt?: Instant
}

/** A case with all that belongs to it. */
export interface CaseFile {
  readonly incident: Incident
  readonly mark: "REAL" | "DRILL" | "TEST"
  readonly where: ReadonlyArray<string>
  readonly alerts: ReadonlyArray<Alert>
  readonly timeline: ReadonlyArray<{
    readonly at: Instant
    readonly seq?: number
    readonly kind: string
    readonly text: string
  }>
  readonly timelineCut: boolean
}
