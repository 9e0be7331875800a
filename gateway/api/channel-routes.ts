import { Effect, HashMap, Option, Schema } from "effect"
import { owedNotifications } from "../correlation/escalation/owed-notifications.ts"
import type { Situation } from "../correlation/situation.ts"
import { CampusChannel, ChannelStanding, EscalationId } from "../domain/escalation.ts"
import { EpochMs, PersonId } from "../domain/ids.ts"
import { Notification, NotificationOutcome } from "../domain/notification.ts"
import { endpoint, type Endpoint } from "./endpoint.ts"
import type { Sources } from "./sources.ts"

/** A channel, how it has shown itself, and how much waits for it. */
const ChannelItem = Schema.Struct({
  ...CampusChannel.fields,
  standing: Schema.NullOr(ChannelStanding).annotate({ description: "Null: it has not been used or tested" }),
  waiting: Schema.Finite.annotate({ description: "Notifications that wait to be sent by it" })
}).annotate({ identifier: "ChannelItem" })
/** The channels of a campus, and how each does. */
export const ChannelItems = Schema.Struct({ items: Schema.Array(ChannelItem) })

const TestBody = Schema.Struct({
  person: Schema.optionalKey(
    PersonId.annotate({ description: "Sends them a test; absent: the channel proves as much as disturbs nobody" })
  )
})
const TestAnswer = Schema.Struct({ outcome: NotificationOutcome, detail: Schema.optionalKey(Schema.String) }).annotate({
  identifier: "ChannelTestAnswer"
})

/** A notification with the name of whom it is for. */
const NotificationItem = Schema.Struct({ ...Notification.fields, name: Schema.optionalKey(Schema.String) }).annotate({
  identifier: "NotificationItem"
})
const Telling = Schema.Struct({
  policy: EscalationId,
  round: Schema.Finite,
  dueAt: Schema.optionalKey(EpochMs)
}).annotate({ identifier: "Telling" })
const NotificationItems = Schema.Struct({
  telling: Schema.NullOr(Telling).annotate({
    description: "By which policy people are told, in which round, and when the next are; null: nobody is asked now"
  }),
  items: Schema.Array(NotificationItem).annotate({ description: "Who was told, oldest first" })
}).annotate({ identifier: "NotificationItems" })

const itemsOf = (situation: Situation): typeof ChannelItems.Type => {
  const waiting = Map.groupBy(owedNotifications(situation), ({ notification }) => notification.channel as string)
  const items = (situation.campus?.channels ?? []).map((channel) => ({
    ...channel,
    standing: Option.getOrNull(HashMap.get(situation.channels, channel.id)),
    waiting: waiting.get(channel.id)?.length ?? 0
  }))
  return { items }
}

/** So many entries on the notifications of an alert are looked through, the newest. */
const entriesMax = 1000

/** The notifications of an alert: those the fold remembers, else what the log says of each last. */
const notificationsOf = ({ intake, log }: Sources, alert: string) =>
  Effect.gen(function* () {
    const state = Option.getOrUndefined(HashMap.get(intake.situation().escalations, alert))
    if (state !== undefined) return state.deliveries.map(({ notification }) => notification)
    const entries = yield* log.entries({
      alert,
      kind: "Notification",
      before: Number.MAX_SAFE_INTEGER,
      limit: entriesMax
    })
    const newest = new Map<string, Notification>()
    for (const entry of entries)
      if (entry._tag === "Notification" && !newest.has(entry.notification.id))
        newest.set(entry.notification.id, entry.notification)
    return [...newest.values()].sort((a, b) => a.queuedAt - b.queuedAt || a.step - b.step)
  })

const tellingOf = (situation: Situation, alert: string): typeof Telling.Type | null => {
  const state = Option.getOrUndefined(HashMap.get(situation.escalations, alert))
  if (state?.asking !== true) return null
  const { policy, round, dueAt } = state
  return { policy: EscalationId.make(policy), round, ...(dueAt === undefined ? {} : { dueAt }) }
}

/** Channels, and who was told of an alert. */
export const channelRoutes = (sources: Sources): ReadonlyArray<Endpoint> => {
  const { intake, alerts, notifier } = sources
  return [
    endpoint({
      method: "get",
      path: "/channels",
      right: "see",
      summary: "The channels by which people are told, how each does, and when it last took something",
      answer: ChannelItems,
      handle: () => Effect.sync(() => itemsOf(intake.situation()))
    }),
    endpoint({
      method: "post",
      path: "/channels/{id}/test",
      right: "configure",
      summary: "Test a channel: it proves itself, or sends somebody a test; what came of it is in the log",
      body: TestBody,
      answer: TestAnswer,
      problems: [404, 422],
      handle: ({ param, by, body: { person } }) =>
        Effect.map(notifier.test(param("id"), by, person), ({ outcome, detail }) => ({
          outcome,
          ...(detail === undefined ? {} : { detail })
        }))
    }),
    endpoint({
      method: "get",
      path: "/alerts/{id}/notifications",
      right: "see",
      summary: "Who was told of an alert, by which channel, and how far each notification has come",
      answer: NotificationItems,
      problems: [404],
      handle: ({ param }) =>
        Effect.gen(function* () {
          const { id } = yield* alerts.one(param("id"))
          const found = yield* notificationsOf(sources, id)
          const situation = intake.situation()
          const names = new Map((situation.campus?.people ?? []).map((person) => [person.id as string, person.name]))
          const items = found.map((notification) => {
            const name = notification.person === undefined ? undefined : names.get(notification.person)
            return { ...notification, ...(name === undefined ? {} : { name }) }
          })
          return { telling: tellingOf(situation, id), items }
        })
    })
  ]
}
