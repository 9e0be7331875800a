import { builtInConditions } from "../domain/alert.ts"
import { DoorStanding } from "../domain/door.ts"
import { kindsOf, listed, type Rule, ruleKinds, type Selector, tendingKinds } from "../domain/rule.ts"
import { defaultThreatLevels } from "../domain/threat-level.ts"
import { eventWords, readingValues } from "../correlation/rules/vocabulary.ts"
import { hint } from "./did-you-mean.ts"
import { checkExpressions } from "./rule-expressions.ts"
import { checkKey } from "./rule-keys.ts"
import { checkLiterals } from "./rule-literals.ts"
import { procedureFault } from "./procedure-rules.ts"
import { checkReach } from "./rule-reach.ts"
import { type Key, type RuleSurroundings, selectorsOf, type WrongInRule } from "./rule-selectors.ts"
import { checkTending } from "./rule-tending.ts"
import type { Problem } from "./problem.ts"
import type { WrittenRule, WrittenRules } from "./written-rules.ts"

const checkForm = (rule: Rule, wrong: WrongInRule): void => {
  const kinds = kindsOf(rule)
  const [kind, second] = kinds
  if (kind === undefined)
    return wrong(["id"], `rule "${rule.id}" finds nothing: it needs one of ${Object.keys(ruleKinds).join(", ")}`)
  if (second !== undefined) wrong([second], `rule "${rule.id}" is both ${kinds.join(" and ")}; write two rules`, "key")
  const tends = tendingKinds.has(kind)
  if (!tends && rule.alert === undefined)
    wrong(
      ["id"],
      `rule "${rule.id}" has no alert: nobody would hear of what it finds; add alert: { condition, priority }`
    )
  if (!tends && rule.key === undefined)
    wrong(
      ["id"],
      `rule "${rule.id}" has no key; say what it counts by, such as "key: door", or "key: site" for all together`
    )
  if (tends && rule.alert !== undefined)
    wrong(["alert"], `${kind} tends the alerts of others and raises none; remove alert`, "key")
  if (tends && rule.key !== undefined && kind !== "confirmBy")
    wrong(["key"], `${kind} counts by nothing; remove key`, "key")
}

const checkSelector = (
  path: ReadonlyArray<Key>,
  { event, alert }: Selector,
  { conditions, leftOut }: RuleSurroundings,
  wrong: WrongInRule
): void => {
  if ((event === undefined) === (alert === undefined))
    wrong(path, 'write either "event" or "alert": what is listened for')
  for (const word of listed(event))
    if (!eventWords.includes(word)) wrong([...path, "event"], `there is no event "${word}"${hint(word, eventWords)}`)
  for (const word of listed(alert))
    if (!conditions.includes(word) && !leftOut.includes(word))
      wrong([...path, "alert"], `no alert is called "${word}"${hint(word, conditions)}`)
}

const checkNumbers = ({ all, any, sequence, stays, count, ...rule }: Rule, wrong: WrongInRule): void => {
  if (all !== undefined && all.of.length < 2)
    wrong(["all", "of"], "all needs two or more; of one alone, write count with atLeast: 1")
  if (any !== undefined && (any.atLeast ?? 1) > any.of.length)
    wrong(["any", "atLeast"], `there are ${any.of.length} to choose from, fewer than atLeast: ${any.atLeast ?? 1}`)
  if (sequence !== undefined && sequence.steps.length < 2)
    wrong(["sequence", "steps"], "a sequence has two or more steps; of one alone, write count with atLeast: 1")
  if (stays === undefined) return
  if ((stays.reading === undefined) === (stays.standing === undefined))
    wrong(["stays"], 'write either "reading" (with "is") or "standing": what stays as it is')
  if (stays.reading === undefined) {
    if (stays.is !== undefined) wrong(["stays", "is"], '"is" belongs to "reading"; a standing says it already', "key")
    for (const standing of listed(stays.standing))
      if (!DoorStanding.literals.some((known) => known === standing))
        wrong(["stays", "standing"], `no door stands "${standing}"${hint(standing, DoorStanding.literals)}`)
    return
  }
  // Nobody knows for how long what is unknown has been so.
  const known = readingValues(stays.reading).filter((value) => value.toLowerCase() !== "unknown")
  if (stays.is === undefined) wrong(["stays"], `say which value stays: "is" is one of ${known.join(", ")}`)
  for (const value of listed(stays.is))
    if (value.toLowerCase() === "unknown")
      wrong(["stays", "is"], `what is unknown interrupts "stays"; listen for StateLost or DeviceUnavailable instead`)
    else if (!known.includes(value))
      wrong(["stays", "is"], `a ${stays.reading} is never "${value}" for a rule${hint(value, known)}`)
  if (count === undefined && rule.key === "credential")
    wrong(["key"], "a reading is of a point, and of no credential; choose door, point or device")
}

const checkAlert = (rule: Rule, wrong: WrongInRule): void => {
  const condition = rule.alert?.condition
  const [kind] = kindsOf(rule)
  if (rule.alert?.activeSeconds !== undefined && (kind === "absence" || kind === "stays"))
    wrong(
      ["alert", "activeSeconds"],
      kind === "stays"
        ? "what stays is active until it ends; remove activeSeconds"
        : "an absence is active until what should follow comes; remove activeSeconds"
    )
  if (condition !== undefined && builtInConditions.some((known) => known === condition))
    wrong(
      ["alert", "condition"],
      `${condition} is the gateway's own alert, and it alone ends it; give this one a word of its own`
    )
}

