import { Context, Effect, FiberSet, HashMap, Layer, Option, Queue, Schedule, Schema } from "effect"
import type { NotKept } from "../../adapters/adapter.ts"
import type { Decision } from "../correlation/decision.ts"
import { isLifeSafety, type OwedNotification, owedNotifications } from "../correlation/escalation/owed-notifications.ts"
import { ChannelId, type EpochMs, PersonId } from "../domain/ids.ts"
import type { NotificationOutcome } from "../domain/notification.ts"
import { Intake, type Unstamped } from "../intake/intake.ts"
import { tamed } from "../links/turned-away.ts"
import type { Entry } from "../log/entry.ts"
import { SecurityLog } from "../log/security-log.ts"
import type { Channel, Recipient, Sent } from "./channel.ts"
import { loopbackChannel } from "./loopback-channel.ts"
import { messageOf, testMessage } from "./message.ts"
import { askedAtMostMs, attemptMs, type Lane, pauseMs, Post } from "./post.ts"
import { makePosts, type NotifierOptions, type NotifierSettings } from "./posts.ts"

/** There is no such channel. */
export class UnknownChannel extends Schema.TaggedError<UnknownChannel>()("UnknownChannel", { channel: Schema.String }) {
  override get message(): string {
    return `there is no channel "${this.channel}"`
  }
}

/** Somebody cannot be sent a test by this channel. */
export class Unreachable extends Schema.TaggedError<Unreachable>()("Unreachable", {
  channel: Schema.String,
  person: Schema.String,
  why: Schema.String
}) {
  override get message(): string {
    return `${this.person} is not reached by channel "${this.channel}": ${this.why}`
  }
}

/** Nobody has registered a device that a channel could be tested with. */
export class NobodyRegistered extends Schema.TaggedError<NobodyRegistered>()("NobodyRegistered", {
  channel: Schema.String
}) {
  override get message(): string {
    return `nobody has registered a device for channel "${this.channel}": open the console on a phone and allow notifications under My devices`
  }
}

/** What is owed is looked at again after so long at the latest: the clock may have been set. */
const lookAgainMs = 30_000

const laneOf = ({ alert }: OwedNotification): Lane => (isLifeSafety(alert) ? "life-safety" : "usual")

const triedOf = ({ notification: { attempts } }: OwedNotification): "never" | "before" =>
  attempts === 0 ? "never" : "before"

/** What came of a test. */
export interface TestedChannel {
  readonly outcome: NotificationOutcome
  /** What the other side said. */
  readonly detail?: string
}

/** What came of an attempt, as the log says it. */
const outcomeOf = (sent: Sent): NotificationOutcome =>
  sent._tag === "HandedOver" ? "handed-over" : sent._tag === "Refused" ? "refused" : "later"

/** What the other side said, without the address that it may have repeated: that is nowhere in the log. */
const detailOf = (sent: Sent, address: string | undefined): string | undefined => {
  const text = sent._tag === "HandedOver" ? sent.detail : sent.reason
  if (text === undefined || text === "") return undefined
  return tamed(address === undefined ? text : text.replaceAll(address, "their address"))
}

const isSending = (id: string, decisions: ReadonlyArray<Decision>): boolean =>
  decisions.some(
    (one) => one._tag === "Notification" && one.notification.id === id && one.notification.state === "sending"
  )

/** After these something may be owed that was not before. */
const waking: ReadonlySet<string> = new Set(["ConfigApplied", "TestAlertRaised"])

const mayMatter = (entry: Entry): boolean =>
  entry._tag === "Notification" || (entry._tag === "Fact" && waking.has(entry.fact._tag))

/**
 * Sends to people what the fold owes them. Each attempt is a fact before it is made, which decides whether it may still go,
 * and what came of it is a fact after; a copy that nobody knows of is sent again with the same key. What is for people's
 * lives never waits behind other things, and a channel that hangs holds nobody but itself.
 */
export class Notifier extends Context.Service<
  Notifier,
  {
    /** How many attempts are under way now. */
    readonly underWay: () => number
    /** How the outbox does, for whoever watches it from outside. */
    readonly outbox: () => OutboxStanding
    /** Takes over another configuration: what of the channels is the same stays open. */
    readonly change: (settings: NotifierSettings) => Effect.Effect<void>
    /** Has a channel prove itself, or, with a person, sends them a test. What came of it is in the log before it is told. */
    readonly test: (
      channel: string,
      by: string,
      person?: string
    ) => Effect.Effect<TestedChannel, UnknownChannel | Unreachable | NobodyRegistered | NotKept>
  }
>()("gateway/Notifier") {
  static readonly layer = (options: NotifierOptions) => Layer.effect(Notifier, make(options))
}

