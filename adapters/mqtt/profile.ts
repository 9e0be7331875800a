import { Result, Schema, SchemaIssue } from "effect"
import { DenyReason, OccurrenceWord, PointValue } from "../../gateway/domain/observation.ts"
import { compileCondition, type Condition } from "./expression.ts"
import { type Available, type Losing, type Occurring, ProfileFile, type Reading } from "./profile-file.ts"
import { parseTopic } from "./profile-topic.ts"

/** Paths, and the texts one of which has to stand there. */
export type Match = ReadonlyArray<readonly [path: string, texts: ReadonlySet<string>]>

/** A mapping with its conditions compiled; an absent one always holds. */
export type Compiled<M> = M & { readonly matches: Match | undefined; readonly condition: Condition | undefined }

/** A profile ready to run. */
export interface CompiledProfile {
  /** The file's name without `.yaml`: what a device names. */
  readonly name: string
  readonly file: ProfileFile
  readonly readings: ReadonlyArray<Compiled<Reading>>
  readonly occurrences: ReadonlyArray<Compiled<Occurring>>
  readonly gaps: ReadonlyArray<Compiled<Losing>>
  readonly availability: ReadonlyArray<Compiled<Available>>
  readonly recovery: Condition | undefined
  readonly replayed: Condition | undefined
  readonly simulated: Condition | undefined
  /** In lower case. */
  readonly redact: ReadonlySet<string>
  /** Whether an empty payload tells it anything. */
  readonly readsEmpty: boolean
}

/** What is wrong with a profile, and where in its file. */
export interface ProfileIssue {
  readonly path: ReadonlyArray<string | number>
  readonly message: string
}

const isPointValue = Schema.is(PointValue)
const isDenyReason = Schema.is(DenyReason)
const issuesOf = SchemaIssue.makeFormatterStandardSchemaV1()

/** What an occurrence cannot do without, by its word. */
const needed: { readonly [word: string]: ReadonlyArray<string> } = {
  AccessDenied: ["reason"],
  ButtonPressed: ["action"],
  LockOperated: ["action"],
  CredentialPresented: ["credential"],
  ObjectDetected: ["object"],
  ObjectLeft: ["object"],
  FaceRecognised: ["person"],
  PlateRecognised: ["plate"]
}

const listOf = (texts: string | ReadonlyArray<string>): ReadonlyArray<string> =>
  typeof texts === "string" ? [texts] : texts

interface Conditional {
  readonly match?: { readonly [path: string]: string | ReadonlyArray<string> }
  readonly when?: string
}

class Compiler {
  readonly issues: Array<ProfileIssue> = []
  readonly file: ProfileFile

  constructor(file: ProfileFile) {
    this.file = file
  }

  fail(path: ProfileIssue["path"], message: string): void {
    this.issues.push({ path, message })
  }

  condition(text: string | undefined, path: ProfileIssue["path"]): Condition | undefined {
    if (text === undefined) return undefined
    const condition = compileCondition(text)
    if (Result.isSuccess(condition)) return condition.success
    this.fail(path, condition.failure)
    return undefined
  }

  mappings<M extends Conditional & { readonly each?: string }>(
    mappings: ReadonlyArray<M> | undefined,
    section: string
  ): ReadonlyArray<Compiled<M>> {
    return (mappings ?? []).map((mapping, index) => {
      if (this.file.each !== undefined && mapping.each !== undefined)
        this.fail([section, index, "each"], "the profile explodes each message already: keep one of the two")
      const matches = Object.entries(mapping.match ?? {}).map(
        ([path, texts]) => [path, new Set(listOf(texts))] as const
      )
      const condition = this.condition(mapping.when, [section, index, "when"])
      return { ...mapping, matches: matches.length === 0 ? undefined : matches, condition }
    })
  }

  readings(): void {
    this.file.readings?.forEach(({ kind, values, ranges, is, empty }, index) => {
      const check = (word: string | undefined, ...path: ReadonlyArray<string | number>): void => {
        if (word !== undefined && !isPointValue({ kind, value: word }))
          this.fail(["readings", index, ...path], `"${word}" is not a word of the kind "${kind}"`)
      }
      for (const [value, word] of Object.entries(values ?? {})) check(word, "values", value)
      ranges?.forEach(({ word }, nth) => check(word, "ranges", nth))
      check(is, "is")
      check(empty, "empty")
      if ([values, ranges, is].filter((one) => one !== undefined).length > 1)
        this.fail(["readings", index], "values, ranges and is exclude one another: keep one")
    })
  }

