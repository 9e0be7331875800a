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
  readonly elements?: ReadonlyArray<SchemaNode>
  readonly literal?: unknown
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

/** What the schema has at `path`, over all members of a union. */
const nodesAt = (node: SchemaNode, path: ReadonlyArray<Key>): ReadonlyArray<SchemaNode> => {
  const [step, ...rest] = path
  if (step === undefined) return [node]
  if (node._tag === "Union") return (node.types ?? []).flatMap((member) => nodesAt(member, path))
  if (node._tag === "Arrays") {
    const own = node.elements?.[Number(step)]
    return (own === undefined ? (node.rest ?? []) : [own]).flatMap((item) => nodesAt(item, rest))
  }
  const property = node.propertySignatures?.find((candidate) => candidate.name === step)
  if (property !== undefined) return nodesAt(property.type, rest)
  return (node.indexSignatures ?? []).flatMap((signature) => nodesAt(signature.type, rest))
}

const plainNames: Readonly<Record<string, string>> = {
  array: "a list",
  Arrays: "a list",
  object: "a mapping",
  Objects: "a mapping",
  string: "text",
  String: "text",
  number: "a number",
  Number: "a number",
  boolean: "true or false",
  Boolean: "true or false"
}

/** What a value of this shape looks like, in words; `undefined`: there is none for it. */
const shapeOf = ({ _tag, types = [], literal }: SchemaNode): string | undefined => {
  if (_tag === "Literal") return JSON.stringify(literal)
  if (_tag !== "Union") return plainNames[_tag]
  const shapes = types.map(shapeOf)
  if (shapes.includes(undefined)) return undefined
  return [...new Set(shapes)].join(types.every((member) => member._tag === "Literal") ? " | " : " or ")
}

/** What was expected, without the names that only the schema knows. */
const plainly = (expected: string, schema: SchemaNode, path: ReadonlyArray<Key>): string => {
  const names = expected.split(" | ")
  if (names.every((name) => Object.hasOwn(plainNames, name))) return names.map((name) => plainNames[name]).join(" or ")
  if (!/^[A-Z]\w+$/.test(expected)) return expected
  const shapes = nodesAt(schema, path).map(shapeOf)
  return shapes.length === 0 || shapes.includes(undefined) ? expected : [...new Set(shapes)].join(" or ")
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
  return ` (is ${typeof value === "number" ? value : JSON.stringify(value)})`
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
  if (message === "Missing key" && typeof last === "number")
    return sources.problem(full.slice(0, -1), `${owner} needs ${last === 0 ? "at least one" : `more than ${last}`}`)
  if (message === "Missing key")
    return sources.problem(full.slice(0, -1), `${owner} has no "${last}"; it is required`, "value")
  if (message === "Expected no excess property") {
    const known = keysAt(schema, parent)
    return sources.problem(full, `${owner} has unknown key "${last}"${hint(String(last), known)}`, "key")
  }
  const expected = message.startsWith("Expected ")
    ? `must be ${plainly(message.slice("Expected ".length), schema, path)}`
    : message
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
