import { Result, Schema, SchemaIssue } from "effect"
import { DenyReason } from "../../gateway/domain/observation.ts"
import { concernedBy, type Mappings } from "./concerned.ts"
import { compileCondition, type Condition } from "./expression.ts"
import type { Losing, Occurring, ProfileFile, Protocol, Reading } from "./file.ts"
import { occurrenceFields } from "./occurrence-fields.ts"
import { pointValueOf } from "./word.ts"

/** Paths, and the texts one of which has to stand there. */
export type Match = ReadonlyArray<readonly [path: string, texts: ReadonlySet<string>]>

/** A mapping with its conditions compiled; an absent one always holds. */
export type Compiled<M> = M & { readonly matches: Match | undefined; readonly condition: Condition | undefined }

/** What every protocol's profile has when it is ready to run. */
export interface Profile {
  /** The file's name without `.yaml`: what a device names. */
  readonly name: string
  readonly protocol: Protocol
  readonly file: ProfileFile
  readonly readings: ReadonlyArray<Compiled<Reading>>
  readonly occurrences: ReadonlyArray<Compiled<Occurring>>
  /** Those of them, in their order, that can concern a message with this payload. */
  readonly concernedBy: (payload: object) => Mappings<Compiled<Reading>, Compiled<Occurring>>
  readonly gaps: ReadonlyArray<Compiled<Losing>>
  readonly recovery: Condition | undefined
  readonly replayed: Condition | undefined
  readonly simulated: Condition | undefined
  /** In lower case. */
  readonly redact: ReadonlySet<string>
}

/** What is wrong with a profile, and where in its file. */
export interface ProfileIssue {
  readonly path: ReadonlyArray<string | number>
  readonly message: string
}

const isDenyReason = Schema.is(DenyReason)
const issuesOf = SchemaIssue.makeFormatterStandardSchemaV1()

const listOf = (texts: string | ReadonlyArray<string>): ReadonlyArray<string> =>
  typeof texts === "string" ? [texts] : texts

interface Conditional {
  readonly match?: { readonly [path: string]: string | ReadonlyArray<string> }
  readonly when?: string
}

/** Makes the parts of a profile ready to run, and gathers what is wrong with them. */
export class Compiler {
  readonly issues: Array<ProfileIssue> = []

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

  mappings<M extends Conditional>(mappings: ReadonlyArray<M> | undefined, section: string): ReadonlyArray<Compiled<M>> {
    return (mappings ?? []).map((mapping, index) => {
      const matches = Object.entries(mapping.match ?? {}).map(
        ([path, texts]) => [path, new Set(listOf(texts))] as const
      )
      const condition = this.condition(mapping.when, [section, index, "when"])
      return { ...mapping, matches: matches.length === 0 ? undefined : matches, condition }
    })
  }

  #words(readings: ProfileFile["readings"]): void {
    readings?.forEach(({ kind, values, ranges, is, empty, otherwise }, index) => {
      const check = (word: string | undefined, ...path: ReadonlyArray<string | number>): void => {
        if (word !== undefined && pointValueOf(kind, word) === undefined)
          this.fail(["readings", index, ...path], `"${word}" is not a word of the kind "${kind}"`)
      }
      for (const [value, word] of Object.entries(values ?? {})) check(word, "values", value)
      ranges?.forEach(({ word }, nth) => check(word, "ranges", nth))
      check(is, "is")
      check(empty, "empty")
      check(otherwise, "otherwise")
      if (otherwise !== undefined && values === undefined)
        this.fail(["readings", index, "otherwise"], "it is for what values does not list, and there are no values")
      if ([values, ranges, is].filter((one) => one !== undefined).length > 1)
        this.fail(["readings", index], "values, ranges and is exclude one another: keep one")
    })
  }

  #fields(occurrences: ProfileFile["occurrences"]): void {
    occurrences?.forEach(({ word, fields = {} }, index) => {
      const { known, needed } = occurrenceFields(word)
      for (const name of Object.keys(fields))
        if (!known.has(name))
          this.fail(
            ["occurrences", index, "fields", name],
            `${word} has no such field; it has ${[...known].join(", ") || "none"}`
          )
      for (const name of needed)
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

  /** All that does not depend on the protocol. */
  profile<R extends Reading, O extends Occurring, L extends Losing, F extends ProfileFile>(
    file: F & {
      readonly readings?: ReadonlyArray<R>
      readonly occurrences?: ReadonlyArray<O>
      readonly gaps?: ReadonlyArray<L>
    }
  ) {
    const readings = this.mappings<R>(file.readings, "readings")
    const occurrences = this.mappings<O>(file.occurrences, "occurrences")
    const parts = {
      readings,
      occurrences,
      concernedBy: concernedBy({ readings, occurrences }),
      gaps: this.mappings<L>(file.gaps, "gaps"),
      recovery: this.condition(file.recovery, ["recovery"]),
      replayed: this.condition(file.replayed, ["replayed"]),
      simulated: this.condition(file.simulated, ["simulated"]),
      redact: new Set((file.redact ?? []).map((key) => key.toLowerCase()))
    }
    this.#words(file.readings)
    this.#fields(file.occurrences)
    return parts
  }
}

/** The schema's own words for the two commonest slips, said plainly. */
const inWords = (message: string): string =>
  message === "Missing key"
    ? "it is required"
    : message === "Expected no excess property"
      ? "a profile has no such key here"
      : message

/** Decodes what a file holds by the schema of its protocol, or says all that is wrong with it, each at its place. */
export const decodeProfile = <A, E>(
  schema: Schema.Codec<A, E>,
  decoded: unknown
): Result.Result<A, ReadonlyArray<ProfileIssue>> => {
  const result = Schema.decodeUnknownResult(schema, { errors: "all", onExcessProperty: "error" })(decoded)
  return Result.isSuccess(result)
    ? Result.succeed(result.success)
    : Result.fail(
        issuesOf(result.failure.issue).issues.map((issue) => {
          const path = (issue.path ?? []).map((step) => (typeof step === "object" ? step.key : step) as string | number)
          return { path, message: inWords(issue.message) }
        })
      )
}
