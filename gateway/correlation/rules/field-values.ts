import type { Schema } from "effect"
import { DeviceEvent, edgeNames } from "../../domain/device-event.ts"
import { DoorStanding } from "../../domain/door.ts"
import { OccurrenceWord, PointKind } from "../../domain/observation.ts"
import { standingWord } from "./signal.ts"
import { literalsIn, readingValues } from "./vocabulary.ts"

type Values = ReadonlyArray<string>
type FieldValues = Readonly<Record<string, Values>>

/** Which side of its door a reader is on, where the event itself says nothing else. */
const directions: FieldValues = { direction: ["in", "out"] }

/** The fields of an event's own; those that can be any text have no values. */
const valuesIn = ({ fields }: { readonly fields: Readonly<Record<string, Schema.Top>> }): FieldValues =>
  Object.fromEntries(Object.entries(fields).map(([name, { ast }]) => [name, literalsIn(ast)]))

const kindsWithEdge = (word: string): Values =>
  PointKind.literals.filter((kind) =>
    kind === "mode" ? word === "DoorModeChanged" : Object.values(edgeNames[kind] ?? {}).includes(word)
  )

/** The value that a point of this kind has come to. */
const valuesWithEdge = (kind: string, word: string): Values => {
  const names = Object.entries(edgeNames[kind] ?? {})
  if (names.length === 0) return readingValues(kind)
  return names.flatMap(([value, name]) => (name === word ? [value] : []))
}

const valuesOfEdge = (word: string, kinds: Values): FieldValues => ({
  kind: kinds,
  from: kinds.flatMap(readingValues),
  to: kinds.flatMap((kind) => valuesWithEdge(kind, word))
})

const structs: Readonly<Record<string, Parameters<typeof valuesIn>[0] | undefined>> = {
  ...OccurrenceWord.cases,
  ...DeviceEvent.cases
}

const valuesOfWord = (word: string): FieldValues => {
  if (word === standingWord) return { from: DoorStanding.literals, to: DoorStanding.literals }
  if (word === "StateRecovered") return { kind: PointKind.literals, to: PointKind.literals.flatMap(readingValues) }
  const kinds = kindsWithEdge(word)
  const struct = structs[word]
  return {
    ...directions,
    ...(kinds.length === 0 ? {} : valuesOfEdge(word, kinds)),
    ...(struct === undefined ? {} : valuesIn(struct))
  }
}

/** The texts that a field of these signals can be, beside the empty one; `undefined`: any. */
export const valuesOfField = (name: string, words: Values): Values | undefined => {
  const each = words.map((word) => valuesOfWord(word)[name] ?? [])
  return each.length === 0 || each.some((values) => values.length === 0) ? undefined : [...new Set(each.flat())]
}
