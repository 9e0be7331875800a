import type { EpochMs } from "../../../gateway/domain/ids.ts"
import { type Observation, unknownValue } from "../../../gateway/domain/observation.ts"
import type { Scope } from "../../profile/path.ts"
import type { Reader } from "../../profile/reader.ts"
import { readTime } from "../../profile/time.ts"
import { AlarmPoints, stateOf } from "./normalize-alarms.ts"
import { conditionAt, type ConditionPlace, goneAt, keyOf, readingMeant, refOf } from "./normalize-conditions.ts"
import { baseEventType } from "../nodes/event-types.ts"
import {
  attempt,
  finished,
  type Normalized,
  readerOf,
  tellAvailability,
  tellGap,
  type Telling,
  type Workings
} from "./normalize-message.ts"
import { capturesIn, type Fillings } from "./normalize-node.ts"
import { eventScope, goneScope } from "./normalize-scope.ts"
import type { Fitted, Listened } from "./normalize-sources.ts"
import type { Listening } from "./profile-listens.ts"
import type { Condition, ConditionGone, HeardCondition, HeardEvent, Plain } from "../sources.ts"

type ReadingMapping = Listened["readings"][number]["mapping"]
type OccurrenceMapping = Listened["occurrences"][number]["mapping"]

/** A point that a condition was mapped to. */
interface Mapped {
  readonly mapping: ReadingMapping
  readonly rank: number
  readonly point: string
}

/** A point at which a condition is a happening. */
interface Happening {
  readonly mapping: OccurrenceMapping
  readonly point: string
  readonly scope: Scope
}

const placesOf = (
  mapped: ReadonlyArray<Mapped>,
  happenings: ReadonlyArray<Happening>
): ReadonlyArray<ConditionPlace> => [
  ...mapped.flatMap(({ mapping, point }) =>
    mapping.words === undefined ? [] : [{ mapping, point, means: readingMeant(mapping.kind, mapping.words.active) }]
  ),
  ...happenings.map(({ mapping, point }) => ({ mapping, point, means: { occurrence: mapping.word } }))
]

/** No panel has more conditions; of what is beyond, the one not heard for longest is forgotten. */
const conditionsMax = 20_000

const remember = <A>(map: Map<string, A>, key: string, value: A): void => {
  map.delete(key)
  map.set(key, value)
  const [oldest] = map.keys()
  if (map.size > conditionsMax && oldest !== undefined) map.delete(oldest)
}

const fits = ({ types }: Fitted<unknown>, heard: ReadonlyArray<string>): boolean =>
  types.has(baseEventType) || heard.some((type) => types.has(type))

/** The captures of the node that an event is about; `undefined` where a mapping is for another one. */
const sourceCaptures = ({ sources }: Fitted<unknown>, node: Plain | undefined): Fillings | undefined => {
  if (sources.length === 0) return {}
  if (typeof node !== "string") return undefined
  for (const source of sources) {
    const captures = source(node)
    if (captures !== undefined) return captures
  }
  return undefined
}

const textIn = (value: Plain | undefined): string | undefined => (typeof value === "string" ? value : undefined)

/** What is made of a condition says of which one. */
const madeOf = (reader: Reader, condition: Condition, make: () => void): void => {
  const from = reader.observations.length
  make()
  const said = reader.observations
    .splice(from)
    .map((made) =>
      made._tag === "Reading" || made._tag === "Occurrence" ? { ...made, condition: refOf(condition) } : made
    )
  reader.observations.push(...said)
}

/** Conditions come first: what they make of their points comes after them. */
const withConditions = (conditions: ReadonlyArray<Observation>, { observations, outcome }: Normalized): Normalized =>
  conditions.length === 0
    ? { observations, outcome }
    : { observations: [...conditions, ...observations], outcome: outcome === "ignored" ? "mapped" : outcome }

