import type { Effect } from "effect"
import { Data, type Schema, type Scope } from "effect"
import type { Device } from "../gateway/domain/campus.ts"
import type { DoorCommand } from "../gateway/domain/command.ts"
import type { DeviceId, EpochMs } from "../gateway/domain/ids.ts"
import type { Observation } from "../gateway/domain/observation.ts"
import type { ConditionRef, WriteBackOutcome } from "../gateway/domain/panel-condition.ts"

/** The link went down. The supervisor retries, with the one back-off of the house. */
export class LinkLost extends Data.TaggedError("LinkLost")<{ readonly reason: string }> {
  override get message(): string {
    return this.reason
  }
}

/** The peer refuses who we are. Retrying cannot help; a person must act. */
export class CredentialsRejected extends Data.TaggedError("CredentialsRejected")<{ readonly reason: string }> {
  override get message(): string {
    return this.reason
  }
}

/** The store did not keep the report: nothing of it is on disk, and the device's side must not be told otherwise. */
export class NotKept extends Data.TaggedError("NotKept")<{ readonly reason: string }> {
  override get message(): string {
    return this.reason
  }
}

/**
 * What the transport knows about a message it may deliver twice. A message is dropped as a transport duplicate when it
 * is marked `redelivered` and the newest kept message with its `slot` on this link came in another `session`, lies
 * within the last 10 000 kept messages of the link, and has the same `digest`.
 */
export interface Delivery {
  /** MQTT packet id, behind the user's name and the client's id where the gateway itself is the broker. */
  readonly slot: string
  /** Unique per connection (a random id), never reused. */
  readonly session: string
  /** The peer marks it as sent before AND resumed our session. */
  readonly redelivered: boolean
  /** Tells topic and payload from others of its slot: a hash or a checksum, as the adapter sees fit. */
  readonly digest: string
}

/** A device's clock as it was measured by asking the device, and how far off that may be. */
export interface MeasuredClock {
  /** The device's time minus ours. */
  readonly offsetMs: number
  readonly uncertaintyMs: number
}

/** One message of a device, in our words. All of its observations are kept, or none. */
export interface Report {
  readonly observations: ReadonlyArray<Observation>
  readonly receivedAt: EpochMs
  readonly delivery?: Delivery
  /**
   * Who on the link it comes from, where the link carries many: a connection, or a device. What one source says is kept in
   * its order; a source that floods does not make the others wait.
   */
  readonly source?: string
  /** What is refused of it is not lost: the adapter has it still, and will report it again. So it is with a `delivery`. */
  readonly held?: true
  /**
   * Nobody waits for it to be settled: it may be kept a twentieth of a second later (a hundredth more from a thread of its
   * adapter's own), together with others that are patient too, so that many devices that speak often do not each hold up
   * the others' commits with one of their own.
   */
  readonly patient?: true
  /** Where the adapter knows it: else intake estimates it from the device's messages. */
  readonly clock?: MeasuredClock
}

/**
 * Hands a report to intake. `settled` is called exactly once, never synchronously: without an argument when every row
 * is on disk (or was already there), with `NotKept` when nothing was kept. Only then may the adapter acknowledge to
 * the device's side. Reports of one source of a link settle in the order they were made. An adapter keeps a bounded number of
 * reports unsettled: when intake is slow, it stops reading.
 */
export type ReportFn = (report: Report, settled: (refusal?: NotKept) => void) => void

/** A still picture as the device gave it: the bytes are not looked at yet. */
export interface Picture {
  readonly bytes: Uint8Array
  /** When it was complete, by our clock. */
  readonly receivedAt: EpochMs
}

/** The device cannot do, or did not do, what was asked of it; nothing is known to have changed. */
export class Unable extends Data.TaggedError("Unable")<{ readonly reason: string }> {
  override get message(): string {
    return this.reason
  }
}

/**
 * Nobody can say whether the device did what was asked of it: the request may have reached it, and no answer came that
 * tells.
 */
export class AnswerLost extends Data.TaggedError("AnswerLost")<{ readonly reason: string }> {
  override get message(): string {
    return this.reason
  }
}

/** What an officer does to a device's condition. */
export interface ConditionAnswer {
  readonly condition: ConditionRef
  /** The EventId of the state that it is for: no other state is acknowledged or gets the note. Shelving is for all of them. */
  readonly event: string
  readonly officer: string
  /** What the officer wrote with it; empty: nothing. */
  readonly note: string
  /** How long it is to be shelved; left out: until it is normal again. */
  readonly forSeconds?: number
}

/** What came of it, and why, for people. */
export interface ConditionAnswered {
  readonly outcome: WriteBackOutcome
  readonly detail?: string
}

