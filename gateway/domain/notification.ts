import { Schema } from "effect"
import { AlertId, ChannelId, EpochMs, PersonId } from "./ids.ts"

/** Stands for the person in the id of a notification that goes to a channel itself, and to nobody by name. */
export const nobody = "-"

/**
 * `<alert>:<step>:<person>:<channel>`, with `:<round>` from the second round on; the person is `-` where the channel
 * itself is told. It is the idempotency key: every copy that is sent carries the same one, and no other message does.
 */
export const NotificationId = Schema.String.pipe(
  Schema.check(
    Schema.isPattern(
      /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}:\d+:(?:-|[A-Za-z0-9][A-Za-z0-9._-]{0,63}):[A-Za-z0-9][A-Za-z0-9._-]{0,63}(?::\d+)?$/,
      {
        expected: 'a notification\'s id such as "A-4821:1:r-alvarez:mail"'
      }
    )
  ),
  Schema.brand("NotificationId")
).annotate({
  identifier: "NotificationId",
  description: "<alert>:<step>:<person>:<channel>, with :<round> from the second"
})
export type NotificationId = typeof NotificationId.Type

/**
 * How far a notification has come. `queued`: it waits to be sent, or to be tried again. `sending`: it is on its way to the
 * channel's own service, and nobody knows yet what came of it. `handed-over`: that service has taken it; nothing says that
 * it has reached anybody. `received`: the person's device itself says that it has it. `acknowledged`: the person has
 * answered. `failed`: it was refused for good. `cancelled`: the alert asked nobody any more before it was sent. `expired`:
 * it was too old to be sent, as its policy says.
 */
export const NotificationState = Schema.Literals([
  "queued",
  "sending",
  "handed-over",
  "received",
  "acknowledged",
  "failed",
  "cancelled",
  "expired"
]).annotate({ identifier: "NotificationState" })
export type NotificationState = typeof NotificationState.Type

/** What came of one attempt. `handed-over` and `refused` end it; after `later` it is tried again. */
export const NotificationOutcome = Schema.Literals(["handed-over", "refused", "later"]).annotate({
  identifier: "NotificationOutcome"
})
export type NotificationOutcome = typeof NotificationOutcome.Type

/**
 * What a refusal is about: the channel as a whole (a wrong password), this recipient (no such mailbox), or that they have
 * registered no device (`unregistered`): then nothing was sent, and it says nothing of either.
 */
export const RefusalScope = Schema.Literals(["channel", "recipient", "unregistered"]).annotate({
  identifier: "RefusalScope"
})
export type RefusalScope = typeof RefusalScope.Type

/** One delivery of an alert to one person by one channel, or to a channel that is itself what is told. */
export const Notification = Schema.Struct({
  id: NotificationId,
  alert: AlertId,
  /** Step of the policy, from 1. */
  step: Schema.Finite,
  /** How often the policy has begun for this alert: 1 at first, one more at each repeat and each time that it asks anew. */
  round: Schema.Finite,
  /** Absent: the channel itself is told. */
  person: Schema.optionalKey(PersonId),
  channel: ChannelId,
  state: NotificationState,
  /** When it was to be sent. */
  queuedAt: EpochMs,
  /** When it came into this state. */
  at: EpochMs,
  /** How often it has been sent. */
  attempts: Schema.Finite,
  /** It is not tried again before; absent: at once. */
  retryAt: Schema.optionalKey(EpochMs),
  /** Why it is so, for people. */
  detail: Schema.optionalKey(Schema.String)
}).annotate({ identifier: "Notification" })
export type Notification = typeof Notification.Type

/** Whether something is still to be sent of it, or is on its way. */
export const isPending = ({ state }: Pick<Notification, "state">): boolean => state === "queued" || state === "sending"

/** What a notification's id is made of. */
export interface NotificationName {
  readonly alert: AlertId
  readonly step: number
  readonly person?: PersonId | undefined
  readonly channel: ChannelId
  readonly round: number
}

/** The id of a notification, from what it is made of. */
export const notificationId = ({ alert, step, person, channel, round }: NotificationName): NotificationId =>
  NotificationId.make(`${alert}:${step}:${person ?? nobody}:${channel}${round === 1 ? "" : `:${round}`}`)

/** The alert that a notification is of. */
export const alertOfNotification = (id: NotificationId): AlertId => id.slice(0, id.indexOf(":")) as AlertId

/** Whom a notification is for; `undefined`: the channel itself is told. */
export const personOfNotification = (id: NotificationId): PersonId | undefined => {
  const person = id.split(":")[2]
  return person === undefined || person === nobody ? undefined : (person as PersonId)
}
