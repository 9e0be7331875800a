import type { CompiledRule } from "../correlation/rules/compiled-rule.ts"
import { confirmSteps, spanOf as confirmSpanOf } from "../correlation/rules/confirm-by.ts"
import { areOfOne, besides, type Hit, isWithin } from "../correlation/rules/hits.ts"
import { chainBack } from "../correlation/rules/sequence.ts"
import { togetherCompletedBy } from "../correlation/rules/together.ts"
import type { EpochMs } from "../domain/ids.ts"
import type { Otherwise } from "./explanation.ts"
import { selectorWords } from "./rule-words.ts"
import { relativeTo, spanOf } from "./span-words.ts"

/** How far the hits of one subject came, and what was missing. */
export interface Progress {
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

/** The nearest happening of what was missing: how far it was from being in time. */
const nearestText = (hits: ReadonlyArray<Hit>, step: number, last: Hit): string => {
  const nearest = hits
    .filter((hit) => hit.step === step && !areOfOne(hit, last))
    .toSorted((a, b) => Math.abs(a.at - last.at) - Math.abs(b.at - last.at))[0]
  return nearest === undefined ? "" : `; the nearest came ${relativeTo(nearest.at, last.at)}`
}

const togetherOf = ({ rule: { all, any } }: CompiledRule) => {
  if (all !== undefined) return { ...all, needed: all.of.length }
  return any === undefined ? undefined : { ...any, needed: any.atLeast ?? 1 }
}

/** As many different ones as came within the window of some of the hits, each by a happening of its own. */
const mostTogether = (hits: ReadonlyArray<Hit>, needed: number, windowMs: number): ReadonlyArray<Hit> | undefined => {
  for (let steps = needed; steps > 0; steps--) {
    const completedBy = togetherCompletedBy({ steps, windowMs, activeMs: 0 })
    const matches = hits.flatMap((hit, nth) => (hit.step < 0 ? [] : (completedBy(hits, nth) ?? [])))
    const last = matches.at(-1)
    if (last !== undefined) return last.hits
  }
  return undefined
}

const together = (compiled: CompiledRule, hits: ReadonlyArray<Hit>): Progress | undefined => {
  const rule = togetherOf(compiled)
  if (rule === undefined) return undefined
  const windowMs = rule.withinSeconds * 1000
  const best = mostTogether(hits, rule.needed, windowMs)
  const [first, last] = [best?.[0], best?.at(-1)]
  if (best === undefined || first === undefined || last === undefined) return undefined
  const seen = new Set(best.map(({ step }) => step))
  const missing = rule.of.flatMap((selector, nth) =>
    seen.has(nth) ? [] : [`${selectorWords(selector)}${nearestText(hits, nth, last)}`]
  )
  const span = { from: last.at - windowMs, until: first.at + windowMs }
  return {
    last,
    share: seen.size / rule.needed,
    text: `It heard ${seen.size} of ${rule.needed} within ${rule.withinSeconds} s`,
    otherwise: seen.size >= rule.needed ? [] : [{ text: `It missed in this span: ${missing.join(", or ")}`, ...span }]
  }
}

/** Of a sequence the steps that ended with one hit, the last first, each before the one after it. */
interface Chain {
  readonly hits: ReadonlyArray<Hit>
  /** The step that was missing: before all of them, or after the last; `undefined`: none was. */
  readonly missing: number | undefined
}

const chainOf = (hits: ReadonlyArray<Hit>, last: Hit, steps: number, windowMs: number): Chain => {
  const chain = chainBack(hits, last).filter((hit) => isWithin(hit, last, windowMs))
  const before = last.step - chain.length
  if (before >= 0) return { hits: chain, missing: before }
  return { hits: chain, missing: last.step === steps - 1 ? undefined : last.step + 1 }
}

const inOrder = ({ rule: { sequence } }: CompiledRule, hits: ReadonlyArray<Hit>): Progress | undefined => {
  if (sequence === undefined) return undefined
  const { steps, withinSeconds } = sequence
  const windowMs = withinSeconds * 1000
  const chains = hits.flatMap((hit) => (hit.step < 0 ? [] : [chainOf(hits, hit, steps.length, windowMs)]))
  const best = chains.reduce<Chain | undefined>(
    (found, one) => (found === undefined || one.hits.length >= found.hits.length ? one : found),
    undefined
  )
  const [last, first] = [best?.hits[0], best?.hits.at(-1)]
  if (best === undefined || last === undefined || first === undefined) return undefined
  const { missing } = best
  const disturbed = hits.findLast((hit) => hit.step === besides && hit.at >= first.at && hit.at <= last.at)
  const came = `${best.hits.length} of ${steps.length} in their order within ${withinSeconds} s`
  const share = best.hits.length / steps.length
  const but = disturbed === undefined ? "" : `, but ${disturbed.text} came ${relativeTo(disturbed.at, last.at)}`
  if (missing === undefined)
    return { last, share, text: but === "" ? `It heard ${came}` : `All was there${but}`, otherwise: [] }
  const span =
    missing > last.step ? { from: last.at, until: first.at + windowMs } : { from: last.at - windowMs, until: first.at }
  const wanted = steps[missing]
  const text = `It missed ${wanted === undefined ? "" : selectorWords(wanted)} in this span${nearestText(hits, missing, last)}`
  return { last, share, text: `It heard ${came}${but}`, otherwise: [{ text, ...span }] }
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
        ? `${compiled.kind === "stays" ? "It had been so" : "It had waited"} for ${spanOf(lasted)} of ${forSeconds} s`
        : `What ends it came ${spanOf(lasted)} after it began: ${ended.text}`,
    otherwise:
      ended === undefined ? [] : [{ text: "Nothing in this span would have made it fire", ...span, seq: ended.seq }]
  }
}

const confirming = ({ rule: { confirmBy } }: CompiledRule, hits: ReadonlyArray<Hit>): Progress | undefined => {
  const alert = hits.findLast(({ step }) => step === confirmSteps.alert)
  if (confirmBy === undefined || alert === undefined) return undefined
  const [nearest] = hits
    .filter(({ step }) => step === confirmSteps.sensor)
    .toSorted((a, b) => Math.abs(a.at - alert.at) - Math.abs(b.at - alert.at))
  const { fromMs, toMs } = confirmSpanOf(confirmBy)
  const wanted = confirmBy.of.map(selectorWords).join(" or ")
  return {
    last: alert,
    share: 1 / 2,
    text:
      nearest === undefined
        ? "Nothing confirmed the alert"
        : `What might have confirmed the alert came ${relativeTo(nearest.at, alert.at)}: ${nearest.text}`,
    otherwise: [
      { text: `${wanted} in this span would have confirmed it`, from: alert.at + fromMs, until: alert.at + toMs }
    ]
  }
}

/** How near the hits of one subject came to what a rule of any kind wants; `undefined`: there is nothing to tell. */
export const progressOf = (compiled: CompiledRule, hits: ReadonlyArray<Hit>, at: EpochMs): Progress | undefined =>
  counted(compiled, hits) ??
  together(compiled, hits) ??
  inOrder(compiled, hits) ??
  confirming(compiled, hits) ??
  waited(compiled, hits, at)
