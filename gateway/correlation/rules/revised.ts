import type { Campus } from "../../domain/campus.ts"
import type { Rule } from "../../domain/rule.ts"
import type { Draft } from "../draft.ts"
import type { CompiledRule } from "./compiled-rule.ts"
import { hearBy } from "./hear.ts"
import { lastingNow } from "./lasting.ts"
import { located } from "./places.ts"
import { aboutOf, partsOf, subjectsIn } from "./remembered.ts"
import { forget } from "./subjects.ts"
import { reviseTurns } from "./turns.ts"

/** What lasts already when a rule begins to watch for it has lasted since it began. */
const watch = (draft: Draft, rule: CompiledRule): void => {
  for (const listener of rule.listeners)
    for (const signal of lastingNow(draft, rule.rule))
      if (listener.words.includes(signal.word))
        hearBy(draft, { rule, listener }, signal, located(draft.inner.index, signal))
}

/** What a changed or removed rule remembered says nothing any more, and what it had found holds no longer. */
const drop = (draft: Draft, before: ReadonlyMap<string, Rule>, changed: ReadonlySet<string>): void => {
  for (const [name, { activeFrom }] of subjectsIn(draft.inner.subjects)) {
    const [ruleId, key] = partsOf(name)
    if (!changed.has(ruleId)) continue
    const condition = before.get(ruleId)?.alert?.condition
    forget(draft, ruleId, aboutOf(key))
    if (condition === undefined || activeFrom === undefined) continue
    const why = [{ at: draft.now, seq: draft.seq, text: `Its rule ${ruleId} was changed or removed` }]
    draft.finding({ _tag: "ConditionNormal", condition, key, at: draft.now, why })
  }
}

/** The rules of a new configuration, after its points and doors are. Those that are as they were go on as they are. */
export const reviseRules = (draft: Draft, campus: Campus | undefined): void => {
  const before = new Map<string, Rule>((campus?.rules ?? []).map((rule) => [rule.id, rule]))
  const { byId } = draft.inner.index.rules
  const same = (id: string, rule: Rule | undefined): boolean =>
    rule !== undefined && JSON.stringify(byId.get(id)?.rule) === JSON.stringify(rule)
  drop(draft, before, new Set([...before.keys()].filter((id) => !same(id, before.get(id)))))
  for (const [id, rule] of byId) if (rule.kind === "stays" && !same(id, before.get(id))) watch(draft, rule)
  reviseTurns(draft, campus, (id) => same(id, before.get(id)))
}
