import { Effect } from "effect"
import type { Device } from "../../../gateway/domain/campus.ts"
import type { CredentialsRejected, LinkContext, LinkLost } from "../../adapter.ts"
import { drain } from "./conformance-measure.ts"
import type { News, Seen } from "./conformance-seen.ts"
import type { DeviceSettings } from "../device-settings.ts"
import { setSynchronizationPoint } from "../device/event-service.ts"
import { makeOnvifMapping } from "../mapping/normalize.ts"
import type { Notification } from "../messages/notification.ts"
import { readNotifications } from "../messages/notification-read.ts"
import { readDeviceTime } from "../wire/onvif-time.ts"
import { pullPoint } from "./probe-events.ts"
import type { OnvifProfile } from "../mapping/profile.ts"
import { followPullPoint, release } from "../events/pull-point.ts"
import { rememberedIn } from "../events/remembered.ts"
import type { Session } from "../device/session.ts"
import type { Arrival, Stream } from "../events/stream.ts"

/** What is watched, and who is told. */
export interface Watched {
  readonly session: Session
  readonly device: Device
  readonly own: DeviceSettings
  readonly profile: OnvifProfile
  readonly timeZone: string
  readonly seen: Seen
  readonly tell: (news: News) => void
}

/** Short pulls: a device that closes long ones is none the worse. */
const pullMs = 8000
const leaseMs = 120_000

/** A link that keeps nothing: what is heard is looked at and let go. */
const contextOf = ({ session, device, timeZone }: Watched, count: LinkContext["count"]): LinkContext => ({
  link: device.link,
  devices: [device],
  timeZone,
  profilesDirectory: "",
  report: (_, settled) => queueMicrotask(() => settled()),
  online: Effect.void,
  refused: () => {},
  now: session.caller.now,
  count,
  granted: () => {},
  able: () => Effect.void,
  memory: new Map()
})

/** It came first in a subscription and tells of something before that: the device tells its state in its own way. */
const isState = ({ clocks }: Session, { utcTime }: Notification, { beginning, subscribedAt }: Arrival): boolean => {
  if (!beginning) return false
  const said = utcTime === undefined ? undefined : readDeviceTime(utcTime)
  const clock = clocks.estimate()
  return said === undefined || clock === undefined || said - clock.offsetMs - clock.uncertaintyMs <= subscribedAt
}

/** How long what a device has told may be on its way to us. */
const underWayMs = 1500

/**
 * How each point stands now: a new subscriber is told, or tells by asking. Nothing where the device has no place for
 * another, or tells no state.
 */
const askStates = ({ session, device, own, profile, timeZone }: Watched) =>
  Effect.scoped(
    Effect.gen(function* () {
      const { caller, eventsUrl } = session
      const { reference } = yield* pullPoint(caller, eventsUrl, own)
      const first = yield* drain(caller, reference)
      if (first.length === 0) yield* setSynchronizationPoint(caller, reference)
      const told = first.length === 0 ? yield* drain(caller, reference) : first
      const mapping = makeOnvifMapping(profile, device, timeZone)
      const context = { receivedAt: caller.now(), names: session.names().called, subscription: "asked" }
      return told.flatMap((notification) =>
        mapping
          .normalize(notification, context)
          .observations.flatMap((one) => (one._tag === "Reading" ? [{ point: one.point, reading: one.reading }] : []))
      )
    })
  ).pipe(Effect.catch(() => Effect.succeed([])))

/** Asks how the points stand, while what was told meanwhile is still heard; what was not told is then known. */
const compareStates = (watched: Watched): Effect.Effect<void> =>
  askStates(watched).pipe(
    Effect.tap((states) => (states.length === 0 ? Effect.void : Effect.sleep(underWayMs))),
    Effect.map((states) => {
      const newest = new Map(states.map(({ point, reading }) => [point, reading]))
      for (const [point, reading] of newest) watched.seen.found(point, reading)
    })
  )

/** How the watching went. */
export interface WatchedFor {
  /** Subscriptions that the device forgot meanwhile. */
  readonly lostSubscriptions: number
  readonly unreadable: number
}

/**
 * Follows a device's events as the gateway does, by a subscription of its own, until `until` completes; the subscription
 * is ended then. Fails as a link does.
 */
export const watch = Effect.fnUntraced(function* (
  watched: Watched,
  until: Effect.Effect<void>
): Effect.fn.Return<WatchedFor, LinkLost | CredentialsRejected> {
  const { session, device, own, profile, timeZone, seen, tell } = watched
  const mapping = makeOnvifMapping(profile, device, timeZone)
  let [lostSubscriptions, unreadable] = [0, 0]
  const context = contextOf(watched, (name) => {
    if (name === "resubscribed") lostSubscriptions++
  })
  const hear: Stream["hear"] = (body, arrival) =>
    Effect.sync(() => {
      const { receivedAt, subscription } = arrival
      const { notifications, faults } = readNotifications(body)
      unreadable += faults.length
      for (const notification of notifications) {
        const names = session.names().called
        const { observations } = mapping.normalize(notification, { receivedAt, names, subscription })
        for (const news of seen.add(notification, observations, isState(session, notification, arrival))) tell(news)
      }
      return { messages: notifications.length + faults.length, lost: false }
    })
  const stream: Stream = {
    session,
    device,
    settings: own,
    context,
    remembered: rememberedIn(context.memory),
    hear,
    tellLost: () => Effect.sync(() => void unreadable++),
    tellSessionLost: () => Effect.void,
    resubscribing: () => {}
  }
  const terms = { pullMs, leaseMs, silenceMs: Number.MAX_SAFE_INTEGER }
  const enough = Effect.andThen(until, compareStates(watched))
  yield* Effect.raceFirst(followPullPoint(stream, terms), enough).pipe(Effect.ensuring(release(stream)))
  return { lostSubscriptions, unreadable }
})
