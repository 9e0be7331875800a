import type { AlertChange } from "../domain/alert.ts"
import { usualFloodLimits } from "../domain/flood.ts"
import type { EpochMs } from "../domain/ids.ts"
import type { Draft } from "./draft.ts"

/** How many new alerts came in one second: that second, and how many. A window holds few of them, however many come. */
export type Arrivals = readonly [second: EpochMs, many: number]

const secondMs = 1000

/** What a flood is watched by in the agenda. */
const deadline = "flood:site"

/** An alert that asks somebody: new, or anew; not what is shelved or worked on, for it makes no sound. */
const asks = ({ transition, alert }: AlertChange): boolean =>
  (transition === "raised" || transition === "reactivated") &&
  alert.shelved === undefined &&
  alert.outOfService === undefined

const limitsOf = ({ situation }: Draft) => situation.campus?.flood ?? usualFloodLimits

const within = (arrivals: ReadonlyArray<Arrivals>, after: EpochMs): ReadonlyArray<Arrivals> => {
  const first = arrivals.findIndex(([second]) => second > after)
  return first === 0 ? arrivals : first === -1 ? [] : arrivals.slice(first)
}

const total = (arrivals: ReadonlyArray<Arrivals>): number => {
  let sum = 0
  for (const [, many] of arrivals) sum += many
  return sum
}

/** When fewer than `endBelow` will be within the window, if nothing more comes. */
const endOf = (arrivals: ReadonlyArray<Arrivals>, endBelow: number, windowMs: number): EpochMs | undefined => {
  let left = 0
  const last = arrivals.findLast(([, many]) => (left += many) >= endBelow)
  return last === undefined ? undefined : last[0] + windowMs
}

/** Counts what asks somebody, and tells when a flood of it begins. */
export const arrived = (draft: Draft, change: AlertChange): void => {
  if (!asks(change)) return
  const { beginWith, endBelow, minutes } = limitsOf(draft)
  const windowMs = minutes * 60_000
  const second = Math.floor(draft.now / secondMs) * secondMs
  const recent = within(draft.inner.arrivals, draft.now - windowMs)
  const last = recent.at(-1)
  const arrivals: ReadonlyArray<Arrivals> =
    last?.[0] === second ? recent.with(-1, [second, last[1] + 1]) : [...recent, [second, 1]]
  draft.inner.arrivals = arrivals
  const { flood } = draft.situation
  if (flood !== undefined) draft.situation.flood = { ...flood, count: flood.count + 1 }
  else {
    const count = total(arrivals)
    if (count < beginWith) return
    draft.situation.flood = { since: draft.now, count }
    draft.event({ _tag: "FloodBegan", at: draft.now, count })
  }
  draft.grace(deadline, endOf(arrivals, endBelow, windowMs))
}

/** Fewer come than a flood goes on with. */
export const floodEnds = (draft: Draft, at: EpochMs): void => {
  const { endBelow, minutes } = limitsOf(draft)
  const windowMs = minutes * 60_000
  const arrivals = within(draft.inner.arrivals, at - windowMs)
  draft.inner.arrivals = arrivals
  const { flood } = draft.situation
  const end = total(arrivals) < endBelow ? undefined : endOf(arrivals, endBelow, windowMs)
  draft.grace(deadline, flood === undefined ? undefined : end)
  if (flood === undefined || end !== undefined) return
  draft.situation.flood = undefined
  draft.event({ _tag: "FloodEnded", at: draft.now, since: flood.since, count: flood.count })
}
