import { Result, Schema, SchemaIssue, SchemaTransformation } from "effect"
import type { Where } from "./problem.ts"
import type { Path, Source } from "./source.ts"

const factors: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const durationText = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/

/** A time as it is written in a scenario: a number and its unit. Milliseconds inside. */
export const Duration = Schema.Unknown.pipe(
  Schema.check(
    Schema.makeFilter((value) =>
      typeof value === "string" && durationText.test(value)
        ? undefined
        : 'Expected a time with its unit, such as "1.5s", "150ms" or "2m"'
    )
  ),
  Schema.decodeTo(
    Schema.Finite,
    SchemaTransformation.transform({
      decode: (written) => {
        const [, amount = "0", unit = "ms"] = durationText.exec(String(written)) ?? []
        return Math.round(Number(amount) * (factors[unit] ?? 1))
      },
      encode: (ms) => `${ms}ms`
    })
  )
)

/** One way to write an item of a list, known by the key that all its items have: the verb. */
export interface Verb<A> {
  readonly keys: ReadonlyArray<string>
  readonly read: (item: unknown, where: Where) => Result.Result<A, ReadonlyArray<Fault>>
}

/** What is wrong within an item, in the schema's words. */
export interface Fault {
  readonly path: Path
  readonly message: string
}

const issuesOf = SchemaIssue.makeFormatterStandardSchemaV1()

const faultsOf = (error: Schema.SchemaError): ReadonlyArray<Fault> =>
  issuesOf(error.issue).issues.map((issue) => ({
    path: (issue.path ?? []).map((step) => (typeof step === "object" ? step.key : step) as string | number),
    message: issue.message
  }))

/** Decodes strictly: an unknown key is a fault. */
export const decode = <T>(schema: Schema.Codec<T, unknown>, input: unknown): Result.Result<T, ReadonlyArray<Fault>> =>
  Result.mapError(Schema.decodeUnknownResult(schema, { errors: "all", onExcessProperty: "error" })(input), faultsOf)

/** A verb from the keys its items have, and what an item means. */
export const verb = <F extends Schema.Struct.Fields, A>(
  fields: F,
  make: (item: Schema.Struct<F>["Type"], where: Where) => A
): Verb<A> => ({
  keys: Object.keys(fields),
  read: (item, where) =>
    Result.map(
      decode(Schema.Struct(fields) as unknown as Schema.Codec<Schema.Struct<F>["Type"], unknown>, item),
      (value) => make(value, where)
    )
})

const quoted = (words: ReadonlyArray<string>): string => words.join(", ")

/** `steps[3].at`. */
const pathText = (path: Path): string =>
  path.reduce<string>(
    (text, step) => (typeof step === "number" ? `${text}[${step}]` : text === "" ? step : `${text}.${step}`),
    ""
  )

const shown = (value: unknown): string =>
  value === undefined || typeof value === "object" ? "" : ` (is ${JSON.stringify(value)})`

const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((here, step) => (here as Record<string | number, unknown> | null | undefined)?.[step], value)

/** Whoever shows a problem lists so many known words by itself. */
const listedMost = 12

/** A fault as a problem of the file, with its place. `known` are the keys that would be right there. */
export const faultToProblem = (source: Source, prefix: Path, fault: Fault, known: ReadonlyArray<string>) => {
  const path = [...prefix, ...fault.path]
  if (path.length === 0)
    return source.problem([], `a scenario is a mapping with a name, steps and what to expect: ${known.join(", ")}`)
  const owner = pathText(path.slice(0, -1)) || "the scenario"
  const last = String(path.at(-1))
  if (fault.message === "Missing key")
    return source.problem(path.slice(0, -1), `${owner} has no "${last}"; it is required`)
  if (fault.message === "Expected no excess property") {
    const unknown = fault.path.length === 1 ? { word: last, known } : { word: last, known: [] }
    return source.problem(path, `${owner} has unknown key "${last}"`, "key", unknown)
  }
  const value = valueAt(source.value, path)
  if (/^Expected "[^"]+"( \| "[^"]+")+$/.test(fault.message) && typeof value === "string") {
    const known = [...fault.message.matchAll(/"([^"]+)"/g)].map((match) => match[1] ?? "")
    const all = known.length > listedMost ? `, but ${known.join(", ")}` : ""
    return source.problem(path, `${pathText(path)} knows no "${value}"${all}`, "value", { word: value, known })
  }
  const expected = fault.message.replace(/^Expected /, "must be ")
  return source.problem(path, `${pathText(path)} ${expected}${shown(value)}`)
}

/** Reads one item of a list by its verb; the problems tell what is wrong with it. */
export const readItem = <A>(
  source: Source,
  path: Path,
  verbs: Readonly<Record<string, Verb<A>>>
): { readonly value: A | undefined; readonly problems: ReadonlyArray<ReturnType<Source["problem"]>> } => {
  const item = valueAt(source.value, path)
  const names = Object.keys(verbs)
  const refuse = (...problems: ReadonlyArray<ReturnType<Source["problem"]>>) => ({ value: undefined, problems })
  if (typeof item !== "object" || item === null || Array.isArray(item))
    return refuse(source.problem(path, `${pathText(path)} must be an item with one of ${quoted(names)}`))
  const said = Object.keys(item).filter((key) => names.includes(key))
  const [name] = said
  if (name === undefined) {
    const strange = Object.keys(item).find((key) => !Object.values(verbs).some((known) => known.keys.includes(key)))
    const message = `${pathText(path)} needs one of ${quoted(names)}`
    return refuse(
      strange === undefined
        ? source.problem(path, message)
        : source.problem([...path, strange], message, "key", { word: strange, known: names })
    )
  }
  if (said.length > 1)
    return refuse(
      source.problem([...path, said[1] ?? ""], `${pathText(path)} says ${quoted(said)}: write two items`, "key")
    )
  const chosen = verbs[name]
  if (chosen === undefined) return refuse()
  const of = (key: string) => source.placeOf([...path, key])
  const read = chosen.read(item, { item: source.placeOf(path), subject: of(name), of })
  if (Result.isSuccess(read)) return { value: read.success, problems: [] }
  return refuse(...read.failure.map((fault) => faultToProblem(source, path, fault, chosen.keys)))
}
