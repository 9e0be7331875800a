import type { Campus } from "../../domain/campus.ts"
import type { Rule } from "../../domain/rule.ts"
import type { CampusIndex } from "../campus-index.ts"
import type { Draft } from "../draft.ts"
import type { CompiledRule } from "./compiled-rule.ts"
import { hearBy } from "./hear.ts"
import { reviseHeldBack } from "./inhibit.ts"
import { lastingNow } from "./lasting.ts"
import { located } from "./places.ts"
import { aboutOf, dueOf, partsOf, rememberedAs, subjectsIn } from "./remembered.ts"
import { reviseLasting } from "./moved.ts"
import { rulesOfLasting } from "./rule-index.ts"
import { forget, remember } from "./subjects.ts"
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
const findingOf = ({ id: _id, title: _title, source: _source, alert, ...rest }: Rule): string =>
  JSON.stringify([rest, alert?.condition, alert?.activeSeconds])

/** Whether a rule goes on where another was: it finds the same, and its title asks for no more than was remembered. */
const goesOn = (before: Rule, after: Rule): boolean => {
  const said = titleFields(before.title)
  return titleFields(after.title).every((name) => said.includes(name)) && findingOf(after) === findingOf(before)
}

/** Rules that have another id now, by the new one. */
const renamedFrom = (before: ReadonlyMap<string, Rule>, after: ReadonlyMap<string, CompiledRule>) => {
  const gone = [...before.values()].filter(({ id }) => !after.has(id))
  const renamed = new Map<string, Rule>()
  if (gone.length === 0) return renamed
  for (const [id, { rule }] of after) {
    const old = before.has(id) ? undefined : gone.find((one) => goesOn(one, rule))
    if (old !== undefined) renamed.set(id, old)
  }
  return renamed
}

/** What a rule remembered under its old id it remembers under the new one, and looks at it anew. */
const carryOver = (draft: Draft, renamed: ReadonlyMap<string, Rule>): void => {
  const byOld = new Map([...renamed].map(([id, old]) => [String(old.id), id]))
  if (byOld.size === 0) return
  for (const [name, subject] of subjectsIn(draft.inner.subjects)) {
    const [old, key] = partsOf(name)
    const id = byOld.get(old)
    if (id === undefined) continue
    const about = aboutOf(key)
    forget(draft, old, about)
    remember(draft, about, undefined, rememberedAs(id, subject.hits, subject, undefined, undefined, true))
    draft.grace(dueOf(id, key), draft.now)
  }
}

/**
 * The rules of a new configuration, after its points and doors are. Those that find what they found before go on as they are,
 * also under another id. `arranged`: how the campus was before.
 */
export const reviseRules = (draft: Draft, campus: Campus | undefined, arranged: CampusIndex): void => {
  const before = new Map<string, Rule>((campus?.rules ?? []).map((rule) => [rule.id, rule]))
  const { byId } = draft.inner.index.rules
  const renamed = renamedFrom(before, byId)
  carryOver(draft, renamed)
  const same = (id: string): boolean => {
    const [was, is] = [before.get(id) ?? renamed.get(id), byId.get(id)?.rule]
    return was !== undefined && is !== undefined && goesOn(was, is)
  }
  drop(draft, before, new Set([...before.keys()].filter((id) => !same(id))))
  for (const [id, rule] of byId) if (rule.kind === "stays" && !same(id)) watch(draft, rule)
  const lasting = rulesOfLasting(draft.inner.index).filter(({ rule: { id } }) => same(id))
  if (campus !== undefined) reviseLasting(draft, campus, arranged, lasting)
  reviseTurns(draft, campus, same)
  reviseHeldBack(draft)
}
