import { type Account, accountOf, type HeardNumbers, type Range } from "./opcua-account.ts"
import { hush, speak, type Struck } from "./opcua-blows.ts"

/** One part of a run, with what became of the events that were told in it. */
export interface Part extends Account {
  readonly name: string
  /** The panel forgets its queues in it: a loss is right where a gap says so. */
  readonly forgets: boolean
  /** Gaps that the gateway recorded in it. */
  readonly gaps: number
  /** Of those, the panel's word that we were away for longer than its queue reaches. */
  readonly ranOver: number
  readonly seconds: number
}

/** What is done in a part. Answers with numbers that nobody has told, where there are such. */
export interface Plan {
  readonly name: string
  readonly forgets?: boolean
  readonly work: () => Promise<Range | void>
}

/** Does the parts one after the other, each from when the panel begins to speak until all that it told is heard. */
export const doParts = async (
  struck: Struck,
  heard: () => HeardNumbers,
  parts: ReadonlyArray<Plan>
): Promise<ReadonlyArray<Part>> => {
  const done: Array<Part> = []
  let first = 1
  for (const { name, forgets = false, work } of parts) {
    const startedAt = performance.now()
    const gaps = heard().gaps.length
    await speak(struck)
    const untold = await work()
    const last = await hush(struck)
    const told =
      untold === undefined
        ? [{ from: first, to: last }]
        : [
            { from: first, to: untold.from - 1 },
            { from: untold.to + 1, to: last }
          ]
    const now = heard()
    const since = now.gaps.slice(gaps)
    done.push({
      name,
      forgets,
      ...accountOf(told, now),
      gaps: since.length,
      ranOver: since.filter(({ cause }) => cause === "QueueDropped").length,
      seconds: Math.round((performance.now() - startedAt) / 1000)
    })
    first = last + 1
  }
  return done
}

/** xorshift32: a seed makes the run's choice of moments repeatable. */
export const random = (seed: number) => {
  let state = seed | 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

/** `count` times each of these, mixed, each kind spread over the whole. */
export const mixed = (
  next: () => number,
  blows: ReadonlyArray<readonly [count: number, blow: (nth: number) => Promise<void>]>
): (() => Promise<void>) => {
  const order = blows
    .flatMap(([count, blow]) => Array.from({ length: count }, (_, nth) => ({ at: (nth + next()) / count, nth, blow })))
    .toSorted((one, other) => one.at - other.at)
  return async () => {
    for (const { blow, nth } of order) await blow(nth)
  }
}
