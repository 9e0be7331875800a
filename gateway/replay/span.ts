import type { EpochMs } from "../domain/ids.ts"
import type { RecordedLog } from "../log/recorded-log.ts"

/** A part of the recorded log, both ends included. */
export interface Span {
  readonly from: EpochMs
  readonly to: EpochMs
}

/** The span as far as the log holds it; `undefined`: it holds nothing of it. */
export const heldSpan = ({ span }: Pick<RecordedLog, "span">, { from, to }: Span): Span | undefined => {
  const held = { from: Math.max(from, span?.first.at ?? Infinity), to: Math.min(to, span?.last.at ?? -Infinity) }
  return held.from <= held.to ? held : undefined
}
