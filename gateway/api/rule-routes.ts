import { Effect, Schema } from "effect"
import { watchedByRules, watches } from "../correlation/rules/watched.ts"
import type { Situation } from "../correlation/situation.ts"
import { AlertCondition, Priority } from "../domain/alert.ts"
import { kindsOf, type Rule, RuleId } from "../domain/rule.ts"
import { endpoint, type Endpoint } from "./endpoint.ts"
import { notFound } from "./problem.ts"
import { prose } from "./shapes.ts"
import type { Sources } from "./sources.ts"

/** A rule that is on, and what it has in mind. */
export const RuleItem = Schema.Struct({
  id: RuleId,
  title: Schema.String,
  kind: Schema.String.annotate({
    description: "count, all, any, sequence, absence, stays, confirmBy, inhibit or storm"
  }),
  source: Schema.optionalKey(Schema.String),
  condition: Schema.optionalKey(AlertCondition),
  priority: Schema.optionalKey(Priority),
  watching: Schema.Finite.annotate({ description: "How many subjects it remembers something of" }),
  active: Schema.Array(Schema.String).annotate({ description: "The keys of those whose condition holds" })
}).annotate({ identifier: "RuleItem" })
export const RuleItems = Schema.Struct({ items: Schema.Array(RuleItem) })

/** Of which subject, and why. */
export const ForgiveBody = Schema.Struct({
  key: prose("a key, that of the rule's alert"),
  reason: prose("a reason")
}).annotate({ identifier: "Forgive" })

const items = (situation: Situation): ReadonlyArray<typeof RuleItem.Type> => {
  const watched = watchedByRules(situation)
  return (situation.campus?.rules ?? []).map((rule: Rule) => {
    const { id, title, source, alert } = rule
    return {
      id,
      title,
      kind: kindsOf(rule)[0] ?? "",
      ...(source === undefined ? {} : { source }),
      ...(alert === undefined ? {} : { condition: alert.condition, priority: alert.priority }),
      watching: watched.get(id)?.subjects ?? 0,
      active: watched.get(id)?.active ?? []
    }
  })
}

const nothingOf = (rule: string, key: string, active: ReadonlyArray<string>): string => {
  const held = active.length === 0 ? "" : `; its condition holds for ${active.slice(0, 12).join(", ")}`
  return `${rule} remembers nothing of ${key}${held}`
}

/** The rules that are on, and what officers forgive. */
export const ruleRoutes = ({ intake }: Sources): ReadonlyArray<Endpoint> => {
  const one = (id: string) =>
    Effect.suspend(() => {
      const found = items(intake.situation()).find((item) => item.id === id)
      return found === undefined
        ? Effect.fail(notFound("unknown-rule", `there is no rule ${id}; GET /api/v1/rules lists those that are on`))
        : Effect.succeed(found)
    })
  return [
    endpoint({
      method: "get",
      path: "/rules",
      right: "see",
      summary: "Every rule that is on, and what it has in mind",
      answer: RuleItems,
      handle: () => Effect.sync(() => ({ items: items(intake.situation()) }))
    }),
    endpoint({
      method: "post",
      path: "/rules/{id}/forgive",
      right: "forgive",
      summary: "Have a rule forget what it holds against one subject, such as a badge that went out without a reader",
      body: ForgiveBody,
      answer: RuleItem,
      problems: [404],
      handle: ({ param, by, body: { key, reason } }) =>
        Effect.flatMap(one(param("id")), ({ id, active }) =>
          watches(intake.situation(), id, key)
            ? Effect.andThen(intake.enter({ _tag: "RuleForgiven", rule: id, key, by, reason }), one(id))
            : Effect.fail(notFound("unknown-subject", nothingOf(id, key, active)))
        )
    })
  ]
}
