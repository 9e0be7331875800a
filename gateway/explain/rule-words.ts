import { spanOf } from "../correlation/rules/confirm-by.ts"
import { wordsHeard } from "../correlation/rules/compiled-rule.ts"
import { kindsOf, listed, type Rule, type Selector } from "../domain/rule.ts"

/** A selector as a person says it: "AccessDenied where reason != …". */
export const selectorWords = (selector: Selector): string => {
  const heard = wordsHeard(selector).map((word) => word.replace(/^alert:/, "an alert "))
  return `${heard.join(" or ")}${selector.where === undefined ? "" : ` where ${selector.where}`}`
}

const all = (selectors: ReadonlyArray<Selector>, between: string): string => selectors.map(selectorWords).join(between)

const whatItSays = (rule: Rule): string => {
  const { count, all: together, any, sequence, absence, stays, confirmBy } = rule
  if (count !== undefined) {
    const differ = count.distinct === undefined ? "" : `, each with another ${count.distinct},`
    const { exceeds } = count
    const before = exceeds?.beforeSeconds === undefined ? "" : ` from ${exceeds.beforeSeconds} s before`
    const more = exceeds === undefined ? "" : `, and more than there are ${selectorWords(exceeds)}${before}`
    return `${count.atLeast} × ${selectorWords(count)}${differ} within ${count.withinSeconds} s${more}`
  }
  if (together !== undefined) return `${all(together.of, " and ")} within ${together.withinSeconds} s, in any order`
  if (any !== undefined) return `${any.atLeast ?? 1} of ${all(any.of, "; ")} within ${any.withinSeconds} s`
  if (sequence !== undefined) {
    const without = sequence.without === undefined ? "" : `, without ${all(sequence.without, " or ")} between`
    return `${all(sequence.steps, ", then ")} within ${sequence.withinSeconds} s${without}`
  }
  if (absence !== undefined)
    return `${selectorWords(absence.after)}, and no ${all(absence.without, " or ")} within ${absence.forSeconds} s`
  if (stays !== undefined) {
    const what = stays.reading ?? "a door"
    return `${what} stays ${listed(stays.standing ?? stays.is).join(" or ")} for ${stays.forSeconds} s`
  }
  if (confirmBy !== undefined) {
    const { fromMs, toMs } = spanOf(confirmBy)
    const alerts = listed(confirmBy.alert).join(" or ")
    const span = `from ${fromMs / 1000} s to ${toMs / 1000} s of it`
    return `an alert ${alerts}, confirmed (level ${confirmBy.validationLevel}) by ${all(confirmBy.of, " or ")} ${span}`
  }
  return `it tends the alerts of others (${kindsOf(rule).join(", ")})`
}

/** Where and when a rule listens, if not always. */
const onlyWords = ({ doors, areas, during, outside, armed, threat }: Rule): string => {
  const only = [
    ...(doors === undefined ? [] : [`at ${doors.join(", ")}`]),
    ...(areas === undefined ? [] : [`in ${areas.join(", ")}`]),
    ...(during === undefined ? [] : [`during ${during}`]),
    ...(outside === undefined ? [] : [`outside ${outside}`]),
    ...(armed === undefined ? [] : [`while the area is ${armed ? "armed" : "not armed"}`]),
    ...(threat === undefined ? [] : [`at threat level ${threat.join(" or ")}`])
  ]
  return only.length === 0 ? "" : `, only ${only.join(", ")}`
}

/** A rule in words: what has to happen, by what it is counted, and where its numbers come from. */
export const ruleWords = (rule: Rule): string => {
  const by = rule.key === undefined ? "" : `, by ${rule.key}`
  return `${whatItSays(rule)}${by}${onlyWords(rule)}${rule.source === undefined ? "" : ` (${rule.source})`}`
}

/** The numbers of a rule, each named with its unit. */
export const ruleNumbers = (rule: Rule): Readonly<Record<string, number>> => {
  const kind = rule.count ?? rule.all ?? rule.any ?? rule.sequence ?? rule.absence ?? rule.stays ?? {}
  return Object.fromEntries(
    Object.entries(kind).filter((entry): entry is [string, number] => typeof entry[1] === "number")
  )
}
