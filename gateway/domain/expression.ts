import type { ASTNode, Environment, Limits } from "@marcbachmann/cel-js"
import { quickly, quicklyFor, unsure } from "./quick-expression.ts"

/** Bounded at parse time, so that no condition can make a message expensive. */
export const expressionLimits: Partial<Limits> = {
  maxAstNodes: 200,
  maxDepth: 24,
  maxListElements: 100,
  maxMapEntries: 20,
  maxCallArguments: 8
}

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

/** Variables that are found one by one, as they are asked for; all of them only where that is not enough. */
export interface Variables {
  readonly value: (name: string) => unknown
  readonly all: () => Record<string, unknown>
}

/** A CEL expression that is known to end, and what type it gives. */
export interface CheckedExpression {
  readonly evaluate: (scope: Record<string, unknown>) => unknown
  readonly evaluateFor: (variables: Variables) => unknown
  readonly type: string
  readonly ast: ASTNode
}

/**
 * Parses an expression and type-checks it against what `environment` knows. Throws with the reason: in the first line
 * what is wrong, in those after it where.
 */
export const checkExpression = (environment: Environment, text: string): CheckedExpression => {
  const parsed = environment.parse(text)
  refuseDangerous(parsed.ast, 0)
  const checked = parsed.check()
  if (!checked.valid) throw checked.error ?? new Error("the expression is not valid")
  const quick = quickly(parsed.ast)
  const evaluate = (scope: Record<string, unknown>): unknown => {
    const answer = quick(scope)
    return answer === unsure ? parsed(scope) : answer
  }
  const quickFor = quicklyFor(parsed.ast)
  const evaluateFor = (variables: Variables): unknown => {
    const answer = quickFor(variables)
    return answer === unsure ? parsed(variables.all()) : answer
  }
  return { evaluate, evaluateFor, type: String(checked.type), ast: parsed.ast }
}

/** What is wrong, without the frame that the parser draws around the expression. */
export const expressionFault = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? ""

/** What a condition may give: `dyn` is told at run time. */
export const isCondition = ({ type }: CheckedExpression): boolean => type === "bool" || type === "dyn"