/** Reads events and the states of conditions. What it remembers of conditions is bounded. */
export class Events {
  readonly #workings: Workings
  readonly #alarms = new AlarmPoints()
  readonly #mapped = new Map<string, ReadonlyArray<Mapped>>()
  /** Where each condition, and each branch, is told of. */
  readonly #places = new Map<string, ReadonlyArray<ConditionPlace>>()
  /** What names the present activation of each active condition. */
  readonly #activations = new Map<string, string>()

  constructor(workings: Workings) {
    this.#workings = workings
  }

  normalize(listened: Listened, heard: HeardEvent | HeardCondition, receivedAt: EpochMs): Normalized {
    const telling = this.#telling(heard, receivedAt)
    const reader = readerOf(this.#workings, telling)
    const outer = eventScope(heard, this.#workings.bands, capturesIn(listened.placed, heard.matched))
    // A branch tells of the past, and of no point's present state.
    const isPast = heard._tag === "Condition" && heard.condition.branchId !== undefined
    if (!isPast) attempt(reader, () => this.#event(listened, heard, reader, outer))
    const conditions: Array<Observation> = []
    if (heard._tag === "Condition") {
      attempt(reader, () => void conditions.push(...this.#state(listened, heard, reader, outer)))
    }
    return withConditions(conditions, finished(this.#workings, telling, reader))
  }

  #event(listened: Listened, heard: HeardEvent | HeardCondition, reader: Reader, outer: Scope): void {
    const scoped = <M extends Listening>(fitted: ReadonlyArray<Fitted<M>>) => this.#scoped(fitted, heard, outer)
    for (const { mapping, scope } of scoped(listened.readings)) {
      if (mapping.listens._tag === "Alarm") continue
      for (const each of reader.scopes(mapping, scope)) reader.reading(mapping, each)
    }
    for (const { mapping, scope } of scoped(listened.occurrences)) {
      if (mapping.listens._tag === "Alarm") continue
      for (const each of reader.scopes(mapping, scope)) reader.occurrence(mapping, each)
    }
    for (const { mapping, scope } of scoped(listened.gaps)) tellGap(this.#workings, reader, mapping, scope)
    for (const { mapping, scope } of scoped(listened.availability))
      tellAvailability(this.#workings, reader, mapping, scope)
  }

  /** A condition is active no longer, since nobody knows when: it is told of at the points it was mapped to. */
  gone(listened: Listened, heard: ConditionGone, receivedAt: EpochMs): Normalized {
    const { condition } = heard
    const { conditionId, branchId } = condition
    const telling: Telling = { heard, receivedAt, source: conditionId, recovery: true, deviceTime: undefined }
    const reader = readerOf(this.#workings, telling)
    // Not every server repeats its branches, and none of them tells of now.
    if (branchId !== undefined) return finished(this.#workings, telling, reader)
    this.#activations.delete(conditionId)
    const scope = goneScope(heard, this.#workings.bands, capturesIn(listened.placed, heard.matched))
    const conditions: Array<Observation> = []
    attempt(reader, () => {
      const mapped = this.#mapped.get(conditionId) ?? this.#mappedAnew(listened, reader, scope)
      const places = this.#places.get(keyOf(condition)) ?? placesOf(mapped, [])
      for (const place of places) conditions.push(goneAt(reader, place, condition, scope, this.#workings.answering))
      for (const one of mapped) this.#tell(reader, one, { ...condition, enabled: true, active: false }, scope)
    })
    return withConditions(conditions, finished(this.#workings, telling, reader))
  }

  #telling(heard: HeardEvent | HeardCondition, receivedAt: EpochMs): Telling {
    const { node, fields, origin, time, eventId } = heard
    const began = readTime(fields["ActiveState/TransitionTime"], "iso", "UTC")
    const activation = heard._tag === "Condition" ? this.#activation(heard.condition, began) : undefined
    return {
      heard,
      receivedAt,
      source: textIn(fields["SourceNode"]) ?? node,
      recovery: origin === "recovery",
      deviceTime: began ?? time,
      happening: activation ?? (eventId === undefined ? undefined : `opcua:${eventId}`)
    }
  }

  #scoped<M extends Listening>(
    fitted: ReadonlyArray<Fitted<M>>,
    { types, fields }: HeardEvent | HeardCondition,
    outer: Scope
  ) {
    return fitted.flatMap((one, rank) => {
      if (!fits(one, types)) return []
      const captures = sourceCaptures(one, fields["SourceNode"])
      if (captures === undefined) return []
      const scope = { ...outer, captures: { ...outer.captures, ...captures } }
      return [{ mapping: one.mapping, rank, scope }]
    })
  }

  /** What the state of a condition means; answers how it stands at each point that it is told of. */
  #state(listened: Listened, heard: HeardCondition, reader: Reader, outer: Scope): ReadonlyArray<Observation> {
    const { condition, fields } = heard
    const { conditionId, branchId } = condition
    // What is remembered holds no scope: with it the whole message would stay.
    const mapped = this.#alarmsOf(listened.readings, heard, reader, outer).map(({ mapping, rank, point }) => ({
      mapping,
      rank,
      point
    }))
    const happenings = this.#alarmsOf(listened.occurrences, heard, reader, outer)
    const places = placesOf(mapped, happenings)
    remember(this.#places, keyOf(condition), places)
    const { answering } = this.#workings
    const told = places.map((place) => conditionAt(reader, place, condition, outer, fields, answering))
    if (branchId !== undefined) return told
    remember(this.#mapped, conditionId, mapped)
    for (const one of mapped) this.#tell(reader, one, condition, outer)
    if (!this.#activations.has(conditionId)) return told
    for (const { mapping, scope } of happenings) madeOf(reader, condition, () => reader.occurrence(mapping, scope))
    return told
  }

  /** The alarms among mappings that a condition is for, and the points that they name. */
  #alarmsOf<M extends ReadingMapping | OccurrenceMapping>(
    fitted: ReadonlyArray<Fitted<M>>,
    heard: HeardCondition,
    reader: Reader,
    outer: Scope
  ) {
    return this.#scoped(fitted, heard, outer).flatMap(({ mapping, rank, scope }) =>
      mapping.listens._tag === "Alarm"
        ? reader.scopes(mapping, scope).flatMap((each) => {
            const point = reader.point(mapping.point, each)
            return point === undefined ? [] : [{ mapping, rank, point, scope: each }]
          })
        : []
    )
  }

  /**
   * What names the time that a condition is active: an acknowledgement, a comment, a repetition tell of the same one again.
   * `undefined` while it is not active.
   */
  #activation(condition: Condition, began: EpochMs | undefined): string | undefined {
    const { conditionId, branchId, eventId } = condition
    if (branchId !== undefined) return undefined
    if (stateOf(condition) !== "active") {
      this.#activations.delete(conditionId)
      return undefined
    }
    const known = this.#activations.get(conditionId)
    const named = began === undefined ? (known ?? `active:${conditionId}:${eventId}`) : `active:${conditionId}:${began}`
    remember(this.#activations, conditionId, named)
    return named
  }

  #tell(reader: Reader, { mapping, rank, point }: Mapped, condition: Condition, scope: Scope): void {
    const { words } = mapping
    if (words === undefined) return
    const word = this.#alarms.tell(point, condition.conditionId, { ...words, rank, state: stateOf(condition) })
    const is = word ?? unknownValue(mapping.kind).value
    madeOf(reader, condition, () => reader.reading({ ...mapping, point, is }, scope))
  }

  /** After a restart nothing is remembered: a mapping that tells its conditions apart by name finds them again. */
  #mappedAnew({ readings }: Listened, reader: Reader, scope: Scope): ReadonlyArray<Mapped> {
    return readings.flatMap(({ mapping, sources }, rank) => {
      const canTell = mapping.listens._tag === "Alarm" && sources.length === 0 && mapping.matches !== undefined
      if (!canTell || !reader.applies(mapping, scope)) return []
      const point = reader.point(mapping.point, scope)
      return point === undefined ? [] : [{ mapping, rank, point }]
    })
  }
}
