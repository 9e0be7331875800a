import type { Outcome, Priority } from "../../domain/alert.ts"
import type { Instant } from "./wire.ts"

/** How long something took, of so many; null where there is none. */
export interface Times {
  readonly count: number
  readonly p50Seconds: number | null
  readonly p95Seconds: number | null
}

/** A time of one length, and how many alerts asked in it by priority, 1 first. */
export interface Bin {
  readonly at: Instant
  readonly counts: ReadonlyArray<number>
}

/** A door, and what officers said of its alerts. */
export interface NuisanceDoor {
  readonly door: string
  readonly name: string
  readonly alerts: number
  readonly nuisance: number
  readonly open: number
  readonly outcomes: ReadonlyArray<{ readonly outcome: Outcome; readonly count: number }>
}

/** A figure beside what it ought to be. */
export interface Target {
  readonly figure: string
  readonly value: number | null
  readonly unit: string
  readonly target: string
  readonly met: boolean | null
  readonly source: string
}

/** The figures of a span, as the API sends them. */
export interface AlarmHealth {
  readonly from: Instant
  readonly to: Instant
  readonly timeZone: string
  readonly asked: number
  readonly perHour: number
  readonly busiestTenMinutes: number
  readonly priorities: ReadonlyArray<{ readonly priority: Priority; readonly count: number; readonly share: number }>
  readonly course: { readonly minutes: number; readonly bins: ReadonlyArray<Bin> }
  readonly acknowledge: Times
  readonly acknowledgeCritical: Times
  readonly clear: Times
  readonly floods: {
    readonly count: number
    readonly minutes: number
    readonly list: ReadonlyArray<{ readonly since: Instant; readonly until: Instant; readonly alerts: number }>
  }
  readonly stale: {
    readonly count: number
    readonly list: ReadonlyArray<{ readonly alert: string; readonly title: string; readonly raisedAt: Instant }>
  }
  readonly chattering: ReadonlyArray<{ readonly alert: string; readonly title: string; readonly times: number }>
  readonly busiest: ReadonlyArray<{ readonly condition: string; readonly title: string; readonly count: number }>
  readonly nuisanceDoors: ReadonlyArray<NuisanceDoor>
  /** By day of the week, Monday first, and hour. */
  readonly heat: ReadonlyArray<ReadonlyArray<number>>
  readonly silences: {
    readonly shelved: number
    readonly minutes: number
    readonly consoles: number
    readonly consoleMinutes: number
  }
  readonly targets: ReadonlyArray<Target>
  readonly cut?: true
}
