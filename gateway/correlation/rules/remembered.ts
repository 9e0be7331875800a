import type { EpochMs } from "../../domain/ids.ts"
import { appended } from "../lists.ts"
import { Spot, Table } from "../table.ts"
import { countsFrom, type Hit, type Match, type Subject, type Telling } from "./hits.ts"

/**
 * What one rule remembers of one subject, with what follows from that and is kept so as not to be worked out again. All have the
 * same fields in the same order, so that they are read much faster.
 */
export interface Remembered extends Subject {
  readonly rule: string
  /** The matches of its hits; `undefined`: nobody has looked since they changed. */
  readonly matches: ReadonlyArray<Match> | undefined
  /** Since when the oldest of its hits counts, and whether the clock of any may be off. */
  readonly oldest: EpochMs
  readonly isOff: boolean
  /** Where its deadline stands, once it has had one. */
  readonly due: Spot | undefined
  /** Whether it has one now, as far as is known. */
  readonly mayBeDue: boolean
}

/** `before`: the hits of which these are all but the newest, if there are such. */
export const rememberedAs = (
  rule: string,
  hits: ReadonlyArray<Hit>,
  { activeFrom, toldUntil }: Telling,
  matches: Remembered["matches"],
  due: Spot | undefined,
  mayBeDue: boolean,
  before?: Remembered
): Remembered => {
  let oldest = before?.oldest ?? Number.POSITIVE_INFINITY
  let isOff = before?.isOff ?? false
  for (let nth = before?.hits.length ?? 0; nth < hits.length; nth++) {
    const hit = hits[nth]
    if (hit === undefined) continue
    oldest = Math.min(oldest, countsFrom(hit))
    isOff ||= hit.off !== undefined
  }
  return { rule, hits, activeFrom, toldUntil, matches, oldest, isOff, due, mayBeDue }
}

/** What rules remember, by the keys of their subjects: several rules hear the same of one badge. */
export type Memories = Table<ReadonlyArray<Remembered>>

/** What a rule's signal is about, in the form that alerts' keys have, and where that is remembered. */
export interface About {
  readonly key: string
  readonly spot: Spot
}

export const aboutOf = (key: string): About => ({ key, spot: new Spot(key) })

/** `<rule>|<key>`: a subject's own name. */
export const subjectName = (rule: string, key: string): string => `${rule}|${key}`

/** A rule and its subject's key again. */
export const partsOf = (subject: string): readonly [rule: string, key: string] => {
  const bar = subject.indexOf("|")
  return [subject.slice(0, bar), subject.slice(bar + 1)]
}

/** What its deadline goes by in the agenda. */
export const dueOf = (rule: string, key: string): Spot => new Spot(`rule:${subjectName(rule, key)}`)

export const rememberedOf = (memories: Memories, rule: string, { spot }: About): Remembered | undefined => {
  const all = memories.at(spot)
  if (all === undefined) return undefined
  for (const one of all) if (one.rule === rule) return one
  return undefined
}

/** With this in place of what the rule remembered of the subject before. */
export const withRemembered = (memories: Memories, { spot }: About, changed: Remembered): Memories => {
  const all = memories.at(spot)
  if (all === undefined) return memories.put(spot, [changed])
  let place = 0
  while (place < all.length && all[place]?.rule !== changed.rule) place++
  return memories.put(spot, place === all.length ? appended(all, changed) : all.with(place, changed))
}

export const withoutRemembered = (memories: Memories, { spot }: About, rule: string): Memories => {
  const left = memories.at(spot)?.filter((one) => one.rule !== rule) ?? []
  return left.length === 0 ? memories.drop(spot) : memories.put(spot, left)
}

/** All of them, in the order of their names. */
export const subjectsIn = (memories: Memories): ReadonlyArray<readonly [name: string, subject: Subject]> => {
  const named = memories
    .unordered()
    .flatMap(([key, all]) =>
      all.map(
        ({ rule, hits, activeFrom, toldUntil }) => [subjectName(rule, key), { hits, activeFrom, toldUntil }] as const
      )
    )
  return named.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
}

/** The memories of subjects by their names. */
export const memoriesOf = (subjects: Iterable<readonly [name: string, subject: Subject]>): Memories => {
  const byKey = new Map<string, Array<Remembered>>()
  for (const [name, subject] of subjects) {
    const [rule, key] = partsOf(name)
    const all = byKey.get(key) ?? []
    all.push(rememberedAs(rule, subject.hits, subject, undefined, undefined, true))
    byKey.set(key, all)
  }
  return Table.of(byKey)
}
