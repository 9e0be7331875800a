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

/** What of the wanted texts a message has; "" where it has another, or none. */
const textsIn = (payload: object, wanted: ReadonlyArray<Wanted>): ReadonlyArray<string> =>
  wanted.map(([path, texts]) => {
    const text = textOf(valueAt({ payload, captures: nothing }, path))
    return text !== undefined && texts.has(text) ? text : ""
  })

const isMatched = ({ match = {}, each }: Mapping, path: string, text: string): boolean =>
  each !== undefined || match[path] === undefined || [match[path]].flat().includes(text)

/** What is known of messages with the same keys. */
interface Shape<M> {
  readonly mappings: ReadonlyArray<M>
  readonly wanted: ReadonlyArray<Wanted>
  /** Those of the mappings that remain, by the texts found. */
  readonly byTexts: Map<string, ReadonlyArray<M>>
}

const shapeOf = <M extends Mapping>(all: ReadonlyArray<M>, keys: ReadonlyArray<string>): Shape<M> => {
  const has = new Set(keys)
  const mappings = all.filter((mapping) => mayConcern(has, mapping))
  return { mappings, wanted: wantedBy(mappings), byTexts: new Map() }
}

/** Shapes by the keys of their messages, one after the other: no key can make a message look like one of another shape. */
class Shapes<M extends Mapping> {
  readonly #mappings: ReadonlyArray<M>
  #root: Step<M> = { next: new Map() }
  #steps = 0

  constructor(mappings: ReadonlyArray<M>) {
    this.#mappings = mappings
  }

  of(keys: ReadonlyArray<string>): Shape<M> {
    let step = this.#root
    for (const key of keys) step = step.next.get(key) ?? this.#stepTo(step, key)
    return (step.shape ??= shapeOf(this.#mappings, keys))
  }

  #stepTo(from: Step<M>, key: string): Step<M> {
    if (++this.#steps > stepsMax) {
      this.#root = { next: new Map() }
      this.#steps = 0
    }
    const step: Step<M> = { next: new Map() }
    from.next.set(key, step)
    return step
  }
}

interface Step<M> {
  shape?: Shape<M>
  readonly next: Map<string, Step<M>>
}

/**
 * The mappings, in their order, that can concern a message with this payload. The others would find nothing to match or to
 * read there: a profile has dozens, and a message something for few of them.
 */
export const concernedBy = <M extends Mapping>(mappings: ReadonlyArray<M>): ((payload: object) => ReadonlyArray<M>) => {
  const shapes = new Shapes(mappings)
  return (payload) => {
    const keys = Object.keys(payload)
    if (keys.length > keysMax) return mappings
    const { mappings: some, wanted, byTexts } = shapes.of(keys)
    if (wanted.length === 0) return some
    const texts = textsIn(payload, wanted)
    // Texts of a YAML file have no such character.
    const found = texts.join("\u0000")
    const known = byTexts.get(found)
    if (known !== undefined) return known
    const remain = some.filter((mapping) => wanted.every(([path], nth) => isMatched(mapping, path, texts[nth]!)))
    if (byTexts.size < textsMax) byTexts.set(found, remain)
    return remain
  }
}
