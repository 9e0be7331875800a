import type { Schema } from "effect"
import { DeviceEvent, edgeWords } from "../../domain/device-event.ts"
import { OccurrenceWord, PointValue } from "../../domain/observation.ts"
import { standingWord } from "./signal.ts"

/** What a field of an event is, in CEL's words. */
export type FieldType = "string" | "double" | "bool"
export type Fields = Readonly<Record<string, FieldType>>

/** What every event can be asked for, by its place on the campus; text that does not apply is empty. */
export const placeFields = {
  word: "string",
  device: "string",
  door: "string",
  area: "string",
  building: "string",
  point: "string",
  reader: "string",
  camera: "string",
  credential: "string",
  holder: "string",
  direction: "string"
} as const satisfies Fields

const typeOf = ({ _tag }: Schema.Top["ast"]): FieldType =>
  _tag === "Number" ? "double" : _tag === "Boolean" ? "bool" : "string"

/** What only the machinery reads. */
const inward: ReadonlySet<string> = new Set(["_tag", "id", "at", "occurrence", "history"])

const fieldsIn = (struct: { readonly fields: Readonly<Record<string, Schema.Top>> }): Fields =>
  Object.fromEntries(
    Object.entries(struct.fields).flatMap(([name, field]) =>
      inward.has(name) ? [] : [[name, typeOf(field.ast)] as const]
    )
  )

const edge: Fields = { kind: "string", from: "string", to: "string" }
const alert: Fields = { condition: "string", key: "string", title: "string", rule: "string", priority: "double" }

const byWord = (): ReadonlyMap<string, Fields> => {
  const words = new Map<string, Fields>()
  const add = (word: string, fields: Fields) => words.set(word, { ...words.get(word), ...fields })
  // A word of an edge is told by a point that has changed, whatever else is called so.
  const isTold = (word: string): boolean => word !== "PointChanged" && word !== "Occurred" && !edgeWords.includes(word)
  for (const [word, struct] of Object.entries(DeviceEvent.cases)) if (isTold(word)) add(word, fieldsIn(struct))
  for (const [word, struct] of Object.entries(OccurrenceWord.cases)) add(word, fieldsIn(struct))
  for (const word of edgeWords) add(word, edge)
  add("StateRecovered", { kind: "string", to: "string" })
  return words
}

const fieldsByWord = byWord()

/** Every word of an event that a rule can hear. */
export const eventWords: ReadonlyArray<string> = [...fieldsByWord.keys()].sort()

/** The fields of an event's own, without those of its place. */
export const fieldsOfEvent = (word: string): Fields => fieldsByWord.get(word) ?? {}

const valuesByKind = (): ReadonlyMap<string, ReadonlyArray<string>> => {
  const values = new Map<string, ReadonlyArray<string>>()
  for (const member of PointValue.members) {
    const known = literalsIn(member.fields.value.ast)
    for (const kind of literalsIn(member.fields.kind.ast)) values.set(kind, known)
  }
  return values
}

/** The texts that values of a schema can be; none where they can be any. */
export const literalsIn = (ast: Schema.Top["ast"]): ReadonlyArray<string> => {
  if (ast._tag === "Literal") return [String(ast.literal)]
  return ast._tag === "Union" ? ast.types.flatMap(literalsIn) : []
}

const readings = valuesByKind()

/** The values that readings of a kind have. */
export const readingValues = (kind: string): ReadonlyArray<string> => readings.get(kind) ?? []

/** The fields that all of these signals have: of an event by its word, of an alert, of a reading. */
export const fieldsOfWords = (words: ReadonlyArray<string>): Fields => {
  const each = words.map((word): Fields => {
    if (word.startsWith("alert:")) return alert
    if (word === standingWord) return { from: "string", to: "string", reason: "string" }
    if (word.startsWith("reading:")) return edge
    return fieldsByWord.get(word) ?? {}
  })
  const [first = {}, ...rest] = each
  const shared = Object.entries(first).filter(([name, type]) => rest.every((fields) => fields[name] === type))
  return { ...placeFields, ...Object.fromEntries(shared) }
}
