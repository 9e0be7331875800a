import { Effect } from "effect"
import { type Entry, isOfKind } from "../log/entry.ts"

const kinds = ["Fact", "Event", "Alert", "Incident", "Notification"] as const

/** Entries of one second. Events that are told in their facts' entries count as events too; the total is of entries. */
export interface Rate extends Record<Entry["_tag"], number> {
  readonly at: string
  readonly total: number
}

/** Counts entries by kind; `take` and `line` give what came since they were last called. */
export const makeRate = () => {
  const none = { Fact: 0, Event: 0, Alert: 0, Incident: 0, Notification: 0, total: 0 }
  let counts = { ...none }
  const take = (): Rate => {
    const taken = counts
    counts = { ...none }
    return { at: new Date().toISOString(), ...taken }
  }
  return {
    count: (entry: Entry): void => {
      counts.total++
      for (const kind of kinds) if (isOfKind(entry, kind)) counts[kind]++
    },
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