  occurrences(): void {
    this.file.occurrences?.forEach(({ word, fields = {} }, index) => {
      const known = Object.keys(OccurrenceWord.cases[word].fields).filter((name) => name !== "_tag")
      for (const name of Object.keys(fields))
        if (!known.includes(name))
          this.fail(
            ["occurrences", index, "fields", name],
            `${word} has no such field; it has ${known.join(", ") || "none"}`
          )
      for (const name of needed[word] ?? [])
        if (fields[name] === undefined) this.fail(["occurrences", index], `${word} needs fields.${name}`)
      const { reason } = fields
      if (word !== "AccessDenied" || reason === undefined) return
      const path = ["occurrences", index, "fields", "reason"]
      for (const [value, name] of Object.entries(reason.values ?? {}))
        if (!isDenyReason(name)) this.fail([...path, "values", value], `"${name}" is not a reason to deny`)
      for (const key of ["otherwise", "is"] as const) {
        const name = reason[key]
        if (name !== undefined && !isDenyReason(name)) this.fail([...path, key], `"${name}" is not a reason to deny`)
      }
    })
  }

  topic(text: string, path: ProfileIssue["path"]): void {
    const pattern = parseTopic(text, this.file.parameters)
    if (typeof pattern === "string") this.fail(path, pattern)
  }

  addresses(): void {
    const { file } = this
    const hasAddress = (text: string): boolean => {
      const pattern = parseTopic(text, file.parameters)
      return typeof pattern !== "object" || pattern.parts.some((part) => part.is !== "word" && part.name === "address")
    }
    file.topics.forEach((topic, index) => {
      this.topic(topic, ["topics", index])
      if (file.device === undefined && !hasAddress(topic))
        this.fail(["topics", index], 'a topic needs "{address}", or the profile "device: {path: ...}"')
    })
    file.exclude?.forEach((topic, index) => this.topic(topic, ["exclude", index]))
    file.device?.codes?.forEach((name, index) => {
      if (file.parameters?.[name] === undefined)
        this.fail(["device", "codes", index], `"${name}" is not among the profile's parameters`)
    })
  }

  availability(): void {
    this.file.availability?.forEach((mapping, index) => {
      const { topic, address, values, is } = mapping
      const path = ["availability", index]
      if ((values === undefined) === (is === undefined)) this.fail(path, "it needs either values or is")
      if (topic === undefined) return
      this.topic(topic, [...path, "topic"])
      if (address === undefined && !/\{address(\.\.\.|!)?\}/.test(topic))
        this.fail([...path, "topic"], 'needs "{address}" in the topic, or "address:"')
    })
  }

  payload(): void {
    if ((this.file.payload === "csv") !== (this.file.columns !== undefined))
      this.fail(["payload"], "a csv payload needs columns, and nothing else has them")
  }
}

/** The schema's own words for the two commonest slips, said plainly. */
const inWords = (message: string): string =>
  message === "Missing key"
    ? "it is required"
    : message === "Expected no excess property"
      ? "a profile has no such key here"
      : message

const compile = (name: string, file: ProfileFile, compiler: Compiler): CompiledProfile => {
  const profile: CompiledProfile = {
    name,
    file,
    readings: compiler.mappings(file.readings, "readings"),
    occurrences: compiler.mappings(file.occurrences, "occurrences"),
    gaps: compiler.mappings(file.gaps, "gaps"),
    availability: compiler.mappings<Available>(file.availability, "availability"),
    recovery: compiler.condition(file.recovery, ["recovery"]),
    replayed: compiler.condition(file.replayed, ["replayed"]),
    simulated: compiler.condition(file.simulated, ["simulated"]),
    redact: new Set((file.redact ?? []).map((key) => key.toLowerCase())),
    readsEmpty: (file.readings ?? []).some(({ empty }) => empty !== undefined)
  }
  compiler.readings()
  compiler.occurrences()
  compiler.addresses()
  compiler.availability()
  compiler.payload()
  return profile
}

/** Makes a profile ready to run, or says all that is wrong with it. `decoded` is what the file holds. */
export const compileProfile = (
  name: string,
  decoded: unknown
): Result.Result<CompiledProfile, ReadonlyArray<ProfileIssue>> => {
  const result = Schema.decodeUnknownResult(ProfileFile, { errors: "all", onExcessProperty: "error" })(decoded)
  if (Result.isFailure(result))
    return Result.fail(
      issuesOf(result.failure.issue).issues.map((issue) => {
        const path = (issue.path ?? []).map((step) => (typeof step === "object" ? step.key : step) as string | number)
        return { path, message: inWords(issue.message) }
      })
    )
  const compiler = new Compiler(result.success)
  const profile = compile(name, result.success, compiler)
  return compiler.issues.length > 0 ? Result.fail(compiler.issues) : Result.succeed(profile)
}
