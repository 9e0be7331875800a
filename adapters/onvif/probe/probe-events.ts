import { Effect, type Scope } from "effect"
import type { CallFailed } from "../wire/connection.ts"
import {
  createPullPoint,
  type EventCaller,
  pullMessages,
  type Reference,
  setSynchronizationPoint,
  type Subscribed,
  unsubscribe
} from "../device/event-service.ts"
import { isNotImplemented } from "../wire/failures.ts"
import { grantedMs } from "../device/lease.ts"
import { readNotifications } from "../messages/notification-read.ts"
import type { DeviceSettings } from "../device-settings.ts"
import { callFailed } from "./probe-failure.ts"
import type { EventCapabilities } from "../device/event-service.ts"
import { several } from "../../probing/several.ts"
import { type Found, StepFailed } from "../../probing/steps.ts"
import { spacingMs } from "../events/subscription.ts"

/** A probe's subscription dies by itself soon, should it not be ended. */
export const probeLeaseMs = 60_000

/** A device that has a state tells it at once; one that has none need not say anything. */
const waitMs = 5000

const taken =
  "its places are taken by other programs (a recorder, a second gateway), or by subscriptions that nobody ended, which die within ten minutes: close what is not needed, wait, or restart the device"

const lookAtThem = "run the gateway and look at what it keeps as unreadable: `watch --raw` shows the messages"

const noPullPoint = (failure: CallFailed): StepFailed =>
  callFailed("the device gives no pull point", failure, failure.kind === "fault" ? taken : undefined)

/** A pull point that is given back when the scope closes, however that comes. */
export const pullPoint = (
  caller: EventCaller,
  eventsUrl: string,
  { unsubscribe: mode }: Pick<DeviceSettings, "unsubscribe">,
  leaseMs = probeLeaseMs
): Effect.Effect<Subscribed, CallFailed, Scope.Scope> =>
  Effect.acquireRelease(createPullPoint(caller, eventsUrl, { leaseMs }), ({ reference }) =>
    // Devices of `never` end everybody's: the gateway's own too.
    mode === "never" ? Effect.void : unsubscribe(caller, reference)
  )

interface Pulled {
  readonly messages: number
  readonly initial: number
  readonly unreadable: number
  readonly topics: ReadonlyArray<string>
}

const nothing: Pulled = { messages: 0, initial: 0, unreadable: 0, topics: [] }

/** Pulls until something comes or the time is over. */
const pullSomething = Effect.fnUntraced(function* (caller: EventCaller, reference: Reference) {
  const until = performance.now() + waitMs
  for (;;) {
    const leftMs = until - performance.now()
    if (leftMs <= 0) return nothing
    const { answer } = yield* pullMessages(caller, reference, Math.max(1000, Math.ceil(leftMs / 1000) * 1000))
    const { notifications, faults } = readNotifications(answer.body)
    if (notifications.length + faults.length > 0) {
      return {
        messages: notifications.length,
        initial: notifications.filter(({ operation }) => operation === "Initialized").length,
        unreadable: faults.length,
        topics: [...new Set(notifications.map(({ topic }) => topic))].sort()
      }
    }
    // It answered empty, and may do so at once again.
    yield* Effect.sleep(spacingMs)
  }
})

const words = ({ messages, initial, unreadable, topics }: Pulled, repeats: boolean): string => {
  const state = repeats ? "" : "; it does not repeat its state when asked"
  if (messages === 0 && unreadable === 0)
    return `the subscription works; nothing was said within ${waitMs / 1000} s${state}`
  const odd = unreadable === 0 ? "" : `, and ${several(unreadable, "message")} that nobody can read`
  return `${several(messages, "message")} of ${several(topics.length, "topic")}, ${initial} of them the state at the beginning${odd}${state}`
}

export interface Hearing {
  readonly caller: EventCaller
  readonly eventsUrl: string
  readonly events: EventCapabilities
  readonly own: DeviceSettings
  /** The link has a listener for what devices push. */
  readonly canPush: boolean
}

const byPush = (canPush: boolean): Effect.Effect<Found<void>, StepFailed> =>
  canPush
    ? Effect.succeed({
        value: undefined,
        said: "they come by push, which only a running gateway can receive",
        leftOut: true
      })
    : Effect.fail(
        new StepFailed({
          said: "the device has no pull points: it has to send its events",
          todo: "say in the link's settings where to: push: { host: <this machine's address>, port: 8085 }"
        })
      )

const hearPulled = Effect.fnUntraced(function* (
  caller: EventCaller,
  { reference, told }: Subscribed
): Effect.fn.Return<Found<void>, StepFailed> {
  const repeats = yield* setSynchronizationPoint(caller, reference).pipe(
    Effect.as(true),
    Effect.catch(() => Effect.succeed(false))
  )
  const pulled = yield* pullSomething(caller, reference).pipe(
    Effect.mapError((failure) => callFailed("the device gives a pull point and no messages", failure))
  )
  const facts = { ...pulled, repeatsState: repeats, leaseMs: grantedMs(told.times) ?? null }
  const found = { value: undefined, said: words(pulled, repeats), facts }
  return pulled.unreadable === 0 ? found : { ...found, doubt: lookAtThem }
})

/** Subscribes, asks for the state, pulls what comes, and ends the subscription. */
export const hearEvents = (hearing: Hearing): Effect.Effect<Found<void>, StepFailed> => {
  const { caller, eventsUrl, events, own, canPush } = hearing
  const { mode } = own
  if (mode === "push" || (mode === "auto" && events.pullPoints === false)) return byPush(canPush)
  return Effect.scoped(
    pullPoint(caller, eventsUrl, own).pipe(
      Effect.matchEffect({
        // Some say that they have pull points, and do not.
        onFailure: (failure) =>
          mode === "auto" && isNotImplemented(failure) ? byPush(canPush) : Effect.fail(noPullPoint(failure)),
        onSuccess: (subscribed) => hearPulled(caller, subscribed)
      })
    )
  )
}
