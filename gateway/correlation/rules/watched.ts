import { innerOf } from "../draft.ts"
import type { Situation } from "../situation.ts"
import { aboutOf, partsOf, rememberedOf, subjectsIn } from "./remembered.ts"

/** What a rule has in mind. */
export interface Watched {
  /** How many subjects it remembers something of. */
  readonly subjects: number
  /** The keys of those whose condition holds. */
  readonly active: ReadonlyArray<string>
}

/** What each rule has in mind, by its id; one that is left out has nothing. */
export const watchedByRules = (situation: Situation): ReadonlyMap<string, Watched> => {
  const watched = new Map<string, { subjects: number; active: Array<string> }>()
  for (const [id, { activeFrom }] of subjectsIn(innerOf(situation).subjects)) {
    const [rule, key] = partsOf(id)
    const known = watched.get(rule) ?? { subjects: 0, active: [] }
    known.subjects += 1
    if (activeFrom !== undefined) known.active.push(key)
    watched.set(rule, known)
  }
  for (const { active } of watched.values()) active.sort()
  return watched
}

/** Whether a rule remembers anything of a subject, by its key. */
export const watches = (situation: Situation, rule: string, key: string): boolean =>
  rememberedOf(innerOf(situation).subjects, rule, aboutOf(key)) !== undefined
