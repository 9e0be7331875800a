import type { AwaitedFrame } from "../domain/evidence.ts"
import type { EpochMs } from "../domain/ids.ts"
import type { Still } from "./ring.ts"

/** A picture that is taken so much later than it was wanted still stands for it; its label says how late it is. */
export const lateMaxMs = 10_000

/** Where an alert's frame comes from. */
export type Choice =
  | { readonly _tag: "Ring"; readonly still: Still }
  /** Fetched anew at its time. */
  | { readonly _tag: "Anew"; readonly at: EpochMs }
  | { readonly _tag: "None"; readonly reason: string }

const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`

const nearestTo = (at: EpochMs, stills: ReadonlyArray<Still>): Still | undefined =>
  stills.reduce<Still | undefined>(
    (best, still) => (best === undefined || Math.abs(still.takenAt - at) < Math.abs(best.takenAt - at) ? still : best),
    undefined
  )

/**
 * Where a frame comes from. What led to the happening can only come from the ring; the moment itself and what came of it
 * are fetched anew, unless we heard of it late and the ring has a nearer one. A picture farther from its time than the
 * camera's own interval is not of that time.
 */
export const chooseStill = (
  { occurredAt, dueAt, offsetSeconds }: AwaitedFrame,
  stills: ReadonlyArray<Still>,
  everyMs: number,
  now: EpochMs
): Choice => {
  const before = offsetSeconds < 0
  const lateMs = now - dueAt
  if (!before && lateMs <= 0) return { _tag: "Anew", at: dueAt }
  const still = nearestTo(
    dueAt,
    stills.filter(({ takenAt }) => (before ? takenAt <= occurredAt : takenAt >= occurredAt))
  )
  const farMs = still === undefined ? Infinity : Math.abs(still.takenAt - dueAt)
  if (!before && lateMs < farMs && lateMs <= lateMaxMs) return { _tag: "Anew", at: dueAt }
  if (still !== undefined && farMs <= everyMs) return { _tag: "Ring", still }
  if (!before) return { _tag: "None", reason: `we heard of it ${seconds(now - occurredAt)} after it happened` }
  return {
    _tag: "None",
    reason: still === undefined ? "no frame of that time is in memory" : `the nearest frame is ${seconds(farMs)} off`
  }
}
