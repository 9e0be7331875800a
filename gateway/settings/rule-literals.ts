import { Environment } from "@marcbachmann/cel-js"
import { expressionLimits } from "../domain/expression.ts"
import type { Rule } from "../domain/rule.ts"
import { defaultThreatLevels } from "../domain/threat-level.ts"
import { wordsHeard } from "../correlation/rules/compiled-rule.ts"
import { valuesOfField } from "../correlation/rules/field-values.ts"
import { hint } from "./did-you-mean.ts"
import { type Key, type RuleSurroundings, selectorsOf, type WrongInRule } from "./rule-selectors.ts"

interface Node {
  readonly op: string
  readonly args: unknown
}

const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null && "op" in value

const fieldIn = (node: unknown): string | undefined =>
  isNode(node) && node.op === "id" && typeof node.args === "string" ? node.args : undefined

const textIn = (node: unknown): string | undefined =>
  isNode(node) && node.op === "value" && typeof node.args === "string" ? node.args : undefined

/** A field, a text that it is held against, and whether a value of the field would do. */
interface Asked {
  readonly field: string
  readonly text: string
  readonly does: (value: string) => boolean
  readonly how: string
}

const methods: Readonly<Record<string, readonly [how: string, does: (value: string, text: string) => boolean]>> = {
  startsWith: ["begins with", (value, text) => value.startsWith(text)],
  endsWith: ["ends with", (value, text) => value.endsWith(text)],
  contains: ["contains", (value, text) => value.includes(text)]
}

const same = (field: string | undefined, text: string | undefined): ReadonlyArray<Asked> =>
  field === undefined || text === undefined ? [] : [{ field, text, does: (value) => value === text, how: "is" }]

const askedBy = (args: unknown): ReadonlyArray<Asked> => {
  const [name, receiver, given] = args as readonly [string, unknown, ReadonlyArray<unknown>]
  const [field, text] = [fieldIn(receiver), textIn(given[0])]
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined
  if (method === undefined || field === undefined || text === undefined) return []
  const [how, does] = method
  return [{ field, text, does: (value) => does(value, text), how }]
}

/** Every text in an expression that a field is held against. */
const askedIn = (node: unknown): ReadonlyArray<Asked> => {
  if (Array.isArray(node)) return node.flatMap(askedIn)
  if (!isNode(node)) return []
  const inner = askedIn(node.args)
  if (node.op === "rcall") return [...askedBy(node.args), ...inner]
  if (!Array.isArray(node.args)) return inner
  const [left, right] = node.args as ReadonlyArray<unknown>
  if (node.op === "==" || node.op === "!=")
    return [...same(fieldIn(left), textIn(right)), ...same(fieldIn(right), textIn(left)), ...inner]
  if (node.op !== "in" || !isNode(right) || right.op !== "list") return inner
  return [...(right.args as ReadonlyArray<unknown>).flatMap((item) => same(fieldIn(left), textIn(item))), ...inner]
}

/** What a field of these signals can be on this campus; `undefined`: any text. */
const valuesOn = (
  { campus, conditions, leftOut }: RuleSurroundings,
  name: string,
  words: ReadonlyArray<string>
): ReadonlyArray<string> | undefined => {
  switch (name) {
    case "word":
      return words.map((word) => (word.startsWith("alert:") ? word.slice("alert:".length) : word))
    case "condition":
      return words.every((word) => word.startsWith("alert:")) ? [...conditions, ...leftOut] : undefined
    case "door":
      return campus.doors.map(({ id }) => id)
    case "area":
      return campus.areas.map(({ id }) => id)
    case "building":
      return campus.areas.flatMap(({ id, kind }) => (kind === "building" ? [id] : []))
    case "camera":
      return campus.cameras.map(({ id }) => id)
    case "from":
    case "to":
      if (words.length > 0 && words.every((word) => word === "ThreatLevelChanged"))
        return campus.site.threatLevels ?? defaultThreatLevels
      return valuesOfField(name, words)
    default:
      return valuesOfField(name, words)
  }
}

/** The tree of an expression that has been checked; nothing where it cannot be read. */
const treeOf = (text: string): unknown => {
  try {
    return new Environment({ limits: expressionLimits }).parse(text).ast
  } catch {
    return undefined
  }
}

const expressionsOf = (
  rule: Rule
): ReadonlyArray<readonly [path: ReadonlyArray<Key>, text: string | undefined, words: ReadonlyArray<string>]> => {
  const selectors = selectorsOf(rule)
  const heard = selectors.flatMap(([, selector]) => wordsHeard(selector))
  return [
    ...selectors.map(([path, selector]) => [[...path, "where"], selector.where, wordsHeard(selector)] as const),
    [["stays", "where"], rule.stays?.where, []],
    [["key"], rule.key, heard]
  ]
}

/** Whether what conditions hold a field against is something that the field can be: a slip of the fingers never is. */
export const checkLiterals = (rule: Rule, around: RuleSurroundings, wrong: WrongInRule): void => {
  for (const [path, text, words] of expressionsOf(rule)) {
    if (text === undefined) continue
    for (const { field, text: literal, does, how } of askedIn(treeOf(text))) {
      const known = valuesOn(around, field, words)
      // What an event leaves out is empty text.
      if (literal === "" || known === undefined || known.some(does)) continue
      const name = path.at(-1) === "key" ? "key" : "where"
      wrong(path, `${name} "${text}" is of no use: no ${field} ${how} "${literal}"${hint(literal, known)}`)
    }
  }
}
