import type { Fact } from "../../domain/fact.ts"
import type { Draft } from "../draft.ts"
import { aboutOf } from "./remembered.ts"
import { forget, recordOf } from "./subjects.ts"

/** An officer forgives a subject of a rule: the rule begins anew with it, and what it had found is over. */
export const ruleForgiven = (
  draft: Draft,
  { rule, key, by, reason }: Extract<Fact, { _tag: "RuleForgiven" }>
): void => {
  const compiled = draft.inner.index.rules.byId.get(rule)
  if (compiled === undefined) return
  const about = aboutOf(key)
  const isActive = recordOf(draft, rule, about)?.activeFrom !== undefined
  forget(draft, rule, about)
  const condition = compiled.rule.alert?.condition
  if (condition === undefined || !isActive) return
  const why = [{ at: draft.now, seq: draft.seq, text: `${by} forgave it: ${reason}` }]
  draft.finding({ _tag: "ConditionNormal", condition, key, at: draft.now, why })
}
