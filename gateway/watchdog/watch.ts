import { Effect, FiberMap, Schedule } from "effect"
import { whyNoAnswer } from "../notify/http-exchange.ts"
import { type AlarmMessage, alarmMessage, tellBy, wayName } from "./alarm-ways.ts"
import { type HeardStream, hearStream } from "./heard-stream.ts"
import type { AlarmWay, WatchdogConfig } from "./watchdog-config.ts"
import { type Look, nothingSeen, type Notice, type Patience, type Seen, stepWatched, type Watched } from "./watched.ts"

/** What a watchdog tells the person who runs it. */
export interface WatchdogVoice {
  readonly notice: (notice: Notice, at: number) => void
  /** A way took a message, or did not and is tried again. */
  readonly told: (way: string, message: AlarmMessage, failure: string | undefined) => void
}

export interface WatchdogParts {
  readonly config: WatchdogConfig
  readonly token: string | undefined
  readonly voice: WatchdogVoice
}

/** A clock that only runs forward: setting the host's clock alarms nobody. */
const steady = (): number => performance.now()

/** The outbox is looked at each half a minute at least; one that was not for so long has stopped. */
const outboxRestMs = 45_000

const well: Seen = { is: "well" }
const notSeen: Seen = { is: "not seen" }
const failing = (why: string): Seen => ({ is: "failing", why })

interface Ready {
  readonly store?: { readonly accepting?: boolean }
  /** How long ago the outbox was looked at; for how long the oldest that is owed has been. */
  readonly outbox?: { readonly lookedMsAgo?: number; readonly oldestMs?: number }
}

const askReady = ({ gateway: { url }, answerWithinSeconds }: WatchdogConfig): Effect.Effect<Ready, string> =>
  Effect.tryPromise({
    try: async (signal) => {
      const response = await fetch(new URL("/readyz", url), { signal, redirect: "error" })
      if (response.status !== 200 && response.status !== 503) throw new Error(`/readyz answers ${response.status}`)
      return (await response.json()) as Ready
    },
    catch: whyNoAnswer
  }).pipe(
    Effect.timeoutOrElse({
      duration: answerWithinSeconds * 1000,
      orElse: () => Effect.fail(`no answer within ${answerWithinSeconds} s`)
    })
  )

const storeSeen = ({ store }: Ready): Seen =>
  store?.accepting === false ? failing("the security log keeps nothing: the disk is full or broken") : well

const outboxSeen = ({ outbox }: Ready, ageMaxMs: number): Seen => {
  if (outbox === undefined) return notSeen
  const { lookedMsAgo = 0, oldestMs = 0 } = outbox
  if (lookedMsAgo > outboxRestMs)
    return failing(`nobody has looked at the outbox for ${Math.round(lookedMsAgo / 1000)} s`)
  if (oldestMs > ageMaxMs)
    return failing(`a notification has waited for ${Math.round(oldestMs / 60_000)} min to go out`)
  return well
}

const streamSeen = (stream: HeardStream, from: number, now: number, silentMaxMs: number): Seen => {
  const silentMs = now - Math.max(stream.heardAt() ?? from, from)
  const lost = stream.lost()
  if (lost === undefined && silentMs <= silentMaxMs) return well
  return failing(lost ?? `not even a heartbeat came for ${Math.round(silentMs / 1000)} s`)
}

const testAlertSeen = (stream: HeardStream, from: number, now: number, withinMs: number): Seen => {
  const agoMs = now - Math.max(stream.testAlertAt() ?? from, from)
  return agoMs <= withinMs ? well : failing(`no test alert has come the whole road for ${Math.round(agoMs / 1000)} s`)
}

/** Looks once. `from`: since when the stream can have been heard. */
const lookOnce = Effect.fnUntraced(function* (
  config: WatchdogConfig,
  stream: HeardStream | undefined,
  from: number
): Effect.fn.Return<Look> {
  const asked = yield* Effect.result(askReady(config))
  if (asked._tag === "Failure") {
    return { gateway: failing(asked.failure), store: notSeen, stream: notSeen, outbox: notSeen, "test alert": notSeen }
  }
  const ready = asked.success
  const now = steady()
  const store = storeSeen(ready)
  const heard = stream === undefined ? notSeen : streamSeen(stream, from, now, config.streamSilentSeconds * 1000)
  const tested =
    stream === undefined || heard.is !== "well" || store.is !== "well" || ready.outbox === undefined
      ? notSeen
      : testAlertSeen(stream, from, now, config.testAlertWithinSeconds * 1000)
  return {
    gateway: well,
    store,
    stream: heard,
    outbox: outboxSeen(ready, config.outboxAgeMinutes * 60_000),
    "test alert": tested
  }
})

/** One look at the health alone, for a cron job or a person. */
export const lookNow = (config: WatchdogConfig): Effect.Effect<Look> => lookOnce(config, undefined, 0)

const isTestAlert = (entry: unknown): boolean => JSON.stringify(entry).includes('"TestAlertReturned"')

/** A second, doubling to a minute, each a little off: until it is told, or something newer is to be told. */
const again = Schedule.min([Schedule.exponential("1 second"), Schedule.spaced("1 minute")]).pipe(Schedule.jittered)

/** Watches a gateway from outside, and alarms. Never ends by itself. */
export const watchGateway = Effect.fnUntraced(function* ({ config, token, voice }: WatchdogParts) {
  const { gateway, lookEverySeconds, answerWithinSeconds, alarmAfterSeconds, repeatMinutes, alarms } = config
  const lookEveryMs = lookEverySeconds * 1000
  const patience: Patience = {
    alarmAfterMs: alarmAfterSeconds * 1000,
    repeatMs: repeatMinutes * 60_000,
    gapMaxMs: 3 * (lookEveryMs + answerWithinSeconds * 1000)
  }
  const telling = yield* FiberMap.make<string>()
  const stream = token === undefined ? undefined : hearStream({ url: gateway.url, token, now: steady, isTestAlert })
  if (stream !== undefined) yield* Effect.forkScoped(stream.listen)

  const tell = (way: AlarmWay, nth: number, message: AlarmMessage) =>
    // What is newer takes the place of what was not told yet of the same sign.
    FiberMap.run(
      telling,
      `${nth} ${message.sign}`,
      tellBy(way, message).pipe(
        Effect.tapError((failure) => Effect.sync(() => voice.told(wayName(way), message, failure))),
        Effect.retry(again),
        Effect.andThen(Effect.sync(() => voice.told(wayName(way), message, undefined))),
        Effect.ignore
      )
    )

  let watched: Watched = nothingSeen
  let from = steady()
  let wasThere = true
  const look = Effect.gen(function* () {
    const seen = yield* lookOnce(config, stream, from)
    const now = steady()
    const isThere = seen.gateway.is === "well"
    // Its stream has to be found again first.
    if (isThere && !wasThere) from = now
    wasThere = isThere
    const step = stepWatched(watched, seen, now, patience)
    if (watched.at !== undefined && now - watched.at > patience.gapMaxMs) from = now
    watched = step.watched
    for (const notice of step.notices) {
      const at = Date.now()
      voice.notice(notice, at)
      const message = alarmMessage(notice, gateway.url, at)
      for (const [nth, way] of alarms.entries()) yield* tell(way, nth, message)
    }
  })
  return yield* look.pipe(Effect.andThen(Effect.sleep(lookEveryMs)), Effect.forever)
})
