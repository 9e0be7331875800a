import { Schema } from "effect"
import { Alert, Outcome, Reason } from "../domain/alert.ts"
import { Campus, Device } from "../domain/campus.ts"
import { CommandRecord } from "../domain/command-record.ts"
import { DoorCommand } from "../domain/command.ts"
import { ConsoleId } from "../domain/console.ts"
import { DoorMode, DoorPhysicalState, DoorStanding, LockPhysicalState } from "../domain/door.ts"
import { AreaId, DoorId, EpochMs, PersonId } from "../domain/ids.ts"
import { LinkState } from "../domain/link.ts"
import { Role } from "../domain/person.ts"
import { journalKinds } from "../log/journal/matching.ts"
import { Entry as LogEntry } from "../log/entry.ts"
import { Right } from "./rights.ts"

/** A log entry, under the name that the API's document gives it. */
export const Entry = LogEntry.annotate({ identifier: "Entry" })

/** The campus, or null before the first configuration was applied. */
export const CampusAnswer = Schema.NullOr(Campus)

/** One door as the board shows it. */
export const DoorItem = Schema.Struct({
  id: DoorId,
  name: Schema.String,
  area: AreaId,
  where: Schema.String.annotate({ description: "In words: Science Hall · Ground floor · East exit" }),
  standing: DoorStanding,
  position: DoorPhysicalState,
  lock: LockPhysicalState,
  mode: DoorMode,
  since: Schema.NullOr(EpochMs),
  commands: Schema.Array(DoorCommand).annotate({ description: "What the door can be told now" }),
  noCommands: Schema.optionalKey(Schema.String).annotate({ description: "Why it can be told nothing now" }),
  lastCommand: Schema.optionalKey(CommandRecord)
}).annotate({ identifier: "DoorItem" })
export const DoorItems = Schema.Struct({ items: Schema.Array(DoorItem) })

export const CommandItems = Schema.Struct({ items: Schema.Array(CommandRecord) })

/** A device with what is known of its presence. */
export const DeviceItem = Schema.Struct({
  ...Device.fields,
  availability: Schema.Literals(["online", "offline", "unknown"]),
  reason: Schema.String,
  since: Schema.NullOr(EpochMs),
  lastHeardAt: Schema.NullOr(EpochMs)
}).annotate({ identifier: "DeviceItem" })
export const DeviceItems = Schema.Struct({ items: Schema.Array(DeviceItem) })

/** A link, how it stands, and how far it protects. */
export const LinkItem = Schema.Struct({
  id: Schema.String,
  state: LinkState,
  weaknesses: Schema.optionalKey(Schema.Array(Schema.String)).annotate({
    description: "What its settings leave unprotected; absent: nothing that is known"
  }),
  granted: Schema.optionalKey(Schema.Record(Schema.String, Schema.Finite)).annotate({
    description:
      "What the other side granted last, of what was asked for: events and values queued for each source, milliseconds between publications, seconds that the subscription lives without us"
  })
}).annotate({ identifier: "LinkItem" })
export const LinkItems = Schema.Struct({ items: Schema.Array(LinkItem) })

const next = Schema.NullOr(Schema.String).annotate({
  description: "Cursor of the next page (`before`, or `after` when that was given); null at the end"
})

/** An alert with where to look. */
export const AlertItem = Schema.Struct({ ...Alert.fields, where: Schema.String }).annotate({ identifier: "AlertItem" })
export const AlertItems = Schema.Struct({ items: Schema.Array(AlertItem), next })

export const AlertExplained = Schema.Struct({
  alert: Alert,
  reasons: Schema.Array(Schema.Struct({ ...Reason.fields, entry: Schema.optionalKey(Entry) })),
  timeline: Schema.Array(Entry)
}).annotate({ identifier: "AlertExplained" })

export const EntryItems = Schema.Struct({ items: Schema.Array(Entry), next })

