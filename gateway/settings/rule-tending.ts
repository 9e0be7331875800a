import { listed, type Rule } from "../domain/rule.ts"
import { hint } from "./did-you-mean.ts"
import type { RuleSurroundings, WrongInRule } from "./rule-selectors.ts"

/** Calls for help: each counts, and nothing stands in their way. */
const calls: ReadonlySet<string> = new Set(["PanicPressed", "DuressSignalled"])

/** Alerts that never return to normal by themselves. */
const endless: ReadonlySet<string> = new Set([...calls, "CommandNotProved"])

/** What is about people's lives is told whatever else is out of order. */
const neverHeld: ReadonlySet<string> = new Set([...calls, "DoorForcedOpen"])

const checkKnown = (
  path: ReadonlyArray<string>,
  words: ReadonlyArray<string>,
  { conditions, leftOut }: RuleSurroundings,
  wrong: WrongInRule
): void => {
  for (const word of words)
    if (!conditions.includes(word) && !leftOut.includes(word))
      wrong(path, `no alert is called "${word}"${hint(word, conditions)}`)
}

const checkInhibit = ({ inhibit }: Rule, around: RuleSurroundings, wrong: WrongInRule): void => {
  if (inhibit === undefined) return
  const [causes, consequences] = [listed(inhibit.cause), listed(inhibit.consequences)]
  checkKnown(["inhibit", "cause"], causes, around, wrong)
  checkKnown(["inhibit", "consequences"], consequences, around, wrong)
  for (const word of causes)
    if (endless.has(word))
      wrong(
        ["inhibit", "cause"],
        `${word} never returns to normal: what it held back would never be told; choose a cause that ends`
      )
  for (const word of consequences) {
    if (neverHeld.has(word))
      wrong(["inhibit", "consequences"], `${word} is about people's lives and is never held back`)
    if (causes.includes(word) && (inhibit.by === "device" || inhibit.by === "door"))
      wrong(["inhibit", "consequences"], `${word} would hold itself back; a consequence is another condition`)
  }
}

const checkStorm = ({ storm }: Rule, around: RuleSurroundings, wrong: WrongInRule): void => {
  const words = listed(storm?.alert)
  checkKnown(["storm", "alert"], words, around, wrong)
  for (const word of words)
    if (calls.has(word)) wrong(["storm", "alert"], `${word} is a call for help: each one asks for a person`)
}

const checkConfirmation = (rule: Rule, around: RuleSurroundings, wrong: WrongInRule): void => {
  const { confirmBy, key } = rule
  if (confirmBy === undefined) return
  checkKnown(["confirmBy", "alert"], listed(confirmBy.alert), around, wrong)
  if (key !== "door" && key !== "area" && key !== "building")
    wrong(["id"], `rule "${rule.id}" must say where both have to be: "key: door", "key: area" or "key: building"`)
  const { fromSeconds = -5, toSeconds = 30 } = confirmBy
  if (fromSeconds >= toSeconds)
    wrong(["confirmBy", "fromSeconds"], `fromSeconds (${fromSeconds}) must be before toSeconds (${toSeconds})`)
}

/** Whether a rule that tends alerts of others leaves nobody without a word. */
export const checkTending = (rule: Rule, around: RuleSurroundings, wrong: WrongInRule): void => {
  checkInhibit(rule, around, wrong)
  checkStorm(rule, around, wrong)
  checkConfirmation(rule, around, wrong)
}
