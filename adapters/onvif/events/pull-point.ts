import { randomUUID } from "node:crypto"
import { Effect, Result } from "effect"
import { CredentialsRejected, type LinkLost } from "../../adapter.ts"
import type { CallFailed } from "../wire/connection.ts"
import {
  createPullPoint,
  messagesMax,
  pullMessages,
  type Reference,
  renew,
  setSynchronizationPoint,
  type Told,
  unsubscribe,
  terminationFor
} from "../device/event-service.ts"
import { isNotImplemented, linkErrorOf, NoPullPoints } from "../wire/failures.ts"
import { beginningMs, type Stream } from "./stream.ts"
import {
  begun,
  kept,
  nextStep,
  pulled,
  type Pulled,
  reauthenticated,
  renewalDue,
  renewed,
  type Subscription,
  synchronized,
  type Terms
} from "./subscription.ts"
import { pullFailed, renewalFailed } from "./subscription-failure.ts"

type LinkError = LinkLost | CredentialsRejected

/** Ends the subscription that is still held at the device, if there is one and the device may be told so. */
export const release = ({ session, remembered, settings }: Stream): Effect.Effect<void> =>
  Effect.suspend(() => {
    const { orphan } = remembered
    remembered.orphan = undefined
    return orphan === undefined || settings.unsubscribe === "never" ? Effect.void : unsubscribe(session.caller, orphan)
  })

/** The loop of one subscription: its state, and what is done about it. */
interface Loop {
  readonly stream: Stream
  readonly reference: Reference
  /** Unique: tells this subscription's messages from those of the one before it. */
  readonly id: string
  state: Subscription
  /** Every pull so far was full: what comes is what had been waiting. */
  beginning: boolean
  /** It was told that events flow. */
  isOnline: boolean
}

const sleepUntil = (at: number, now: number): Effect.Effect<void> => (at > now ? Effect.sleep(at - now) : Effect.void)

const renewNow = (loop: Loop, absolute: boolean): Effect.Effect<void> =>
  Effect.gen(function* () {
    const { stream, reference } = loop
    const { caller, clocks } = stream.session
    const result = yield* Effect.result(
      renew(caller, reference, terminationFor(loop.state.terms.leaseMs, absolute, clocks))
    )
    const now = caller.now()
    if (Result.isFailure(result)) {
      loop.state = renewalFailed(loop.state, absolute, result.failure, now)
      return
    }
    const { clock, times } = result.success
    clocks.told(clock)
    // A RenewResponse may leave out the device's time (WS-BaseNotification 1.3, section 6.1.1).
    const currentTime = times.currentTime ?? clocks.deviceNow()
    loop.state = renewed(loop.state, absolute, { ...times, currentTime }, now)
  })

/** While the store refuses nothing is pulled, and so the lease is extended by nothing else. */
const holdLease = (loop: Loop): Effect.Effect<void> =>
  Effect.suspend(() =>
    renewalDue(loop.state, loop.stream.session.caller.now(), false)
      ? renewNow(loop, loop.state.learnt.absoluteTime === true)
      : Effect.void
  )

/** A pull that the device holds for so long, or for a quarter of its time, shows that the subscription works. */
const onlineMs = 3000

/** Says once that events flow: what only answers a subscription is not yet heard. */
const tellOnline = (loop: Loop): Effect.Effect<void> =>
  Effect.suspend(() => {
    if (loop.isOnline) return Effect.void
    loop.isOnline = true
    return loop.stream.context.online
  }).pipe(Effect.uninterruptible)

const hear = Effect.fnUntraced(function* (loop: Loop, told: Told, pull: Omit<Pulled, "now">) {
  const { stream, id } = loop
  const { session, remembered } = stream
  const answeredAt = session.caller.now()
  session.clocks.told(told.clock)
  const {
    messages,
    news = messages,
    lost
  } = yield* stream.hear(told.answer.body, {
    receivedAt: answeredAt,
    subscription: id,
    subscribedAt: loop.state.begunAt,
    beginning: loop.beginning && answeredAt - loop.state.begunAt < beginningMs,
    meanwhile: holdLease(loop)
  })
  const full = messages >= messagesMax
  loop.beginning &&= full
  remembered.heardAt = answeredAt
  remembered.gapTold = false
  loop.state = pulled(loop.state, { messages, news, full, times: told.times }, { ...pull, now: answeredAt })
  loop.state = kept(loop.state, lost, session.caller.now())
})

/** What an answer held that nobody can read is lost: the device has let go of it. */
const tellUnreadable = (loop: Loop, failure: CallFailed): Effect.Effect<void> =>
  loop.stream.tellLost("PullMessages", failure, holdLease(loop))

