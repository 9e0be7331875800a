import { Result, Schema, SchemaIssue } from "effect"
import { hint } from "./did-you-mean.ts"
import type { Problem } from "./problem.ts"
import type { Sources } from "./sources.ts"

type Key = string | number

interface SchemaNode {
  readonly _tag: string
  readonly propertySignatures?: ReadonlyArray<{ readonly name: PropertyKey; readonly type: SchemaNode }>
  readonly indexSignatures?: ReadonlyArray<{ readonly type: SchemaNode }>
  readonly rest?: ReadonlyArray<SchemaNode>
  readonly types?: ReadonlyArray<SchemaNode>
}

/** The keys the schema knows at `path`, over all members of a union. */
const keysAt = (node: SchemaNode, path: ReadonlyArray<Key>): ReadonlyArray<string> => {
  if (node._tag === "Union") return [...new Set((node.types ?? []).flatMap((member) => keysAt(member, path)))]
  const [step, ...rest] = path
  if (step === undefined) return (node.propertySignatures ?? []).map((property) => String(property.name))
  if (node._tag === "Arrays") return (node.rest ?? []).flatMap((item) => keysAt(item, rest))
  const property = node.propertySignatures?.find((candidate) => candidate.name === step)
  if (property !== undefined) return keysAt(property.type, rest)
  return (node.indexSignatures ?? []).flatMap((signature) => keysAt(signature.type, rest))
}

/** `doors[0].times.debounceMs`. */
export const pathText = (path: ReadonlyArray<Key>): string =>
  path.reduce<string>(
    (text, step) => (typeof step === "number" ? `${text}[${step}]` : text === "" ? step : `${text}.${step}`),
    ""
  )

const secretive = /password|secret|token|key$|passphrase/i

const shown = (value: unknown, path: ReadonlyArray<Key>): string => {
  if (value === undefined || typeof value === "object" || path.some((step) => secretive.test(String(step)))) return ""
  return ` (is ${JSON.stringify(value)})`
}

const explain = (
  schema: SchemaNode,
  sources: Sources,
  prefix: ReadonlyArray<Key>,
  path: ReadonlyArray<Key>,
  message: string
): Problem => {
  const full = [...prefix, ...path]
  const parent = path.slice(0, -1)
  const last = path.at(-1)
  const where = pathText(full.slice(0, -1))
  const owner = where === "" ? "the configuration" : where
  if (message === "Missing key")
    return sources.problem(full.slice(0, -1), `${owner} has no "${last}"; it is required`, "value")
  if (message === "Expected no excess property") {
    const known = keysAt(schema, parent)
    return sources.problem(full, `${owner} has unknown key "${last}"${hint(String(last), known)}`, "key")
  }
  const expected = message.replace(/^Expected /, "must be ")
  return sources.problem(full, `${pathText(full)} ${expected}${shown(sources.valueAt(full), full)}`)
}

const issuesOf = SchemaIssue.makeFormatterStandardSchemaV1()

/** Decodes what stands at `prefix`, strictly; every issue becomes a problem with its place in the file. */
export const decodeAt = <T>(
  schema: Schema.Codec<T, unknown>,
  sources: Sources,
  prefix: ReadonlyArray<Key>,
  input: unknown
): { readonly value: T | undefined; readonly problems: ReadonlyArray<Problem> } => {
  const decoded = Schema.decodeUnknownResult(schema, { errors: "all", onExcessProperty: "error" })(input)
  if (Result.isSuccess(decoded)) return { value: decoded.success, problems: [] }
  const ast = Schema.toEncoded(schema).ast as unknown as SchemaNode
  const issues = issuesOf(decoded.failure.issue).issues
  return {
    value: undefined,
    problems: issues.map((issue) => {
      const path = (issue.path ?? []).map((step) => (typeof step === "object" ? step.key : step) as Key)
      return explain(ast, sources, prefix, path, issue.message)
    })
  }
}
