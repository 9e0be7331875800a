import { Result, Schema, SchemaIssue } from "effect"
import { DenyReason, PointKind, PointValue } from "../../gateway/domain/observation.ts"
import { compileCondition, type Condition } from "./expression.ts"
import { parseTopic, type TopicPattern } from "./profile-topic.ts"

const optionalText = Schema.optionalKey(Schema.NonEmptyString)
const Table = Schema.Record(Schema.String, Schema.NonEmptyString)

const common = {
  /** CEL over `payload`, `item`, `topic`; without it the mapping always applies. */
  when: optionalText,
  /** Explodes an array, or the members whose key fits `path.name:{n}`: the mapping runs for each `item`. */
  each: optionalText,
  /** Overrides the profile's own. */
  deviceTime: Schema.optionalKey(
    Schema.Struct({ path: Schema.NonEmptyString, format: Schema.Literals(["epoch-s", "epoch-ms", "iso", "zoned"]) })
  )
}

const ReadingMapping = Schema.Struct({
  ...common,
  /** A point's name; `{capture}` and `{path}` are filled in. */
  point: Schema.NonEmptyString,
  kind: PointKind,
  /** Absent: the whole payload. A value that is absent or null says nothing. */
  path: optionalText,
  /** From the text of the value to our word. Absent: the value is our word already. */
  values: Schema.optionalKey(Table)
})

/** Where a field of an occurrence comes from. */
const Field = Schema.Struct({
  path: Schema.NonEmptyString,
  values: Schema.optionalKey(Table),
  /** Taken for a value that `values` does not list. */
  otherwise: optionalText,
  /** Texts that mean "none": card number 0. */
  none: Schema.optionalKey(Schema.Array(Schema.String))
})

const OccurrenceMapping = Schema.Struct({
  ...common,
  point: Schema.NonEmptyString,
  word: Schema.Literals([
    "AccessGranted",
    "AccessDenied",
    "AccessTaken",
    "AccessNotTaken",
    "DuressSignalled",
    "ExitRequested",
    "ButtonPressed",
    "PanicPressed",
    "VibrationDetected",
    "DoorForcedReported",
    "DoorHeldReported",
    "DeviceRestarted",
    "DeviceConfigurationChanged"
  ]),
  fields: Schema.optionalKey(
    Schema.Struct({
      credential: Schema.optionalKey(Field),
      reason: Schema.optionalKey(Field),
      detail: Schema.optionalKey(Field),
      action: Schema.optionalKey(Field)
    })
  )
})

const GapMapping = Schema.Struct({ ...common, detail: Schema.NonEmptyString })

const AvailabilityMapping = Schema.Struct({
  topic: Schema.NonEmptyString,
  /** A device of its own that this topic is about, such as a bridge; absent: the topic's `{address}`. */
  address: optionalText,
  /** The device at `address` is a bridge: devices configured `via` it follow it. */
  bridge: Schema.optionalKey(Schema.Boolean),
  /** Looked up when the payload is a JSON object; a plain text is the value itself. */
  path: optionalText,
  values: Schema.Record(Schema.String, Schema.Literals(["online", "offline", "unknown"]))
})

const Expected = Schema.Record(Schema.String, Schema.Unknown)

const ProfileTest = Schema.Struct({
  name: Schema.NonEmptyString,
  topic: Schema.NonEmptyString,
  /** A text as it is sent, or a value sent as JSON. */
  payload: Schema.Unknown,
  retained: Schema.optionalKey(Schema.Boolean),
  /** The address of the one configured device, `device`. */
  address: Schema.NonEmptyString,
  invert: Schema.optionalKey(Schema.Array(Schema.String)),
  /** Each is a part of the observation it stands for; an empty list is silence. */
  expect: Schema.Array(Expected),
  outcome: Schema.optionalKey(Schema.Literals(["mapped", "ignored", "unreadable", "unknown-device", "unknown-topic"]))
})

/** A device profile as it is written: which messages of one product mean what in our words. */
export const ProfileFile = Schema.Struct({
  description: Schema.NonEmptyString,
  topics: Schema.Array(Schema.NonEmptyString).check(Schema.isMinLength(1)),
  exclude: Schema.optionalKey(Schema.Array(Schema.NonEmptyString)),
  payload: Schema.optionalKey(Schema.Literals(["json", "text", "auto"])),
  /** The message holds its event(s) here; every mapping then sees one as `item`. */
  each: optionalText,
  /** The device's address in the payload; absent: the topic's `{address}`. */
  device: Schema.optionalKey(Schema.Struct({ path: Schema.NonEmptyString })),
  deviceTime: common.deviceTime,
  /** The source's own identity of a happening, unique for ever. */
  nativeKey: optionalText,
  /** Keys whose values are never kept with a message, at any depth. */
  redact: Schema.optionalKey(Schema.Array(Schema.NonEmptyString)),
  /** Keep the redacted message with every observation. */
  keepRaw: Schema.optionalKey(Schema.Boolean),
  readings: Schema.optionalKey(Schema.Array(ReadingMapping)),
  occurrences: Schema.optionalKey(Schema.Array(OccurrenceMapping)),
  /** Messages that say the source lost events. */
  gaps: Schema.optionalKey(Schema.Array(GapMapping)),
  availability: Schema.optionalKey(Schema.Array(AvailabilityMapping)),
  tests: Schema.Array(ProfileTest)
}).annotate({ identifier: "ProfileFile" })
export type ProfileFile = typeof ProfileFile.Type

