import { Draft, innerOf } from "../correlation/draft.ts"
import { type Deafness, deafness } from "../correlation/rules/circumstances.ts"
import type { CompiledRule } from "../correlation/rules/compiled-rule.ts"
import type { Hit } from "../correlation/rules/hits.ts"
import { partsOf, subjectsIn } from "../correlation/rules/remembered.ts"
import type { Rule } from "../domain/rule.ts"
import { HashMap } from "effect"
import type { Alert, AlertChange } from "../domain/alert.ts"
import { heardByRule } from "./campus-heard.ts"
import type { AtDoor, RuleExplainer } from "./door-rules.ts"
import type { RuleExplained } from "./explanation.ts"
import { lastMissed, lastUnmet } from "./passed-over.ts"
import { type Progress, progressOf } from "./rule-progress.ts"
import { ruleWords } from "./rule-words.ts"

/** Keys that every hit of a door has in full; of the others, other doors have a part that is not folded here. */
const ofDoorAlone: ReadonlySet<string> = new Set(["door", "reader", "point"])

/** Why the rule did not listen at the door then, by its own word. It only looks: the copy is thrown away. */
const deafAt = ({ rule }: CompiledRule, { door: { door }, known, at }: AtDoor): Deafness | undefined =>
  deafness(new Draft(known, known.seq + 1, known.at), rule, { door, area: door.area }, at)

const deafText = ({ during, outside, threat, armed }: Rule, why: Exclude<Deafness, "elsewhere">): string => {
  switch (why) {
    case "schedule":
      return during === undefined ? `It listens only outside ${outside ?? ""}` : `It listens only during ${during}`
    case "threat":
      return `It listens only at threat level ${(threat ?? []).join(" or ")}`
    case "arming":
      return `It listens only while the area is ${armed === true ? "armed" : "not armed"}`
  }
}

/** Whether a rule hears of other doors, too; what lasts at them is not in the log as an event, and is not looked for. */
const isWide = ({ rule, kind }: CompiledRule): boolean => kind !== "stays" && !ofDoorAlone.has(rule.key ?? "site")

/** What a rule remembered at an instant, by its own key: of the door alone, or of the whole campus. */
const rememberedAt = (
  compiled: CompiledRule,
  { known, campus }: AtDoor
): ReadonlyArray<readonly [key: string, hits: ReadonlyArray<Hit>]> =>
  isWide(compiled)
    ? heardByRule(compiled, known, campus)
    : subjectsIn(innerOf(known).subjects)
        .filter(([id]) => partsOf(id)[0] === compiled.rule.id)
        .map(([id, { hits }]) => [partsOf(id)[1], hits] as const)

/** What a rule remembered at an instant that concerns the door, by the keys of its subjects. */
const keyedAt = (
  compiled: CompiledRule,
  at: AtDoor
): ReadonlyArray<readonly [key: string, hits: ReadonlyArray<Hit>]> => {
  const { id, area } = at.door.door
  const { buildingOf } = innerOf(at.known).index
  const keys = new Set(["site", `door:${id}`, `area:${area}`, `building:${buildingOf.get(area) ?? ""}`])
  return [...rememberedAt(compiled, at)]
    .filter(([key, hits]) => keys.has(key) || hits.some((hit) => hit.door === id))
    .sort(([a], [b]) => (a < b ? -1 : 1))
}

const subjectsAt = (compiled: CompiledRule, at: AtDoor): ReadonlyArray<ReadonlyArray<Hit>> =>
  keyedAt(compiled, at).map(([, hits]) => hits)

const nearestOf = (compiled: CompiledRule, at: AtDoor): Progress | undefined =>
  subjectsAt(compiled, at)
    .flatMap((hits) => progressOf(compiled, hits, at.at) ?? [])
    .reduce<Progress | undefined>((best, one) => (best === undefined || one.share > best.share ? one : best), undefined)

/** The alert that stands for what a rule found, and holds it back: one of the door, or of another place. */
const heldOn = (compiled: CompiledRule, at: AtDoor): Alert | undefined => {
  const condition = compiled.rule.alert?.condition
  if (condition === undefined) return undefined
  const here = at.changes.findLast(
    ({ alert }) => alert.holdsBack?.some((held) => held.condition === condition) === true
  )
  if (here !== undefined || !innerOf(at.known).index.rules.inhibits.has(condition)) return here?.alert
  return at.campus.holding(condition, new Set(keyedAt(compiled, at).map(([key]) => key)))
}

/** Nearer than nothing. */
const leastShare = 0.01

const unmetAt = (compiled: CompiledRule, at: AtDoor): Progress | undefined => {
  const unmet = lastUnmet(compiled, at)
  return unmet === undefined ? undefined : { last: unmet.hit, share: leastShare, text: unmet.text, otherwise: [] }
}

