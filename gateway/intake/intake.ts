import { Context, type Effect } from "effect"
import type { NotKept, Report } from "../../adapters/adapter.ts"
import type { Decision } from "../correlation/decision.ts"
import type { Situation } from "../correlation/situation.ts"
import type { Fact } from "../domain/fact.ts"

/** A fact before intake has given it its time. */
export type Unstamped = Fact extends infer F ? (F extends { readonly at: number } ? Omit<F, "at"> : never) : never

export interface Entered {
  readonly seq: number
  readonly decisions: ReadonlyArray<Decision>
}

export interface IntakeStatus {
  /** False while the store refuses to keep, or has not answered for long. */
  readonly accepting: boolean
  readonly refusal?: string
  readonly refusedSince?: number
  /** What has come in and is neither on disk nor refused. */
  readonly queued: number
  readonly counts: Readonly<Record<"facts" | "duplicates" | "batches" | "refused", number>>
}

/**
 * The one door in. Stamps, drops duplicates, batches (commits at once when idle, groups under load), folds, and commits
 * facts and decisions in one transaction; only then settles, publishes and moves the situation on.
 */
export class Intake extends Context.Service<
  Intake,
  {
    /** See `ReportFn` of the adapter contract. */
    readonly report: (link: string, report: Report, settled: (refusal?: NotKept) => void) => void
    /** An officer's act, a link's state, a configuration: completes when on disk. */
    readonly enter: (fact: Unstamped) => Effect.Effect<Entered, NotKept>
    /** The situation after the newest commit. */
    readonly situation: () => Situation
    readonly status: () => IntakeStatus
  }
>()("gateway/Intake") {}
