import { Schema } from "effect"
import { PointValue } from "../../gateway/domain/observation.ts"
import type { Reading } from "./file.ts"
import { firstValueAt, type Scope, textOf } from "./path.ts"

/** A text as it may stand in a message for people. */
export const shown = (text: string): string => (text.length <= 80 ? `"${text}"` : `"${text.slice(0, 80)}…"`)

const isPointValue = Schema.is(PointValue)

/** The words that were found to be of a kind: there are only so many of them, and every message says some. */
const known = new Map<string, Map<string, PointValue>>()

/** A word as what a point of this kind can be; `undefined` where it is no word of the kind. */
export const pointValueOf = (kind: PointValue["kind"], word: string): PointValue | undefined => {
  const before = known.get(kind)?.get(word)
  if (before !== undefined) return before
  const value = { kind, value: word }
  if (!isPointValue(value)) return undefined
  known.set(kind, (known.get(kind) ?? new Map<string, PointValue>()).set(word, value))
  return value
}

/** Where a mapping looks, in words. */
export const placeOf = ({ path }: Pick<Reading, "path">): string =>
  path === undefined ? "the payload" : [path].flat().join(" or ")

/** A plain text payload is the value itself; in an object it stands at `path`. */
const valueOf = (scope: Scope, path: Reading["path"]): unknown =>
  path === undefined || typeof scope.payload !== "object" ? (scope.item ?? scope.payload) : firstValueAt(scope, path)

const rangedWord = (
  ranges: NonNullable<Reading["ranges"]>,
  text: string,
  fault: (expected: string) => void
): string | undefined => {
  const number = text.trim() === "" ? Number.NaN : Number(text)
  const range = ranges.find(({ from, to }) => number >= from && number <= to)
  if (range === undefined) fault(`a number: ${ranges.map(({ from, to }) => `${from} to ${to}`).join(", ")}`)
  return range?.word
}

/** The word for what is at a mapping's place; undefined when it says nothing, or says what we cannot read. */
export const wordOf = (mapping: Reading, scope: Scope, fault: (why: string) => void): string | undefined => {
  const { is, path, silent, ranges, values, otherwise } = mapping
  if (is !== undefined) return is
  const value = valueOf(scope, path)
  // Absent is not false: a partial message says nothing about what it leaves out.
  if (value === undefined || value === null) return undefined
  const text = textOf(value)
  if (text === undefined) {
    fault(`${placeOf(mapping)} is not a plain value`)
    return undefined
  }
  const unexpected = (expected: string): void => fault(`${placeOf(mapping)} is ${shown(text)}; expected ${expected}`)
  if (silent?.includes(text) === true) return undefined
  if (ranges !== undefined) return rangedWord(ranges, text, unexpected)
  if (values === undefined) return text
  if (Object.hasOwn(values, text)) return values[text]
  if (otherwise !== undefined) return otherwise
  const known = Object.keys(values).map((name) => `"${name}"`)
  unexpected(`one of ${known.join(", ")}`)
  return undefined
}
