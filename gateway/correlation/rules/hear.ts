import type { Reason } from "../../domain/alert.ts"
import { AreaId, DeviceId, DoorId, type EpochMs } from "../../domain/ids.ts"
import { appended } from "../lists.ts"
import type { Draft } from "../draft.ts"
import type { Rule } from "../../domain/rule.ts"
import { maintenanceOf } from "../maintenance.ts"
import { isElsewhere, lastListening, type Listening, listens } from "./circumstances.ts"
import type { CompiledRule, Listener } from "./compiled-rule.ts"
import { confirm } from "./confirm-by.ts"
import { settle, type Told } from "./episodes.ts"
import { besides, deaf, type Hit, latenessMs, type Match, noHits, type Telling, withHit } from "./hits.ts"
import type { Located, Place } from "./places.ts"
import { type About, aboutOf, dueOf, partsOf, type Remembered, rememberedAs } from "./remembered.ts"
import type { Ear } from "./rule-index.ts"
import type { Signal } from "./signal.ts"
import { hasRoom, recordOf, remember, withoutOld } from "./subjects.ts"
import { titleWith } from "./title.ts"

const reasonOf = ({ at, seq, text }: Hit): Reason => ({ at, seq, text })

/** Where a hit is, as an alert says it. */
const whereOf = ({ door, device, area }: Hit) => ({
  ...(door === undefined ? {} : { door: DoorId.make(door) }),
  ...(device === undefined ? {} : { device: DeviceId.make(device) }),
  ...(area === undefined ? {} : { area: AreaId.make(area) })
})

/**
 * The hit that its alert is about: the last. Where people work at some of the doors only, it is the last elsewhere: who works at
 * one door keeps nobody at another silent.
 */
const meant = (draft: Draft, { id, alert }: Rule, hits: ReadonlyArray<Hit>): Hit | undefined => {
  const about = (hit: Hit) => ({ condition: alert?.condition ?? "", rule: id, ...whereOf(hit) })
  return hits.findLast((hit) => maintenanceOf(draft, about(hit)) === undefined) ?? hits.at(-1)
}

/** `news`: what is new of it, where its alert has the rest already. */
const conditionActive = (
  draft: Draft,
  { rule }: CompiledRule,
  key: string,
  { at, hits }: Match,
  news: ReadonlyArray<Hit>
): void => {
  const { alert } = rule
  const [last, about] = [hits.at(-1), meant(draft, rule, hits)]
  if (alert === undefined || last === undefined || about === undefined) return
  const reasons = draft.openAlert(alert.condition, key) === undefined ? hits : news
  const span = `${(at - last.at) / 1000} s`
  const lasted = rule.stays === undefined ? `Nothing that should follow came within ${span}` : `It was so for ${span}`
  const waited = at === last.at ? [] : [{ at, text: lasted }]
  draft.finding({
    _tag: "ConditionActive",
    condition: alert.condition,
    key,
    at,
    rule: rule.id,
    priority: alert.priority,
    title: titleWith(rule.title, { ...about.said, count: String(hits.length) }),
    why: [...reasons.map(reasonOf), ...waited],
    ...(alert.procedure === undefined ? {} : { procedure: alert.procedure }),
    ...(alert.escalation === undefined ? {} : { escalation: alert.escalation }),
    ...(alert.evidence === undefined ? {} : { evidence: alert.evidence }),
    ...whereOf(about)
  })
}

const tell = (draft: Draft, compiled: CompiledRule, key: string, told: Told): void => {
  const condition = compiled.rule.alert?.condition
  if (condition === undefined) return
  switch (told._tag) {
    case "Active":
      return conditionActive(draft, compiled, key, told.match, told.news)
    case "Normal": {
      const text = compiled.rule.stays === undefined ? "Nothing more came of it" : "It is over"
      const why = [{ at: told.at, text }]
      return draft.finding({ _tag: "ConditionNormal", condition, key, at: told.at, why })
    }
    case "Late": {
      const late = told.hit === undefined ? [] : [reasonOf(told.hit)]
      const why = [...late, { at: draft.instant, text: "What came late shows that it was not so" }]
      return draft.finding({ _tag: "LateEvidence", condition, key, at: draft.instant, why })
    }
  }
}