/** How the outbox does. */
export interface OutboxStanding {
  /** How long ago it was looked at; never longer than half a minute, or its worker has stopped. Milliseconds. */
  readonly lookedMsAgo: number
  readonly owed: number
  /** For how long the oldest that is owed has been, milliseconds; absent: nothing is. */
  readonly oldestMs?: number
}

/** Whom a channel's message is for. */
const recipientOf = (settings: NotifierSettings, channel: string, person: string | undefined): Recipient => {
  if (person === undefined) return {}
  const name = settings.campus.people?.find(({ id }) => id === person)?.name ?? person
  const address = settings.addresses.get(person)?.[channel]
  return { person: { id: person, name }, ...(address === undefined ? {} : { address }) }
}

/** Why a message to somebody cannot be sent by a channel at all; `undefined`: it can. */
const whyNoWay = (settings: NotifierSettings, channel: string, { person, address }: Recipient): string | undefined => {
  const recipients = settings.campus.channels?.find(({ id }) => id === channel)?.recipients
  if (recipients === "system") return undefined
  if (person === undefined) return "it sends to people only"
  return recipients === "address" && address === undefined ? "no address of theirs is configured for it" : undefined
}

/** Sends one notification that is owed, and tells the log what came of it. */
const makeSend = (
  intake: Intake["Service"],
  settings: () => NotifierSettings,
  { now, chance = Math.random }: NotifierOptions
) => {
  const answered = ({ notification: { id, channel, attempts } }: OwedNotification, sent: Sent, address?: string) => {
    const outcome = outcomeOf(sent)
    const detail = detailOf(sent, address)
    const asked = sent._tag === "TryLater" ? Math.min(sent.afterMs ?? 0, askedAtMostMs) : 0
    const fact: Unstamped = {
      _tag: "NotificationAnswered",
      notification: id,
      channel,
      outcome,
      ...(sent._tag === "Refused" ? { scope: sent.scope } : {}),
      ...(outcome === "later" ? { retryAt: now() + Math.max(pauseMs(attempts + 1, chance), asked) } : {}),
      ...(detail === undefined ? {} : { detail })
    }
    // What the store does not keep now it keeps later: nobody but this attempt knows what came of it.
    return intake.enter(fact).pipe(Effect.retry(Schedule.spaced("1 second")), Effect.ignore)
  }
  return Effect.fnUntraced(function* (owed: OwedNotification, post: Post) {
    const { id, channel, person } = owed.notification
    const { decisions } = yield* intake.enter({ _tag: "NotificationSent", notification: id, channel })
    // It was answered between the look and the fact: then nothing is sent.
    if (!isSending(id, decisions)) return
    const { campus, notify } = settings()
    const recipient = recipientOf(settings(), channel, person)
    const why = whyNoWay(settings(), channel, recipient)
    const alert = Option.getOrElse(HashMap.get(intake.situation().alerts, owed.alert.id), () => owed.alert)
    const { notification } = owed
    const message = messageOf({ notification, alert, campus, recipient, console: notify.console, now: now() })
    const sent: Sent =
      why === undefined ? yield* post.attempt(message) : { _tag: "Refused", scope: "recipient", reason: why }
    yield* answered(owed, sent, recipient.address)
  })
}

/** Sends the test alert that is owed by the loop-back channel; that it came through is a fact. */
const makeTestSend = Effect.fnUntraced(function* (
  intake: Intake["Service"],
  settings: () => NotifierSettings,
  { now, chance = Math.random }: NotifierOptions
) {
  const { campus, dataDir } = settings()
  const context = { channel: "loopback", site: campus.site, dataDir, now }
  const channel = loopbackChannel as unknown as Channel<unknown>
  const post = yield* Post.open({ channel, settings: {}, context, chance, attemptMs })
  yield* Effect.addFinalizer(() => post.close)
  let taken = 0
  return Effect.gen(function* () {
    const known = intake.situation().testAlert
    if (known?.state !== "owed" || known.raised === taken) return
    const { raised } = known
    taken = raised
    yield* intake.enter({ _tag: "TestAlertSent", raised })
    const making = { key: `test-alert:${raised}`, recipient: {}, by: "the gateway" }
    const sent = yield* post.attempt(testMessage(settings().campus, making))
    if (sent._tag === "HandedOver") yield* intake.enter({ _tag: "TestAlertReturned", raised })
  }).pipe(Effect.ignore)
})

