import { Result } from "effect"
import { listed, type Rule } from "../../domain/rule.ts"
import { type CompiledRule, compileRule, type Listener } from "./compiled-rule.ts"

/** One rule's ear for a word. */
export interface Ear {
  readonly rule: CompiledRule
  readonly listener: Listener
}

/** The rules, arranged by the words they hear: what no rule hears costs one look. */
export interface RuleIndex {
  readonly ears: ReadonlyMap<string, ReadonlyArray<Ear>>
  readonly byId: ReadonlyMap<string, CompiledRule>
  /** Rules that watch what lasts, by the words that their circumstances turn with. */
  readonly turning: ReadonlyMap<string, ReadonlyArray<CompiledRule>>
  /** Rules by the conditions that they hold back. */
  readonly inhibits: ReadonlyMap<string, ReadonlyArray<Rule>>
  /** Rules by the conditions whose storms they watch. */
  readonly storms: ReadonlyMap<string, ReadonlyArray<Rule>>
}

/** Those that watch for what lasts. */
export const rulesOfLasting = ({ rules: { byId } }: { readonly rules: RuleIndex }): ReadonlyArray<CompiledRule> =>
  [...byId.values()].filter(({ kind }) => kind === "stays")

const push = <V>(map: Map<string, Array<V>>, key: string, value: V): void => {
  const known = map.get(key)
  if (known === undefined) map.set(key, [value])
  else known.push(value)
}

/** The events with which the circumstances of a rule that watches what lasts begin or end; its schedules turn by themselves. */
const turningWords = ({ kind, rule }: CompiledRule): ReadonlyArray<string> => {
  if (kind !== "stays") return []
  return [
    ...(rule.armed === undefined ? [] : ["AreaArmed", "AreaDisarmed"]),
    ...(rule.threat === undefined ? [] : ["ThreatLevelChanged"])
  ]
}

/** A rule that cannot be compiled is left out: it was refused where the configuration was read. */
export const indexRules = (rules: ReadonlyArray<Rule> | undefined): RuleIndex => {
  const ears = new Map<string, Array<Ear>>()
  const byId = new Map<string, CompiledRule>()
  const turning = new Map<string, Array<CompiledRule>>()
  const inhibits = new Map<string, Array<Rule>>()
  const storms = new Map<string, Array<Rule>>()
  for (const rule of rules ?? []) {
    for (const condition of listed(rule.inhibit?.consequences)) push(inhibits, condition, rule)
    for (const condition of listed(rule.storm?.alert)) push(storms, condition, rule)
    const compiled = compileRule(rule)
    if (Result.isFailure(compiled)) continue
    byId.set(rule.id, compiled.success)
    for (const word of turningWords(compiled.success)) {
      push(turning, word, compiled.success)
      // Nobody may hear it but to turn.
      if (!ears.has(word)) ears.set(word, [])
    }
    for (const listener of compiled.success.listeners)
      for (const word of new Set(listener.words)) push(ears, word, { rule: compiled.success, listener })
  }
  return { ears, byId, turning, inhibits, storms }
}
