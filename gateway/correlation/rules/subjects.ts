import type { EpochMs } from "../../domain/ids.ts"
import type { Draft } from "../draft.ts"
import { Spot } from "../table.ts"
import type { CompiledRule } from "./compiled-rule.ts"
import { type Hit, latenessMs, type Match, type Subject } from "./hits.ts"
import {
  type About,
  aboutOf,
  dueOf,
  type Remembered,
  rememberedOf,
  subjectName,
  withoutRemembered,
  withRemembered
} from "./remembered.ts"

/** So many subjects of one rule are remembered at most. A large campus has fewer doors, and fewer people in an hour. */
export const subjectsMax = 20_000

/** What is old enough to decide nothing is looked for so often. */
const sweepEveryMs = 600_000

/** The agenda's key for that. */
const sweepKey = new Spot("rules:sweep")

export const recordOf = (draft: Draft, rule: string, about: About): Remembered | undefined =>
  rememberedOf(draft.inner.subjects, rule, about)

export const subjectOf = (draft: Draft, rule: string, about: About): Subject | undefined =>
  recordOf(draft, rule, about)?.subject

/**
 * Forgets the hits that decide nothing any more; those that a match still rests on stay. What was heard of late stays as
 * long as if it had happened then: others of its time may be on their way too. What had begun before the rule listened goes
 * no later than what would have ended it. `matches`: those of its hits, where they are known.
 */
export const pruned = (rule: CompiledRule, subject: Subject, now: EpochMs, matches?: ReadonlyArray<Match>): Subject => {
  const cutoff = now - latenessMs - rule.keepMs
  const { hits } = subject
  if (areRecent(hits, cutoff)) return subject
  const resting = (matches ?? rule.matches(hits)).filter(({ until }) => until >= cutoff)
  const isKept = (hit: Hit): boolean => isRecent(hit, cutoff) || resting.some((match) => match.hits.includes(hit))
  return { ...subject, hits: hits.filter(isKept) }
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

/** Whether there is room for what is heard of a new subject; where there is none, that is an alert, once while it lasts. */
export const hasRoom = (draft: Draft, { rule: { id } }: CompiledRule, about: About): boolean => {
  if (countOf(draft, id) < subjectsMax) return true
  const key = `rule:${id}`
  if (draft.isActive("RuleOverloaded", key)) return false
  const text = `It watches ${subjectsMax} already, and passes over ${subjectName(id, about.key)}`
  draft.finding({
    _tag: "ConditionActive",
    condition: "RuleOverloaded",
    key,
    at: draft.now,
    rule: "rules.overload",
    priority: 3,
    title: `Rule ${id} cannot watch any more subjects`,
    why: [{ at: draft.now, seq: draft.seq, text }]
  })
  return false
}

/** `known`: what was remembered of it before. */
export const remember = (draft: Draft, about: About, known: Remembered | undefined, changed: Remembered): void => {
  const { rule, subject } = changed
  if (isStale(subject)) {
    if (known === undefined) return
    draft.inner.subjects = withoutRemembered(draft.inner.subjects, about, rule)
    return counted(draft, rule, -1)
  }
  if (known === undefined) counted(draft, rule, 1)
  draft.inner.subjects = withRemembered(draft.inner.subjects, about, changed)
  if (!draft.hasGrace(sweepKey)) draft.grace(sweepKey, (Math.floor(draft.instant / sweepEveryMs) + 1) * sweepEveryMs)
}

/** Forgets a subject, and what was to be decided of it. */
export const forget = (draft: Draft, rule: string, about: About): void => {
  const known = recordOf(draft, rule, about)
  if (known !== undefined) remember(draft, about, known, { ...known, subject: { hits: [] } })
  draft.endGrace(dueOf(rule, about.key))
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
  for (const [key, all] of draft.inner.subjects.unordered()) {
    for (const known of all) {
      const rule = byId.get(known.rule)
      const subject = rule === undefined ? known.subject : pruned(rule, known.subject, at)
      if (subject !== known.subject) remember(draft, aboutOf(key), known, { ...known, subject })
    }
  }
  overloadEnds(draft)
  if (draft.inner.subjects.size > 0) draft.grace(sweepKey, at + sweepEveryMs)
}
