import { Effect } from "effect"
import type { Entry } from "../log/entry.ts"

const kinds = ["Fact", "Event", "Alert"] as const

/** Entries of one second. */
export interface Rate extends Record<Entry["_tag"], number> {
  readonly at: string
  readonly total: number
}

/** Counts entries by kind; `take` and `line` give what came since they were last called. */
export const makeRate = () => {
  let counts = { Fact: 0, Event: 0, Alert: 0 }
  const take = (): Rate => {
    const taken = counts
    counts = { Fact: 0, Event: 0, Alert: 0 }
    return { at: new Date().toISOString(), ...taken, total: kinds.reduce((sum, kind) => sum + taken[kind], 0) }
  }
  return {
    count: (entry: Entry): void => void (counts[entry._tag] += 1),
    take,
    line: (): string => {
      const rate = take()
      const time = new Date(rate.at).toLocaleTimeString("en-GB", { hour12: false })
      return [
        time,
        ...kinds.map((kind) => `${kind} ${String(rate[kind]).padStart(5)}/s`),
        `all ${String(rate.total).padStart(5)}/s`
      ].join("  ")
    }
  }
}

/** Calls `each` a second from now and every second after; never ends. */
export const everySecond = (each: () => void): Effect.Effect<never> =>
  Effect.sleep("1 second").pipe(Effect.andThen(Effect.sync(each)), Effect.forever)