const pull = Effect.fnUntraced(function* (loop: Loop, from: number, timeoutMs: number) {
  const { session, context, remembered } = loop.stream
  const { caller } = session
  yield* sleepUntil(from, caller.now())
  if (session.clocks.wantsAsking()) yield* Effect.ignore(session.measure)
  const askedAt = caller.now()
  const holding = Effect.sleep(Math.min(onlineMs, timeoutMs / 4)).pipe(
    Effect.andThen(tellOnline(loop)),
    Effect.andThen(Effect.never)
  )
  const pulling = Effect.result(pullMessages(caller, loop.reference, timeoutMs))
  const result = yield* loop.isOnline ? pulling : Effect.raceFirst(pulling, holding)
  if (Result.isSuccess(result)) {
    yield* tellOnline(loop)
    return yield* hear(loop, result.success, { timeoutMs, askedAt })
  }
  const { pulls } = loop.state
  const now = caller.now()
  loop.state = pullFailed(loop.state, result.failure, { timeoutMs, askedAt, now })
  if (loop.state.pulls > pulls) {
    // It was held, and ended without a word: up to then everything was heard.
    context.count("pulls_held")
    remembered.heardAt = now
    remembered.gapTold = false
    return
  }
  context.count("pulls_failed")
  if (result.failure.kind === "unreadable") yield* tellUnreadable(loop, result.failure)
})

const synchronize = Effect.fnUntraced(function* (loop: Loop) {
  const result = yield* Effect.result(setSynchronizationPoint(loop.stream.session.caller, loop.reference))
  loop.state = synchronized(loop.state, Result.isSuccess(result))
})

/** Follows the subscription until it is over; answers why there should be another. */
const follow = Effect.fnUntraced(function* (loop: Loop): Effect.fn.Return<string, LinkError> {
  for (;;) {
    loop.stream.remembered.learnt = loop.state.learnt
    const step = nextStep(loop.state, loop.stream.session.caller.now())
    switch (step._tag) {
      case "Pull":
        yield* pull(loop, step.from, step.timeoutMs)
        break
      case "Renew":
        yield* renewNow(loop, step.absolute)
        break
      case "Synchronize":
        yield* synchronize(loop)
        break
      case "Reauthenticate":
        yield* loop.stream.session.measure
        loop.state = reauthenticated(loop.state)
        break
      case "Resubscribe":
        return step.reason
      case "End":
        return yield* step.error
    }
  }
})

const subscribe = Effect.fnUntraced(function* (
  stream: Stream,
  terms: Terms,
  replaces: boolean
): Effect.fn.Return<Loop, LinkError | NoPullPoints> {
  const { session, remembered } = stream
  const { caller, clocks, eventsUrl } = session
  yield* release(stream)
  const termination = terminationFor(terms.leaseMs, remembered.learnt.absoluteTime === true, session.clocks)
  const { reference, told } = yield* createPullPoint(caller, eventsUrl, termination).pipe(
    Effect.tap((created) => Effect.sync(() => void (remembered.orphan = created.reference))),
    Effect.mapError((failure) => (isNotImplemented(failure) ? new NoPullPoints() : linkErrorOf(failure)))
  )
  clocks.told(told.clock)
  const state = begun(terms, remembered.learnt, told.times, caller.now(), replaces)
  return { stream, reference, id: randomUUID(), state, beginning: true, isOnline: false }
})

const pulling = Effect.fnUntraced(function* (
  stream: Stream,
  terms: Terms
): Effect.fn.Return<never, LinkError | NoPullPoints> {
  let reason = "the gateway has no subscription at the device: what it said meanwhile is lost"
  for (let nth = 0; ; nth++) {
    const loop = yield* subscribe(stream, terms, nth > 0)
    // Before anything the subscription brings: what is not repeated is unknown from here on.
    yield* stream.tellSessionLost(reason, nth > 0)
    reason = yield* follow(loop)
    stream.resubscribing()
    stream.context.count("resubscribed")
  }
})

/**
 * Events by a pull point (ONVIF Core, section 9.1): one loop, which subscribes, pulls, and waits until all that came is on
 * disk before it pulls again. A subscription that the device forgets is replaced; other losses end the link. At a device
 * that turns out to have no pull points, `otherwise` runs instead.
 */
export const followPullPoint = <R = never>(
  stream: Stream,
  terms: Terms,
  otherwise: Effect.Effect<never, LinkError, R> = Effect.fail(
    new CredentialsRejected({ reason: "the device has no pull points: mode pull cannot work" })
  )
): Effect.Effect<never, LinkError, R> => Effect.catchTag(pulling(stream, terms), "NoPullPoints", () => otherwise)