const wholeNumber = (description: string, atLeast: number, atMost: number) =>
  Schema.FiniteFromString.pipe(
    Schema.check(
      Schema.isInt({ expected: `${description}: a whole number` }),
      Schema.isBetween(
        { minimum: atLeast, maximum: atMost },
        { expected: `${description}: between ${atLeast} and ${atMost}` }
      )
    ),
    Schema.annotate({ description }),
    Schema.optionalKey
  )

export const position = (description: string) => wholeNumber(description, 0, Number.MAX_SAFE_INTEGER)

/** The most items of one page. */
export const pageAtMost = 500
/** Items of a page when the request does not say. */
export const pageUsual = 100

export const limit = wholeNumber("how many items at most", 1, pageAtMost)
const filter = Schema.optionalKey(Schema.NonEmptyString)

export const AlertsQuery = Schema.Struct({
  state: Schema.optionalKey(Schema.Literals(["open", "closed", "all"])),
  door: filter,
  before: position("the `next` of the page before"),
  limit
})

const span = {
  after: position("entries with a greater seq, oldest first"),
  before: position("entries with a smaller seq, newest first"),
  limit,
  door: filter,
  device: filter,
  alert: filter
}

/** ISO 8601 with an offset: without one, nobody can say whose clock is meant. */
export const instant = Schema.String.pipe(
  Schema.check(
    Schema.isPattern(/^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)$/, {
      expected: "an instant in ISO 8601 with its offset, such as 2026-03-02T10:02:11Z"
    })
  )
)
export const ExplainDoorQuery = Schema.Struct({ at: Schema.optionalKey(instant) })
export const SpanQuery = Schema.Struct({ from: Schema.optionalKey(instant), to: Schema.optionalKey(instant) })
export const DoctorQuery = Schema.Struct({
  from: Schema.optionalKey(instant),
  to: Schema.optionalKey(instant),
  door: filter
})

export const EventsQuery = Schema.Struct(span)
export const LogQuery = Schema.Struct({
  ...span,
  kind: Schema.optionalKey(Schema.Literals(["Fact", "Event", "Alert", "Incident", "Notification"]))
})
/** Kinds with commas between. */
const kinds = Schema.String.pipe(
  Schema.check(
    Schema.isPattern(new RegExp(`^(?:${journalKinds.join("|")})(?:,(?:${journalKinds.join("|")}))*$`), {
      expected: `kinds with commas between: ${journalKinds.join(", ")}`
    })
  ),
  Schema.annotate({ description: `What entries are: ${journalKinds.join(", ")}; with commas between` })
)
const looked = {
  text: Schema.optionalKey(
    Schema.String.pipe(
      Schema.check(Schema.isMaxLength(200)),
      Schema.annotate({
        description: "Words that all have to be found: in what an entry says, or in the name of its door or device"
      })
    )
  ),
  by: filter,
  door: filter,
  device: filter,
  alert: filter,
  kinds: Schema.optionalKey(kinds),
  from: Schema.optionalKey(instant),
  to: Schema.optionalKey(instant)
}
export const JournalQuery = Schema.Struct({ ...looked, before: position("the `next` of the page before"), limit })
export const JournalExportQuery = Schema.Struct({ ...looked, format: Schema.Literals(["csv", "json"]) })
export const JournalItems = Schema.Struct({
  items: Schema.Array(Entry),
  next,
  /** How far back the log was looked through; a page with `next` may hold less than was asked for. */
  reachedAt: Schema.optionalKey(EpochMs)
})
export const StreamQuery = Schema.Struct({
  after: position("resume behind this seq"),
  console: Schema.optionalKey(ConsoleId).annotate({
    description: "The console that follows: when it is away for 30 s while a critical alert waits, the log says so"
  })
})

const words = (what: string, atMost: number) =>
  Schema.String.pipe(
    Schema.check(
      Schema.isPattern(new RegExp(`^(?=[^]*\\S)[^\\p{Cc}]{1,${atMost}}$`, "u"), {
        expected: `${what}: 1 to ${atMost} characters, no control characters`
      })
    )
  )

