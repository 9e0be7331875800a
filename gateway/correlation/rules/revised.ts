import type { Campus } from "../../domain/campus.ts"
import type { Rule } from "../../domain/rule.ts"
import type { CampusIndex } from "../campus-index.ts"
import type { Draft } from "../draft.ts"
import type { CompiledRule } from "./compiled-rule.ts"
import { hearBy } from "./hear.ts"
import { reviseHeldBack } from "./inhibit.ts"
import { lastingNow } from "./lasting.ts"
import { located } from "./places.ts"
import { aboutOf, partsOf, subjectsIn } from "./remembered.ts"
import { reviseLasting } from "./moved.ts"
import { rulesOfLasting } from "./rule-index.ts"
import { forget } from "./subjects.ts"
import { titleFields } from "./title.ts"
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

/**
 * What a rule finds, and of what; how its alert is worded, how urgent it is and whom it goes to may change while it goes on.
 */
const findingOf = ({ title: _title, source: _source, alert, ...rest }: Rule): string =>
  JSON.stringify([rest, alert?.condition, alert?.activeSeconds])

/**
 * The rules of a new configuration, after its points and doors are. Those that find what they found before go on as they are.
 * `arranged`: how the campus was before.
 */
export const reviseRules = (draft: Draft, campus: Campus | undefined, arranged: CampusIndex): void => {
  const before = new Map<string, Rule>((campus?.rules ?? []).map((rule) => [rule.id, rule]))
  const { byId } = draft.inner.index.rules
  const same = (id: string, rule: Rule | undefined): boolean => {
    const after = byId.get(id)?.rule
    if (rule === undefined || after === undefined) return false
    // What it remembers says no more than its title asked for.
    const said = titleFields(rule.title)
    return titleFields(after.title).every((name) => said.includes(name)) && findingOf(after) === findingOf(rule)
  }
  drop(draft, before, new Set([...before.keys()].filter((id) => !same(id, before.get(id)))))
  for (const [id, rule] of byId) if (rule.kind === "stays" && !same(id, before.get(id))) watch(draft, rule)
  const lasting = rulesOfLasting(draft.inner.index).filter(({ rule: { id } }) => same(id, before.get(id)))
  if (campus !== undefined) reviseLasting(draft, campus, arranged, lasting)
  reviseTurns(draft, campus, (id) => same(id, before.get(id)))
  reviseHeldBack(draft)
}
