import { Effect, Queue, Semaphore } from "effect"
import type { Device } from "../../../gateway/domain/campus.ts"
import type { EpochMs } from "../../../gateway/domain/ids.ts"
import type { Observation } from "../../../gateway/domain/observation.ts"
import type { LinkContext, Report } from "../../adapter.ts"
import type { CallFailed } from "../wire/connection.ts"
import { keepAll } from "./keep.ts"
import type { OnvifMapping } from "../mapping/normalize.ts"
import type { Notification, NotificationFault } from "../messages/notification.ts"
import { readNotifications } from "../messages/notification-read.ts"
import { readDeviceTime } from "../wire/onvif-time.ts"
import type { Remembered } from "./remembered.ts"
import { makeRepeatedState } from "./repeated-state.ts"
import type { Session } from "../device/session.ts"
import type { Arrival, HeardMessages, Stream } from "./stream.ts"
import type { XmlElement } from "../wire/xml-element.ts"

/** So many points are remembered: no device has as many. */
const pointsMax = 4096

/** What the stream told last of a point. */
interface ToldPoint {
  readonly at: EpochMs
  readonly value: string
}

/** What a message came to. */
interface Understood {
  readonly observations: ReadonlyArray<Observation>
  /** It says what was not known. */
  readonly isNews: boolean
  /** Its topic, where the profile knows nothing of it and that was not said yet. */
  readonly unknownTopic?: string
}

/** Its names may have changed. */
const renaming = /^Configuration\/(AccessPoint|Area|Door)\/(Changed|Removed)$/

export interface HearingOptions {
  readonly device: Device
  readonly context: LinkContext
  readonly session: Session
  readonly mapping: OnvifMapping
  readonly remembered: Remembered
}

/** All that is heard of one device goes through here, in one order, and is on disk before anything more is asked for. */
export interface Hearing {
  /** See `Stream`. */
  readonly hear: Stream["hear"]
  readonly tellLost: Stream["tellLost"]
  readonly tellSessionLost: Stream["tellSessionLost"]
  /** Something that was seen otherwise than in the stream; left out where `stale` says that it was overtaken. */
  readonly tell: (observation: Observation, stale: () => boolean) => Effect.Effect<void>
  /** Whether the stream has told of a point what is newer than `askedAt` and something else than `value`. */
  readonly isOvertaken: (point: string, value: string, askedAt: EpochMs) => boolean
  /** Tells what is over by itself, when it is. */
  readonly endings: Effect.Effect<never>
}