/**
 * The matches of a subject's hits. One heard in the order of time adds at most the match that it completes, where all clocks
 * are right.
 */
const matchesOf = (
  compiled: CompiledRule,
  record: Remembered | undefined,
  hits: ReadonlyArray<Hit>,
  fresh: Hit | undefined
): ReadonlyArray<Match> => {
  const known = record?.matches
  if (record === undefined || known === undefined) return compiled.matches(hits)
  if (fresh === undefined) return known
  const before = record.hits
  const isNext = hits.length === before.length + 1 && fresh.at > (before.at(-1)?.at ?? Number.NEGATIVE_INFINITY)
  const isSure = fresh.off === undefined && fresh.earliest === undefined && !record.isOff
  if (compiled.completedBy === undefined || !isNext || !isSure) return compiled.matches(hits)
  const completed = compiled.completedBy(hits, hits.length - 1)
  return completed === undefined ? known : appended(known, completed)
}

const untold: Telling = { activeFrom: undefined, toldUntil: undefined }

/** Tells what is to be told of a subject by `now`, and remembers the rest. */
const resolve = (
  draft: Draft,
  compiled: CompiledRule,
  about: About,
  record: Remembered | undefined,
  now: EpochMs,
  fresh?: Hit
): void => {
  const rule = compiled.id
  const known = record?.hits ?? noHits
  const hits = fresh === undefined ? known : withHit(known, fresh, compiled.spare)
  const isLonger = hits.length === known.length + 1 && hits[known.length] === fresh
  // While the links have still to tell what happened in the blind, nothing is taken for not having happened.
  const knownUpTo = draft.now < draft.inner.notBefore ? Number.NEGATIVE_INFINITY : now
  const matches = matchesOf(compiled, record, hits, fresh)
  const settled = settle(compiled, matches, record, knownUpTo, fresh)
  // Of one that is new nothing was left to decide.
  const mayBeDue = record === undefined ? fresh === undefined : record.mayBeDue
  const isDue = settled?.due !== undefined
  const due = record?.due ?? (isDue || mayBeDue ? dueOf(rule, about.key) : undefined)
  const before = fresh === undefined || isLonger ? record : undefined
  const after = rememberedAs(rule, hits, settled ?? record ?? untold, matches, due, isDue, before)
  remember(draft, about, record, withoutOld(compiled, after, knownUpTo))
  if (due !== undefined && (isDue || mayBeDue)) draft.grace(due, settled?.due)
  if (settled !== undefined) for (const told of settled.told) tell(draft, compiled, about.key, told)
}

/** What was to be decided of a rule's subject is due. */
export const ruleFalls = (draft: Draft, name: string, at: EpochMs): void => {
  const [rule, key] = partsOf(name)
  const compiled = draft.inner.index.rules.byId.get(rule)
  const about = aboutOf(key)
  if (compiled === undefined) draft.endGrace(dueOf(rule, key))
  else resolve(draft, compiled, about, recordOf(draft, rule, about), at)
}

/** While the links tell what happened in the blind, nobody knows when of that time it was. */
const blindSince = ({ now, inner: { blind, notBefore } }: Draft, { at }: Signal): EpochMs | undefined =>
  blind !== undefined && now < notBefore && blind.from < at ? blind.from : undefined

const differsOf = ({ distinct }: CompiledRule, there: Located): string | undefined =>
  distinct === undefined ? undefined : there.said(distinct)

/** A signal as a rule keeps it. What a device dates ahead of us happened now. */
const hitOf = (draft: Draft, compiled: CompiledRule, signal: Signal, step: number, there: Located): Hit => {
  const { door, area = signal.area } = there.place
  return {
    at: Math.min(signal.at, draft.instant),
    seq: signal.seq,
    nth: signal.nth,
    step,
    text: there.words,
    heard: signal.at < draft.instant - latenessMs ? draft.instant : undefined,
    since: undefined,
    earliest: step === besides ? blindSince(draft, signal) : undefined,
    off: signal.uncertaintyMs > 0 ? signal.uncertaintyMs : undefined,
    differs: differsOf(compiled, there),
    // An alert is about what counts, and never about what must not come.
    said: compiled.says.length === 0 || step === besides ? undefined : there.spokenOf(compiled.says),
    door: door?.id,
    device: door === undefined ? signal.device : undefined,
    area,
    alert: signal.alert
  }
}

