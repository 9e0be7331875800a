import { Schema } from "effect"
import { OccurrenceWord, PointKind } from "../../gateway/domain/observation.ts"

const optionalText = Schema.optionalKey(Schema.NonEmptyString)
const optionalFlag = Schema.optionalKey(Schema.Boolean)
const Table = Schema.Record(Schema.String, Schema.NonEmptyString)

/** One thing, or several of which the first that is there counts. */
const oneOrMore = <S extends Schema.Top>(schema: S) =>
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

const conditions = {
  /** Paths (`topic.name` for a capture) and the texts one of which stands there; what is absent does not apply. */
  match: Schema.optionalKey(Schema.Record(Schema.NonEmptyString, oneOrMore(Schema.String))),
  /** CEL over `payload`, `item`, `topic`, `parameters`, `retained`. */
  when: optionalText
}

const mapping = {
  ...conditions,
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

const ReadingMapping = Schema.Struct({
  ...mapping,
  /** A point's name; `{capture}`, `{path}`, `{path|last}` and `{path|first}` are filled in. */
  point: Schema.NonEmptyString,
  kind: PointKind,
  /** Absent: the whole payload. A value that is absent or null says nothing. */
  path: Schema.optionalKey(Path),
  /** From the text of the value to our word. Absent: the value is our word already. */
  values: Schema.optionalKey(Table),
  /** Values that are known and say nothing of the point, such as LOCKING. */
  silent: Schema.optionalKey(Schema.Array(Schema.String)),
  ranges: Schema.optionalKey(Schema.Array(Range).check(Schema.isMinLength(1))),
  /** The word itself, when being mapped is all the message says. */
  is: optionalText,
  /** The word for an empty payload; without it an empty payload says nothing. */
  empty: optionalText
})

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

const OccurrenceMapping = Schema.Struct({
  ...mapping,
  point: Schema.NonEmptyString,
  word: Schema.Literals(words),
  fields: Schema.optionalKey(Schema.Record(Schema.String, Field)),
  repeats: Schema.optionalKey(Repeats)
})

const GapMapping = Schema.Struct({
  ...conditions,
  each: optionalText,
  detail: Schema.NonEmptyString,
  /** A number that goes up by one a happening; a gap when it goes up by more. It makes no reading unknown. */
  counter: optionalText,
  /** Once a message, not for each of its items. */
  once: optionalFlag,
  /** The devices whose address begins so are concerned too. */
  behind: Schema.optionalKey(oneOrMore(Schema.NonEmptyString))
})

const Availability = Schema.Literals(["online", "offline", "unknown"])

const AvailabilityMapping = Schema.Struct({
  ...conditions,
  /** Absent: one of the profile's own messages tells it. */
  topic: optionalText,
  /** A device of its own that this is about, such as a bridge; absent: the message's device. */
  address: optionalText,
  /** The device is a bridge: every device of the profile is behind it. */
  bridge: optionalFlag,
  /** The device is a bridge to the devices whose address begins so. */
  behind: Schema.optionalKey(oneOrMore(Schema.NonEmptyString)),
  /** Looked up when the payload is a JSON object; a plain text is the value itself. */
  path: Schema.optionalKey(Path),
  values: Schema.optionalKey(Schema.Record(Schema.String, Availability)),
  /** Values that are known and say nothing of whether it is there. */
  silent: Schema.optionalKey(Schema.Array(Schema.String)),
  /** The state itself, when being mapped is all the message says. */
  is: Schema.optionalKey(Availability)
})

/** Which configured device a message is of. */
const DeviceMapping = Schema.Struct({
  /** The address stands here in the payload. */
  path: optionalText,
  /** The address, with captures and paths filled in; of several the first that a device has. */
  address: Schema.optionalKey(oneOrMore(Schema.NonEmptyString)),
  /** Letters count alike in both cases: MAC addresses and EUIs. */
  ignoreCase: optionalFlag,
  /** Parameters of the device that hold codes (several with blanks between); the one found is `topic.code`. */
  codes: Schema.optionalKey(Schema.Array(Schema.NonEmptyString))
})

/** Bytes inside the message, read by the decoder of the sensor's model; what they say becomes `payload.decoded`. */
const DecodeMapping = Schema.Struct({
  /** Where the bytes stand, in base64. */
  path: Schema.NonEmptyString,
  port: optionalText,
  /** Where the model's name may stand, when the device has no parameter `model`. */
  model: Schema.Array(Schema.NonEmptyString)
})

const Sent = {
  topic: Schema.NonEmptyString,
  /** A text as it is sent, or a value sent as JSON. */
  payload: Schema.optionalKey(Schema.Unknown),
  /** Bytes in base64, instead of `payload`. */
  bytes: optionalText,
  retained: optionalFlag,
  /** How long after the message before it, in milliseconds; 1000 when absent. */
  afterMs: Schema.optionalKey(Schema.Finite)
}

const ProfileTest = Schema.Struct({
  name: Schema.NonEmptyString,
  /** Messages that came before; what they say is not looked at. */
  before: Schema.optionalKey(Schema.Array(Schema.Struct(Sent))),
  ...Sent,
  /** The address of the one configured device, `device`. */
  address: Schema.NonEmptyString,
  invert: Schema.optionalKey(Schema.Array(Schema.String)),
  parameters: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
  /** Each is a part of the observation it stands for; an empty list is silence. */
  expect: Schema.Array(Schema.Record(Schema.String, Schema.Unknown)),
  outcome: Schema.optionalKey(Schema.Literals(["mapped", "ignored", "unreadable", "unknown-device", "unknown-topic"]))
})

/** A device profile as it is written: which messages of one product mean what in our words. */
export const ProfileFile = Schema.Struct({
  description: Schema.NonEmptyString,
  /** Names and defaults of what a site may set otherwise, such as a base topic; a device's `parameters` override. */
  parameters: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
  topics: Schema.Array(Schema.NonEmptyString).check(Schema.isMinLength(1)),
  exclude: Schema.optionalKey(Schema.Array(Schema.NonEmptyString)),
  payload: Schema.optionalKey(Schema.Literals(["json", "text", "auto", "csv", "onvif", "sparkplug", "chirpstack"])),
  /** The names of the fields of a `csv` payload; what a message has no field for is absent. */
  columns: Schema.optionalKey(Schema.Array(Schema.NonEmptyString)),
  decode: Schema.optionalKey(DecodeMapping),
  /** The message holds its event(s) here; every mapping then sees one as `item`. */
  each: optionalText,
  /** Absent: the topic's `{address}`. */
  device: Schema.optionalKey(DeviceMapping),
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
  keepRaw: optionalFlag,
  readings: Schema.optionalKey(Schema.Array(ReadingMapping)),
  occurrences: Schema.optionalKey(Schema.Array(OccurrenceMapping)),
  /** Messages that say the source lost events. */
  gaps: Schema.optionalKey(Schema.Array(GapMapping)),
  availability: Schema.optionalKey(Schema.Array(AvailabilityMapping)),
  tests: Schema.Array(ProfileTest)
}).annotate({ identifier: "ProfileFile" })
export type ProfileFile = typeof ProfileFile.Type

export type Reading = (typeof ReadingMapping)["Type"]
export type Occurring = (typeof OccurrenceMapping)["Type"]
export type Losing = (typeof GapMapping)["Type"]
export type Available = (typeof AvailabilityMapping)["Type"]
export type OccurrenceField = (typeof Field)["Type"]
export type PayloadFormat = NonNullable<ProfileFile["payload"]>
