import { randomBytes, randomUUID } from "node:crypto"
import { lookup } from "node:dns/promises"
import { Effect, Queue, Result } from "effect"
import type { EpochMs } from "../../../gateway/domain/ids.ts"
import { type CredentialsRejected, LinkLost } from "../../adapter.ts"
import { CallFailed } from "../wire/connection.ts"
import {
  type Reference,
  renew,
  setSynchronizationPoint,
  subscribePush,
  terminationFor
} from "../device/event-service.ts"
import { linkErrorOf } from "../wire/failures.ts"
import { isCutShort, type Lease, leaseFrom, renewAtOf } from "../device/lease.ts"
import { consumerUrl, type Notified, type NotifyListener, plainAddress } from "./notify-listener.ts"
import { release } from "./pull-point.ts"
import { readEnvelope } from "../wire/soap.ts"
import { beginningMs, type Stream } from "./stream.ts"
import type { Terms } from "./subscription.ts"
import { isGone } from "./subscription-failure.ts"
import type { XmlElement } from "../wire/xml-element.ts"

type LinkError = LinkLost | CredentialsRejected

/** As many notifications wait for their turn; then the device is told to come again. */
const waitingMax = 64

/** One subscription whose events the device sends to us. */
interface Pushed {
  readonly stream: Stream
  readonly terms: Terms
  readonly reference: Reference
  readonly id: string
  readonly begunAt: EpochMs
  lease: Lease
  renews: boolean
  absolute: boolean
}

/** Who may send in this device's name: where it is called. */
const sendersOf = (stream: Stream): Effect.Effect<ReadonlySet<string>, LinkLost> => {
  const host = stream.settings.url.hostname.replace(/^\[|\]$/g, "")
  return Effect.tryPromise({
    try: async () => new Set((await lookup(host, { all: true })).map(({ address }) => plainAddress(address))),
    catch: () => new LinkLost({ reason: `no address is known for ${host}` })
  })
}

const read = ({ bytes, charset }: Notified): Result.Result<XmlElement, CallFailed> => {
  const unreadable = (reason: string): CallFailed =>
    new CallFailed({ kind: "unreadable", reason, raw: new TextDecoder().decode(bytes.subarray(0, 4096)) })
  try {
    const envelope = readEnvelope(bytes, charset)
    if ("body" in envelope && envelope.body.name === "Notify") return Result.succeed(envelope.body)
    return Result.fail(unreadable("what was sent is no notification"))
  } catch (error) {
    return Result.fail(unreadable(error instanceof Error ? error.message : String(error)))
  }
}

/** Takes in one notification; the device is answered when it is on disk. */
const take = Effect.fnUntraced(function* ({ stream, id, begunAt }: Pushed, notified: Notified) {
  const { session, remembered } = stream
  const body = read(notified)
  if (Result.isFailure(body)) {
    yield* stream.tellLost("Notify", body.failure, Effect.void)
    return notified.answer(400)
  }
  const receivedAt = session.caller.now()
  yield* stream.hear(body.success, {
    receivedAt,
    subscription: id,
    subscribedAt: begunAt,
    beginning: receivedAt - begunAt < beginningMs,
    meanwhile: Effect.void
  })
  remembered.heardAt = receivedAt
  remembered.gapTold = false
  notified.answer(200)
})

const renewNow = Effect.fnUntraced(function* (pushed: Pushed): Effect.fn.Return<string | undefined, LinkError> {
  const { stream, reference, terms } = pushed
  const { caller, clocks } = stream.session
  const result = yield* Effect.result(renew(caller, reference, terminationFor(terms.leaseMs, pushed.absolute, clocks)))
  const now = caller.now()
  if (Result.isSuccess(result)) {
    const { clock, times } = result.success
    clocks.told(clock)
    stream.remembered.heardAt = now
    pushed.lease = leaseFrom({ ...times, currentTime: times.currentTime ?? clocks.deviceNow() }, terms.leaseMs, now)
    return undefined
  }
  const { failure } = result
  if (isGone(failure)) return "the device has forgotten the subscription"
  if (failure.kind !== "fault" && failure.kind !== "http") return yield* linkErrorOf(failure)
  if (pushed.absolute) pushed.absolute = false
  else pushed.renews = false
  return undefined
})