/** Whether there is the time and the level of threat that the rule asks for. */
const checkCircumstances = (rule: Rule, { campus }: RuleSurroundings, wrong: WrongInRule): void => {
  for (const name of ["during", "outside"] as const) {
    const schedule = rule[name]
    if (schedule !== undefined && !campus.schedules.includes(schedule))
      wrong([name], `there is no schedule "${schedule}"${hint(schedule, campus.schedules)}`)
  }
  if (rule.during !== undefined && rule.during === rule.outside)
    wrong(["outside"], `during and outside ${rule.outside}: the rule would never listen; keep one of them`, "key")
  const levels: ReadonlyArray<string> = campus.site.threatLevels ?? defaultThreatLevels
  rule.threat?.forEach((level, nth) => {
    if (!levels.includes(level)) wrong(["threat", nth], `there is no threat level "${level}"${hint(level, levels)}`)
  })
}

const checkOne = (rule: Rule, around: RuleSurroundings, wrong: WrongInRule): void => {
  checkForm(rule, wrong)
  for (const [path, selector] of selectorsOf(rule)) checkSelector(path, selector, around, wrong)
  checkNumbers(rule, wrong)
  checkKey(rule, wrong)
  checkExpressions(rule, wrong)
  checkLiterals(rule, around, wrong)
  checkAlert(rule, wrong)
  const unknown = procedureFault(rule.alert?.procedure, around.campus.procedures)
  if (unknown !== undefined) wrong(["alert", "procedure"], unknown)
  checkCircumstances(rule, around, wrong)
  checkReach(rule, around, wrong)
  checkTending(rule, around, wrong)
}

/** Rules that hear one another's alerts in a circle would go on for ever. */
const checkCircles = (rules: ReadonlyArray<WrittenRule>): ReadonlyArray<Problem> => {
  const heard = new Map<string, ReadonlyArray<string>>()
  for (const { rule } of rules) {
    const condition = rule.alert?.condition
    if (condition !== undefined)
      heard.set(
        condition,
        selectorsOf(rule).flatMap(([, { alert }]) => listed(alert))
      )
  }
  const reaches = (from: string, to: string): ReadonlyArray<string> | undefined => {
    const seen = new Set<string>()
    const walk = (here: string, way: ReadonlyArray<string>): ReadonlyArray<string> | undefined => {
      for (const next of heard.get(here) ?? []) {
        if (next === to) return [...way, here, to]
        if (seen.has(next)) continue
        seen.add(next)
        const found = walk(next, [...way, here])
        if (found !== undefined) return found
      }
      return undefined
    }
    return walk(from, [])
  }
  return rules.flatMap(({ rule, problem }) => {
    const condition = rule.alert?.condition
    const way = condition === undefined ? undefined : reaches(condition, condition)
    return way === undefined
      ? []
      : [problem(["id"], `rule "${rule.id}" hears its own alert: ${way.join(" ← ")}; it would go on for ever`)]
  })
}

const checkTwice = (
  rules: ReadonlyArray<WrittenRule>,
  nameOf: (rule: Rule) => string | undefined,
  path: ReadonlyArray<Key>,
  message: (name: string, other: Rule) => string
): ReadonlyArray<Problem> => {
  const seen = new Map<string, Rule>()
  return rules.flatMap(({ rule, problem }) => {
    const name = nameOf(rule)
    const other = name === undefined ? undefined : seen.get(name)
    if (name === undefined) return []
    if (other === undefined) seen.set(name, rule)
    return other === undefined ? [] : [problem(path, message(name, other))]
  })
}

/** Rules that would wait for ever for the alerts of disabled ones: what tends these has nothing to do, and does no harm. */
const checkLeftOut = (
  { rules, leftOut }: Pick<WrittenRules, "rules" | "leftOut">,
  { conditions }: RuleSurroundings
): ReadonlyArray<Problem> =>
  rules.flatMap(({ rule }) =>
    selectorsOf(rule).flatMap(([, { alert }]) => {
      const heard = listed(alert)
      const gone = leftOut.find((one) => one.rule.alert !== undefined && heard.includes(one.rule.alert.condition))
      if (gone === undefined || heard.some((word) => conditions.includes(word))) return []
      const message = `"${rule.id}" listens for ${heard.join(", ")}, which this rule raises; disable both or neither`
      return [gone.problem(["disabled"], message)]
    })
  )

const conditionsOf = (rules: ReadonlyArray<WrittenRule>): ReadonlyArray<string> =>
  rules.flatMap(({ rule }) => (rule.alert === undefined ? [] : [rule.alert.condition]))

/** What keeps rules from working on a campus, each with its place. */
export const checkRules = (
  { rules, leftOut, misshapen }: Omit<WrittenRules, "problems">,
  campus: RuleSurroundings["campus"]
): ReadonlyArray<Problem> => {
  const conditions = [...builtInConditions, ...conditionsOf(rules), ...misshapen]
  const around: RuleSurroundings = { campus, conditions, leftOut: conditionsOf(leftOut) }
  const each = rules.flatMap(({ rule, problem }) => {
    const problems: Array<Problem> = []
    checkOne(rule, around, (path, message, at) => void problems.push(problem(path, message, at)))
    return problems
  })
  return [
    ...each,
    ...checkLeftOut({ rules, leftOut }, around),
    ...checkCircles(rules),
    ...checkTwice(
      rules,
      ({ id }) => id,
      ["id"],
      (id) => `rule "${id}" is there twice; each id must be unique`
    ),
    ...checkTwice(
      rules,
      ({ alert }) => alert?.condition,
      ["alert", "condition"],
      (condition, other) => `${condition} is the alert of rule "${other.id}" already; one would end the other's`
    )
  ]
}
