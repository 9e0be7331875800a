import type { NotificationMessage, PublishResponse } from "node-opcua"
import { Effect, Queue } from "effect"
import { LinkLost } from "../../adapter.ts"
import { forgotten } from "./conditions.ts"
import { Broken, type Refused, statusIn } from "../session/failures.ts"
import { type Brought, devicesOf, type Hearing, observationsOf, readMessage, spanOf } from "./hearing.ts"
import { tellsOfNodes } from "./items.ts"
import { republish } from "../session/library.ts"
import { PublishRequests } from "./publish-requests.ts"
import { makeRefresh, type Refresh } from "./refresh.ts"
import { digestOf, keepGap, reportAll } from "./reporting.ts"
import { see, worthAsking } from "./sequence.ts"
import { deleteSubscription, type Linked, type Subscribed } from "./subscribe.ts"

/** A subscription that says nothing for this many keep-alives is not there any more, whatever the connection says. */
const silentKeepAlives = 3

/** A message at which the connection broke this often is given up: it cannot be read. */
const poisonTimes = 3

/** How the library says that the connection went away, as against that it could not read what came. */
const brokeOnTheWay = /break|disconnect|not connected|closed|cancell?ed|aborted|no answer|timed out|channel/i

type Happening =
  | { readonly _tag: "Answered"; readonly response: PublishResponse }
  | { readonly _tag: "Failed"; readonly error: Error }
  /** Messages are on disk: there may be room for more. */
  | { readonly _tag: "Settled" }

/** What the server says when it does not have the subscription, and when it does not have the session. */
const subscriptionGone = new Set(["BadNoSubscription", "BadSubscriptionIdInvalid"])
const sessionGone = new Set(["BadSessionIdInvalid", "BadSessionClosed", "BadSessionNotActivated"])

/** What the library says when a question has not come as far as the server. */
const connectionGone = /^Bad(Connection|SecureChannel|TcpSecureChannel|Communication|NotConnected|RequestInterrupted)/

/** Whether what answers has not got the subscription, or is not the server at all: it says nothing about a message. */
const saysNothing = (status: string | undefined): boolean =>
  status === undefined || subscriptionGone.has(status) || sessionGone.has(status) || connectionGone.test(status)

/** What a session hears last of a subscription that went to another one (OPC 10000-4, 5.14.7). */
const transferred = "GoodSubscriptionTransferred"

/** `Broken` may be mended at once; `LinkLost` is for the supervisor. */
type Lost = Broken | LinkLost

/** Hears one subscription on one session. */
class Publishing {
  readonly linked: Linked
  readonly hearing: Hearing
  readonly happenings: Queue.Queue<Happening>
  readonly refresh: Refresh
  readonly requests: PublishRequests

  constructor(linked: Linked, hearing: Hearing, happenings: Queue.Queue<Happening>, refresh: Refresh) {
    this.linked = linked
    this.hearing = hearing
    this.happenings = happenings
    this.refresh = refresh
    const { live, subscription } = hearing
    this.requests = new PublishRequests(live, subscription, linked.remembered, (answer) =>
      Queue.offerUnsafe(
        happenings,
        answer instanceof Error ? { _tag: "Failed", error: answer } : { _tag: "Answered", response: answer }
      )
    )
  }

  /** The subscription is not there any more: the next connection makes another one, and tells the gap. */
  subscriptionLost(why: string): Broken {
    this.linked.remembered.subscription = undefined
    return new Broken({ reason: `the server has given up our subscription: ${why}` })
  }

  lostBy(error: { readonly message: string }): Broken {
    const status = statusIn(error.message)
    if (status !== undefined && subscriptionGone.has(status)) return this.subscriptionLost(status)
    if (status !== undefined && sessionGone.has(status)) this.linked.remembered.session = undefined
    return new Broken({ reason: `the connection broke: ${error.message.split("\n")[0]}` })
  }

