import { Schema } from "effect"
import {
  conditionFields,
  gapFields,
  occurrenceFields,
  oneOrMore,
  optionalFlag,
  optionalText,
  Path,
  profileFields,
  readingFields,
  testFields
} from "../profile/file.ts"

const GapMapping = Schema.Struct({
  ...gapFields,
  /** The devices whose address begins so are concerned too. */
  behind: Schema.optionalKey(oneOrMore(Schema.NonEmptyString))
})

const Availability = Schema.Literals(["online", "offline", "unknown"])

const AvailabilityMapping = Schema.Struct({
  ...conditionFields,
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
  codes: Schema.optionalKey(Schema.Array(Schema.NonEmptyString)),
  /** Paths and the texts one of which stands there: a message that names no device and says so is of none. */
  nobody: Schema.optionalKey(Schema.Record(Schema.NonEmptyString, oneOrMore(Schema.String)))
})

/** Bytes inside the message, read by the decoder of the sensor's model; what they say becomes `payload.decoded`. */
const DecodeMapping = Schema.Struct({
  /** Where the bytes stand, in base64. */
  path: Schema.NonEmptyString,
  port: optionalText,
  /** Where the model's name may stand, when the device has no parameter `model`. */
  model: Schema.Array(Schema.NonEmptyString),
  /** What stands here shows that the bytes are encrypted still: they are not read. */
  sealed: optionalText
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
  ...testFields,
  /** Messages that came before; what they say is not looked at. */
  before: Schema.optionalKey(Schema.Array(Schema.Struct(Sent))),
  ...Sent,
  /** The address of the one configured device, `device`. */
  address: Schema.NonEmptyString,
  outcome: Schema.optionalKey(Schema.Literals(["mapped", "ignored", "unreadable", "unknown-device", "unknown-topic"]))
})

/** A device profile as it is written: which messages of one product mean what in our words. */
export const ProfileFile = Schema.Struct({
  ...profileFields,
  protocol: Schema.optionalKey(Schema.Literal("mqtt")),
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
  readings: Schema.optionalKey(Schema.Array(Schema.Struct(readingFields))),
  occurrences: Schema.optionalKey(Schema.Array(Schema.Struct(occurrenceFields))),
  /** Messages that say the source lost events. */
  gaps: Schema.optionalKey(Schema.Array(GapMapping)),
  availability: Schema.optionalKey(Schema.Array(AvailabilityMapping)),
  tests: Schema.Array(ProfileTest)
}).annotate({ identifier: "ProfileFile" })
export type ProfileFile = typeof ProfileFile.Type

export type Losing = (typeof GapMapping)["Type"]
export type Available = (typeof AvailabilityMapping)["Type"]
export type PayloadFormat = NonNullable<ProfileFile["payload"]>
