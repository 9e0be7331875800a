import { Environment } from "@marcbachmann/cel-js"
import { Result } from "effect"
import { checkExpression, expressionFault, expressionLimits, isCondition } from "../../domain/expression.ts"
import type { Fields, FieldType } from "./vocabulary.ts"

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

/** What a field that an event leaves out is taken for: empty text, zero, false. Of the same fields it is the same object. */
export const absentFields = (fields: Fields): Scope => {
  const key = nameOf(fields)
  const known = absences.get(key)
  if (known !== undefined) return known
  const made = Object.fromEntries(Object.entries(fields).map(([name, type]) => [name, absent[type]]))
  absences.set(key, made)
  return made
}

/** Something that conditions and keys ask for fields: one by one, empty where it has none, or all of them at once. */
export interface Scoped {
  readonly text: (name: string) => string | undefined
  /** With what it leaves out taken for `absent`. */
  readonly complete: (absent: Scope) => Scope
}

/** Reads a key off what it is asked of. */
export type KeyReader = (there: Scoped, absent: Scope) => string | undefined

/** Compiles a condition over an event's fields. What fails while it runs (a division by zero) is not met. */
export const compileWhere = (text: string, fields: Fields): Result.Result<(scope: Scope) => boolean, string> =>
  Result.try({
    try: () => {
      const checked = checkExpression(environmentOf(fields), text)
      if (!isCondition(checked)) throw new Error(`it gives ${checked.type}, but true or false is needed`)
      return (scope: Scope): boolean => {
        try {
          return checked.evaluate(scope) === true
        } catch {
          return false
        }
      }
    },
    catch: expressionFault
  })

/** Compiles a key. `undefined` where it cannot be told, or is empty: the event is about nothing then. */
export const compileKey = (text: string, fields: Fields): Result.Result<(scope: Scope) => string | undefined, string> =>
  Result.try({
    try: () => {
      const checked = checkExpression(environmentOf(fields), text)
      if (checked.type !== "string") throw new Error(`it gives ${checked.type}, but text is needed`)
      return (scope: Scope): string | undefined => {
        try {
          const key = checked.evaluate(scope)
          return typeof key === "string" && key !== "" ? key.slice(0, 200) : undefined
        } catch {
          return undefined
        }
      }
    },
    catch: expressionFault
  })
