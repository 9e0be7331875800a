import { Schema } from "effect"
import { OccurrenceWord, PointKind } from "../../gateway/domain/observation.ts"

/** The protocols that profiles are written for; a file that names none is MQTT's. */
export const protocols = ["mqtt", "onvif", "opcua"] as const
export type Protocol = (typeof protocols)[number]
export const defaultProtocol: Protocol = "mqtt"

export const optionalText = Schema.optionalKey(Schema.NonEmptyString)
export const optionalFlag = Schema.optionalKey(Schema.Boolean)
const Table = Schema.Record(Schema.String, Schema.NonEmptyString)

/** One thing, or several of which the first that is there counts. */
export const oneOrMore = <S extends Schema.Top>(schema: S) =>
  Schema.Union([schema, Schema.Array(schema).check(Schema.isMinLength(1))])

/** A dotted path, or several of which the first with a value counts. */
export const Path = oneOrMore(Schema.NonEmptyString)

const DeviceTime = Schema.Union([
  /** Overrides the profile's own with no time at all. */
  Schema.Literal("none"),
  Schema.Struct({
    path: Path,
    format: Schema.Literals(["epoch-s", "epoch-ms", "iso", "zoned", "auto"])
  })
])

/** When a mapping applies. */
export const conditionFields = {
  /** Paths (`topic.name` for a capture) and the texts one of which stands there; what is absent does not apply. */
  match: Schema.optionalKey(Schema.Record(Schema.NonEmptyString, oneOrMore(Schema.String))),
  /** CEL over `payload`, `item`, `topic`, `parameters`, `retained`. */
  when: optionalText
}

const mappingFields = {
  ...conditionFields,
  /** Explodes an array, or the members whose key fits `path.name:{n}`: the mapping runs for each `item`. */
  each: optionalText,
  /** Overrides the profile's own. */
  deviceTime: Schema.optionalKey(DeviceTime),
  nativeKey: Schema.optionalKey(oneOrMore(Schema.NonEmptyString)),
  /** `replayed`: what the device kept while it could not send; it says nothing of now. */
  origin: Schema.optionalKey(Schema.Literals(["recovery", "replayed"]))
}

/** A word for the numbers from `from` to `to`, both included; without a word they say nothing. */
const Range = Schema.Struct({ from: Schema.Finite, to: Schema.Finite, word: optionalText })

/** A value that lasts. */
export const readingFields = {
  ...mappingFields,
  /** A point's name; `{capture}`, `{path}`, `{path|last}`, `{path|first}` and `{path|second word}` are filled in. */
  point: Schema.NonEmptyString,
  kind: PointKind,
  /** Absent: the whole payload. A value that is absent or null says nothing. */
  path: Schema.optionalKey(Path),
  /** From the text of the value to our word. Absent: the value is our word already. */
  values: Schema.optionalKey(Table),
  /** The word for a value that `values` does not list; without it such a message is unreadable. */
  otherwise: optionalText,
  /** Values that are known and say nothing of the point, such as LOCKING. */
  silent: Schema.optionalKey(Schema.Array(Schema.String)),
  ranges: Schema.optionalKey(Schema.Array(Range).check(Schema.isMinLength(1))),
  /** The word itself, when being mapped is all the message says. */
  is: optionalText,
  /** The word for an empty payload; without it an empty payload says nothing. */
  empty: optionalText
}

/** Where a field of an occurrence comes from. */
const Field = Schema.Struct({
  path: Schema.optionalKey(Path),
  values: Schema.optionalKey(Table),
  /** Taken for a value that `values` does not list, or that is absent. */
  otherwise: optionalText,
  /** Texts that mean "none": card number 0. */
  none: Schema.optionalKey(Schema.Array(Schema.String)),
  /** The field's text itself. */
  is: optionalText
})

/** How a source sends one happening more than once, and how a second happening is told from a copy. */
const Repeats = Schema.Union([
  /** Copies of one radio edge: each within this time of the one before it. */
  Schema.Struct({ withinMs: Schema.Finite.check(Schema.isBetween({ minimum: 1, maximum: 10_000 })) }),
  /**
   * The last happening is told again and again; its counter shows a new one. The first one heard is of unknown age,
   * unless the source speaks only when something happens (`first: change`).
   */
  Schema.Struct({ counter: Schema.NonEmptyString, first: Schema.optionalKey(Schema.Literals(["recovery", "change"])) })
])

const words = Object.keys(OccurrenceWord.cases) as ReadonlyArray<keyof typeof OccurrenceWord.cases>

/** Something momentary. */
export const occurrenceFields = {
  ...mappingFields,
  point: Schema.NonEmptyString,
  word: Schema.Literals(words),
  fields: Schema.optionalKey(Schema.Record(Schema.String, Field)),
  repeats: Schema.optionalKey(Repeats)
}

/** A message that says the source lost events. */
export const gapFields = {
  ...conditionFields,
  each: optionalText,
  detail: Schema.NonEmptyString,
  /** A number that goes up by one a happening; a gap when it goes up by more. It makes no reading unknown. */
  counter: optionalText,
  /** Once a message, not for each of its items. */
  once: optionalFlag
}

/** What stands beside the mappings in a profile of every protocol. */
export const profileFields = {
  description: Schema.NonEmptyString,
  /** Names and defaults of what a site may set otherwise, such as a base topic; a device's `parameters` override. */
  parameters: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
  deviceTime: Schema.optionalKey(DeviceTime),
  /** The source's own identity of a happening, unique for ever; of several the first that can be filled. */
  nativeKey: Schema.optionalKey(oneOrMore(Schema.NonEmptyString)),
  /** CEL: the message repeats what has been so for an unknown time. */
  recovery: optionalText,
  /** CEL: the message is history, sent late. */
  replayed: optionalText,
  /** CEL: the message is a test or a simulation. */
  simulated: optionalText,
  /** Keys whose values are never kept with a message, at any depth. */
  redact: Schema.optionalKey(Schema.Array(Schema.NonEmptyString)),
  /** Keep the redacted message with every observation. */
  keepRaw: optionalFlag
}

/** What stands beside the message in a test that a profile carries. */
export const testFields = {
  name: Schema.NonEmptyString,
  invert: Schema.optionalKey(Schema.Array(Schema.String)),
  parameters: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
  /** Each is a part of the observation it stands for; an empty list is silence. */
  expect: Schema.Array(Schema.Record(Schema.String, Schema.Unknown))
}

const ReadingMapping = Schema.Struct(readingFields)
const OccurrenceMapping = Schema.Struct(occurrenceFields)
const GapMapping = Schema.Struct(gapFields)
const ProfileFile = Schema.Struct({
  ...profileFields,
  readings: Schema.optionalKey(Schema.Array(ReadingMapping)),
  occurrences: Schema.optionalKey(Schema.Array(OccurrenceMapping)),
  gaps: Schema.optionalKey(Schema.Array(GapMapping))
})

/** What every protocol's profile file has. */
export type ProfileFile = (typeof ProfileFile)["Type"]
export type Reading = (typeof ReadingMapping)["Type"]
export type Occurring = (typeof OccurrenceMapping)["Type"]
export type Losing = (typeof GapMapping)["Type"]
export type OccurrenceField = (typeof Field)["Type"]