/** A mapping with its condition compiled. */
export type Compiled<M> = M & { readonly condition: Condition }
export type Reading = (typeof ReadingMapping)["Type"]
export type Occurring = (typeof OccurrenceMapping)["Type"]
export type Losing = (typeof GapMapping)["Type"]
export type Available = (typeof AvailabilityMapping)["Type"]
export type OccurrenceField = (typeof Field)["Type"]

/** A profile ready to run. */
export interface CompiledProfile {
  /** The file's name without `.yaml`: what a device names. */
  readonly name: string
  readonly file: ProfileFile
  readonly topics: ReadonlyArray<TopicPattern>
  readonly exclude: ReadonlyArray<TopicPattern>
  readonly availability: ReadonlyArray<Available & { readonly pattern: TopicPattern }>
  readonly readings: ReadonlyArray<Compiled<Reading>>
  readonly occurrences: ReadonlyArray<Compiled<Occurring>>
  readonly gaps: ReadonlyArray<Compiled<Losing>>
  /** In lower case. */
  readonly redact: ReadonlySet<string>
}

/** What is wrong with a profile, and where in its file. */
export interface ProfileIssue {
  readonly path: ReadonlyArray<string | number>
  readonly message: string
}

const always: Condition = () => true
const isPointValue = Schema.is(PointValue)
const isDenyReason = Schema.is(DenyReason)
const issuesOf = SchemaIssue.makeFormatterStandardSchemaV1()

class Compiler {
  readonly issues: Array<ProfileIssue> = []

  fail(path: ProfileIssue["path"], message: string): void {
    this.issues.push({ path, message })
  }

  topic(text: string, path: ProfileIssue["path"]): ReadonlyArray<TopicPattern> {
    const pattern = parseTopic(text)
    if (typeof pattern !== "string") return [pattern]
    this.fail(path, pattern)
    return []
  }

  topics(texts: ReadonlyArray<string>, section: string): ReadonlyArray<TopicPattern> {
    return texts.flatMap((text, index) => this.topic(text, [section, index]))
  }

  mappings<M extends { readonly when?: string; readonly each?: string }>(
    mappings: ReadonlyArray<M> | undefined,
    section: string,
    outerEach: boolean
  ): ReadonlyArray<Compiled<M>> {
    return (mappings ?? []).map((mapping, index) => {
      if (outerEach && mapping.each !== undefined)
        this.fail([section, index, "each"], "the profile explodes each message already: keep one of the two")
      if (mapping.when === undefined) return { ...mapping, condition: always }
      const condition = compileCondition(mapping.when)
      if (Result.isSuccess(condition)) return { ...mapping, condition: condition.success }
      this.fail([section, index, "when"], condition.failure)
      return { ...mapping, condition: always }
    })
  }

  words(file: ProfileFile): void {
    file.readings?.forEach(({ kind, values }, index) => {
      for (const [value, word] of Object.entries(values ?? {}))
        if (!isPointValue({ kind, value: word }))
          this.fail(["readings", index, "values", value], `"${word}" is not a word of the kind "${kind}"`)
    })
    file.occurrences?.forEach(({ word, fields }, index) => {
      const path = ["occurrences", index, "fields"]
      if (word === "AccessDenied" && fields?.reason === undefined)
        this.fail(["occurrences", index], "AccessDenied needs fields.reason")
      if (word === "ButtonPressed" && fields?.action === undefined)
        this.fail(["occurrences", index], "ButtonPressed needs fields.action")
      const reason = fields?.reason
      for (const [value, name] of Object.entries(reason?.values ?? {}))
        if (!isDenyReason(name)) this.fail([...path, "reason", "values", value], `"${name}" is not a reason to deny`)
      if (reason?.otherwise !== undefined && !isDenyReason(reason.otherwise))
        this.fail([...path, "reason", "otherwise"], `"${reason.otherwise}" is not a reason to deny`)
    })
  }

  addresses(file: ProfileFile): void {
    if (file.device === undefined)
      file.topics.forEach((topic, index) => {
        if (!/\{address(\.\.\.)?\}/.test(topic))
          this.fail(["topics", index], 'a topic needs "{address}", or the profile "device: {path: ...}"')
      })
    file.availability?.forEach(({ topic, address }, index) => {
      if (address === undefined && !/\{address(\.\.\.)?\}/.test(topic))
        this.fail(["availability", index, "topic"], 'needs "{address}" in the topic, or "address:"')
    })
  }
}

/** The schema's own words for the two commonest slips, said plainly. */
const inWords = (message: string): string =>
  message === "Missing key"
    ? "it is required"
    : message === "Expected no excess property"
      ? "a profile has no such key here"
      : message

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
  const file = result.success
  const compiler = new Compiler()
  const outer = file.each !== undefined
  const profile: CompiledProfile = {
    name,
    file,
    topics: compiler.topics(file.topics, "topics"),
    exclude: compiler.topics(file.exclude ?? [], "exclude"),
    availability: (file.availability ?? []).flatMap((mapping, index) =>
      compiler.topic(mapping.topic, ["availability", index, "topic"]).map((pattern) => ({ ...mapping, pattern }))
    ),
    readings: compiler.mappings(file.readings, "readings", outer),
    occurrences: compiler.mappings(file.occurrences, "occurrences", outer),
    gaps: compiler.mappings(file.gaps, "gaps", outer),
    redact: new Set((file.redact ?? []).map((key) => key.toLowerCase()))
  }
  compiler.words(file)
  compiler.addresses(file)
  return compiler.issues.length > 0 ? Result.fail(compiler.issues) : Result.succeed(profile)
}
