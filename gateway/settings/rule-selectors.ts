import type { Campus } from "../domain/campus.ts"
import type { Rule, Selector } from "../domain/rule.ts"

export type Key = string | number

/** What a rule is checked against: the campus it is for, and the conditions that alerts can have there. */
export interface RuleSurroundings {
  readonly campus: Pick<Campus, "site" | "doors" | "areas" | "cameras"> & {
    /** What a reference to a schedule may say. */
    readonly schedules: ReadonlyArray<string>
    /** The ids of the procedures that are laid down. */
    readonly procedures: ReadonlyArray<string>
  }
  readonly conditions: ReadonlyArray<string>
  /** Those of rules that the site has disabled: they are known, and never come. */
  readonly leftOut: ReadonlyArray<string>
}

/** Says what is wrong, at a place within the rule. */
export type WrongInRule = (path: ReadonlyArray<Key>, message: string, at?: "key" | "value") => void

/** Every selector of a rule, with the path to it. */
export const selectorsOf = (rule: Rule): ReadonlyArray<readonly [ReadonlyArray<Key>, Selector]> => {
  const { count, all, any, sequence, absence, confirmBy } = rule
  const each = (path: ReadonlyArray<Key>, selectors: ReadonlyArray<Selector> = []) =>
    selectors.map((selector, nth) => [[...path, nth], selector] as const)
  return [
    ...(count === undefined ? [] : [[["count"], count] as const]),
    ...(count?.exceeds === undefined ? [] : [[["count", "exceeds"], count.exceeds] as const]),
    ...each(["all", "of"], all?.of),
    ...each(["any", "of"], any?.of),
    ...each(["sequence", "steps"], sequence?.steps),
    ...each(["sequence", "without"], sequence?.without),
    ...(absence === undefined ? [] : [[["absence", "after"], absence.after] as const]),
    ...each(["absence", "without"], absence?.without),
    ...each(["confirmBy", "of"], confirmBy?.of)
  ]
}
