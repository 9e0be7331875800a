import { Environment } from "@marcbachmann/cel-js"
import { Result } from "effect"

/** What an expression sees: the payload, the topic's captures, the item of `each`, the device's parameters. */
export interface Scope {
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

/** Bounded at parse time, so that no profile can make a message expensive. */
const environment = new Environment({
  limits: { maxAstNodes: 200, maxDepth: 24, maxListElements: 100, maxMapEntries: 20, maxCallArguments: 8 }
})
  .registerVariable("payload", "dyn")
  .registerVariable("topic", "map")
  .registerVariable("item", "dyn")
  .registerVariable("parameters", "map")
  .registerVariable("retained", "bool")
  .registerFunction("plain(string): string", plain)

interface Node {
  readonly op: string
  readonly args: unknown
}

const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null && "op" in value

/** A regular expression can be made to run for minutes; one comprehension inside another, for hours. */
const comprehensions: ReadonlySet<string> = new Set(["all", "exists", "exists_one", "map", "filter"])

const refuseDangerous = (node: unknown, depth: number): void => {
  if (Array.isArray(node)) {
    for (const part of node) refuseDangerous(part, depth)
    return
  }
  if (!isNode(node)) return
  const name = node.op === "call" || node.op === "rcall" ? String((node.args as ReadonlyArray<unknown>)[0]) : ""
  if (name === "matches")
    throw new Error("matches() is not allowed: a regular expression has no bound; use a value table")
  const inner = comprehensions.has(name) ? depth + 1 : depth
  if (inner > 1) throw new Error(`${name}() inside another comprehension is not allowed: its cost has no bound`)
  refuseDangerous(node.args, inner)
}

const parseAndCheck = (text: string): ((scope: Record<string, unknown>) => unknown) => {
  const parsed = environment.parse(text)
  refuseDangerous(parsed.ast, 0)
  const checked = parsed.check()
  if (!checked.valid) throw checked.error ?? new Error("the expression is not valid")
  if (checked.type !== "bool" && checked.type !== "dyn") {
    throw new Error(`the condition gives ${String(checked.type)}, but true or false is needed`)
  }
  return parsed
}

/** Compiles and type-checks a condition; the failure says what is wrong and, for syntax, where. */
export const compileCondition = (text: string): Result.Result<Condition, string> =>
  Result.try({
    try: (): Condition => {
      const evaluate = parseAndCheck(text)
      return (scope) => {
        const answer = evaluate({ ...scope })
        if (typeof answer !== "boolean") throw new Error(`the condition "${text}" gave neither true nor false`)
        return answer
      }
    },
    // The rest of the message is a frame of its own around the expression.
    catch: (error) => (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? ""
  })