  answered(response: PublishResponse): Effect.Effect<void, Lost> {
    const { live, subscription } = this.hearing
    const { remembered, context } = this.linked
    // Left over from an earlier try that was cut short.
    if (response.subscriptionId !== subscription.id) return deleteSubscription(live, response.subscriptionId)
    this.requests.succeeded(response.availableSequenceNumbers)
    const { notificationMessage: message, moreNotifications } = response
    return this.message(message).pipe(
      Effect.tap(() =>
        Effect.sync(() => {
          remembered.heardAt = context.now()
          remembered.progressed()
        })
      ),
      Effect.andThen(Effect.suspend(() => (moreNotifications ? Effect.void : this.refresh.ifDue))),
      Effect.catchTag("Refused", (refused) => Effect.fail(this.lostBy(refused)))
    )
  }

  message(message: NotificationMessage): Effect.Effect<void, Refused | Lost> {
    const { subscription } = this.hearing
    const number = message.sequenceNumber
    const keepAlive = (message.notificationData ?? []).length === 0
    const seen = see(subscription.expected, { number, keepAlive })
    const before = seen.missing === 0 ? Effect.void : this.fill(seen.missing, number)
    return Effect.andThen(before, seen.deliver ? this.deliver(message, false) : Effect.void)
  }

  /** Asks for the messages that did not come, in their order. What the server does not have any more is a gap. */
  fill(missing: number, upTo: number): Effect.Effect<void, Refused | Lost> {
    return Effect.gen({ self: this }, function* () {
      const { live, subscription } = this.hearing
      const { context, remembered } = this.linked
      const asked = worthAsking(subscription.expected, missing, this.requests.available)
      let found = 0
      for (const number of asked) {
        const message = yield* this.askAgain(number)
        if (message === undefined) continue
        found++
        yield* this.deliver(message, true)
      }
      const lost = missing - found
      context.count("filled", found)
      if (lost === 0) return
      yield* keepGap(
        context,
        "EventsDropped",
        `${lost} messages were lost on the way, and the server ${live.connection.attempted.endpoint} does not have them any more`,
        spanOf(remembered.heardAt, context.now())
      )
      subscription.expected = upTo
      this.refresh.isDue()
    })
  }

  /** One message again; `undefined` where the server does not have it any more, or it cannot be read. */
  askAgain(number: number): Effect.Effect<NotificationMessage | undefined, Broken> {
    const { live, subscription } = this.hearing
    const { remembered } = this.linked
    const times = remembered.poison?.number === number ? remembered.poison.times : 0
    if (times >= poisonTimes) return Effect.succeed(undefined)
    return republish(live.library, live.session, subscription.id, number).pipe(
      Effect.map(({ notificationMessage }) => notificationMessage),
      Effect.catch((refused) => {
        if (refused.status === undefined && !brokeOnTheWay.test(refused.reason)) {
          remembered.poison = { number, times: times + 1 }
        }
        return saysNothing(refused.status) ? Effect.fail(this.lostBy(refused)) : Effect.succeed(undefined)
      })
    )
  }

  /** Hands a message on. It is acknowledged to the server when it is on disk. */
  deliver(message: NotificationMessage, redelivered: boolean): Effect.Effect<void, Refused | Lost> {
    return Effect.gen({ self: this }, function* () {
      const { live, mapping, subscription } = this.hearing
      const { context } = this.linked
      const receivedAt = context.now()
      const brought = yield* readMessage(this.hearing, message)
      // Asked for again it was meant for the session before this one: we are who took the subscription over.
      const isOurTaking = redelivered && brought.ended === transferred
      if (brought.ended !== undefined && !isOurTaking) return yield* this.ended(brought.ended)
      yield* this.tellOverflow(brought)
      const heard = brought.heard.filter((one) => !tellsOfNodes(one))
      if (heard.length < brought.heard.length) this.refresh.nodesChanged()
      const { observations, unreadable } = observationsOf(mapping, heard)
      context.count("messages")
      context.count("notifications", heard.length)
      if (unreadable > 0) context.count("unreadable", unreadable)
      if (brought.strangers > 0) context.count("unknown_item", brought.strangers)
      const settle = subscription.take(message.sequenceNumber)
      const transport = {
        slot: `${subscription.id} ${message.sequenceNumber}`,
        session: live.connection.id,
        redelivered,
        digest: digestOf(brought.content)
      }
      reportAll(context, observations, receivedAt, transport, (refusal) => {
        settle(refusal)
        if (refusal === undefined) this.settled(brought)
        Queue.offerUnsafe(this.happenings, { _tag: "Settled" })
      })
    })
  }

