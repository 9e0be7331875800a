import type { EpochMs } from "../../domain/ids.ts"
import type { Draft } from "../draft.ts"
import { keptOf } from "../lists.ts"
import { Spot } from "../table.ts"
import type { CompiledRule } from "./compiled-rule.ts"
import { countsFrom, type Hit, latenessMs, noHits, type Subject } from "./hits.ts"
import { partedAt, partsForGoodMs } from "./sequence.ts"
import {
  type About,
  dueOf,
  type Remembered,
  rememberedAs,
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

/**
 * The hits without those that decide nothing any more: those that count from before the cutoff, or stand before the `parted`th.
 * Those that a match still rests on stay. What was heard of late stays as long as if it had happened then: others of its time
 * may be on their way too. What had begun before the rule listened goes no later than what would have ended it.
 */
const pruned = (
  rule: CompiledRule,
  { hits, matches = rule.matches(hits) }: Remembered,
  cutoff: EpochMs,
  parted: number
): ReadonlyArray<Hit> => {
  const last = parted === 0 ? hits : hits.slice(parted)
  // So it is with nearly every subject.
  if (matches.length === 0) return keptOf(last, (hit) => isRecent(hit, cutoff))
  const resting = matches.filter(({ until }) => until >= cutoff)
  const isKept = (hit: Hit): boolean =>
    (isRecent(hit, cutoff) && last.includes(hit)) || resting.some((match) => match.hits.includes(hit))
  return keptOf(hits, isKept)
}

const isRecent = (hit: Hit, cutoff: EpochMs): boolean => countsFrom(hit) >= cutoff

/** What counts from before decides nothing any more. */
const cutoffOf = (rule: CompiledRule, now: EpochMs): EpochMs => now - latenessMs - rule.keepMs

/** From which place on its hits count, for what must not come. */
const partedFrom = ({ parts }: CompiledRule, { hits, oldest }: Remembered, now: EpochMs): number =>
  parts && oldest < now - partsForGoodMs ? partedAt(hits, now - partsForGoodMs) : 0

/** Without what decides nothing any more. */
export const withoutOld = (rule: CompiledRule, record: Remembered, now: EpochMs): Remembered => {
  const cutoff = cutoffOf(rule, now)
  const parted = partedFrom(rule, record, now)
  if (parted === 0 && record.oldest >= cutoff) return record
  const { due, mayBeDue } = record
  const hits = pruned(rule, record, cutoff, parted)
  // Its match may rest on old ones, which stay; where there was none, fewer hits make none.
  const isSame = hits.length === record.hits.length || record.matches?.length === 0
  return rememberedAs(record.rule, hits, record, isSame ? record.matches : undefined, due, mayBeDue)
}

const isStale = ({ hits, activeFrom }: Subject): boolean => hits.length === 0 && activeFrom === undefined

/** How many subjects a rule remembers. */
const countOf = (draft: Draft, rule: string): number => draft.inner.subjectCounts.get(rule) ?? 0

const counted = (draft: Draft, rule: string, by: number): void => {
  draft.inner.subjectCounts = draft.inner.subjectCounts.with(rule, countOf(draft, rule) + by)
}

/** Whether there is room for what is heard of a new subject; where there is none, that is an alert, once while it lasts. */
export const hasRoom = (draft: Draft, { id }: CompiledRule, about: About): boolean => {
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
  const { rule } = changed
  if (isStale(changed)) {
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
  if (known !== undefined) remember(draft, about, known, { ...known, hits: noHits, activeFrom: undefined })
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

/** The same array where all stay as they are; `undefined`: none stays. */
const keepEach = (
  all: ReadonlyArray<Remembered>,
  keep: (known: Remembered) => Remembered | undefined
): ReadonlyArray<Remembered> | undefined => {
  let kept: Array<Remembered> | undefined
  for (let nth = 0; nth < all.length; nth++) {
    const known = all[nth]
    if (known === undefined) continue
    const one = keep(known)
    if (one !== known) kept ??= all.slice(0, nth)
    if (one !== undefined) kept?.push(one)
  }
  return kept === undefined ? all : kept.length === 0 ? undefined : kept
}

/** Forgets whatever decides nothing any more, of every subject. */
export const sweep = (draft: Draft, at: EpochMs): void => {
  draft.endGrace(sweepKey)
  const { byId } = draft.inner.index.rules
  const gone = new Map<string, number>()
  const keep = (known: Remembered): Remembered | undefined => {
    const rule = byId.get(known.rule)
    const kept = rule === undefined ? known : withoutOld(rule, known, at)
    if (!isStale(kept)) return kept
    gone.set(known.rule, (gone.get(known.rule) ?? 0) + 1)
    return undefined
  }
  draft.inner.subjects = draft.inner.subjects.map((all) => keepEach(all, keep))
  for (const [rule, many] of gone) counted(draft, rule, -many)
  overloadEnds(draft)
  if (draft.inner.subjects.size > 0) draft.grace(sweepKey, at + sweepEveryMs)
}
