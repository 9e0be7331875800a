import type { Campus } from "../../domain/campus.ts"
import { DeviceId, DoorId } from "../../domain/ids.ts"
import type { CampusIndex } from "../campus-index.ts"
import type { Draft } from "../draft.ts"
import { ends } from "./absence.ts"
import { listens } from "./circumstances.ts"
import type { CompiledRule } from "./compiled-rule.ts"
import { deafenAt, hearBy } from "./hear.ts"
import type { Hit } from "./hits.ts"
import { lastingNow } from "./lasting.ts"
import { type Located, located } from "./places.ts"
import { aboutOf, partsOf, subjectsIn } from "./remembered.ts"
import { readingWord, type Signal, standingWord } from "./signal.ts"

/** What decides where things are. */
const layoutIn = ({ areas, doors, cameras, devices }: Campus): string =>
  JSON.stringify([
    areas.map(({ id, in: outer, kind }) => [id, outer, kind]),
    doors,
    cameras.map(({ id, area, device }) => [id, area, device]),
    devices.map(({ id, area }) => [id, area])
  ])

/** Of each point or door that a subject remembers, what lasts still. */
const lastingOf = (hits: ReadonlyArray<Hit>): ReadonlyArray<Hit> => {
  const last = new Map<string, Hit>()
  for (const [nth, hit] of hits.entries())
    if (hit.step >= 0 && hit.differs !== undefined && !hits.some((other, at) => ends(other, at, hit, nth, true)))
      last.set(hit.differs, hit)
  return [...last.values()]
}

/** What lasts, as a signal of the point or door that it is of. */
const signalOf = (draft: Draft, { rule: { stays } }: CompiledRule, { differs = "" }: Hit): Signal => {
  const about = { at: draft.instant, uncertaintyMs: 0, seq: draft.seq, nth: 0, history: false, fields: {} }
  if (stays?.reading === undefined) return { ...about, word: standingWord, door: DoorId.make(differs) }
  const device = DeviceId.make(differs.slice(0, differs.indexOf("/")))
  return { ...about, word: readingWord({ kind: stays.reading }), point: differs, device }
}

/** Where a rule hears something that it counts by this key. */
const isAbout = ({ key }: CompiledRule, there: Located, about: string): boolean => there.about(key)?.key === about

/** What lies elsewhere now, or nowhere any more, lasts no longer where it was. */
const leave = (draft: Draft, rule: CompiledRule, about: string, hits: ReadonlyArray<Hit>): void => {
  const { index } = draft.inner
  for (const hit of lastingOf(hits)) {
    const isThere = located(index, signalOf(draft, rule, hit)).some(
      (there) => isAbout(rule, there, about) && listens(draft, rule.rule, there.place, draft.instant)
    )
    if (!isThere) deafenAt(draft, rule, aboutOf(about), hit.differs, draft.instant)
  }
}

/** Where on a campus something is, as far as rules can tell. */
const placeName = ({ areasAround }: CampusIndex, { place: { door, camera, area = "" } }: Located): string =>
  JSON.stringify([door?.id, camera?.id, area, areasAround.get(area)])

/** What lasts already where it has come to is watched there from here on. */
const arrive = (draft: Draft, rule: CompiledRule, before: CampusIndex, area: string | undefined): void => {
  const { index } = draft.inner
  for (const listener of rule.listeners)
    for (const signal of lastingNow(draft, rule.rule, area)) {
      if (!listener.words.includes(signal.word)) continue
      const was = new Set(located(before, signal).map((there) => placeName(before, there)))
      const come = located(index, signal).filter((there) => !was.has(placeName(index, there)))
      if (come.length > 0) hearBy(draft, { rule, listener }, signal, come, draft.instant)
    }
}

/**
 * Doors, areas and points may lie elsewhere now. Whatever lasts there goes on to last for the rules that watched for it, if it
 * is what they watch for still, and begins to for those that watch where it has come to. `before`: how the campus was arranged;
 * `area`: nothing has come to another one.
 */
export const replaceLasting = (
  draft: Draft,
  before: CampusIndex,
  rules: ReadonlyArray<CompiledRule>,
  area?: string
): void => {
  if (rules.length === 0) return
  const byId = new Map<string, CompiledRule>(rules.map((rule) => [rule.rule.id, rule]))
  for (const [name, { hits }] of subjectsIn(draft.inner.subjects)) {
    const [id, about] = partsOf(name)
    const rule = byId.get(id)
    if (rule !== undefined) leave(draft, rule, about, hits)
  }
  for (const rule of rules) arrive(draft, rule, before, area)
}

/** The same, where a new campus is laid out otherwise. */
export const reviseLasting = (
  draft: Draft,
  campus: Campus,
  before: CampusIndex,
  rules: ReadonlyArray<CompiledRule>
): void => {
  const after = draft.situation.campus
  if (after !== undefined && layoutIn(campus) !== layoutIn(after)) replaceLasting(draft, before, rules)
}
