import { Schema } from "effect"
import { ChannelId, EpochMs, PersonId } from "./ids.ts"
import { Role } from "./person.ts"
import { ScheduleRef } from "./schedule.ts"

export const EscalationId = Schema.String.pipe(
  Schema.check(
    Schema.isPattern(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, {
      expected: 'an escalation id: letters, digits, ".", "_" and "-", at most 64, such as "life-safety"'
    })
  ),
  Schema.brand("EscalationId")
).annotate({ identifier: "EscalationId", description: "an escalation id" })
export type EscalationId = typeof EscalationId.Type

/** Whom a step tells: exactly one of `person`, `role`, `everyone` and `channel`. */
export const EscalationTarget = Schema.Struct({
  person: Schema.optionalKey(PersonId),
  /** Everybody of this role. */
  role: Schema.optionalKey(Role),
  /** Of the role, only who is on shift; where nobody is, all of the role: it is never told to nobody. */
  onShift: Schema.optionalKey(Schema.Literal(true)),
  /** Everybody who is on shift, whatever their role; where nobody is, everybody. */
  everyone: Schema.optionalKey(Schema.Literal("on-shift")),
  /** The channel itself, and nobody by name: a webhook, a topic, a feed. */
  channel: Schema.optionalKey(ChannelId)
}).annotate({
  identifier: "EscalationTarget",
  description: "Whom a step tells: one of person, role (with onShift), everyone and channel"
})
export type EscalationTarget = typeof EscalationTarget.Type

export const EscalationStep = Schema.Struct({
  afterSeconds: Schema.Finite.annotate({
    description: "So long after the alert was raised, or asked anew, and nobody has answered"
  }).pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: 86_400 }))),
  to: Schema.Array(EscalationTarget).pipe(Schema.check(Schema.isMinLength(1))),
  /** One after the other, until one of them takes it; absent: as each person is reached (`reach`). */
  by: Schema.optionalKey(
    Schema.Array(ChannelId)
      .annotate({ description: "By these channels, in this order; absent: as each person's reach says" })
      .pipe(Schema.check(Schema.isMinLength(1)))
  ),
  /** The step is passed over while this does not hold. */
  during: Schema.optionalKey(ScheduleRef.annotate({ description: "Only while this schedule holds" }))
}).annotate({ identifier: "EscalationStep" })
export type EscalationStep = typeof EscalationStep.Type

/** Who is told of an alert that nobody has answered, by which channel and after how long. */
export const EscalationPolicy = Schema.Struct({
  id: EscalationId,
  name: Schema.optionalKey(Schema.NonEmptyString),
  steps: Schema.Array(EscalationStep).pipe(Schema.check(Schema.isMinLength(1))),
  /** It begins again so long after its last step, for as long as nobody answers; absent: it does not. */
  repeatSeconds: Schema.optionalKey(
    Schema.Finite.annotate({ description: "It begins again so long after its last step; absent: it does not" }).pipe(
      Schema.check(Schema.isBetween({ minimum: 60, maximum: 86_400 }))
    )
  ),
  /** So often at most; absent: until somebody answers. */
  repeatTimes: Schema.optionalKey(
    Schema.Int.annotate({ description: "It begins again so often at most; absent: until somebody answers" }).pipe(
      Schema.check(Schema.isBetween({ minimum: 1, maximum: 1000 }))
    )
  ),
  /** What could not be sent for so long is not sent any more; absent: it is tried for as long as nobody answers. */
  expireMinutes: Schema.optionalKey(
    Schema.Finite.annotate({
      description: "What could not be sent for so long is not sent; absent: it is tried until somebody answers"
    }).pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: 10_080 })))
  )
}).annotate({ identifier: "EscalationPolicy", description: "Who is told of an alert that nobody has answered" })
export type EscalationPolicy = typeof EscalationPolicy.Type

/** Which policy an alert goes by whose rule names none; of a priority that is not here nobody is told but the console. */
export const EscalationRoutes = Schema.Struct({
  critical: Schema.optionalKey(EscalationId),
  high: Schema.optionalKey(EscalationId),
  medium: Schema.optionalKey(EscalationId),
  low: Schema.optionalKey(EscalationId)
}).annotate({ identifier: "EscalationRoutes", description: "The policy of each priority" })
export type EscalationRoutes = typeof EscalationRoutes.Type

/** Whom a channel's message goes to, and how the channel knows where they are. */
export const ChannelRecipients = Schema.Literals(["address", "registered", "system"]).annotate({
  identifier: "ChannelRecipients"
})
export type ChannelRecipients = typeof ChannelRecipients.Type

/** A channel as the fold knows it: what it can do, and nothing of how it is reached. */
export const CampusChannel = Schema.Struct({
  id: ChannelId,
  /** Which channel of the catalogue it is: `email`, `webhook`. */
  kind: Schema.NonEmptyString,
  /**
   * `address`: people have an address each (`people[].addresses`). `registered`: their devices register themselves.
   * `system`: it is itself what is told; a person's name only goes with the message.
   */
  recipients: ChannelRecipients,
  /** The person's device says when it has received something. */
  receipts: Schema.optionalKey(Schema.Literal(true))
}).annotate({ identifier: "CampusChannel" })
export type CampusChannel = typeof CampusChannel.Type

/**
 * A channel that has not taken a notification after so long, or whose receipt has not come, is not waited for: the next one
 * is used as well (reliability reference, section 8: no receipt in 15 s, then the next channel).
 */
export const nextChannelSeconds = 15

/** How a channel does. `unproved`: it has not been used or tested since the gateway knows it. */
export const ChannelState = Schema.Literals(["unproved", "working", "failing", "broken"]).annotate({
  identifier: "ChannelState"
})
export type ChannelState = typeof ChannelState.Type

/** A channel as it has shown itself. */
export const ChannelStanding = Schema.Struct({
  state: ChannelState,
  since: EpochMs,
  lastSuccessAt: Schema.optionalKey(EpochMs),
  lastFailureAt: Schema.optionalKey(EpochMs),
  /** How often in a row it has not taken something. */
  failures: Schema.Finite,
  /** What it said last when it did not. */
  detail: Schema.optionalKey(Schema.String),
  /** When it was tested last, and taken the test. */
  testedAt: Schema.optionalKey(EpochMs)
}).annotate({ identifier: "ChannelStanding" })
export type ChannelStanding = typeof ChannelStanding.Type