/** The alert of a rule that hears several doors, of which this one was a part. */
const firedBeyond = (compiled: CompiledRule, at: AtDoor): Alert | undefined => {
  if (!isWide(compiled)) return undefined
  const here = new Set(
    subjectsAt(compiled, at).flatMap((hits) =>
      hits.filter(({ door }) => door === at.door.door.id).map(({ seq }) => seq)
    )
  )
  return at.campus
    .raisedBy(compiled.rule.id)
    .findLast(({ why }) => why.some(({ seq }) => seq !== undefined && here.has(seq)))
}

const firings: ReadonlySet<AlertChange["transition"]> = new Set(["raised", "reactivated", "updated", "confirmed"])

/** The time that a rule fired at the door that is meant: the last up to the instant, else the first after it. */
const firingMeant = ({ id }: Rule, { changes, at }: AtDoor): AlertChange | undefined => {
  const own = changes.filter(({ by, transition }) => by === id && firings.has(transition))
  return own.findLast((change) => change.at <= at) ?? own[0]
}

/** The alert of a rule at the door that was raised long before, and whose condition held still. */
const lastingAlert = ({ id }: Rule, { known, door, campus }: AtDoor): Alert | undefined =>
  HashMap.toValues(known.alerts).find(
    (alert) => alert.rule === id && alert.door === door.door.id && alert.active && campus.has(alert)
  )

/** A count that nothing may allow. */
const isPlainCount = ({ count }: Rule): boolean => count !== undefined && count.exceeds === undefined

const explained = (compiled: CompiledRule, at: AtDoor): RuleExplained => {
  const { rule } = compiled
  const told = firingMeant(rule, at)
  const nearest = nearestOf(compiled, at) ?? unmetAt(compiled, at)
  const elsewhere = isWide(compiled) || ofDoorAlone.has(rule.key ?? "site") ? "" : ", as far as this door told"
  const condition = rule.alert === undefined ? {} : { condition: rule.alert.condition }
  if (told !== undefined) {
    const text = told.why.at(-1)?.text ?? rule.title
    return { rule: rule.id, ...condition, fired: true, near: 1, text, at: told.at, alert: told.alert.id, otherwise: [] }
  }
  const lasting = lastingAlert(rule, at)
  if (lasting !== undefined) {
    const { id, raisedAt, title } = lasting
    const text = `It had fired before, and it was so still: ${title}`
    return { rule: rule.id, ...condition, fired: true, near: 1, text, at: raisedAt, alert: id, otherwise: [] }
  }
  const beyond = firedBeyond(compiled, at)
  if (beyond !== undefined) {
    const { id, occurredAt, title } = beyond
    const text = `It fired, and its alert is of another place: ${title}`
    return { rule: rule.id, ...condition, fired: true, near: 1, text, at: occurredAt, alert: id, otherwise: [] }
  }
  const holding = heldOn(compiled, at)
  if (holding !== undefined) {
    const { id, updatedAt, title } = holding
    const text = `It fired, and is held on an alert that stands for it: ${title}`
    return { rule: rule.id, ...condition, fired: true, near: 1, text, at: updatedAt, alert: id, otherwise: [] }
  }
  const wants = `It wants ${ruleWords(rule)}`
  const deaf = deafAt(compiled, at)
  if (deaf !== undefined && deaf !== "elsewhere") {
    const missed = lastMissed(compiled, at)
    const came = missed === undefined ? "" : `, though ${missed.text} came`
    const text = `It did not listen then${came}. ${deafText(rule, deaf)}. ${wants}`
    const what = missed === undefined ? { near: 0 } : { near: leastShare, at: missed.at, seq: missed.seq }
    return { rule: rule.id, ...condition, fired: false, ...what, text, otherwise: [] }
  }
  if (nearest === undefined) {
    return {
      rule: rule.id,
      ...condition,
      fired: false,
      near: 0,
      text: `It heard nothing${elsewhere}. ${wants}`,
      otherwise: []
    }
  }
  const { text, last, share, otherwise } = nearest
  const isEnough = share >= 1 && (compiled.kind === "all" || compiled.kind === "any" || isPlainCount(rule))
  const enough = isEnough ? ": enough, and told before or held on another alert" : ""
  const about = `${text}${enough}${elsewhere}, last: ${last.text}. ${wants}`
  const near = Math.min(1, share)
  return { rule: rule.id, ...condition, fired: false, near, text: about, at: last.at, seq: last.seq, otherwise }
}

/** The rules that the site has written, or taken from a pack, each at the nearest that it came to firing at the door. */
export const writtenRules: RuleExplainer = (at) =>
  [...innerOf(at.known).index.rules.byId.values()]
    .filter((compiled) => deafAt(compiled, at) !== "elsewhere")
    .map((compiled) => explained(compiled, at))
    .sort((a, b) => b.near - a.near)
