import { Schema } from "effect"
import { builtInConditions } from "../domain/alert.ts"
import { eventWords } from "../correlation/rules/vocabulary.ts"
import { Config } from "./config.ts"
import { RulePack } from "./packs.ts"

type Json = Readonly<Record<string, unknown>>

const isJson = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value)

/** A word or several, with those that there are: an editor offers them. */
const wordOf = (known: Json): Json => ({ anyOf: [known, { type: "array", minItems: 1, items: known }] })

const eventWord = wordOf({ enum: eventWords })
/** A rule's own words are as good as the gateway's. */
const alertWord = wordOf({
  anyOf: [{ enum: builtInConditions }, { type: "string", pattern: "^[A-Z][A-Za-z0-9]{2,47}$" }]
})

const isSelector = (properties: unknown): properties is Json =>
  isJson(properties) && ["event", "alert", "where"].every((name) => name in properties)

const described = (known: Json, written: unknown): Json =>
  isJson(written) && "description" in written ? { ...known, description: written["description"] } : known

/** The schema as the gateway reads it: an unknown key is an error, and so is an event that does not exist. */
const strict = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(strict)
  if (!isJson(value)) return value
  const inside = Object.fromEntries(Object.entries(value).map(([key, item]) => [key, strict(item)]))
  const { properties } = inside
  if (!isJson(properties)) return inside
  const known = isSelector(properties)
    ? {
        ...properties,
        event: described(eventWord, properties["event"]),
        alert: described(alertWord, properties["alert"])
      }
    : properties
  return { ...inside, properties: known, additionalProperties: false }
}

const documentOf = (schema: Schema.Top, title: string): Json => {
  const { schema: root, definitions } = Schema.toJsonSchemaDocument(schema)
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title,
    ...root,
    $defs: strict(definitions)
  }
}

/** What an editor completes and checks a file by. */
export const editorSchemas = {
  config: () => documentOf(Config, "The configuration of a Gatehouse gateway"),
  rules: () => documentOf(RulePack, "A pack of Gatehouse rules")
} as const
export type EditorSchema = keyof typeof editorSchemas

/** As a file has it. */
export const editorSchemaText = (name: EditorSchema): string => `${JSON.stringify(editorSchemas[name](), null, 2)}\n`
