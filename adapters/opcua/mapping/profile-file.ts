import { Schema } from "effect"
import { DoorCommand } from "../../../gateway/domain/command.ts"
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
} from "../../profile/file.ts"
import { SeverityBand } from "../settings.ts"

/** Node ids, browse paths and browse names as a profile writes them: see `profile-node.ts`. */
const Node = Schema.NonEmptyString
const optionalNode = Schema.optionalKey(Node)

const wholeNumber = Schema.Int.pipe(Schema.check(Schema.isGreaterThanOrEqualTo(0)))

/** What a mapping listens to: one of the three. */
const heardOf = {
  /** A variable, or with `{name}` in its path every variable that it leads to. */
  node: optionalNode,
  /** What the variable's values must be; absent: as the values that the mapping lists are. */
  type: Schema.optionalKey(Schema.Literals(["boolean", "number", "string", "any"])),
  /** Events of these types, and of the types below them. */
  event: Schema.optionalKey(oneOrMore(Node)),
  /** Alarms, or other conditions, of these types and of the types below them. */
  alarm: Schema.optionalKey(oneOrMore(Node)),
  /** The object whose events are heard; absent: the profile's own. */
  notifier: optionalNode,
  /** Ids of the nodes that the event is about, with captures: `p;s=Doors/{door}`; absent: the profile's own, or any. */
  source: Schema.optionalKey(oneOrMore(Node))
}

const ReadingMapping = Schema.Struct({
  ...readingFields,
  ...heardOf,
  /** The word while an alarm is not active; absent: `off`, `ok` or `Normal`, as the kind has it. */
  inactive: optionalText
})

const OccurrenceMapping = Schema.Struct({ ...occurrenceFields, ...heardOf })

const { alarm: _, ...withoutAlarms } = heardOf
const GapMapping = Schema.Struct({ ...gapFields, ...withoutAlarms })

const Availability = Schema.Literals(["online", "offline", "unknown"])

/** Whether a device is there, where the server speaks for it. */
const AvailabilityMapping = Schema.Struct({
  ...conditionFields,
  ...withoutAlarms,
  path: Schema.optionalKey(Path),
  values: Schema.optionalKey(Schema.Record(Schema.String, Availability)),
  is: Schema.optionalKey(Availability)
})

/** How a command is given: by a method of an object, or by a value that a variable is set to. */
const Act = Schema.Union([
  Schema.Struct({
    call: Node,
    /** The object whose method it is; absent: the node above it in its path. */
    on: optionalNode,
    arguments: Schema.optionalKey(Schema.Array(Schema.Union([Schema.Boolean, Schema.Finite, Schema.String])))
  }),
  Schema.Struct({ write: Node, value: Schema.Union([Schema.Boolean, Schema.Finite, Schema.String]) })
])

const CommandMapping = Schema.Struct({
  /** The door's lock or mode. */
  point: Schema.NonEmptyString,
  do: Schema.Struct(
    Object.fromEntries(DoorCommand.literals.map((command) => [command, Schema.optionalKey(Act)])) as Record<
      DoorCommand,
      Schema.optionalKey<typeof Act>
    >
  )
})

const Condition = Schema.Struct({
  id: Node,
  /** A state of the past that still wants an answer. */
  branch: optionalNode,
  name: optionalText,
  enabled: optionalFlag,
  active: optionalFlag,
  acked: optionalFlag,
  confirmed: optionalFlag,
  shelved: optionalFlag,
  retain: optionalFlag,
  /** The server does not repeat it any more when it is asked for all. */
  gone: optionalFlag
})

/** What a server sends in a test. */
const Sent = {
  /** The variable, without captures. */
  node: optionalNode,
  value: Schema.optionalKey(Schema.Unknown),
  /** Of a value, such as BadNoCommunication; absent: Good. */
  status: optionalText,
  /** Types of an event, its own first, then those above it. */
  event: Schema.optionalKey(oneOrMore(Node)),
  /** Beside `event`: the condition that the event tells the state of. */
  alarm: Schema.optionalKey(Condition),
  /** The object that the event was heard of; absent: the profile's notifier. */
  from: optionalNode,
  source: optionalNode,
  sourceName: optionalText,
  message: optionalText,
  severity: Schema.optionalKey(Schema.Finite),
  fields: Schema.optionalKey(Schema.Record(Schema.String, Schema.Unknown)),
  id: optionalText,
  /** The source's time of a value, an event's own time. 1601 is OPC UA's way to say none. */
  time: optionalText,
  /** It has been so for an unknown time: a first value, a repeated condition. */
  first: optionalFlag,
  /** How long after the message before it, in milliseconds; 1000 when absent. */
  afterMs: Schema.optionalKey(Schema.Finite)
}

const ProfileTest = Schema.Struct({
  ...testFields,
  /** Messages that came before; what they say is not looked at. */
  before: Schema.optionalKey(Schema.Array(Schema.Struct(Sent))),
  ...Sent,
  /** The device's; absent: the Objects folder. */
  address: optionalText,
  outcome: Schema.optionalKey(Schema.Literals(["mapped", "ignored", "unreadable"]))
})

/** A profile of OPC UA servers as it is written: which nodes, events and conditions mean what in our words. */
export const OpcuaProfileFile = Schema.Struct({
  ...profileFields,
  protocol: Schema.Literal("opcua"),
  /** Short names for namespaces, by which nodes are named. A URI may hold `{parameters}`. */
  namespaces: Schema.optionalKey(Schema.Record(Schema.String, Schema.Union([Schema.String, Schema.Finite]))),
  /** The object whose events are heard; absent: the Server object. */
  notifier: optionalNode,
  /** Ids of the nodes that events are about, for all mappings that do not say it themselves. */
  source: Schema.optionalKey(oneOrMore(Node)),
  /** Fields of events beside those that each brings, by names of our own: browse paths below the event. */
  fields: Schema.optionalKey(Schema.Record(Schema.String, Node)),
  /** Events below it are not asked for. */
  severityAtLeast: Schema.optionalKey(Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1000 }))),
  /** How severe what is, where the product has bands of its own; absent: the link's. */
  severity: Schema.optionalKey(Schema.NonEmptyArray(SeverityBand)),
  /** How often the server is to look at variables; absent: 0, at every change. */
  samplingMs: Schema.optionalKey(wholeNumber),
  /** Values that the server is to queue for each variable; absent: 10. */
  queueSize: Schema.optionalKey(wholeNumber.check(Schema.isBetween({ minimum: 1, maximum: 10_000 }))),
  readings: Schema.optionalKey(Schema.Array(ReadingMapping)),
  occurrences: Schema.optionalKey(Schema.Array(OccurrenceMapping)),
  gaps: Schema.optionalKey(Schema.Array(GapMapping)),
  availability: Schema.optionalKey(Schema.Array(AvailabilityMapping)),
  commands: Schema.optionalKey(Schema.Array(CommandMapping)),
  tests: Schema.Array(ProfileTest)
}).annotate({ identifier: "OpcuaProfileFile" })
export type OpcuaProfileFile = typeof OpcuaProfileFile.Type

export type OpcuaReading = (typeof ReadingMapping)["Type"]
export type OpcuaOccurring = (typeof OccurrenceMapping)["Type"]
export type OpcuaLosing = (typeof GapMapping)["Type"]
export type OpcuaAvailable = (typeof AvailabilityMapping)["Type"]
export type OpcuaCommand = (typeof CommandMapping)["Type"]
export type OpcuaAct = (typeof Act)["Type"]
export type OpcuaTest = (typeof ProfileTest)["Type"]
