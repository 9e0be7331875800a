import type { Alert, Shelving } from "../domain/alert.ts"
import type { Fact } from "../domain/fact.ts"
import type { EpochMs } from "../domain/ids.ts"
import { type Lived, turned } from "./turned.ts"

/** An officer's fact about the shelving of an alert. */
export type ShelvingFact = Extract<Fact, { _tag: "AlertShelved" | "AlertUnshelved" }>

/** Who is named for what no officer does. */
const rule = "alerts.shelving"

/** What is critical is for people's lives: it is never made silent. */
export const mayBeShelved = ({ priority }: Pick<Alert, "priority">): boolean => priority !== 1

/**
 * What an officer's fact does to the shelving of an open alert. A second shelving takes the place of the first, with its
 * time from now. An alert that is active when its shelving ends is news: it asks for an officer again (ANSI/ISA-18.2, state
 * model). `undefined`: nothing, for it is critical, or is not shelved.
 */
export const applyShelving = (open: Alert, fact: ShelvingFact): Lived | undefined => {
  const { at, by, reason } = fact
  if (fact._tag === "AlertUnshelved") return turned(open, "unshelve", { at, by, note: reason })
  const until = at + fact.minutes * 60_000
  const once = fact.oneShot === undefined ? {} : { oneShot: fact.oneShot }
  const shelving: Shelving = { by, at, reason, until, ...once, meanwhile: open.shelved?.meanwhile ?? 0 }
  const how = fact.oneShot === true ? "until it is normal again" : `for ${fact.minutes} min`
  const on = fact.oneShot === true ? "shelve until normal" : "shelve for a time"
  return turned(open, on, { at, by, shelving, note: `${how}: ${reason}` })
}

/** The time of an alert's shelving is over. */
export const shelvingOver = (open: Alert, at: EpochMs): Lived | undefined => {
  const meanwhile = open.shelved?.meanwhile ?? 0
  const came = meanwhile === 0 ? "" : `; it came ${meanwhile === 1 ? "once" : `${meanwhile} times`} meanwhile`
  return turned(open, "shelving runs out", { at, by: rule, note: `its time is over${came}` })
}
