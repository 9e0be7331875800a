import { Result } from "effect"
import { kindsOf, listed, type Rule, type RuleKey, ruleKeys, type RuleKind, type Selector } from "../../domain/rule.ts"
import { absenceMatches } from "./absence.ts"
import { countCompletedBy } from "./count.ts"
import type { Reading } from "./episodes.ts"
import { confirmSteps, spanOf } from "./confirm-by.ts"
import { besides, matchesBy, uncertaintyOfMatches } from "./hits.ts"
import { sequenceCompletedBy } from "./sequence.ts"
import { alertWord, type Signal } from "./signal.ts"
import { oldestOfMost, oldestRepetition, type Spare } from "./spare.ts"
import { stateOf, stayerOf } from "./stays.ts"
import { titleFields } from "./title.ts"
import { togetherCompletedBy } from "./together.ts"
import type { RuleKeyReader } from "./places.ts"
import { compileKey, compileWhere, type Condition, type KeyReader } from "./where.ts"
import { type Fields, fieldsOfWords, placeFields } from "./vocabulary.ts"

/** What of a signal makes it a hit, and of which step. */
export interface Listener {
  readonly words: ReadonlyArray<string>
  /** `undefined`: it says nothing of what the rule watches. */
  readonly step: number | ((signal: Signal) => number | undefined)
  readonly meets: Condition
  /** What it asks, as it is written. */
  readonly where: string | undefined
}

/** A rule that hears, ready to. All have the same fields in the same order, whatever their kind: so they are read much faster. */
export interface CompiledRule extends Reading {
  readonly rule: Rule
  readonly id: string
  readonly kind: RuleKind
  /** It listens everywhere and at all times. */
  readonly isUnconditional: boolean
  readonly listeners: ReadonlyArray<Listener>
  /** How it finds what a signal is about. */
  readonly key: RuleKeyReader
  /** Whether the same signal may be about several doors: one seen by their camera. */
  readonly everyPlace: boolean
  /** The field that tells hits of one subject apart: what is counted once each, or what each stays by itself. */
  readonly distinct: string | undefined
  /** The fields that its title fills in. */
  readonly says: ReadonlyArray<string>
  /** Which hit of a subject is let go where there are too many. */
  readonly spare: Spare
  /** Hits older than this decide nothing any more. */
  readonly keepMs: number
  /** Whether what must not come parts what was before it from what comes after it. */
  readonly parts: boolean
}

/** One thing that keeps a rule from working, and where in it that stands. */
export interface RuleFault {
  readonly path: ReadonlyArray<string | number>
  readonly message: string
}

export const wordsHeard = ({ event, alert }: Selector): ReadonlyArray<string> => [
  ...listed(event),
  ...listed(alert).map(alertWord)
]

const always: Condition = () => true

class Compiler {
  readonly faults: Array<RuleFault> = []
  readonly listeners: Array<Listener> = []

  /** Compiles a selector; what it cannot is a fault at `path`. */
  listen(selector: Selector, step: Listener["step"], path: RuleFault["path"]): void {
    const words = wordsHeard(selector)
    this.#compile({ words, step }, selector.where, fieldsOfWords(words), path)
  }

  /** Compiles a state that lasts: the same signals begin it and end it, and so does that nobody knows any more. */
  watch(stays: NonNullable<Rule["stays"]>): void {
    this.#compile(stateOf(stays), stays.where, placeFields, ["stays"])
  }

  #compile(
    { words, step }: Pick<Listener, "words" | "step">,
    where: string | undefined,
    fields: Fields,
    path: RuleFault["path"]
  ): void {
    const compiled = where === undefined ? Result.succeed(always) : compileWhere(where, fields)
    if (Result.isFailure(compiled)) {
      this.faults.push({ path: [...path, "where"], message: `where "${where}" cannot be used: ${compiled.failure}` })
      return
    }
    this.listeners.push({ words, step, meets: compiled.success, where })
  }

  each(selectors: ReadonlyArray<Selector>, path: RuleFault["path"], stepOf: (nth: number) => number): void {
    selectors.forEach((selector, nth) => this.listen(selector, stepOf(nth), [...path, nth]))
  }
}

const activeMsOf = ({ alert }: Rule, windowSeconds: number): number => (alert?.activeSeconds ?? windowSeconds) * 1000