/** Keeps the subscription alive and looks whether the device still is; answers why there should be another. */
const tend = Effect.fnUntraced(function* (pushed: Pushed): Effect.fn.Return<string, LinkError> {
  const { session } = pushed.stream
  const { now } = session.caller
  for (;;) {
    const dueAt = pushed.renews ? renewAtOf(pushed.lease) : pushed.lease.untilAt
    yield* Effect.sleep(Math.max(0, Math.min(dueAt - now(), pushed.terms.pullMs)))
    if (now() < dueAt) {
      yield* session.measure
      continue
    }
    if (!pushed.renews) return "the device does not renew subscriptions, and this one is over"
    const over = yield* renewNow(pushed)
    if (over !== undefined) return over
  }
})

const subscribe = Effect.fnUntraced(function* (
  stream: Stream,
  terms: Terms,
  consumer: string
): Effect.fn.Return<Pushed, LinkError> {
  const { session, remembered } = stream
  const { caller, clocks, eventsUrl } = session
  yield* release(stream)
  const absolute = remembered.learnt.absoluteTime === true
  const termination = terminationFor(terms.leaseMs, absolute, stream.session.clocks)
  const { reference, told } = yield* subscribePush(caller, eventsUrl, consumer, termination).pipe(
    Effect.tap((created) => Effect.sync(() => void (remembered.orphan = created.reference))),
    Effect.mapError(linkErrorOf)
  )
  clocks.told(told.clock)
  const begunAt = caller.now()
  const lease = leaseFrom(told.times, terms.leaseMs, begunAt)
  const pushed: Pushed = { stream, terms, reference, id: randomUUID(), begunAt, lease, renews: true, absolute }
  if (!absolute && isCutShort(told.times, terms.leaseMs)) {
    pushed.absolute = true
    yield* renewNow(pushed)
  }
  return pushed
})

/** Nobody takes these any more: the device is told, and what they said is part of the gap that follows. */
const turnAway = (inbox: Queue.Queue<Notified>): Effect.Effect<void> =>
  Queue.clear(inbox).pipe(
    Effect.map((left) => left.forEach(({ answer }) => answer(503))),
    Effect.andThen(Queue.shutdown(inbox)),
    Effect.asVoid
  )

const follow = Effect.fnUntraced(function* (
  stream: Stream,
  terms: Terms,
  listener: NotifyListener,
  lost: { readonly reason: string; readonly stayed: boolean },
  admitsAll: boolean
) {
  const name = randomBytes(24).toString("base64url")
  const senders = yield* sendersOf(stream)
  const inbox = yield* Effect.acquireRelease(Queue.bounded<Notified>(waitingMax), turnAway)
  yield* listener.admit(name, {
    admits: (address) => admitsAll || senders.has(address),
    deliver: (notified) => Queue.offerUnsafe(inbox, notified),
    turnedAway: stream.context.refused
  })
  const pushed = yield* subscribe(stream, terms, consumerUrl(listener, name))
  // Before anything the subscription brings: what is not repeated is unknown from here on.
  yield* stream.tellSessionLost(lost.reason, lost.stayed)
  yield* stream.context.online
  yield* Effect.ignore(setSynchronizationPoint(stream.session.caller, pushed.reference))
  const taking = Queue.take(inbox).pipe(
    Effect.flatMap((notified) =>
      Effect.onInterrupt(take(pushed, notified), () => Effect.sync(() => notified.answer(503)))
    ),
    Effect.forever
  )
  return yield* Effect.raceFirst(tend(pushed), taking)
})

/**
 * Events by WS-BaseNotification, for devices without pull points: the device sends them to a listener of ours. Nothing
 * shows that one was lost on the way; that the device is there and keeps the subscription is looked at instead.
 */
export const followPush = Effect.fnUntraced(function* (
  stream: Stream,
  terms: Terms,
  listener: NotifyListener,
  admitsAll: boolean
): Effect.fn.Return<never, LinkError> {
  let lost = { reason: "the gateway has no subscription at the device: what it said meanwhile is lost", stayed: false }
  for (;;) {
    const reason = yield* Effect.scoped(follow(stream, terms, listener, lost, admitsAll))
    lost = { reason, stayed: true }
    stream.resubscribing()
    stream.context.count("resubscribed")
    // A device that forgets each subscription at once is not asked in a tight loop.
    yield* Effect.sleep(1000)
  }
})