/** What an officer writes: a note, a reason. */
export const prose = (what: string) =>
  Schema.String.pipe(
    Schema.check(
      Schema.isPattern(/^(?=[^]*\S)[^]{1,2000}$/u, { expected: `${what}: 1 to 2000 characters, not only blanks` })
    )
  )

/** Words that may be left out. */
export const WordsBody = Schema.Struct({ note: Schema.optionalKey(prose("a note")) })
export const TakeOverBody = Schema.Struct({
  from: Schema.NonEmptyString.annotate({ description: "Who has it in hand; it counts only while they do" }),
  reason: prose("a reason")
})
export const ReasonBody = Schema.Struct({ reason: prose("a reason") })
/** So many alerts are acknowledged with one request. */
const acknowledgedAtOnce = 500
export const AcknowledgeSeveralBody = Schema.Struct({
  ids: Schema.Array(Schema.NonEmptyString).pipe(
    Schema.check(Schema.isMinLength(1), Schema.isMaxLength(acknowledgedAtOnce))
  ),
  reason: prose("a reason")
})
export const AcknowledgedSeveral = Schema.Struct({
  acknowledged: Schema.Array(Alert),
  refused: Schema.Array(Schema.Struct({ id: Schema.String, why: Schema.String }))
}).annotate({ identifier: "AcknowledgedSeveral" })
export const CloseBody = Schema.Struct({ outcome: Outcome, reason: prose("a reason") })
export const NoteBody = Schema.Struct({ note: prose("a note") })
/** The configuration may allow less; no more can be allowed. */
export const minutes = Schema.Int.pipe(
  Schema.check(Schema.isBetween({ minimum: 1, maximum: 1440 }, { expected: "minutes: a whole number from 1 to 1440" }))
)
export const ShelveBody = Schema.Struct({
  minutes: Schema.optionalKey(minutes),
  oneShot: Schema.optionalKey(Schema.Literal(true)).annotate({
    description: "Until its condition is normal again, and for the longest time that the configuration allows at most"
  }),
  reason: prose("a reason")
}).pipe(
  Schema.check(
    Schema.makeFilter((body) => (body.minutes === undefined) !== (body.oneShot === undefined), {
      expected: "either minutes or oneShot: true"
    })
  )
)
export const CommandBody = Schema.Struct({ command: DoorCommand, reason: Schema.optionalKey(prose("a reason")) })
/** Long enough for any password, and for a thousand tries to cost nothing to refuse. */
const typedSecret = Schema.String.pipe(
  Schema.check(Schema.isPattern(/^[^]{1,1000}$/u, { expected: "1 to 1000 characters" }))
)
export const SessionBody = Schema.Union([
  Schema.Struct({ who: words("a name", 120), password: typedSecret }),
  Schema.Struct({ token: Schema.NonEmptyString, name: words("an officer's name", 80) })
])
export const EnrolmentBody = Schema.Struct({ code: typedSecret, password: typedSecret })
export const EnrolmentCodeBody = Schema.Struct({ code: typedSecret })
export const PasswordBody = Schema.Struct({ current: typedSecret, password: typedSecret })
export const SessionAnswer = Schema.Struct({
  name: Schema.String,
  role: Role,
  rights: Schema.Array(Right).annotate({ description: "All that they may" }),
  person: Schema.optionalKey(PersonId)
}).annotate({ identifier: "SignedIn" })

/** The data of an `entry` event is an Entry; that of a `heartbeat` is this. */
export const Heartbeat = Schema.Struct({
  at: EpochMs,
  head: Schema.Finite,
  accepting: Schema.Boolean
}).annotate({ identifier: "Heartbeat" })

/** RFC 9457. */
export const ProblemDetails = Schema.Struct({
  type: Schema.String,
  title: Schema.String,
  status: Schema.Finite,
  detail: Schema.String,
  errors: Schema.optionalKey(Schema.Array(Schema.Struct({ path: Schema.String, message: Schema.String }))),
  right: Schema.optionalKey(Right).annotate({ description: "The right that is missing" }),
  roles: Schema.optionalKey(Schema.Array(Role)).annotate({ description: "Who has it" })
}).annotate({ identifier: "Problem" })
