import { Result } from "effect"
import type { Rule } from "../domain/rule.ts"
import { compileRule, fieldsHeard, type RuleFault, wordsHeard } from "../correlation/rules/compiled-rule.ts"
import { titleFields } from "../correlation/rules/title.ts"
import { fieldsOfWords, placeFields } from "../correlation/rules/vocabulary.ts"
import { hint } from "./did-you-mean.ts"
import { selectorsOf, type WrongInRule } from "./rule-selectors.ts"

/** The words that a condition or a key is about. */
const wordsAt = (rule: Rule, path: RuleFault["path"]): ReadonlyArray<string> => {
  const at = path.slice(0, -1).join("/")
  const all = selectorsOf(rule)
  const own = all.filter(([where]) => where.join("/") === at)
  return (own.length > 0 ? own : all).flatMap(([, selector]) => wordsHeard(selector))
}

const named = (word: string): string => (word.startsWith("alert:") ? `the alert ${word.slice("alert:".length)}` : word)

/** What to do about a name that is not known there. */
const aboutName = (name: string, words: ReadonlyArray<string>): string => {
  const lacking = words.filter((word) => !(name in fieldsOfWords([word])))
  if (lacking.length > 0 && lacking.length < words.length)
    return ` — ${lacking.map(named).join(", ")} has no such field`
  const known = Object.keys(words.length === 0 ? placeFields : fieldsOfWords(words))
  const near = hint(name, known)
  return near === "" ? ` (there is ${known.join(", ")})` : near
}

/** What to do about an expression that cannot be used. */
const help = (rule: Rule, { path, message }: RuleFault): string => {
  const name = /Unknown variable: (\w+)$/.exec(message)?.[1]
  if (name !== undefined) return aboutName(name, wordsAt(rule, path))
  if (/no such overload: .*\bdouble\b.*\bint\b|no such overload: .*\bint\b.*\bdouble\b/.test(message))
    return ' — write numbers with a decimal point, such as "1.0"'
  if (message.endsWith("Unexpected character: =")) return ' — "is the same as" is written "=="'
  return ""
}

/** Whether a rule's conditions, its key and its title can be told of what it hears. */
export const checkExpressions = (rule: Rule, wrong: WrongInRule): void => {
  const compiled = compileRule(rule)
  const faults = Result.isFailure(compiled) ? compiled.failure : []
  for (const fault of faults) wrong(fault.path, `${fault.message}${help(rule, fault)}`)
  const known = Object.keys(fieldsHeard(rule))
  for (const name of titleFields(rule.title))
    if (!known.includes(name))
      wrong(["title"], `the title names {${name}}, which it cannot fill in${hint(name, known)}`)
  const { count } = rule
  if (count?.distinct !== undefined && !known.includes(count.distinct))
    wrong(["count", "distinct"], `there is no field "${count.distinct}"${hint(count.distinct, known)}`)
}
