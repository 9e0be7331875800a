import { Schema } from "effect"
import { Priority } from "../domain/alert.ts"
import { Count, kindsOf, Rule, RuleAlert, ruleKinds, Stays } from "../domain/rule.ts"

/** What a site has otherwise in a rule of a pack. The rule with it is checked as if it had been written so. */
export const Otherwise = Schema.Struct({
  disabled: Schema.optionalKey(Schema.Boolean.annotate({ description: "true: the rule is left out" })),
  priority: Schema.optionalKey(Priority),
  atLeast: Schema.optionalKey(Count.fields.atLeast),
  withinSeconds: Schema.optionalKey(Count.fields.withinSeconds),
  forSeconds: Schema.optionalKey(Stays.fields.forSeconds),
  activeSeconds: RuleAlert.fields.activeSeconds,
  doors: Rule.fields.doors,
  areas: Rule.fields.areas
}).annotate({ identifier: "Otherwise" })
export type Otherwise = typeof Otherwise.Type

/** The packs that are switched on: their names, or their names with what is otherwise in their rules. */
export const Packs = Schema.Union([
  Schema.Array(Schema.NonEmptyString),
  Schema.Record(Schema.String, Schema.Record(Schema.String, Otherwise))
]).annotate({
  identifier: "Packs",
  description: "Rule packs that are on: a list such as [door, access], or { access: { denied-burst: { atLeast: 5 } } }"
})
export type Packs = typeof Packs.Type

/** A file of rules that belong together. */
export const RulePack = Schema.Struct({
  description: Schema.optionalKey(Schema.NonEmptyString),
  rules: Schema.NonEmptyArray(Rule)
}).annotate({ identifier: "RulePack", description: "Rules that are switched on together" })

/** A rule with what a site has otherwise in it, all of it `changeable`; `undefined`: the site has left it out. */
export const ruleOtherwise = (rule: Rule, otherwise: Otherwise): Rule | undefined => {
  const { disabled, priority, activeSeconds, doors, areas, ...own } = otherwise
  if (disabled === true) return undefined
  const alert =
    rule.alert === undefined
      ? {}
      : {
          alert: {
            ...rule.alert,
            ...(priority === undefined ? {} : { priority }),
            ...(activeSeconds === undefined ? {} : { activeSeconds })
          }
        }
  const where = { ...(doors === undefined ? {} : { doors }), ...(areas === undefined ? {} : { areas }) }
  return { ...rule, ...withNumbers(rule, own), ...alert, ...where }
}

const numbers = ["atLeast", "withinSeconds", "forSeconds"] as const

/** What of `Otherwise` a rule has: the others would change nothing. */
export const changeable = (rule: Rule): ReadonlyArray<keyof Otherwise> => {
  const [kind] = kindsOf(rule)
  const own = kind === undefined ? {} : ruleKinds[kind].fields
  const told = rule.alert === undefined ? [] : (["priority"] as const)
  // What is absent or stays ends by what comes, and by no time.
  const ends = told.length === 0 || "forSeconds" in own ? [] : (["activeSeconds"] as const)
  return ["disabled", ...numbers.filter((name) => name in own), ...told, ...ends, "doors", "areas"]
}

const withNumbers = (rule: Rule, own: Pick<Otherwise, (typeof numbers)[number]>): Partial<Rule> => {
  const [kind] = kindsOf(rule)
  return kind === undefined ? {} : { [kind]: { ...rule[kind], ...own } }
}
