import { Schema } from "effect"
import type { EpochMs } from "../domain/ids.ts"
import { slotOf } from "../correlation/draft.ts"
import { Call, type HeardCall, told } from "./calls.ts"
import { match } from "./matching.ts"

/**
 * How far the replay of what was recorded, as it was configured, calls as the log shows that the gateway really did.
 * Where it does not, another release decided, and the difference must be read with that in mind.
 */
export const Agreement = Schema.Struct({
  /** Calls in the log, and those of them that the replay makes, too. */
  recorded: Schema.Finite,
  agreeing: Schema.Finite,
  onlyRecorded: Schema.Array(Call),
  onlyReplayed: Schema.Array(Call)
}).annotate({ identifier: "Agreement" })
export type Agreement = typeof Agreement.Type

/** A gateway under load hears of its deadlines late; virtual time never does. */
const lateMs = 5000

export const agreementOf = (
  recorded: ReadonlyArray<HeardCall>,
  replayed: ReadonlyArray<HeardCall>,
  span: { readonly from: EpochMs; readonly to: EpochMs }
): {
  readonly agreement: Agreement
  /** The recorded call that a replayed one stands for. */
  readonly recordedOf: (call: HeardCall) => HeardCall | undefined
} => {
  const { pairs, onlyBefore, onlyAfter } = match(recorded, replayed)
  const apart = pairs.filter(
    ({ before, after }) => Math.abs(before.at - after.at) > lateMs || slotOf(before) !== slotOf(after)
  )
  // What is late at the edge of the span has its counterpart outside.
  const inside = ({ at }: HeardCall): boolean => at >= span.from + lateMs && at <= span.to - lateMs
  const byReplayed = new Map(pairs.map(({ before, after }) => [after, before]))
  return {
    agreement: {
      recorded: recorded.length,
      agreeing: pairs.length - apart.length,
      onlyRecorded: [...onlyBefore.filter(inside), ...apart.map(({ before }) => before)].map(told),
      onlyReplayed: [...onlyAfter.filter(inside), ...apart.map(({ after }) => after)].map(told)
    },
    recordedOf: (call) => byReplayed.get(call)
  }
}
