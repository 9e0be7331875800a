import { Schema } from "effect"
import { EpochMs } from "../domain/ids.ts"
import type { RecordedLog } from "../log/recorded-log.ts"
import { Agreement, agreementOf } from "./agreement.ts"
import type { HeardCall } from "./calls.ts"
import { type Change, type CourseTold, type ReplayProgress, runCourse, type Span } from "./course-run.ts"
import { Difference, differenceOf } from "./difference.ts"

/** What a changed configuration would have made of the recorded facts, and how far the replay is to be trusted. */
export const Replayed = Schema.Struct({
  /** The span as far as the log holds it. */
  from: EpochMs,
  to: EpochMs,
  /** Facts folded within the span, and before it for the state at its beginning. */
  facts: Schema.Finite,
  factsBefore: Schema.Finite,
  /** Officers' acts and pictures that, as changed, are of no alert. */
  withoutAlert: Schema.Finite,
  agreement: Agreement,
  difference: Difference
}).annotate({ identifier: "Replayed" })
export type Replayed = typeof Replayed.Type

/** A replayed call under the id that the log has for it, with what officers made of it. */
const asRecorded = (call: HeardCall, recorded: HeardCall | undefined): HeardCall => {
  if (recorded?.alert === undefined) return call
  const { alert, outcome } = recorded
  return { ...call, alert, ...(outcome === undefined ? {} : { outcome }) }
}

/** Holds the course as it was configured against the log, and the course as changed against that one. */
export const compared = (configured: CourseTold, changed: CourseTold): Replayed => {
  const { span, facts, factsBefore } = configured
  const { agreement, recordedOf } = agreementOf(configured.recorded, configured.calls, span)
  const before = configured.calls.map((call) => asRecorded(call, recordedOf(call)))
  return {
    ...span,
    facts,
    factsBefore,
    withoutAlert: Math.max(0, changed.withoutAlert - configured.withoutAlert),
    agreement,
    difference: differenceOf(before, changed.calls)
  }
}

/** Of each list of calls the first so many; every sum stays whole. */
export const shortened = (replayed: Replayed, most: number): Replayed => {
  const { agreement, difference } = replayed
  return {
    ...replayed,
    agreement: {
      ...agreement,
      onlyRecorded: agreement.onlyRecorded.slice(0, most),
      onlyReplayed: agreement.onlyReplayed.slice(0, most)
    },
    difference: {
      ...difference,
      byRule: difference.byRule.slice(0, most),
      byDoor: difference.byDoor.slice(0, most),
      addedCalls: difference.addedCalls.slice(0, most),
      removedCalls: difference.removedCalls.slice(0, most),
      movedCalls: difference.movedCalls.slice(0, most),
      unchangedCalls: difference.unchangedCalls.slice(0, most)
    }
  }
}

/** Both courses one after the other, on this thread. */
export function* replay(log: RecordedLog, span: Span, change: Change): Generator<ReplayProgress, Replayed> {
  const configured = yield* runCourse(log, span)
  return compared(configured, yield* runCourse(log, span, change))
}