  settled({ gone }: Brought): void {
    const { remembered } = this.linked
    for (const one of gone) remembered.conditions = forgotten(remembered.conditions, one)
    remembered.progressed()
  }

  /** What the server threw away is told before what came after it. */
  tellOverflow({ overflowed, refresh }: Brought): Effect.Effect<void> {
    if (refresh) this.refresh.isDue()
    if (overflowed.length === 0) return Effect.void
    this.refresh.isDue()
    const { context, remembered } = this.linked
    const devices = devicesOf(overflowed)
    const nodes = [...new Set(overflowed.map(({ node }) => node))]
    const more = nodes.length > 3 ? ` and ${nodes.length - 3} others` : ""
    const detail = `the server's queues for ${nodes.slice(0, 3).join(", ")}${more} ran over: raise queueSize`
    return keepGap(context, "QueueDropped", detail, {
      ...(devices === undefined ? {} : { devices }),
      ...spanOf(remembered.heardAt, context.now())
    })
  }

  /** OPC 10000-4, 5.14.7 and 5.14.1.4: how a subscription ends that the server ends. */
  ended(status: string): Effect.Effect<never, Lost> {
    if (status !== transferred) return Effect.fail(this.subscriptionLost(status))
    const reason = "another client took our subscription over: give each gateway a user and certificate of its own"
    return Effect.fail(new LinkLost({ reason }))
  }

  /**
   * The next thing that happens; the subscription is given up when it says nothing for too long. It is waited for once
   * more before that: where it was this process that stood still, what came meanwhile is read now.
   */
  get next(): Effect.Effect<Happening, Lost> {
    const { keepAliveMs } = this.hearing.subscription
    const silentMs = silentKeepAlives * keepAliveMs
    const take = Queue.take(this.happenings)
    if (!this.requests.waits) return take
    const giveUp = Effect.suspend(() => {
      const seconds = Math.round((silentMs + keepAliveMs) / 1000)
      return Effect.fail(this.subscriptionLost(`it said nothing for ${seconds} s, though the connection holds`))
    })
    const onceMore = Effect.timeoutOrElse(take, { duration: keepAliveMs, orElse: () => giveUp })
    return Effect.timeoutOrElse(take, { duration: silentMs, orElse: () => onceMore })
  }

  get run(): Effect.Effect<never, Lost> {
    return Effect.gen({ self: this }, function* () {
      for (;;) {
        this.requests.fill()
        const happening = yield* this.next
        if (happening._tag === "Answered") {
          // Another request goes out before this one's answer is worked on.
          this.requests.fill()
          yield* this.answered(happening.response)
        } else if (happening._tag === "Failed" && !this.requests.mayGoOn(happening.error)) {
          return yield* this.lostBy(happening.error)
        }
      }
    })
  }
}

/** The messages that the old connection did not bring, before any new one (OPC 10000-4, 6.7). */
const catchUp = (publishing: Publishing): Effect.Effect<void, Lost> =>
  Effect.gen(function* () {
    const { subscription } = publishing.hearing
    for (;;) {
      const message = yield* publishing.askAgain(subscription.expected)
      if (message === undefined || message.sequenceNumber !== subscription.expected) return
      yield* publishing.deliver(message, true)
      publishing.linked.context.count("filled")
    }
  }).pipe(Effect.catchTag("Refused", (refused) => Effect.fail(publishing.lostBy(refused))))

/** Hears a subscription for as long as session and subscription hold. */
export const hear = Effect.fnUntraced(function* (
  linked: Linked,
  hearing: Hearing,
  { fresh, problems }: Subscribed
): Effect.fn.Return<never, Lost> {
  const happenings = yield* Queue.unbounded<Happening>()
  const refresh = makeRefresh(linked, hearing, fresh, problems)
  const publishing = new Publishing(linked, hearing, happenings, refresh)
  const refused = Effect.callback<never, LinkLost>((resume) => {
    hearing.subscription.onRefused = (reason) =>
      resume(Effect.fail(new LinkLost({ reason: `a message was not kept: ${reason}` })))
  })
  const running = (fresh ? Effect.void : catchUp(publishing)).pipe(Effect.andThen(publishing.run))
  return yield* Effect.raceFirst(refused, running)
})