/** What a device can do for us, beside being heard, for as long as its link holds. */
export interface Abilities {
  /** One picture, now. Bounded in time and size by the adapter. */
  readonly snapshot?: Effect.Effect<Picture, Unable>
  /**
   * Sends a command to the door whose lock or mode is this point. It succeeds once the device has accepted it; that it
   * was carried out is shown by the readings that follow, and by nothing else. It is sent at most once: `Unable` means
   * that it was not done, `AnswerLost` that it may have been.
   */
  readonly command?: (point: string, command: DoorCommand) => Effect.Effect<void, Unable | AnswerLost>
  /** The commands that the door at this point takes, where the device tells; left out: as if it took them all. */
  readonly takes?: (point: string) => ReadonlyArray<DoorCommand>
  /**
   * Acknowledges a condition at the device, in the officer's name. It is sent now or not at all, and at most once; it is
   * `proved` once the device shows the condition acknowledged, and by nothing less. Left out where the device has no
   * conditions, or is not to be told.
   */
  readonly acknowledge?: (answer: ConditionAnswer) => Effect.Effect<ConditionAnswered>
  /**
   * Adds an officer's note to a condition, as `acknowledge` does its part. It may be `accepted`: the comment that the
   * condition is told with is the proof.
   */
  readonly comment?: (answer: ConditionAnswer) => Effect.Effect<ConditionAnswered>
  /** Shelves a condition, as `acknowledge` does its part. */
  readonly shelve?: (answer: ConditionAnswer) => Effect.Effect<ConditionAnswered>
  /** Ends the shelving of a condition, as `acknowledge` does its part. */
  readonly unshelve?: (answer: ConditionAnswer) => Effect.Effect<ConditionAnswered>
}

/** All that an adapter may know of the gateway. */
export interface LinkContext {
  /** The id of this link in the configuration. */
  readonly link: string
  /** The devices configured on this link, disabled ones left out; exactly one where the adapter is `perDevice`. */
  readonly devices: ReadonlyArray<Device>
  /** IANA zone for times a device writes without an offset, where the device has none of its own. */
  readonly timeZone: string
  /** Where the device profiles are. */
  readonly profilesDirectory: string
  readonly report: ReportFn
  /** To be run each time the peer accepted us and events can flow. */
  readonly online: Effect.Effect<void>
  /** A sender was turned away (embedded broker): becomes a fact. */
  readonly refused: (who: string, what: string) => void
  /** When the log shows the process before this one alive for the last time; absent on the very first start. */
  readonly aliveAt?: EpochMs
  /** The gateway's clock, epoch milliseconds. */
  readonly now: () => EpochMs
  /** What the adapter counts for /metrics, by name: `messages`, `unreadable`, `unknown_device`, `ignored` … */
  readonly count: (name: string, amount?: number) => void
  /** Says what the other side of the link grants now (queues, intervals), by name; it stands until it is said anew. */
  readonly granted: (levels: Readonly<Record<string, number>>) => void
  /** Says what a device can do; it is forgotten when the scope closes, which is to be no later than the link's end. */
  readonly able: (device: DeviceId, abilities: Abilities) => Effect.Effect<void, never, Scope.Scope>
  /** What one attempt leaves to the next of the same link (of the same device, where `perDevice`); lost at a restart. */
  readonly memory: Map<string, unknown>
}

/**
 * The contract. `link` runs as long as the link holds and never succeeds; it fails with the reason it ended;
 * interrupting it leaves no socket, listener or timer behind. It makes one attempt: retrying is the supervisor's.
 * `Settings` decodes the link's section of the configuration and must not touch the network.
 */
export interface Adapter<Settings> {
  readonly protocol: string
  /**
   * Each device has a connection of its own: the supervisor runs one link a device and tells its loss as the device's
   * availability. Otherwise one link carries all its devices, as a broker does.
   */
  readonly perDevice?: true
  /** Its devices may have conditions of their own, which officers' acknowledgements, notes and shelving can go back to. */
  readonly hasConditions?: true
  /**
   * The module that exports the adapter, under its protocol's name: its links are then run on a thread of their own, so that
   * what it computes holds nobody else up. All that crosses its context is data there, and its abilities are effects and
   * functions whose arguments and answers are.
   */
  readonly thread?: URL
  readonly Settings: Schema.Codec<Settings, unknown>
  /**
   * What a link with these settings leaves unprotected, each in a clause for people ("it is not secured: …"); left out, or
   * empty: nothing is known to be amiss. Nothing but the settings is looked at.
   */
  readonly weaknesses?: (settings: Settings) => ReadonlyArray<string>
  readonly link: (settings: Settings, context: LinkContext) => Effect.Effect<never, LinkLost | CredentialsRejected>
}
