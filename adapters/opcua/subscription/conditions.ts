import { HashMap } from "effect"
import type { Condition, ConditionGone, HeardCondition } from "../sources.ts"

/** A condition that the server held for interesting when it was last heard, with where it was heard. */
export type Known = Omit<ConditionGone, "_tag">

/**
 * The conditions of a link by source, condition and branch; and of a source that is being refreshed, those that were
 * repeated so far.
 */
export interface Conditions {
  readonly known: HashMap.HashMap<string, Known>
  readonly refreshing: HashMap.HashMap<string, HashMap.HashMap<string, true>>
}

export const noConditions: Conditions = { known: HashMap.empty(), refreshing: HashMap.empty() }

const keyOf = (source: string, { conditionId, branchId }: Condition): string =>
  JSON.stringify([source, conditionId, branchId ?? ""])

/** One source of a pattern's many has a key of its own. */
export const sourceOf = ({ key, node }: Pick<Known, "key" | "node">): string => `${key} ${node}`

/** The conditions that are known, for keeping. */
export const knownConditions = ({ known }: Conditions): ReadonlyArray<Known> => [...HashMap.values(known)]

/** From what was kept. */
export const conditionsFrom = (known: ReadonlyArray<Known>): Conditions => ({
  ...noConditions,
  known: HashMap.fromIterable(known.map((one) => [keyOf(sourceOf(one), one.condition), one] as const))
})

/** The server begins to repeat a source's interesting conditions. */
export const refreshStarted = (conditions: Conditions, source: string): Conditions => ({
  ...conditions,
  refreshing: HashMap.set(conditions.refreshing, source, HashMap.empty())
})

/** Whether what a source says now is a repetition. */
export const isRefreshing = ({ refreshing }: Conditions, source: string): boolean => HashMap.has(refreshing, source)

/** A state was heard: of a condition that is interesting it is the newest; another one is forgotten. */
export const conditionHeard = (conditions: Conditions, heard: HeardCondition): Conditions => {
  const { key, matched, device, node, condition } = heard
  const source = sourceOf(heard)
  const at = keyOf(source, condition)
  const known = condition.retain
    ? HashMap.set(conditions.known, at, { key, matched, device, node, condition })
    : HashMap.remove(conditions.known, at)
  const refreshing = HashMap.modify(conditions.refreshing, source, (repeated) => HashMap.set(repeated, at, true))
  return { known, refreshing }
}

/**
 * The server has repeated all. Answers those it did not repeat; they stay known until `forgotten`, so that a crash before
 * that is on disk loses nothing.
 */
export const refreshEnded = (
  conditions: Conditions,
  source: string
): readonly [Conditions, ReadonlyArray<ConditionGone>] => {
  const repeated = HashMap.get(conditions.refreshing, source)
  if (repeated._tag === "None") return [conditions, []]
  const gone = [...HashMap.entries(conditions.known)]
    .filter(([at, one]) => sourceOf(one) === source && !HashMap.has(repeated.value, at))
    .map(([, one]): ConditionGone => ({ _tag: "ConditionGone", ...one }))
  return [{ ...conditions, refreshing: HashMap.remove(conditions.refreshing, source) }, gone]
}

/** A condition that is gone was told; unless it came back meanwhile, it is known no longer. */
export const forgotten = (conditions: Conditions, gone: ConditionGone): Conditions => {
  const at = keyOf(sourceOf(gone), gone.condition)
  const known = HashMap.get(conditions.known, at)
  const isSame = known._tag === "Some" && known.value.condition.eventId === gone.condition.eventId
  return isSame ? { ...conditions, known: HashMap.remove(conditions.known, at) } : conditions
}
