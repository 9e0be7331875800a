import { Schema } from "effect"
import { Priority } from "../domain/alert.ts"
import { Count, Rule, RuleAlert, Stays } from "../domain/rule.ts"

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

/** A rule with a site's own numbers in it; `undefined`: the site has left it out. */
export const ruleOtherwise = (rule: Rule, otherwise: Otherwise): Rule | undefined => {
  const { disabled, priority, activeSeconds, doors, areas, ...numbers } = otherwise
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
  return { ...rule, ...withNumbers(rule, numbers), ...alert, ...where }
}

const withNumbers = (
  rule: Rule,
  numbers: Pick<Otherwise, "atLeast" | "withinSeconds" | "forSeconds">
): Partial<Rule> => {
  const kinds = ["count", "all", "any", "sequence", "absence", "stays", "storm"] as const
  const changed = kinds.flatMap((kind) => {
    const written = rule[kind]
    if (written === undefined) return []
    const own = Object.entries(numbers).filter(([name]) => name in written)
    return own.length === 0 ? [] : [[kind, { ...written, ...Object.fromEntries(own) }] as const]
  })
  return Object.fromEntries(changed)
}