const make = Effect.fnUntraced(function* (options: NotifierOptions) {
  const { now } = options
  let { settings } = options
  const intake = yield* Intake
  const log = yield* SecurityLog
  const posts = makePosts(options, (channel, { person, device, reason }) =>
    intake
      .enter({
        _tag: "DeviceUnregistered",
        person: PersonId.make(person),
        channel: ChannelId.make(channel),
        device,
        reason: tamed(reason)
      })
      .pipe(Effect.ignore)
  )
  yield* Effect.addFinalizer(() => posts.closeAll)
  yield* posts.change(settings)
  const sending = yield* FiberSet.make<void>()
  const underWay = new Set<string>()
  // Several commits between two looks are one look.
  const wanted = yield* Queue.sliding<void>(1)
  const wake = (): void => void Queue.offerUnsafe(wanted, undefined)
  const send = makeSend(intake, () => settings, options)

  /** Sends what may go now, if it has a free place. */
  const sendIfFree = (owed: OwedNotification, at: EpochMs): Effect.Effect<void> => {
    const { id, channel, retryAt = 0 } = owed.notification
    const post = posts.get(channel)
    if (post === undefined || underWay.has(id) || retryAt > at) return Effect.void
    const lane = laneOf(owed)
    if (!post.isFree(lane, triedOf(owed), at)) return Effect.void
    underWay.add(id)
    const giveBack = post.take(lane)
    const done = Effect.sync(() => {
      giveBack()
      underWay.delete(id)
      wake()
    })
    // What the store does not keep is not sent, and owed still.
    const sent = send(owed, post).pipe(Effect.ignore, Effect.ensuring(done))
    return Effect.asVoid(FiberSet.run(sending, sent))
  }

  const sendTest = yield* makeTestSend(intake, () => settings, options)
  let lookedAt = now()
  const look = Effect.suspend(() => {
    const at = now()
    lookedAt = at
    const owed = Effect.forEach(owedNotifications(intake.situation()), (one) => sendIfFree(one, at), { discard: true })
    return intake.situation().testAlert?.state === "owed" ? Effect.andThen(FiberSet.run(sending, sendTest), owed) : owed
  })
  yield* Effect.acquireRelease(
    Effect.sync(() =>
      log.subscribe((entries) => {
        if (entries.some(mayMatter)) wake()
      })
    ),
    (forget) => Effect.sync(forget)
  )
  /** How long until a pause of something owed is over; what waits for a free place is looked at when one is given back. */
  const waitMs = (): number => {
    const at = now()
    const ends = owedNotifications(intake.situation()).flatMap((owed) => {
      const { channel, retryAt = 0 } = owed.notification
      const end = Math.max(retryAt, posts.get(channel)?.freeAt(laneOf(owed), triedOf(owed)) ?? 0)
      return end > at ? [end - at] : []
    })
    return Math.min(lookAgainMs, ...ends)
  }
  const wait = Effect.suspend(() => Queue.take(wanted).pipe(Effect.timeoutOption(waitMs())))
  yield* Effect.forkScoped(look.pipe(Effect.andThen(wait), Effect.forever))

  const test = Effect.fn("Notifier.test")(function* (channel: string, by: string, person?: string) {
    const post = posts.get(channel)
    if (post === undefined) return yield* new UnknownChannel({ channel })
    const recipient = recipientOf(settings, channel, person)
    if (person !== undefined) {
      const isKnown = settings.campus.people?.some(({ id }) => id === person) === true
      const hasNone = post.registered?.has(person) === false ? "they have registered no device" : undefined
      const why = isKnown ? (whyNoWay(settings, channel, recipient) ?? hasNone) : "there is no such person"
      if (why !== undefined) return yield* new Unreachable({ channel, person, why })
    } else if (post.registered?.size === 0) return yield* new NobodyRegistered({ channel })
    const message = testMessage(settings.campus, { key: `test:${channel}:${now()}`, recipient, by })
    const sent = yield* person === undefined ? post.selfTest : post.attempt(message)
    const outcome = outcomeOf(sent)
    const detail = detailOf(sent, recipient.address)
    yield* intake.enter({
      _tag: "ChannelTested",
      channel: ChannelId.make(channel),
      by,
      outcome,
      ...(sent._tag === "Refused" ? { scope: sent.scope } : {}),
      ...(detail === undefined ? {} : { detail })
    })
    return { outcome, ...(detail === undefined ? {} : { detail }) }
  })

  return Notifier.of({
    underWay: () => underWay.size,
    outbox: () => {
      const [at, owed] = [now(), owedNotifications(intake.situation())]
      const first = Math.min(...owed.map(({ notification }) => notification.queuedAt))
      const oldest = owed.length === 0 ? {} : { oldestMs: Math.max(0, at - first) }
      return { lookedMsAgo: Math.max(0, at - lookedAt), owed: owed.length, ...oldest }
    },
    change: (next) =>
      Effect.suspend(() => {
        settings = next
        return Effect.andThen(posts.change(next), Effect.sync(wake))
      }),
    test
  })
})
