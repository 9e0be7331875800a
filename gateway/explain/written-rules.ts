import { Draft, innerOf } from "../correlation/draft.ts"
import { type Deafness, deafness } from "../correlation/rules/circumstances.ts"
import type { CompiledRule } from "../correlation/rules/compiled-rule.ts"
import { besides, type Hit, isWithin } from "../correlation/rules/hits.ts"
import { partsOf, subjectsIn } from "../correlation/rules/remembered.ts"
import { type Rule, type Selector, tendingKinds } from "../domain/rule.ts"
import type { Alert } from "../domain/alert.ts"
import { heardByRule } from "./campus-heard.ts"
import type { AtDoor, RuleExplainer } from "./door-rules.ts"
import type { Otherwise, RuleExplained } from "./explanation.ts"
import { lastMissed, lastUnmet } from "./passed-over.ts"
import { ruleWords, selectorWords } from "./rule-words.ts"
import { relativeTo, spanOf } from "./span-words.ts"

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

/** What a rule remembered at an instant that concerns the door, subject by subject. */
const subjectsAt = (compiled: CompiledRule, at: AtDoor): ReadonlyArray<ReadonlyArray<Hit>> => {
  const { id, area } = at.door.door
  const { buildingOf } = innerOf(at.known).index
  const keys = new Set(["site", `door:${id}`, `area:${area}`, `building:${buildingOf.get(area) ?? ""}`])
  return [...rememberedAt(compiled, at)]
    .filter(([key, hits]) => keys.has(key) || hits.some((hit) => hit.door === id))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, hits]) => hits)
}

/** How far the hits of one subject came, and what was missing. */
interface Progress {
  readonly text: string
  readonly last: Hit
  /** From 0, nothing, to 1: the rule's condition. */
  readonly share: number
  readonly otherwise: ReadonlyArray<Otherwise>
}

const withinOf = (hits: ReadonlyArray<Hit>, last: Hit, windowMs: number): ReadonlyArray<Hit> =>
  hits.filter((hit) => hit.at <= last.at && hit.step !== besides && isWithin(hit, last, windowMs))

const counted = (compiled: CompiledRule, hits: ReadonlyArray<Hit>): Progress | undefined => {
  const { count } = compiled.rule
  if (count === undefined) return undefined
  const windowMs = count.withinSeconds * 1000
  const bests = hits.map((last) => {
    const within = withinOf(hits, last, windowMs)
    const different = new Set(within.map(({ differs }) => differs).filter((one) => one !== "")).size
    return { last, within, number: count.distinct === undefined ? within.length : different }
  })
  const best = bests.reduce<(typeof bests)[number] | undefined>(
    (found, one) => (found === undefined || one.number >= found.number ? one : found),
    undefined
  )
  const first = best?.within[0]
  if (best === undefined || first === undefined) return undefined
  const missing = count.atLeast - best.number
  const what = count.distinct === undefined ? "" : ` with another ${count.distinct}`
  const allowed = count.exceeds === undefined ? 0 : hits.filter(({ step }) => step === besides).length
  const allowing = allowed === 0 ? "" : `, and ${allowed} × ${selectorWords(count.exceeds ?? {})} that may allow them`
  return {
    last: best.last,
    share: best.number / count.atLeast,
    text: `It heard ${best.number} of ${count.atLeast} within ${count.withinSeconds} s${allowing}`,
    otherwise:
      missing <= 0
        ? []
        : [
            {
              text: `${missing} more${what} in this span would have been enough`,
              from: best.last.at - windowMs,
              until: first.at + windowMs
            }
          ]
  }
}

const stepsOf = ({ rule: { all, any, sequence } }: CompiledRule) => {
  const of: ReadonlyArray<Selector> | undefined = all?.of ?? any?.of ?? sequence?.steps
  const withinSeconds = (all ?? any ?? sequence)?.withinSeconds
  if (of === undefined || withinSeconds === undefined) return undefined
  return { of, withinSeconds, needed: any === undefined ? of.length : (any.atLeast ?? 1) }
}

