import type { Occurring, Reading } from "./file.ts"
import { textOf, valueAt } from "./path.ts"

/** Messages with at most so many keys at their top are looked at for what they have: no supported device sends more. */
const keysMax = 64

/** So many keys one after the other are remembered before it is begun anew; devices of one product send few of them. */
const stepsMax = 10_000

/** So many combinations of texts are remembered for a shape. */
const textsMax = 256

type Mapping = Pick<Reading, "path" | "is" | "each"> & Pick<Occurring, "match">

/** Whether a path begins with a key at the top of the payload, for certain. */
const headOf = (path: string): string | undefined => {
  const [head = ""] = path.split(".")
  return head === "" || head === "payload" || head === "topic" || head === "item" ? undefined : head
}

/** Whether a message with these keys at its top can have a value at one of these paths. */
const mayHave = (keys: ReadonlySet<string>, paths: string | ReadonlyArray<string>): boolean =>
  [paths].flat().some((path) => {
    const head = headOf(path)
    return head === undefined || keys.has(head)
  })

/** Whether it can have items there; a capture in a path's first step, `contact_{n}`, stands for what keys differ by. */
const mayHaveItems = (keys: ReadonlySet<string>, each: string): boolean => {
  const open = each.indexOf("{")
  if (open < 0 || each.lastIndexOf(".", open) >= 0) return mayHave(keys, each)
  const [before, after] = [each.slice(0, open), each.slice(each.indexOf("}", open) + 1)]
  return [...keys].some((key) => key.startsWith(before) && key.endsWith(after))
}

/** Whether a message with these keys can have what a mapping matches and reads. */
const mayConcern = (keys: ReadonlySet<string>, { match = {}, path, is, each }: Mapping): boolean => {
  if (!Object.keys(match).every((one) => mayHave(keys, one))) return false
  if (each !== undefined && !mayHaveItems(keys, each)) return false
  return path === undefined || is !== undefined || each !== undefined || mayHave(keys, path)
}

/** The texts that some of the mappings match at a path of the payload itself. */
type Wanted = readonly [path: string, texts: ReadonlySet<string>]

const wantedBy = (mappings: ReadonlyArray<Mapping>): ReadonlyArray<Wanted> => {
  const wanted = new Map<string, Set<string>>()
  for (const { match = {}, each } of mappings) {
    for (const [path, texts] of each === undefined ? Object.entries(match) : []) {
      if (headOf(path) === undefined) continue
      const known = wanted.get(path) ?? new Set()
      for (const text of [texts].flat()) known.add(text)
      wanted.set(path, known)
    }
  }
  return [...wanted]
}

const nothing: Readonly<Record<string, string>> = {}

/** Texts of a YAML file have no such character. */
const separator = "\u0000"

/** What of the wanted texts a message has, one after the other; "" where it has another, or none. */
const textsIn = (payload: object, wanted: ReadonlyArray<Wanted>): string => {
  const scope = { payload, captures: nothing }
  const textAt = ([path, texts]: Wanted): string => {
    const text = textOf(valueAt(scope, path))
    return text !== undefined && texts.has(text) ? text : ""
  }
  return wanted.length === 1 ? textAt(wanted[0]!) : wanted.map(textAt).join(separator)
}

const isMatched = ({ match = {}, each }: Mapping, path: string, text: string): boolean =>
  each !== undefined || match[path] === undefined || [match[path]].flat().includes(text)

/** The mappings that can concern messages with the same keys; which of them remain, their texts decide. */
class Candidates<M extends Mapping> {
  readonly #mappings: ReadonlyArray<M>
  readonly #wanted: ReadonlyArray<Wanted>
  /** Those of the mappings that remain, by the texts found. */
  readonly #byTexts = new Map<string, ReadonlyArray<M>>()

  constructor(all: ReadonlyArray<M>, keys: ReadonlySet<string>) {
    this.#mappings = all.filter((mapping) => mayConcern(keys, mapping))
    this.#wanted = wantedBy(this.#mappings)
  }

  of(payload: object): ReadonlyArray<M> {
    if (this.#wanted.length === 0) return this.#mappings
    const found = textsIn(payload, this.#wanted)
    const known = this.#byTexts.get(found)
    if (known !== undefined) return known
    const texts = found.split(separator)
    const remain = this.#mappings.filter((mapping) =>
      this.#wanted.every(([path], nth) => isMatched(mapping, path, texts[nth]!))
    )
    if (this.#byTexts.size < textsMax) this.#byTexts.set(found, remain)
    return remain
  }
}

/** What is known of messages with the same keys. */
interface Shape<R extends Mapping, O extends Mapping> {
  readonly readings: Candidates<R>
  readonly occurrences: Candidates<O>
}

interface Step<S> {
  shape?: S
  readonly next: Map<string, Step<S>>
}

/** Shapes by the keys of their messages, one after the other: no key can make a message look like one of another shape. */
class Shapes<S> {
  readonly #make: (keys: ReadonlySet<string>) => S
  #root: Step<S> = { next: new Map() }
  #steps = 0

  constructor(make: (keys: ReadonlySet<string>) => S) {
    this.#make = make
  }

  of(keys: ReadonlyArray<string>): S {
    let step = this.#root
    for (const key of keys) step = step.next.get(key) ?? this.#stepTo(step, key)
    return (step.shape ??= this.#make(new Set(keys)))
  }

  #stepTo(from: Step<S>, key: string): Step<S> {
    if (++this.#steps > stepsMax) {
      this.#root = { next: new Map() }
      this.#steps = 0
    }
    const step: Step<S> = { next: new Map() }
    from.next.set(key, step)
    return step
  }
}

/** A profile's mappings, in their order. */
export interface Mappings<R, O> {
  readonly readings: ReadonlyArray<R>
  readonly occurrences: ReadonlyArray<O>
}

/**
 * Those mappings of a profile that can concern a message with this payload. The others would find nothing to match or to
 * read there: a profile has dozens, and a message something for few of them.
 */
export const concernedBy = <R extends Mapping, O extends Mapping>(
  all: Mappings<R, O>
): ((payload: object) => Mappings<R, O>) => {
  const shapes = new Shapes<Shape<R, O>>((keys) => ({
    readings: new Candidates(all.readings, keys),
    occurrences: new Candidates(all.occurrences, keys)
  }))
  return (payload) => {
    const keys = Object.keys(payload)
    if (keys.length > keysMax) return all
    const { readings, occurrences } = shapes.of(keys)
    return { readings: readings.of(payload), occurrences: occurrences.of(payload) }
  }
}