export const makeHearing = Effect.fnUntraced(function* (options: HearingOptions): Effect.fn.Return<Hearing> {
  const { device, context, session, mapping, remembered } = options
  const inOrder = yield* Semaphore.make(1)
  /** Says that something has another end than the one that is waited for. */
  const ending = yield* Queue.sliding<void>(1)
  let awaited: EpochMs | undefined
  const told = new Map<string, ToldPoint>()
  const state = makeRepeatedState()
  /** The value of each point as it stands in the log, since we can see all that the device tells. */
  const standing = new Map<string, string>()

  /** Something was not seen: what is known is known no longer. */
  const forget = (): void => {
    state.forget()
    standing.clear()
  }

  /** We hold what the store refuses and offer it again: nobody else has it. The device waits for no acknowledgement. */
  const reportOf = (observations: ReadonlyArray<Observation>, receivedAt: EpochMs): Report => {
    const clock = session.clocks.estimate()
    return { observations, receivedAt, held: true, patient: true, ...(clock === undefined ? {} : { clock }) }
  }

  const note = (observations: ReadonlyArray<Observation>, receivedAt: EpochMs): void => {
    const clock = session.clocks.estimate()
    for (const observation of observations) {
      if (observation._tag !== "Reading" || (told.size >= pointsMax && !told.has(observation.point))) continue
      const { deviceTime, point, reading } = observation
      const dated = deviceTime !== undefined && clock !== undefined
      standing.set(point, reading.value)
      // No later than that, by our clock.
      const at = dated ? Math.min(receivedAt, deviceTime - clock.offsetMs + clock.uncertaintyMs) : receivedAt
      told.set(point, { at, value: reading.value })
    }
  }

  const isOvertaken = (point: string, value: string, askedAt: EpochMs): boolean => {
    const newest = told.get(point)
    return newest !== undefined && newest.at >= askedAt && newest.value !== value
  }

  /**
   * It came as a new subscription began and tells of something before that: the subscription before may have told it. A
   * message without a time tells of what happens now.
   */
  const isOld = ({ utcTime }: Notification, { beginning, subscribedAt }: Arrival): boolean => {
    const said = utcTime === undefined || !beginning ? undefined : readDeviceTime(utcTime)
    if (said === undefined) return false
    const clock = session.clocks.estimate()
    return clock === undefined || said - clock.offsetMs - clock.uncertaintyMs <= subscribedAt
  }

  /** It speaks of a door or reader whose points are another's. */
  const isMistakable = ({ source }: Notification): boolean => {
    const { doors, accessPoints } = session.names().mistakable
    return doors.has(source["DoorToken"] ?? "") || accessPoints.has(source["AccessPointToken"] ?? "")
  }

  /** Some call nothing a property and tell their state with every pull (HiSilicon's firmware): it is told once. */
  const isRepetition = ({ operation }: Notification, observations: ReadonlyArray<Observation>): boolean =>
    operation === undefined &&
    observations.length > 0 &&
    observations.every((one) => one._tag === "Reading" && standing.get(one.point) === one.reading.value)

  const nothing: Understood = { observations: [], isNews: false }

  const understood = (heardOf: Notification, arrival: Arrival): Understood => {
    const { receivedAt, subscription } = arrival
    if (isMistakable(heardOf)) {
      context.count("mistakable")
      return nothing
    }
    const resubscribed = isOld(heardOf, arrival)
    const judged = state.judge(heardOf, resubscribed)
    if (judged._tag === "Repeated") {
      context.count("repeated")
      return nothing
    }
    const { observations, outcome, unknownTopic } = mapping.normalize(judged.notification, {
      receivedAt,
      names: session.names().called,
      subscription,
      resubscribed
    })
    if (isRepetition(heardOf, observations)) {
      context.count("repeated")
      return nothing
    }
    context.count(unknownTopic === undefined ? outcome : "unknown_topic")
    note(observations, receivedAt)
    const unknown = unknownTopic === undefined ? {} : { unknownTopic }
    return { observations, isNews: judged.isNews && outcome === "mapped", ...unknown }
  }

  const notUnderstood = ({ why, topic, raw }: NotificationFault): Understood => {
    context.count("unreadable")
    const unreadable: Observation = { _tag: "Unreadable", device: device.id, why, source: topic ?? "ONVIF", raw }
    return { observations: [unreadable], isNews: false }
  }

  /** Nothing is made of it: whoever wrote the configuration is to know, for it may be what the device is there for. */
  const sayUnknown = (topics: ReadonlyArray<string>): Effect.Effect<void> =>
    topics.length === 0
      ? Effect.void
      : Effect.logInfo(
          `${device.id} tells of ${topics.join(", ")}: profile "${device.profile}" knows nothing of that, and it is left out`
        )

  const hear = (body: XmlElement, arrival: Arrival): Effect.Effect<HeardMessages> =>
    Effect.suspend(() => {
      const { notifications, faults } = readNotifications(body)
      const made = [
        ...notifications.map((notification) => understood(notification, arrival)),
        ...faults.map(notUnderstood)
      ]
      const reports = made
        .map(({ observations }) => observations)
        .filter((observations) => observations.length > 0)
        .map((observations) => reportOf(observations, arrival.receivedAt))
      const lost = made.some(({ observations }) => observations.some(({ _tag }) => _tag === "Gap"))
      if (lost) forget()
      const unknown = made.flatMap(({ unknownTopic }) => unknownTopic ?? [])
      const renamed = notifications.some(({ topic }) => renaming.test(topic))
      return keepAll(context, reports, arrival.meanwhile).pipe(
        Effect.andThen(
          Effect.suspend(() => (mapping.nextDue() === awaited ? Effect.void : Queue.offer(ending, undefined)))
        ),
        Effect.andThen(sayUnknown(unknown)),
        Effect.andThen(renamed ? session.readNames : Effect.void),
        Effect.as({ messages: made.length, news: made.filter(({ isNews }) => isNews).length, lost })
      )
    }).pipe(Semaphore.withPermit(inOrder))

  const gap = (cause: "SessionLost" | "EventsDropped", detail: string, from: EpochMs | undefined): Report => {
    const to = context.now()
    const span = from === undefined ? {} : { from, to }
    context.count("gaps")
    return { observations: [{ _tag: "Gap", cause, devices: [device.id], detail, ...span }], receivedAt: to }
  }

  const tellLost = (source: string, { reason, raw = "" }: CallFailed, meanwhile: Effect.Effect<void>) =>
    Effect.suspend(() => {
      const unreadable: Observation = { _tag: "Unreadable", device: device.id, why: reason, source, raw }
      context.count("unreadable")
      forget()
      const detail = "the device said something that nobody can read"
      const reports = [reportOf([unreadable], context.now()), gap("EventsDropped", detail, remembered.heardAt)]
      return keepAll(context, reports, meanwhile)
    }).pipe(Semaphore.withPermit(inOrder))

  /** Losing a session leaves it open whether the device is still there: here it has just answered. */
  const stillThere: Observation = {
    _tag: "Availability",
    device: device.id,
    state: "online",
    origin: "change",
    reason: "it has a new subscription",
    source: "CreatePullPointSubscription"
  }

  const tellSessionLost = (detail: string, stayed: boolean) =>
    Effect.suspend(() => {
      mapping.lost()
      forget()
      if (remembered.gapTold) return Effect.void
      // After a restart nothing was heard since the process before was last alive.
      const lost = gap("SessionLost", detail, remembered.heardAt ?? context.aliveAt)
      const reports = stayed ? [lost, reportOf([stillThere], context.now())] : [lost]
      return keepAll(context, reports).pipe(Effect.andThen(Effect.sync(() => void (remembered.gapTold = true))))
    }).pipe(Semaphore.withPermit(inOrder))

  const tell = (observation: Observation, stale: () => boolean) =>
    Effect.suspend(() => {
      if (stale()) return Effect.void
      if (observation._tag === "Reading") standing.set(observation.point, observation.reading.value)
      return keepAll(context, [reportOf([observation], context.now())])
    }).pipe(Semaphore.withPermit(inOrder))

  const endings = Effect.gen(function* () {
    for (;;) {
      const at = mapping.nextDue()
      awaited = at
      yield* at === undefined
        ? Queue.take(ending)
        : Effect.raceFirst(Effect.sleep(Math.max(0, at - context.now())), Queue.take(ending))
      yield* Effect.suspend(() => {
        const observations = mapping.due(context.now())
        note(observations, context.now())
        return keepAll(
          context,
          observations.map((one) => reportOf([one], context.now()))
        )
      }).pipe(Semaphore.withPermit(inOrder))
    }
  })

  return { hear, tellLost, tellSessionLost, tell, isOvertaken, endings }
})
