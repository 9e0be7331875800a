import { Effect, Result, type Scope } from "effect"
import type { CallFailed } from "../wire/connection.ts"
import {
  createPullPoint,
  type EventCaller,
  messagesMax,
  pullMessages,
  type Reference,
  renew,
  setSynchronizationPoint,
  type Told,
  unsubscribe
} from "../device/event-service.ts"
import type { DeviceSettings } from "../device-settings.ts"
import { grantedMs, sameLeaseMs } from "../device/lease.ts"
import type { Notification } from "../messages/notification.ts"
import { readNotifications } from "../messages/notification-read.ts"
import { probeLeaseMs, pullPoint } from "./probe-events.ts"
import { isGone } from "../events/subscription-failure.ts"

/** How a device leads a subscription. Undefined where it cannot be told. */
export interface SubscriptionHabits {
  /** How it told its state to a new subscriber by itself. */
  readonly initialState: "Initialized" | "Changed" | "none"
  /** It told its state again when asked (SetSynchronizationPoint). */
  readonly repeatsState: boolean
  /** It answered a pull with nothing before half of the time asked for was over. */
  readonly answersEmptyEarly: boolean | undefined
  readonly leaseAskedMs: number
  readonly leaseGrantedMs: number | undefined
  /** A pull moved the end of the lease. */
  readonly pullExtendsLease: boolean | undefined
  readonly renew: "works" | "refused"
}

/** State that waits comes at once. */
const stateMs = 2000

/** A pull of this length is answered when something happens, or when it is over. */
const pullMs = 3000

/** A lease is seen to move once the device's clock has. */
const leaseMovesMs = 2 * sameLeaseMs

/** Answers with something in them, of which one full of state can come after another. */
const pullsMax = 5

/** Pulls what waits. */
export const drain = Effect.fnUntraced(function* (
  caller: EventCaller,
  reference: Reference
): Effect.fn.Return<ReadonlyArray<Notification>, CallFailed> {
  const waited: Array<Notification> = []
  for (let nth = 0; nth < pullsMax; nth++) {
    const { answer } = yield* pullMessages(caller, reference, stateMs)
    const { notifications } = readNotifications(answer.body)
    waited.push(...notifications)
    if (notifications.length < messagesMax) break
  }
  return waited
})

const stateOf = (first: ReadonlyArray<Notification>): SubscriptionHabits["initialState"] => {
  if (first.some(({ operation }) => operation === "Initialized")) return "Initialized"
  return first.length > 0 ? "Changed" : "none"
}

/** An empty answer, how long it took, and the times it told; undefined where every answer brought something. */
const emptyPull = Effect.fnUntraced(function* (caller: EventCaller, reference: Reference) {
  let told: Told | undefined
  for (let nth = 0; nth < pullsMax; nth++) {
    const began = performance.now()
    told = yield* pullMessages(caller, reference, pullMs)
    const tookMs = performance.now() - began
    if (readNotifications(told.answer.body).notifications.length === 0) return { told, early: tookMs < pullMs / 2 }
  }
  return { told, early: undefined }
})

/** By the device's own clock, its lease ends later than it said before. Undefined where it does not say. */
const movedOn = (before: Told, after: Told | undefined): boolean | undefined => {
  const [first, last] = [before.times.terminationTime, after?.times.terminationTime]
  return first === undefined || last === undefined ? undefined : last - first > sameLeaseMs
}

/** Leads a subscription of its own for some seconds, and ends it. */
export const tryHabits = (
  caller: EventCaller,
  eventsUrl: string,
  own: DeviceSettings
): Effect.Effect<SubscriptionHabits, CallFailed> =>
  Effect.scoped(
    Effect.gen(function* () {
      const { reference, told } = yield* pullPoint(caller, eventsUrl, own)
      const subscribedAt = performance.now()
      const first = yield* drain(caller, reference)
      const asked = yield* Effect.result(setSynchronizationPoint(caller, reference))
      const again = Result.isSuccess(asked) ? yield* drain(caller, reference) : undefined
      const { told: empty, early } = yield* emptyPull(caller, reference)
      const leftMs = subscribedAt + leaseMovesMs - performance.now()
      const last =
        leftMs <= 0 ? empty : yield* Effect.sleep(leftMs).pipe(Effect.andThen(pullMessages(caller, reference, 1000)))
      const renewed = yield* Effect.result(renew(caller, reference, { leaseMs: probeLeaseMs }))
      return {
        initialState: stateOf(first),
        repeatsState: (again?.length ?? 0) > 0,
        answersEmptyEarly: early,
        leaseAskedMs: probeLeaseMs,
        leaseGrantedMs: grantedMs(told.times),
        pullExtendsLease: movedOn(told, last),
        renew: Result.isSuccess(renewed) ? "works" : "refused"
      } satisfies SubscriptionHabits
    })
  )

/** How many subscriptions a device takes, beside those that it has. */
export interface Subscribers {
  readonly taken: number
  /** Why it took no more; undefined where it took as many as were tried. */
  readonly refusal: string | undefined
  /** It forgot the first to make room. */
  readonly forgetsTheFirst: boolean
}

/** No device of the field is asked for more than this. */
const subscribersMax = 10

/**
 * Opens pull points until the device refuses, ten at most, and ends them all. Undefined for a device of which none may
 * be ended.
 */
export const countSubscribers = (
  caller: EventCaller,
  eventsUrl: string,
  own: DeviceSettings
): Effect.Effect<Subscribers | undefined> => {
  if (own.unsubscribe === "never") return Effect.succeed(undefined)
  return Effect.scoped(
    Effect.gen(function* () {
      const references: Array<Reference> = []
      let refusal: string | undefined
      while (references.length < subscribersMax && refusal === undefined) {
        const opened = yield* Effect.result(pullPoint(caller, eventsUrl, own))
        if (Result.isSuccess(opened)) references.push(opened.success.reference)
        else refusal = opened.failure.reason
      }
      const [first] = references
      const asked =
        first === undefined || references.length === 1
          ? undefined
          : yield* Effect.result(setSynchronizationPoint(caller, first))
      const forgetsTheFirst = asked !== undefined && Result.isFailure(asked) && isGone(asked.failure)
      return { taken: references.length, refusal, forgetsTheFirst }
    })
  )
}

/**
 * How long it takes from a link that is cut, its subscription not ended, to a new one: a second connection is opened by
 * `reopen`, gives the place of the old one back as a gateway does, and subscribes. Nothing is left subscribed.
 */
export const timeReconnect = Effect.fnUntraced(function* <E>(
  reopen: Effect.Effect<{ readonly caller: EventCaller; readonly eventsUrl: string }, E, Scope.Scope>,
  own: DeviceSettings
): Effect.fn.Return<number, E | CallFailed> {
  const lost = yield* Effect.scoped(
    Effect.flatMap(reopen, ({ caller, eventsUrl }) => createPullPoint(caller, eventsUrl, { leaseMs: probeLeaseMs }))
  )
  const began = performance.now()
  return yield* Effect.scoped(
    Effect.gen(function* () {
      const { caller, eventsUrl } = yield* reopen
      if (own.unsubscribe !== "never") yield* unsubscribe(caller, lost.reference)
      yield* pullPoint(caller, eventsUrl, own)
      return Math.round(performance.now() - began)
    })
  )
})
