import type { EpochMs } from "../../domain/ids.ts"
import type { Draft } from "../draft.ts"
import type { CompiledRule } from "./compiled-rule.ts"
import { emptySubject, type Hit, latenessMs, type Subject } from "./hits.ts"

/** So many subjects of one rule are remembered at most. A large campus has fewer doors, and fewer people in an hour. */
export const subjectsMax = 20_000

/** What is old enough to decide nothing is looked for so often. */
const sweepEveryMs = 600_000

/** The agenda's key for that. */
export const sweepKey = "rules:sweep"

export const subjectKey = ({ rule }: Pick<CompiledRule, "rule">, key: string): string => `${rule.id}|${key}`

/** A rule's and its subject's own names again. */
export const partsOf = (subject: string): readonly [rule: string, key: string] => {
  const bar = subject.indexOf("|")
  return [subject.slice(0, bar), subject.slice(bar + 1)]
}

export const subjectOf = (draft: Draft, id: string): Subject | undefined => draft.inner.subjects.get(id)

/**
 * Forgets the hits that decide nothing any more; those that a match still rests on stay. What was heard of late stays as
 * long as if it had happened then: others of its time may be on their way too. What had begun before the rule listened goes
 * no later than what would have ended it.
 */
export const pruned = (rule: CompiledRule, subject: Subject, now: EpochMs): Subject => {
  const cutoff = now - latenessMs - rule.keepMs
  if (areRecent(subject.hits, cutoff)) return subject
  const needed = new Set<Hit>(rule.matches(subject.hits).flatMap(({ until, hits }) => (until >= cutoff ? hits : [])))
  return { ...subject, hits: subject.hits.filter((hit) => isRecent(hit, cutoff) || needed.has(hit)) }
}

const isRecent = ({ at, heard = at, since = heard }: Hit, cutoff: EpochMs): boolean => since >= cutoff

const areRecent = (hits: ReadonlyArray<Hit>, cutoff: EpochMs): boolean => {
  for (const hit of hits) if (!isRecent(hit, cutoff)) return false
  return true
}

const isStale = ({ hits, activeFrom }: Subject): boolean => hits.length === 0 && activeFrom === undefined

/** How many subjects a rule remembers. */
const countOf = (draft: Draft, rule: string): number => draft.inner.subjectCounts.get(rule) ?? 0

const counted = (draft: Draft, rule: string, by: number): void => {
  draft.inner.subjectCounts = draft.inner.subjectCounts.with(rule, countOf(draft, rule) + by)
}

/** Whether there is room for what is heard of a subject; where there is none, that is an alert, once while it lasts. */
export const hasRoom = (draft: Draft, rule: CompiledRule, id: string): boolean => {
  const { rule: written } = rule
  if (countOf(draft, written.id) < subjectsMax || draft.inner.subjects.has(id)) return true
  const key = `rule:${written.id}`
  if (draft.isActive("RuleOverloaded", key)) return false
  draft.finding({
    _tag: "ConditionActive",
    condition: "RuleOverloaded",
    key,
    at: draft.now,
    rule: "rules.overload",
    priority: 3,
    title: `Rule ${written.id} cannot watch any more subjects`,
    why: [{ at: draft.now, seq: draft.seq, text: `It watches ${subjectsMax} already, and passes over ${id}` }]
  })
  return false
}

/** `known`: what was remembered of it before. */
export const remember = (
  draft: Draft,
  rule: string,
  id: string,
  known: Subject | undefined,
  subject: Subject
): void => {
  if (isStale(subject)) {
    if (known === undefined) return
    draft.inner.subjects = draft.inner.subjects.without(id)
    return counted(draft, rule, -1)
  }
  if (known === undefined) counted(draft, rule, 1)
  draft.inner.subjects = draft.inner.subjects.with(id, subject)
  if (!draft.hasGrace(sweepKey)) draft.grace(sweepKey, (Math.floor(draft.instant / sweepEveryMs) + 1) * sweepEveryMs)
}

/** Forgets a subject, and what was to be decided of it. */
export const forget = (draft: Draft, id: string): void => {
  remember(draft, partsOf(id)[0], id, subjectOf(draft, id), emptySubject)
  draft.endGrace(`rule:${id}`)
}

const overloadEnds = (draft: Draft): void => {
  for (const [rule, count] of draft.inner.subjectCounts.entries()) {
    const key = `rule:${rule}`
    if (count >= subjectsMax || !draft.isActive("RuleOverloaded", key)) continue
    const why = [{ at: draft.now, text: "It has room again" }]
    draft.finding({ _tag: "ConditionNormal", condition: "RuleOverloaded", key, at: draft.now, why })
  }
}

/** Forgets whatever decides nothing any more, of every subject. */
export const sweep = (draft: Draft, at: EpochMs): void => {
  draft.endGrace(sweepKey)
  const { byId } = draft.inner.index.rules
  for (const [id, subject] of draft.inner.subjects.unordered()) {
    const rule = byId.get(partsOf(id)[0])
    const kept = rule === undefined ? subject : pruned(rule, subject, at)
    if (rule !== undefined && kept !== subject) remember(draft, rule.rule.id, id, subject, kept)
  }
  overloadEnds(draft)
  if (draft.inner.subjects.size > 0) draft.grace(sweepKey, at + sweepEveryMs)
}
