import { Effect, Result, type Scope } from "effect"
import type { EpochMs } from "../../../gateway/domain/ids.ts"
import { CredentialsRejected, LinkLost } from "../../adapter.ts"
import type { MeasuredClock } from "../../adapter.ts"
import {
  countSubscribers,
  type Subscribers,
  type SubscriptionHabits,
  timeReconnect,
  tryHabits
} from "./conformance-measure.ts"
import { type News, Seen, type SeenOccurrence, type SeenPoint, type SeenTopic } from "./conformance-seen.ts"
import { offeredTopics } from "./conformance-topics.ts"
import { watch, type WatchedFor } from "./conformance-watch.ts"
import type { DeviceSettings } from "../device-settings.ts"
import { linkErrorOf } from "../wire/failures.ts"
import type { DeviceInformation } from "../device/library.ts"
import { openConnection } from "../wire/open-connection.ts"
import { settingsOf, type Target } from "./probe.ts"
import { readOnvifProfiles } from "../mapping/profiles.ts"
import { connect, type Session } from "../device/session.ts"
import { makeSnapshots } from "../device/snapshot.ts"

/** How long a picture took, or why there was none. */
export type PictureTaken = { readonly tookMs: number; readonly bytes: number } | { readonly failed: string }

/** What a device really does, as it was observed. */
export interface Conformance extends WatchedFor {
  readonly information: DeviceInformation
  readonly observedMs: number
  readonly topics: ReadonlyArray<SeenTopic>
  readonly points: ReadonlyArray<SeenPoint>
  readonly occurrences: ReadonlyArray<SeenOccurrence>
  readonly habits: SubscriptionHabits
  /** Undefined where it was not tried. */
  readonly subscribers: Subscribers | undefined
  /** Undefined where the device does not tell its time. */
  readonly clock: MeasuredClock | undefined
  /** Undefined where it was not tried, or failed. */
  readonly reconnectMs: number | undefined
  /** Undefined for a device without pictures. */
  readonly picture: PictureTaken | undefined
}

/** What happens during an observation, for the person who attends it. */
export type Course =
  | { readonly _tag: "Measuring"; readonly what: "subscription" | "subscribers" | "reconnect" | "picture" }
  | {
      readonly _tag: "Watching"
      readonly information: DeviceInformation
      readonly offered: number
      readonly doors: ReadonlyArray<string>
      readonly readers: ReadonlyArray<string>
      readonly hasMedia: boolean
    }
  | { readonly _tag: "Seen"; readonly news: News }

export interface ConformanceOptions extends Target {
  readonly now: () => EpochMs
  readonly profilesDirectory: string
  readonly timeZone: string
  readonly tell: (course: Course) => void
  /** Completes when enough was seen. */
  readonly until: Effect.Effect<void>
}

type LinkError = LinkLost | CredentialsRejected

const profileOf = ({ device, profilesDirectory: directory }: ConformanceOptions) =>
  Effect.try({
    try: () => readOnvifProfiles(directory, [device.profile]).profiles.find(({ name }) => name === device.profile),
    catch: (cause) => new LinkLost({ reason: `the profiles in ${directory} cannot be read: ${String(cause)}` })
  }).pipe(
    Effect.flatMap((profile) =>
      profile === undefined
        ? Effect.fail(new LinkLost({ reason: `there is no usable ONVIF profile "${device.profile}"` }))
        : Effect.succeed(profile)
    )
  )

const sessionOf = (
  { settings, now }: ConformanceOptions,
  own: DeviceSettings
): Effect.Effect<Session, LinkError, Scope.Scope> =>
  openConnection(own.access).pipe(
    Effect.flatMap((connection) =>
      connect({
        connection,
        settings: own,
        advertisedHosts: settings.advertisedHosts,
        now,
        namesRead: () => Effect.void
      })
    )
  )

const photograph = Effect.fnUntraced(function* (
  { caller, library, hasMedia }: Session,
  own: DeviceSettings
): Effect.fn.Return<PictureTaken | undefined> {
  if (!hasMedia && own.snapshotUri === undefined) return undefined
  const { connection, reachable } = caller
  const options = { connection, library, reachable, uri: own.snapshotUri, mediaProfile: own.mediaProfile }
  const { snapshot } = yield* makeSnapshots(options)
  // The first one asks where pictures are.
  const first = yield* Effect.result(snapshot)
  if (Result.isFailure(first)) return { failed: first.failure.reason }
  const began = performance.now()
  const second = yield* Effect.result(snapshot)
  if (Result.isFailure(second)) return { failed: second.failure.reason }
  return { tookMs: Math.round(performance.now() - began), bytes: second.success.bytes.length }
})

/** How soon the device is back. Where nothing may be ended, what this leaves behind would fill its places. */
const back = (options: ConformanceOptions, own: DeviceSettings): Effect.Effect<number | undefined> => {
  if (own.unsubscribe === "never") return Effect.succeed(undefined)
  options.tell({ _tag: "Measuring", what: "reconnect" })
  // What was watched for minutes is not thrown away for a failure of this.
  return timeReconnect(sessionOf(options, own), own).pipe(Effect.catch(() => Effect.succeed(undefined)))
}

const observing = Effect.fnUntraced(function* (
  options: ConformanceOptions
): Effect.fn.Return<Conformance, LinkError, Scope.Scope> {
  const { device, timeZone, now, tell, until } = options
  const own = yield* settingsOf(options).pipe(
    Effect.mapError(({ message }) => new CredentialsRejected({ reason: message }))
  )
  const profile = yield* profileOf(options)
  const session = yield* sessionOf(options, own)
  const { caller, eventsUrl, events, information } = session
  if (events.pullPoints === false)
    return yield* new LinkLost({ reason: "the device has no pull points: it cannot be observed beside a gateway" })
  tell({ _tag: "Measuring", what: "subscription" })
  const habits = yield* Effect.mapError(tryHabits(caller, eventsUrl, own), linkErrorOf)
  const offered = yield* offeredTopics(caller.connection, eventsUrl).pipe(Effect.catch(() => Effect.succeed([])))
  const seen = new Seen(offered)
  const { doors, accessPoints } = session.names()
  const called = ({ name, token }: { readonly name: string; readonly token: string }) => (name === "" ? token : name)
  tell({
    _tag: "Watching",
    information,
    offered: offered.length,
    doors: doors.map(called),
    readers: accessPoints.map(called),
    hasMedia: session.hasMedia
  })
  const began = now()
  const watched = yield* watch(
    { session, device, own, profile, timeZone, seen, tell: (news) => tell({ _tag: "Seen", news }) },
    until
  )
  const observedMs = now() - began
  tell({ _tag: "Measuring", what: "subscribers" })
  const subscribers = yield* countSubscribers(caller, eventsUrl, own)
  const reconnectMs = yield* back(options, own)
  if (session.hasMedia) tell({ _tag: "Measuring", what: "picture" })
  const picture = yield* photograph(session, own)
  const sightings = { topics: seen.topics(), points: seen.points(), occurrences: seen.occurrences() }
  const clock = session.clocks.estimate()
  return { information, observedMs, ...sightings, ...watched, habits, subscribers, clock, reconnectMs, picture }
})

/**
 * Observes what a device really does: how it leads subscriptions and how many it takes, its clock, how soon it is back,
 * and what it says while a person works its doors. Every subscription is its own, and ended.
 */
export const observe = (options: ConformanceOptions): Effect.Effect<Conformance, LinkError> =>
  Effect.scoped(observing(options))