const stepOf = ({ step }: Listener, signal: Signal): number | undefined => {
  const met = typeof step === "number" ? step : step(signal)
  // History may explain; it raises nothing.
  return signal.history && met !== besides ? undefined : met
}

const always: Listening = { from: 0 }

/** Whether a rule listens to a signal of then; to what lasts since then, also when it began to later. */
const listeningTo = (
  draft: Draft,
  { rule, kind, isUnconditional }: CompiledRule,
  place: Place,
  step: number,
  at: EpochMs
): Listening | undefined => {
  // What ends a state, or explains it, is heard whenever it comes, but from nowhere else.
  if (step === besides) return isElsewhere(draft, rule, place) ? undefined : always
  if (isUnconditional && kind !== "stays") return always
  if (kind === "stays") return lastListening(draft, rule, place, Math.min(at, draft.instant))
  return listens(draft, rule, place, at) ? always : undefined
}

/** What lasts counts from when the rule listened, and no longer than it did. */
const hearLasting = (
  draft: Draft,
  compiled: CompiledRule,
  about: About,
  hit: Hit,
  { from, until }: Listening
): void => {
  const { id } = compiled
  if (until !== undefined)
    resolve(draft, compiled, about, recordOf(draft, id, about), draft.instant, deafened(hit, until))
  const already = { ...hit, at: from, since: hit.at, text: `${hit.text}, as it was before` }
  resolve(draft, compiled, about, recordOf(draft, id, about), draft.instant, from > hit.at ? already : hit)
}

/** That a rule does not listen to what lasts any more. */
const deafened = ({ seq, text, differs }: Hit, at: EpochMs): Hit => ({ at, seq, step: deaf, text, differs })

/** The circumstances of a rule are over at `at`: what it watched there lasts no longer for it. */
export const deafenTo = (draft: Draft, rule: CompiledRule, places: ReadonlyArray<Located>, at: EpochMs): void => {
  for (const there of places) {
    const about = there.about(rule.key)
    if (about !== undefined) deafenAt(draft, rule, about, differsOf(rule, there), at)
  }
}

/** What a rule watched of a subject lasts no longer for it from `at` on; `differs`: which of several. */
export const deafenAt = (
  draft: Draft,
  rule: CompiledRule,
  about: About,
  differs: string | undefined,
  at: EpochMs
): void => {
  const record = recordOf(draft, rule.id, about)
  if (record === undefined) return
  const hit = { at, seq: draft.seq, step: deaf, text: "It does not count any more", differs }
  resolve(draft, rule, about, record, draft.instant, hit)
}

/**
 * Lets a rule hear one signal, at each place it belongs to; at the first where it counts, for a rule that does not count by
 * places. `from`: since when it is to count, where it lasts for longer than the rule has listened.
 */
export const hearBy = (
  draft: Draft,
  { rule, listener }: Ear,
  signal: Signal,
  places: ReadonlyArray<Located>,
  from: EpochMs = signal.at
): void => {
  const step = stepOf(listener, signal)
  if (step === undefined) return
  // Most signals belong to one place, and need no list of what they were told of.
  const many = rule.everyPlace && places.length > 1
  const told = many ? new Set<string>() : undefined
  for (const there of places) {
    const listening = listeningTo(draft, rule, there.place, step, from)
    if (listening === undefined || !listener.meets(there)) continue
    const about = there.about(rule.key)
    if (about === undefined || told?.has(about.key) === true) continue
    const record = recordOf(draft, rule.id, about)
    // What points and doors tell of themselves comes in its order: what has not begun has no end that comes before it.
    if (record === undefined && rule.kind === "stays" && step === besides) continue
    if (record === undefined && !hasRoom(draft, rule, about)) continue
    told?.add(about.key)
    const hit = hitOf(draft, rule, signal, step, there)
    if (rule.kind === "confirmBy") confirm(draft, rule, about, record, hit)
    else if (rule.kind === "stays" && step !== besides) hearLasting(draft, rule, about, hit, listening)
    else resolve(draft, rule, about, record, draft.instant, hit)
    if (!rule.everyPlace) return
  }
}
