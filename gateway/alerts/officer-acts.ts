import type { Alert } from "../domain/alert.ts"
import type { Fact } from "../domain/fact.ts"
import { holderBut, whyNotClaimed, whyNotUndone } from "./in-hand.ts"
import type { Happening } from "./life-table.ts"
import { type Lived, turned } from "./turned.ts"

type Tag =
  | "AlertAcknowledged"
  | "AcknowledgementUndone"
  | "AlertClaimed"
  | "AlertReleased"
  | "AlertClosed"
  | "AlertNoted"

/** An officer's fact about an alert. */
export type OfficerFact = Extract<Fact, { _tag: Tag }>

type Of<T extends Tag> = Extract<OfficerFact, { _tag: T }>

const joined = (...words: ReadonlyArray<string | undefined>): string | undefined => {
  const said = words.filter((word) => word !== undefined)
  return said.length === 0 ? undefined : said.join("; ")
}

const acknowledgementWords = (open: Alert, { by, note, forced }: Of<"AlertAcknowledged">): string | undefined => {
  if (open.acknowledged) return note ?? "acknowledged as well"
  const holder = holderBut(open, by)
  if (holder === undefined) return note
  return forced === true
    ? joined(`forced: ${holder} has it in hand`, note)
    : joined(`not acknowledged: ${holder} has it in hand`, note)
}

const claimWords = (open: Alert, { by, from, note }: Of<"AlertClaimed">): string | undefined => {
  const why = whyNotClaimed(open, by, from)
  if (why !== undefined) return joined(`not claimed: ${why}`, note)
  return open.claimed === undefined ? note : joined(`out of the hands of ${open.claimed.by}`, note)
}

const undoWords = (open: Alert, { by, at }: Of<"AcknowledgementUndone">): string | undefined => {
  const why = whyNotUndone(open, by, at)
  return why === undefined ? undefined : `not undone: ${why}`
}

/** What happens by an officer's fact, in the words of the table, and what is said of it. */
const happeningOf = (open: Alert, fact: OfficerFact): readonly [Happening, string | undefined] => {
  switch (fact._tag) {
    case "AlertAcknowledged":
      return [fact.forced === true ? "acknowledge by force" : "acknowledge", acknowledgementWords(open, fact)]
    case "AcknowledgementUndone": {
      const words = undoWords(open, fact)
      return [words === undefined ? "undo in time" : "undo too late or by another", words]
    }
    case "AlertClaimed":
      return [fact.from !== undefined && fact.from === open.claimed?.by ? "take over" : "claim", claimWords(open, fact)]
    case "AlertReleased":
      return ["release", open.claimed === undefined ? "not released: nobody has it in hand" : fact.note]
    case "AlertNoted":
      return ["note", fact.note]
    case "AlertClosed":
      return ["close", fact.reason]
  }
}

/**
 * What an officer's fact does to an open alert: always something, for an act that does not count is noted. Of two officers at
 * once the first counts.
 */
export const applyOfficer = (open: Alert, fact: OfficerFact): Lived => {
  const { at, by } = fact
  const [on, note] = happeningOf(open, fact)
  const alert = fact._tag === "AlertClosed" ? { ...open, outcome: fact.outcome } : open
  // Every act of an officer has a row that tells something; the fallback is for the compiler.
  return turned(alert, on, { at, by, note }) ?? { alert, change: { transition: "noted", at, by, why: [], alert } }
}
