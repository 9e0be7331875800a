import type { Observation, PointValue } from "../../../gateway/domain/observation.ts"
import type { OfferedTopic } from "./conformance-topics.ts"
import type { Notification } from "../messages/notification.ts"

/** How often something of a topic came. */
export interface SeenTopic {
  readonly topic: string
  /** The device lists it, or one above it. */
  readonly offered: boolean
  readonly property: boolean | undefined
  /** As the state at the beginning. */
  readonly initial: number
  /** Later. */
  readonly later: number
}

/** How often a point had each value. */
export interface SeenPoint {
  readonly point: string
  readonly kind: string
  /** Told as its state, or told again. */
  readonly states: Readonly<Record<string, number>>
  /** Told as one that it has just come to. */
  readonly changes: Readonly<Record<string, number>>
  /** It was found to have come to it without having told so. */
  readonly missed: Readonly<Record<string, number>>
}

export interface SeenOccurrence {
  readonly point: string
  readonly word: string
  readonly count: number
}

/** Something that was not seen before. */
export type News =
  | {
      readonly _tag: "Point"
      readonly topic: string
      readonly point: string
      readonly value: string
      readonly change: boolean
    }
  | { readonly _tag: "Occurrence"; readonly topic: string; readonly point: string; readonly word: string }
  /** The profile makes nothing of it. */
  | { readonly _tag: "Topic"; readonly topic: string }

/** So many topics and points are told apart: no device has as many. */
const differentMax = 4096

interface Counted {
  initial: number
  later: number
}

interface Point {
  readonly kind: string
  value: string
  readonly states: Map<string, number>
  readonly changes: Map<string, number>
  readonly missed: Map<string, number>
}

const bump = (counts: Map<string, number>, key: string): number => {
  const count = (counts.get(key) ?? 0) + 1
  if (count > 1 || counts.size < differentMax) counts.set(key, count)
  return count
}

const asRecord = (counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> =>
  Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)))

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const covers = (offered: string, topic: string): boolean => topic === offered || topic.startsWith(`${offered}/`)

/** What a device was seen to say. It holds no card, name or picture: topics, points and words only. */
export class Seen {
  readonly #offered: ReadonlyArray<OfferedTopic>
  readonly #topics = new Map<string, Counted>()
  readonly #points = new Map<string, Point>()
  readonly #occurrences = new Map<string, Map<string, number>>()

  constructor(offered: ReadonlyArray<OfferedTopic>) {
    this.#offered = offered
  }

  /**
   * Takes in a message and what the profile made of it; answers what is new in it. `beginning`: it is of
   * before the subscription, to which the device tells its state in one way or another.
   */
  add(
    { topic, operation }: Pick<Notification, "topic" | "operation">,
    observations: ReadonlyArray<Observation>,
    beginning: boolean
  ): ReadonlyArray<News> {
    const known = this.#topics.get(topic)
    const counted = known ?? { initial: 0, later: 0 }
    if (beginning || operation === "Initialized") counted.initial++
    else counted.later++
    if (known === undefined && this.#topics.size < differentMax) this.#topics.set(topic, counted)
    const news = observations.flatMap((observation) => this.#observed(topic, observation, beginning))
    const told = observations.some(({ _tag }) => _tag === "Reading" || _tag === "Occurrence")
    return known === undefined && !told ? [{ _tag: "Topic", topic }] : news
  }

  #observed(topic: string, observation: Observation, beginning: boolean): ReadonlyArray<News> {
    if (observation._tag === "Occurrence") {
      const { point, occurrence } = observation
      const words = this.#occurrences.get(point) ?? new Map<string, number>()
      if (this.#occurrences.size < differentMax) this.#occurrences.set(point, words)
      return bump(words, occurrence._tag) === 1 ? [{ _tag: "Occurrence", topic, point, word: occurrence._tag }] : []
    }
    if (observation._tag !== "Reading") return []
    const { point, reading, origin } = observation
    const known = this.#points.get(point)
    const { value } = reading
    // A state that is told again is no change, whatever the device calls it.
    const change = origin === "change" && (known === undefined ? !beginning : known.value !== value)
    const at = known ?? this.#begin(point, reading)
    at.value = value
    const first = bump(change ? at.changes : at.states, value) === 1
    return first && (change || known === undefined) ? [{ _tag: "Point", topic, point, value, change }] : []
  }

  #begin(point: string, { kind, value }: PointValue): Point {
    const at: Point = { kind, value, states: new Map(), changes: new Map(), missed: new Map() }
    if (this.#points.size < differentMax) this.#points.set(point, at)
    return at
  }

  /** The device was asked how a point stands now: what it has come to meanwhile, it has not told. */
  found(point: string, reading: PointValue): void {
    const at = this.#points.get(point) ?? this.#begin(point, reading)
    if (at.value !== reading.value) bump(at.missed, reading.value)
    at.value = reading.value
  }

  topics(): ReadonlyArray<SeenTopic> {
    const seen = [...this.#topics].map(([topic, { initial, later }]): SeenTopic => {
      const above = this.#offered
        .filter((one) => covers(one.topic, topic))
        .sort((a, b) => b.topic.length - a.topic.length)[0]
      return { topic, offered: above !== undefined, property: above?.property, initial, later }
    })
    const unseen = this.#offered
      .filter(({ topic }) => ![...this.#topics.keys()].some((one) => covers(topic, one)))
      .map(({ topic, property }): SeenTopic => ({ topic, offered: true, property, initial: 0, later: 0 }))
    return [...seen, ...unseen].sort((a, b) => byText(a.topic, b.topic))
  }

  points(): ReadonlyArray<SeenPoint> {
    return [...this.#points]
      .map(([point, { kind, states, changes, missed }]) => ({
        point,
        kind,
        states: asRecord(states),
        changes: asRecord(changes),
        missed: asRecord(missed)
      }))
      .sort((a, b) => byText(a.point, b.point))
  }

  occurrences(): ReadonlyArray<SeenOccurrence> {
    return [...this.#occurrences]
      .flatMap(([point, words]) => [...words].map(([word, count]) => ({ point, word, count })))
      .sort((a, b) => byText(a.point + a.word, b.point + b.word))
  }
}
