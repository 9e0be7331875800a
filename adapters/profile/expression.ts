import { Environment } from "@marcbachmann/cel-js"
import { Result } from "effect"
import {
  type CheckedExpression,
  checkExpression,
  expressionFault,
  expressionLimits,
  isCondition
} from "../../gateway/domain/expression.ts"

/** What an expression sees: the payload, the topic's captures, the item of `each`, the device's parameters. */
export type Scope = {
  readonly payload: unknown
  readonly topic: Readonly<Record<string, string>>
  readonly item: unknown
  readonly parameters: Readonly<Record<string, string>>
  readonly retained: boolean
}

/** A compiled CEL condition. Throws when the message lacks what it names: a misspelt field must fail loudly. */
export type Condition = (scope: Scope) => boolean

let lastTopic = ""
let lastPlain = ""

/**
 * An ONVIF topic without the namespaces of its levels, which every maker writes otherwise. A profile asks for that of
 * one message many times in a row.
 */
const plain = (topic: string): string => {
  if (topic === lastTopic) return lastPlain
  lastPlain = topic
    .split("/")
    .map((level) => level.slice(level.lastIndexOf(":") + 1))
    .join("/")
  lastTopic = topic
  return lastPlain
}

const environment = new Environment({ limits: expressionLimits })
  .registerVariable("payload", "dyn")
  .registerVariable("topic", "map")
  .registerVariable("item", "dyn")
  .registerVariable("parameters", "map")
  .registerVariable("retained", "bool")
  .registerFunction("plain(string): string", plain)

const parseAndCheck = (text: string): CheckedExpression["evaluate"] => {
  const checked = checkExpression(environment, text)
  if (!isCondition(checked)) throw new Error(`the condition gives ${checked.type}, but true or false is needed`)
  return checked.evaluate
}

/** Compiles and type-checks a condition; the failure says what is wrong and, for syntax, where. */
export const compileCondition = (text: string): Result.Result<Condition, string> =>
  Result.try({
    try: (): Condition => {
      const evaluate = parseAndCheck(text)
      return (scope) => {
        const answer = evaluate(scope)
        if (typeof answer !== "boolean") throw new Error(`the condition "${text}" gave neither true nor false`)
        return answer
      }
    },
    catch: expressionFault
  })