const together = (compiled: CompiledRule, hits: ReadonlyArray<Hit>): Progress | undefined => {
  const steps = stepsOf(compiled)
  const last = hits.findLast(({ step }) => step >= 0)
  if (steps === undefined || last === undefined) return undefined
  const windowMs = steps.withinSeconds * 1000
  const within = withinOf(hits, last, windowMs)
  const seen = new Set(within.map(({ step }) => step))
  const missing = steps.of.filter((_, nth) => !seen.has(nth)).map(selectorWords)
  const wanted = steps.needed - seen.size
  const disturbed = hits.findLast((hit) => hit.step === besides && hit.at <= last.at)
  const first = within[0] ?? last
  return {
    last,
    share: seen.size / steps.needed,
    text:
      wanted <= 0 && disturbed !== undefined
        ? `All was there, but ${disturbed.text} came ${relativeTo(disturbed.at, last.at)}`
        : `It heard ${seen.size} of ${steps.needed} within ${steps.withinSeconds} s`,
    otherwise:
      wanted <= 0
        ? []
        : [
            {
              text: `It missed ${missing.join(", ")} in this span`,
              from: last.at - windowMs,
              until: first.at + windowMs
            }
          ]
  }
}

const waited = (compiled: CompiledRule, hits: ReadonlyArray<Hit>, at: number): Progress | undefined => {
  const forSeconds = compiled.rule.absence?.forSeconds ?? compiled.rule.stays?.forSeconds
  const began = hits.findLast(({ step }) => step >= 0)
  if (forSeconds === undefined || began === undefined) return undefined
  const ended = hits.find((hit) => hit.step < 0 && hit.at >= began.at && hit.differs === began.differs)
  const lasted = (ended?.at ?? at) - began.at
  const overdue = began.at + forSeconds * 1000
  const span = { from: began.at, until: overdue }
  return {
    last: began,
    share: lasted / (forSeconds * 1000),
    text:
      ended === undefined
        ? `It waited since ${spanOf(lasted)}; ${forSeconds} s are allowed`
        : `What ends it came ${spanOf(lasted)} after it began: ${ended.text}`,
    otherwise:
      ended === undefined ? [] : [{ text: "Nothing in this span would have made it fire", ...span, seq: ended.seq }]
  }
}

const nearestOf = (compiled: CompiledRule, at: AtDoor): Progress | undefined =>
  subjectsAt(compiled, at)
    .flatMap((hits) => counted(compiled, hits) ?? together(compiled, hits) ?? waited(compiled, hits, at.at) ?? [])
    .reduce<Progress | undefined>((best, one) => (best === undefined || one.share > best.share ? one : best), undefined)

/** The alert of the door that stands for what a rule found, and holds it back. */
const heldOn = ({ rule }: CompiledRule, { changes }: AtDoor): Alert | undefined =>
  changes.findLast(
    ({ alert }) => alert.holdsBack?.some(({ condition }) => condition === rule.alert?.condition) === true
  )?.alert

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

/** A count that nothing may allow. */
const isPlainCount = ({ count }: Rule): boolean => count !== undefined && count.exceeds === undefined

const explained = (compiled: CompiledRule, at: AtDoor): RuleExplained => {
  const { rule } = compiled
  const told = at.changes.find(({ by }) => by === rule.id)
  const nearest = nearestOf(compiled, at) ?? unmetAt(compiled, at)
  const elsewhere = isWide(compiled) || ofDoorAlone.has(rule.key ?? "site") ? "" : ", as far as this door told"
  const condition = rule.alert === undefined ? {} : { condition: rule.alert.condition }
  if (told !== undefined) {
    const text = told.why.at(-1)?.text ?? rule.title
    return { rule: rule.id, ...condition, fired: true, near: 1, text, at: told.at, alert: told.alert.id, otherwise: [] }
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
    // What only tends the alerts of others raises none, and what it did is told with them.
    .filter((compiled) => !tendingKinds.has(compiled.kind) && deafAt(compiled, at) !== "elsewhere")
    .map((compiled) => explained(compiled, at))
    .sort((a, b) => b.near - a.near)
