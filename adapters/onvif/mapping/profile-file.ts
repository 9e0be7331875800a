import { Schema } from "effect"
import {
  conditionFields,
  occurrenceFields,
  oneOrMore,
  optionalFlag,
  optionalText,
  profileFields,
  readingFields,
  testFields
} from "../../profile/file.ts"

/** A topic in the canonical form, or several: it stands for those below it, and the one with more names is meant. */
const Topic = oneOrMore(Schema.NonEmptyString)

const ReadingMapping = Schema.Struct({
  ...readingFields,
  topic: Topic,
  /**
   * Some devices tell no end of it: off by itself so long after it was last told. A number of seconds, or the name of a
   * parameter that holds one; 0 is never. A device's `parameter.X` holds for the rule, or else the source, `X` alone.
   */
  clearAfterSeconds: Schema.optionalKey(Schema.Union([Schema.Finite, Schema.NonEmptyString]))
})

const OccurrenceMapping = Schema.Struct({ ...occurrenceFields, topic: Topic })

const GapMapping = Schema.Struct({ ...conditionFields, topic: Topic, detail: Schema.NonEmptyString })

const Items = Schema.Record(Schema.String, Schema.Union([Schema.String, Schema.Finite, Schema.Boolean]))

const Sent = {
  /** As a device sends it, or canonical. */
  topic: Schema.NonEmptyString,
  operation: Schema.optionalKey(Schema.Literals(["Initialized", "Changed", "Deleted"])),
  source: Schema.optionalKey(Items),
  key: Schema.optionalKey(Items),
  data: Schema.optionalKey(Items),
  elements: Schema.optionalKey(Schema.Record(Schema.String, Schema.Unknown)),
  utc: optionalText,
  /** It comes in the first pull of a new subscription, and tells of something before it. */
  resubscribed: optionalFlag,
  /** Names what it came through; "first" when absent. */
  subscription: optionalText,
  /** How long after the message before it, in milliseconds; 1000 when absent. */
  afterMs: Schema.optionalKey(Schema.Finite)
}

const ProfileTest = Schema.Struct({
  ...testFields,
  /** Messages that came before; what they say is not looked at. */
  before: Schema.optionalKey(Schema.Array(Schema.Struct(Sent))),
  ...Sent,
  /** What is looked at is not the message but what is due so long after it. */
  dueAfterSeconds: Schema.optionalKey(Schema.Finite),
  outcome: Schema.optionalKey(Schema.Literals(["mapped", "ignored", "unreadable"]))
})

/** A profile of ONVIF devices as it is written: which topics mean what in our words. */
export const OnvifProfileFile = Schema.Struct({
  ...profileFields,
  protocol: Schema.Literal("onvif"),
  /** A profile whose mappings hold where this one has none for a topic, and whose settings hold where it has none. */
  extends: optionalText,
  /** Profiles whose own mappings hold where neither this one nor what it extends has one. */
  also: Schema.optionalKey(Schema.Array(Schema.NonEmptyString)),
  /** Topics that are known and say nothing of ours. */
  ignore: Schema.optionalKey(Schema.Array(Schema.NonEmptyString)),
  readings: Schema.optionalKey(Schema.Array(ReadingMapping)),
  occurrences: Schema.optionalKey(Schema.Array(OccurrenceMapping)),
  /** Messages that say the source lost events. */
  gaps: Schema.optionalKey(Schema.Array(GapMapping)),
  tests: Schema.Array(ProfileTest)
}).annotate({ identifier: "OnvifProfileFile" })
export type OnvifProfileFile = typeof OnvifProfileFile.Type

export type OnvifReading = (typeof ReadingMapping)["Type"]
export type OnvifOccurring = (typeof OccurrenceMapping)["Type"]
export type OnvifLosing = (typeof GapMapping)["Type"]
export type OnvifTest = (typeof ProfileTest)["Type"]
