import type { Effect, Schema, Scope } from "effect"
import type { Alert } from "../domain/alert.ts"
import type { ChannelRecipients } from "../domain/escalation.ts"
import type { EpochMs } from "../domain/ids.ts"
import type { RefusalScope } from "../domain/notification.ts"

/** Whom one message is for. */
export interface Recipient {
  /** Absent: the channel itself is told. */
  readonly person?: { readonly id: string; readonly name: string }
  /** The number or mail address, for channels whose recipients have an `address`. */
  readonly address?: string
}

/** What an alert is, for machines that are told: nothing that is on no officer's screen. */
export type MessageAlert = Pick<
  Alert,
  | "id"
  | "condition"
  | "key"
  | "priority"
  | "title"
  | "active"
  | "count"
  | "occurredAt"
  | "raisedAt"
  | "door"
  | "device"
  | "area"
>

/** One message, ready to be sent. The texts are written when it is sent, and say so when it is late. */
export interface Message {
  /**
   * The idempotency key. Every copy of a message has the same one and no other message has it: hand it to the other side
   * where it can tell copies apart by it.
   */
  readonly key: string
  /** `test` asks for nothing, and says so in its texts. */
  readonly kind: "alert" | "test"
  /** Whether it is for people's lives: then it is to be loud where the channel can be. */
  readonly urgency: "life-safety" | "usual"
  readonly recipient: Recipient
  /** Messages of one alert belong together: `A-4821`. */
  readonly thread: string
  /** How often the thread has begun to ask, from 1. */
  readonly round: number
  readonly alert?: MessageAlert
  readonly site: { readonly id: string; readonly name: string }
  /** One line of at most 120 characters. It may stand on a locked screen, and so names no card holder. */
  readonly subject: string
  /** What happened, where, when, and what is asked: plain text, a few lines. */
  readonly text: string
  /** At most 160 characters of the same. */
  readonly short: string
  /** Where the alert is looked at and acknowledged; absent where no address of the console is configured. */
  readonly link?: string
}

/**
 * What came of one attempt. `HandedOver`: the other side has taken it, which says nothing of the person. `Refused`: it is of
 * no use to ask again with the same message; `scope` says whether the channel as a whole is refused or this recipient only.
 * `TryLater`: anything else, such as a time that ran out; `afterMs` is what the other side asks for, and respected.
 */
export type Sent =
  | { readonly _tag: "HandedOver"; readonly detail?: string }
  | { readonly _tag: "Refused"; readonly scope: RefusalScope; readonly reason: string }
  | { readonly _tag: "TryLater"; readonly reason: string; readonly afterMs?: number }

/** A channel that is open: what it holds (a pool, a socket) goes with the scope it was opened in. */
export interface OpenChannel {
  /**
   * Sends one message, once: retrying is the notifier's. It is called for several messages at a time, and it is interrupted
   * when it takes too long; interrupting leaves nothing behind. The same message may be sent again, with the same key, when
   * nobody knows what came of it. A fault of its own is a defect, never a `Sent`.
   */
  readonly send: (message: Message) => Effect.Effect<Sent>
  /** Proves as much of the way as can be proved without disturbing anybody: that it is reached, and lets us in. */
  readonly selfTest: Effect.Effect<Sent>
  /**
   * The ids of the people who have registered a device; absent: nobody has to. That nobody has yet is no fault of the
   * channel: it is not tested then.
   */
  readonly registered?: () => ReadonlySet<string>
}

/** All that a channel may know of the gateway. */
export interface ChannelContext {
  /** Its id in the configuration. */
  readonly channel: string
  readonly site: { readonly id: string; readonly name: string }
  /** What the channel keeps belongs into a directory of its own below this one. */
  readonly dataDir: string
  /** The gateway's clock, epoch milliseconds. */
  readonly now: () => EpochMs
  /** A device that had registered itself takes nothing any more. Absent: nobody keeps a log of that. */
  readonly deviceEnded?: (ended: DeviceEnded) => Effect.Effect<void>
}

/** A person's device that was written to, and is not any more. */
export interface DeviceEnded {
  readonly person: string
  readonly device: string
  readonly reason: string
}

/**
 * The contract of a channel: its own folder or file under `gateway/notify/`, and one line in `channels.ts`. `Settings` decodes
 * its section of the configuration, with `SecretReference` for secrets, and touches neither network nor files. `open` does
 * not touch the network either: a mail server that is away is a `TryLater` of `send`, and no reason not to start.
 */
export interface Channel<Settings> {
  /** As the configuration names it. */
  readonly kind: string
  readonly Settings: Schema.Codec<Settings, unknown>
  readonly recipients: ChannelRecipients
  /** The person's device tells when it has received a message: a `NotificationReceived` fact follows a hand-over. */
  readonly receipts?: true
  /** What is wrong with an address, in a clause for people; `undefined`: nothing. Left out: any text will do. */
  readonly addressFault?: (address: string) => string | undefined
  /** What a channel with these settings leaves unprotected, each in a clause for people. */
  readonly weaknesses?: (settings: Settings) => ReadonlyArray<string>
  readonly open: (settings: Settings, context: ChannelContext) => Effect.Effect<OpenChannel, never, Scope.Scope>
}
