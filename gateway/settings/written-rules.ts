import { existsSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { Option, Schema } from "effect"
import { Rule } from "../domain/rule.ts"
import { decodeAt } from "./decode.ts"
import { hint } from "./did-you-mean.ts"
import { changeable, Otherwise, RulePack, ruleOtherwise } from "./packs.ts"
import type { Problem } from "./problem.ts"
import { readSources, type Sources } from "./sources.ts"

type Key = string | number

/** A rule, and the way back to where it is written. */
export interface WrittenRule {
  readonly rule: Rule
  readonly problem: (path: ReadonlyArray<Key>, message: string, at?: "key" | "value") => Problem
}

export interface WrittenRules {
  readonly rules: ReadonlyArray<WrittenRule>
  /** Those of packs that the site has disabled; their problems stand where it says so. */
  readonly leftOut: ReadonlyArray<WrittenRule>
  /** What the others would raise, those that do not have the right form: their alerts are not unknown. */
  readonly misshapen: ReadonlyArray<string>
  readonly problems: ReadonlyArray<Problem>
}

const placed =
  (sources: Sources, index: number): WrittenRule["problem"] =>
  (path, message, at) => {
    const full = ["rules", index, ...path]
    return sources.valueAt(full) === undefined
      ? sources.problem(["rules", index], message)
      : sources.problem(full, message, at)
  }

/** The rules of one file or configuration that have the right form; of the others `decodeAt` tells. */
const rulesIn = (sources: Sources): ReadonlyArray<WrittenRule> => {
  const written = sources.value["rules"]
  if (!Array.isArray(written)) return []
  return written.flatMap((item, index): ReadonlyArray<WrittenRule> => {
    const { value } = decodeAt(Rule, sources, ["rules", index], item)
    return value === undefined ? [] : [{ rule: value, problem: placed(sources, index) }]
  })
}

/** The alerts that a file's rules of the wrong form name as theirs. */
const misshapenIn = (sources: Sources, sound: ReadonlyArray<WrittenRule>): ReadonlyArray<string> => {
  const written = sources.value["rules"]
  if (!Array.isArray(written) || written.length === sound.length) return []
  return written.flatMap((_, index) => {
    const condition = sources.valueAt(["rules", index, "alert", "condition"])
    return typeof condition === "string" ? [condition] : []
  })
}

/** The packs' names with what is otherwise in them, whichever way they are written; what is neither has its own problem. */
const namedPacks = (packs: unknown): ReadonlyArray<readonly [name: string, path: ReadonlyArray<Key>]> => {
  if (Array.isArray(packs))
    return packs.flatMap((name, index) => (typeof name === "string" ? [[name, ["packs", index]] as const] : []))
  if (typeof packs !== "object" || packs === null) return []
  return Object.keys(packs).map((name) => [name, ["packs", name]] as const)
}

const packNames = (directory: string): ReadonlyArray<string> =>
  existsSync(directory)
    ? readdirSync(directory)
        .filter((name) => name.endsWith(".yaml"))
        .map((name) => name.slice(0, -".yaml".length))
    : []

const decodeOtherwise = Schema.decodeUnknownOption(Otherwise)

/** What a site has otherwise in a pack's rule, and where it says so. */
interface Own {
  readonly otherwise: Otherwise
  /** What is wrong with the rule stands where the site says it, if it does. */
  readonly problem: WrittenRule["problem"]
  readonly problems: ReadonlyArray<Problem>
}

const ownOf = (sources: Sources, { rule, problem }: WrittenRule, path: ReadonlyArray<Key>): Own => {
  const written = sources.valueAt(path)
  const otherwise = Option.getOrElse(decodeOtherwise(written ?? {}), (): Otherwise => ({}))
  const known = changeable(rule)
  const said = Object.keys(otherwise) as ReadonlyArray<keyof Otherwise>
  return {
    otherwise: Object.fromEntries(Object.entries(otherwise).filter(([name]) => known.some((one) => one === name))),
    problem: (inner, message, at) => {
      const nth = inner.findLastIndex((step) => said.some((name) => name === step))
      return nth < 0 ? problem(inner, message, at) : sources.problem([...path, ...inner.slice(nth)], message, at)
    },
    problems: said
      .filter((name) => !known.includes(name))
      .map((name) => sources.problem([...path, name], `${rule.id} has no ${name}: it has ${known.join(", ")}`, "key"))
  }
}

/** The rules of a pack with a site's own words; `path` leads to these in the site's configuration. */
const ofPack = (sources: Sources, pack: Sources, name: string, path: ReadonlyArray<Key>): WrittenRules => {
  const whole = decodeAt(RulePack, pack, [], pack.value)
  const own = sources.valueAt(path)
  const rules = rulesIn(pack)
  const nameIn = ({ id }: Rule): string => id.slice(id.indexOf(".") + 1)
  const known = rules.map(({ rule }) => nameIn(rule))
  const strange = Object.keys(typeof own === "object" && own !== null ? own : {})
    .filter((key) => !known.includes(key))
    .map((key) => sources.problem([...path, key], `pack "${name}" has no rule "${key}"${hint(key, known)}`, "key"))
  const misnamed = rules
    .filter(({ rule }) => !rule.id.startsWith(`${name}.`))
    .map(({ rule, problem }) =>
      problem(["id"], `a rule of this pack is called "${name}.…"; "${rule.id}" would be taken for another pack's`)
    )
  const each = rules.map((written) => {
    const { otherwise, problem, problems } = ownOf(sources, written, [...path, nameIn(written.rule)])
    return { written: { rule: written.rule, problem }, changed: ruleOtherwise(written.rule, otherwise), problems }
  })
  return {
    rules: each.flatMap(({ written, changed }) => (changed === undefined ? [] : [{ ...written, rule: changed }])),
    leftOut: each.flatMap(({ written, changed }) => (changed === undefined ? [written] : [])),
    misshapen: misshapenIn(pack, rules),
    problems: [
      ...pack.problems,
      ...whole.problems,
      ...strange,
      ...misnamed,
      ...each.flatMap(({ problems }) => problems)
    ]
  }
}

/** The rules that a configuration has: its own, and those of the packs that it switches on. */
export const writtenRules = (sources: Sources): WrittenRules => {
  const written = sources.value["rulesDirectory"]
  const directory = typeof written === "string" && written !== "" ? written : "config/rules"
  const rules = [...rulesIn(sources)]
  const leftOut: Array<WrittenRule> = []
  const misshapen = [...misshapenIn(sources, rules)]
  const problems: Array<Problem> = []
  const seen = new Set<string>()
  for (const [name, path] of namedPacks(sources.value["packs"])) {
    const names = packNames(directory)
    if (!names.includes(name)) {
      const message = `there is no rule pack "${name}" in ${directory}${hint(name, names)}`
      problems.push(sources.problem(path, message, typeof path[1] === "number" ? "value" : "key"))
    } else if (!seen.has(name)) {
      seen.add(name)
      const found = ofPack(sources, readSources([join(directory, `${name}.yaml`)]), name, path)
      rules.push(...found.rules)
      leftOut.push(...found.leftOut)
      misshapen.push(...found.misshapen)
      problems.push(...found.problems)
    }
  }
  return { rules, leftOut, misshapen, problems }
}
