import { listed, type Rule } from "../../domain/rule.ts"
import { besides } from "./hits.ts"
import { readingWord, type Signal, standingWord } from "./signal.ts"

/** That nobody knows any more how a point stands. */
const lostWord = "StateLost"

/** What tells of a state that lasts, and whether it begins it (0) or ends it; `undefined`: it tells of another kind. */
export const stateOf = ({ reading, standing, is }: NonNullable<Rule["stays"]>) => {
  const values = new Set(listed(standing ?? is))
  const words = reading === undefined ? [standingWord] : [readingWord({ kind: reading }), lostWord]
  const step = ({ word, fields }: Signal): number | undefined => {
    // Of a point that is at fault, and was not known before, that is told too.
    if (word === lostWord && fields["kind"] !== reading) return undefined
    return values.has(String(fields["to"])) ? 0 : besides
  }
  return { words, step }
}

/** What stays as it is: one of several points, or doors, of a subject ends nothing of another. */
export const stayerOf = ({ reading }: NonNullable<Rule["stays"]>): string => (reading === undefined ? "door" : "point")
