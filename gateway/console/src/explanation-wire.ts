import type { DoorTimes } from "../../domain/door.ts"
import type { Alert, Entry, Instant } from "./wire.ts"

/** What would have had to be otherwise, in which span of time. */
export interface Otherwise {
  readonly text: string
  readonly from?: Instant
  readonly until?: Instant
  readonly seq?: number
}

export interface Told {
  readonly at: Instant
  readonly seq?: number
  readonly text: string
}

/** An opening of a door, and how it was judged. */
export interface OpeningTold {
  readonly at: Instant
  readonly seq: number
  readonly until?: Instant
  readonly outcome: string
  readonly held: boolean
  readonly text: string
  readonly steps: ReadonlyArray<Told>
  readonly weighed: ReadonlyArray<{ readonly seq?: number; readonly text: string }>
  readonly otherwise: ReadonlyArray<Otherwise>
}

interface Config {
  readonly version: string
  readonly by: string
  readonly at: Instant
  readonly seq: number
}

/** Why an alert fired, worked out from the log. */
export interface AlertWhy {
  readonly alert: Alert
  readonly reasons: ReadonlyArray<Told & { readonly entry?: Entry; readonly timing?: { readonly text: string } }>
  readonly rule: { readonly id: string; readonly text: string; readonly numbers: Readonly<Record<string, number>> }
  readonly config?: Config
  readonly opening?: OpeningTold
  readonly otherwise: ReadonlyArray<Otherwise>
}

/** Why a door did not alarm, or did, around an instant. */
export interface DoorWhy {
  readonly door: string
  readonly at: Instant
  readonly config?: Config
  readonly state: { readonly standing: string; readonly text: string; readonly since: Instant }
  readonly blind: ReadonlyArray<Told>
  readonly circumstances: ReadonlyArray<Told>
  readonly pending: ReadonlyArray<{ readonly dueAt: Instant; readonly text: string }>
  readonly openings: ReadonlyArray<OpeningTold>
  readonly rules: ReadonlyArray<{
    readonly rule: string
    readonly fired: boolean
    readonly near: number
    readonly text: string
    /** When what decided was, and its log entry. */
    readonly at?: Instant
    readonly seq?: number
    readonly alert?: string
    readonly otherwise: ReadonlyArray<Otherwise>
  }>
}

/** What the alarms of a door were put down to. */
export interface DoorDiagnosis {
  readonly causes: Readonly<Record<string, number>>
  readonly real: number
  readonly happenings: ReadonlyArray<object>
  readonly advice: ReadonlyArray<string>
  readonly proposal?: {
    readonly times: DoorTimes
    /** Other times at a time of the day. */
    readonly during?: ReadonlyArray<{ readonly schedule: string; readonly times: DoorTimes }>
    readonly patch: string
    readonly hides: number
    readonly hidesReal: number
    readonly hidesUnjudged: number
  }
}
