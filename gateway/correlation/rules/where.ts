import { Environment } from "@marcbachmann/cel-js"
import { Result } from "effect"
import {
  checkExpression,
  expressionFault,
  expressionLimits,
  isCondition,
  type Variables
} from "../../domain/expression.ts"
import { type Fields, fieldsOfWords, type FieldType } from "./vocabulary.ts"

/** The fields of one signal at one place, every one that its words have. */
export type Scope = Readonly<Record<string, unknown>>

const nameOf = (fields: Fields): string => JSON.stringify(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)))

const environments = new Map<string, Environment>()

/** One for all expressions over the same fields: making one costs more than reading an expression. */
const environmentOf = (fields: Fields): Environment => {
  const key = nameOf(fields)
  const known = environments.get(key)
  if (known !== undefined) return known
  let environment = new Environment({ limits: expressionLimits })
  for (const [name, type] of Object.entries(fields)) environment = environment.registerVariable(name, type)
  environments.set(key, environment)
  return environment
}

const absent: Readonly<Record<FieldType, unknown>> = { string: "", double: 0, bool: false }

const absences = new Map<string, Scope>()

/** What the fields that an event of this word leaves out are taken for: empty text, zero, false. */
export const absentFields = (word: string): Scope => {
  const known = absences.get(word)
  if (known !== undefined) return known
  const made = Object.fromEntries(Object.entries(fieldsOfWords([word])).map(([name, type]) => [name, absent[type]]))
  absences.set(word, made)
  return made
}

/** What conditions and keys ask for fields. One that an event leaves out is empty text, zero or false. */
export interface Scoped extends Variables {
  /** One that is text; `undefined`: it is something else, or there is none of this name. */
  readonly text: (name: string) => string | undefined
}

/** Whether a condition is met by what it is asked of. */
export type Condition = (there: Scoped) => boolean

/** Reads a key off what it is asked of. */
export type KeyReader = (there: Scoped) => string | undefined

/** Compiles a condition over an event's fields. What fails while it runs (a division by zero) is not met. */
export const compileWhere = (text: string, fields: Fields): Result.Result<Condition, string> =>
  Result.try({
    try: () => {
      const checked = checkExpression(environmentOf(fields), text)
      if (!isCondition(checked)) throw new Error(`it gives ${checked.type}, but true or false is needed`)
      return (there) => {
        try {
          return checked.evaluateFor(there) === true
        } catch {
          return false
        }
      }
    },
    catch: expressionFault
  })

/** Compiles a key. `undefined` where it cannot be told, or is empty: the event is about nothing then. */
export const compileKey = (text: string, fields: Fields): Result.Result<KeyReader, string> =>
  Result.try({
    try: () => {
      const checked = checkExpression(environmentOf(fields), text)
      if (checked.type !== "string") throw new Error(`it gives ${checked.type}, but text is needed`)
      return (there) => {
        try {
          const key = checked.evaluateFor(there)
          return typeof key === "string" && key !== "" ? key.slice(0, 200) : undefined
        } catch {
          return undefined
        }
      }
    },
    catch: expressionFault
  })
