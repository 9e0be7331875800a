import type { Outcome, Priority } from "../../domain/alert.ts"
import type { Instant } from "./wire.ts"

/** One time that an alert asked for an officer. */
export interface Call {
  readonly at: Instant
  readonly alert?: string
  readonly condition: string
  readonly key: string
  readonly door?: string
  readonly priority: Priority
  readonly rule: string
  readonly title: string
  readonly outcome?: Outcome
  readonly heldBack?: true
}

export interface Move {
  readonly before: Call
  readonly after: Call
  readonly differs: ReadonlyArray<"time" | "priority" | "held-back" | "name">
}

/** How many calls of one rule, or of one door, differ. */
export interface Share {
  readonly of: string
  readonly added: number
  readonly removed: number
  readonly moved: number
  readonly unchanged: number
}

export interface Difference extends Omit<Share, "of"> {
  readonly nuisanceSaved: Readonly<Record<"nuisance-hardware" | "nuisance-user" | "test-drill", number>>
  readonly realIncidents: ReadonlyArray<{
    readonly alert: string
    readonly title: string
    readonly at: Instant
    readonly calledAt?: Instant
  }>
  readonly byRule: ReadonlyArray<Share>
  readonly byDoor: ReadonlyArray<Share>
  readonly addedCalls: ReadonlyArray<Call>
  readonly removedCalls: ReadonlyArray<Call>
  readonly movedCalls: ReadonlyArray<Move>
}

/** Calls of one kind that one course has close to one another, at the time of the first. */
export interface CallsAt {
  readonly course: "recorded" | "changed"
  readonly kind: "removed" | "added" | "moved" | "unchanged"
  readonly at: Instant
  readonly calls: number
}

export interface Replayed {
  readonly from: Instant
  readonly to: Instant
  readonly facts: number
  readonly alike?: true
  readonly lostDevices: ReadonlyArray<{ readonly device: string; readonly facts: number }>
  readonly readOtherwise: ReadonlyArray<string>
  readonly agreement: {
    readonly recorded: number
    readonly agreeing: number
    readonly onlyRecorded: ReadonlyArray<Call>
    readonly onlyReplayed: ReadonlyArray<Call>
  }
  readonly difference: Difference
  /** All calls, also where the lists of the difference are shortened. */
  readonly timeline: ReadonlyArray<CallsAt>
}

/** A replay, how far it has come, and what it found. */
export interface Replay {
  readonly id: string
  readonly by: string
  readonly state: "running" | "done" | "failed" | "cancelled"
  readonly progress: { readonly done: number; readonly of: number }
  readonly reason?: string
  readonly result?: Replayed
}
