import { Spot, Table } from "../table.ts"
import type { Subject } from "./hits.ts"

/** What one rule remembers of one subject. */
export interface Remembered {
  readonly rule: string
  readonly subject: Subject
  /** Where its deadline stands, if it may have one. */
  readonly due: Spot | undefined
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
  const after = all.slice()
  const place = all.findIndex(({ rule }) => rule === changed.rule)
  if (place < 0) after.push(changed)
  else after[place] = changed
  return memories.put(spot, after)
}

export const withoutRemembered = (memories: Memories, { spot }: About, rule: string): Memories => {
  const left = memories.at(spot)?.filter((one) => one.rule !== rule) ?? []
  return left.length === 0 ? memories.drop(spot) : memories.put(spot, left)
}

/** All of them, in the order of their names. */
export const subjectsIn = (memories: Memories): ReadonlyArray<readonly [name: string, subject: Subject]> => {
  const named = memories
    .unordered()
    .flatMap(([key, all]) => all.map(({ rule, subject }) => [subjectName(rule, key), subject] as const))
  return named.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
}

/** The memories of subjects by their names. */
export const memoriesOf = (subjects: Iterable<readonly [name: string, subject: Subject]>): Memories => {
  const byKey = new Map<string, Array<Remembered>>()
  for (const [name, subject] of subjects) {
    const [rule, key] = partsOf(name)
    const all = byKey.get(key) ?? []
    all.push({ rule, subject, due: dueOf(rule, key) })
    byKey.set(key, all)
  }
  return Table.of(byKey)
}