/** What a kind makes of hits, and how long these matter; its listeners go into `into`. */
const readingOf = (
  rule: Rule,
  into: Compiler
): (Omit<Reading, "isState"> & { readonly keepMs: number }) | undefined => {
  const { count, all, any, sequence, absence, stays, confirmBy } = rule
  if (count !== undefined) {
    const { exceeds, withinSeconds } = count
    into.listen(count, 0, ["count"])
    if (exceeds !== undefined) into.listen(exceeds, besides, ["count", "exceeds"])
    const activeMs = activeMsOf(rule, withinSeconds)
    const keepMs = (withinSeconds + (exceeds?.beforeSeconds ?? 0)) * 1000 + activeMs
    // What allows more may be on its way still.
    const completedBy = countCompletedBy(count, activeMs)
    return { completedBy, matches: matchesBy(completedBy, count.atLeast), prompt: exceeds === undefined, keepMs }
  }
  const together = all ?? any
  if (together !== undefined) {
    const { of, withinSeconds } = together
    into.each(of, [all === undefined ? "any" : "all", "of"], (nth) => nth)
    const steps = all === undefined ? (any?.atLeast ?? 1) : of.length
    const activeMs = activeMsOf(rule, withinSeconds)
    const windowMs = withinSeconds * 1000
    const completedBy = togetherCompletedBy({ steps, windowMs, activeMs })
    return { completedBy, matches: matchesBy(completedBy, steps), prompt: true, keepMs: windowMs + activeMs }
  }
  if (sequence !== undefined) {
    into.each(sequence.steps, ["sequence", "steps"], (nth) => nth)
    into.each(sequence.without ?? [], ["sequence", "without"], () => besides)
    const activeMs = activeMsOf(rule, sequence.withinSeconds)
    const windowMs = sequence.withinSeconds * 1000
    const steps = sequence.steps.length
    const completedBy = sequenceCompletedBy({ steps, windowMs, activeMs })
    const matches = matchesBy(completedBy, steps)
    // What is forbidden in between may be on its way still.
    return { completedBy, matches, prompt: sequence.without === undefined, keepMs: windowMs + activeMs }
  }
  if (absence !== undefined) {
    into.listen(absence.after, 0, ["absence", "after"])
    into.each(absence.without, ["absence", "without"], () => besides)
    const waitMs = absence.forSeconds * 1000
    return { matches: absenceMatches(waitMs, false), prompt: false, keepMs: waitMs }
  }
  if (stays !== undefined) {
    into.watch(stays)
    const waitMs = stays.forSeconds * 1000
    return { matches: absenceMatches(waitMs, true), prompt: false, keepMs: waitMs }
  }
  if (confirmBy !== undefined) {
    into.listen({ alert: confirmBy.alert }, confirmSteps.alert, ["confirmBy"])
    into.each(confirmBy.of, ["confirmBy", "of"], () => confirmSteps.sensor)
    const { fromMs, toMs } = spanOf(confirmBy)
    return { matches: () => [], prompt: true, keepMs: Math.max(Math.abs(fromMs), Math.abs(toMs)) }
  }
  return undefined
}

const isUnconditional = ({ doors, areas, during, outside, threat, armed }: Rule): boolean =>
  [doors, areas, during, outside, threat, armed].every((one) => one === undefined)

const isRuleKey = (key: string): key is RuleKey => (ruleKeys as ReadonlyArray<string>).includes(key)

/** The fields that everything the rule hears has. */
const sharedFields = (listeners: ReadonlyArray<Listener>): Fields =>
  fieldsOfWords(listeners.flatMap(({ words }) => words))

/** How a rule finds what a signal is about, in the form that alerts' keys have. */
export const keyReader = (key: string, fields: Fields): Result.Result<KeyReader, string> => {
  if (key === "site") return Result.succeed(() => "site")
  if (isRuleKey(key)) {
    return Result.succeed((there) => {
      const about = there.text(key)
      return about === undefined || about === "" ? undefined : `${key}:${about}`
    })
  }
  return Result.map(compileKey(key, fields), (read): KeyReader => (there) => {
    const about = read(there)
    return about === undefined ? undefined : `key:${about}`
  })
}

/** One signal is one happening, however many doors its camera sees, for whom does not count by doors. */
const countsByPlace = (key: string): boolean =>
  !["reader", "point", "credential", "device", "camera", "site"].includes(key)

/** Compiles a rule of a kind that hears. What is wrong with its expressions is told, and never thrown. */
export const compileRule = (rule: Rule): Result.Result<CompiledRule, ReadonlyArray<RuleFault>> => {
  const into = new Compiler()
  const [kind] = kindsOf(rule)
  const reading = readingOf(rule, into)
  const tells = kind === "confirmBy" || rule.alert !== undefined
  if (kind === undefined || reading === undefined || !tells) return Result.fail(into.faults)
  const key = rule.key ?? "site"
  // What begins a state and what ends it are to be about the same: its key may ask for nothing that differs between them.
  const keyOf = keyReader(key, rule.stays === undefined ? sharedFields(into.listeners) : placeFields)
  if (Result.isFailure(keyOf))
    into.faults.push({ path: ["key"], message: `key "${key}" cannot be used: ${keyOf.failure}` })
  if (into.faults.length > 0 || Result.isFailure(keyOf)) return Result.fail(into.faults)
  return Result.succeed({
    rule,
    id: rule.id,
    kind,
    matches: reading.matches,
    completedBy: reading.completedBy,
    prompt: reading.prompt,
    isState: kind === "stays",
    isUnconditional: isUnconditional(rule),
    keepMs: reading.keepMs + uncertaintyOfMatches,
    parts: rule.sequence?.without !== undefined,
    listeners: into.listeners,
    key: { key, reads: keyOf.success },
    everyPlace: countsByPlace(key),
    spare: kind === "absence" || kind === "stays" ? oldestRepetition : oldestOfMost,
    distinct: rule.stays === undefined ? rule.count?.distinct : stayerOf(rule.stays),
    says: titleFields(rule.title)
  })
}

/** The fields that a title or a key of this rule can name. */
export const fieldsHeard = (rule: Rule): Fields => {
  const into = new Compiler()
  readingOf(rule, into)
  return into.listeners.length === 0 ? placeFields : sharedFields(into.listeners)
}
