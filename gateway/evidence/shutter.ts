import { Cause, Deferred, Effect, Exit, type Fiber, Option, Semaphore } from "effect"
import type { Abilities, Picture, Unable } from "../../adapters/adapter.ts"
import { tamed } from "../links/turned-away.ts"
import { pictureTypeOf } from "./picture-type.ts"
import type { Still } from "./ring.ts"

/** What came of asking a camera for a picture. */
export type Shot = Still | { readonly missing: string }

/** Whether there is a picture. */
export const isStill = (shot: Shot): shot is Still => "bytes" in shot

/** A camera that takes longer shows another moment than the one asked for. */
export const fetchSecondsMax = 5

/**
 * Pictures that are fetched at the same time, for the whole gateway: at twenty places 500 cameras are polled each 5 s when
 * a fetch takes 200 ms. Alerts have as many of their own, so that they never wait behind polls: of 125 alerts at once
 * with four cameras each, the last frame of the moment was 3.3 s late on two busy cores.
 */
export const pollsAtOnce = 20
export const alertFetchesAtOnce = 20

/** The places at which pictures are fetched, shared by all cameras. */
export const makePlaces = () => ({
  polls: Semaphore.makeUnsafe(pollsAtOnce),
  alerts: Semaphore.makeUnsafe(alertFetchesAtOnce)
})

export interface ShutterOptions {
  readonly abilities: () => Abilities | undefined
  /** Why the camera's device can do nothing now. */
  readonly away: () => string
  readonly places: ReturnType<typeof makePlaces>
  /** Runs what must go on when whoever asked for it has left. */
  readonly run: (effect: Effect.Effect<void>) => Fiber.Fiber<void>
  /** Told of every picture, before whoever asked for it. */
  readonly taken: (still: Still) => void
}

const stillOf = ({ bytes, receivedAt }: Picture): Shot => {
  const mediaType = pictureTypeOf(bytes)
  return typeof mediaType === "object" ? { missing: mediaType.refused } : { bytes, mediaType, takenAt: receivedAt }
}

/** One fetch: bounded in time, and whatever goes wrong with it is a reason. */
const fetch = (snapshot: Effect.Effect<Picture, Unable>): Effect.Effect<Shot> =>
  snapshot.pipe(
    Effect.map(stillOf),
    Effect.catchTag("Unable", ({ reason }) => Effect.succeed<Shot>({ missing: tamed(reason) })),
    Effect.timeoutOrElse({
      duration: `${fetchSecondsMax} seconds`,
      orElse: () => Effect.succeed<Shot>({ missing: `the camera took longer than ${fetchSecondsMax} s` })
    }),
    Effect.catchCause((cause) =>
      Cause.hasInterruptsOnly(cause)
        ? Effect.failCause(cause)
        : Effect.logError("a snapshot failed by a bug", cause).pipe(
            Effect.as<Shot>({ missing: `a fault in the adapter: ${tamed(String(Cause.squash(cause)))}` })
          )
    )
  )

/**
 * The one way to a camera's pictures: one fetch at a time. `take` begins a fetch of its own after it is called, and cuts
 * a poll short for it; whoever asks before that fetch has begun shares it.
 */
export const makeShutter = ({ abilities, away, places, run, taken }: ShutterOptions) => {
  const camera = Semaphore.makeUnsafe(1)
  let next: Deferred.Deferred<Shot> | undefined
  let poll: Deferred.Deferred<void> | undefined

  /** Why no picture can be asked for now; `undefined` while one can. */
  const whyNot = (): string | undefined => {
    const can = abilities()
    if (can === undefined) return `camera offline: ${tamed(away())}`
    return can.snapshot === undefined ? "the camera gives no pictures" : undefined
  }

  const shoot = (place: Semaphore.Semaphore, begin: () => void): Effect.Effect<Shot> =>
    Effect.suspend((): Effect.Effect<Shot> => {
      begin()
      const snapshot = abilities()?.snapshot
      return snapshot === undefined ? Effect.succeed({ missing: whyNot() ?? "" }) : fetch(snapshot)
    }).pipe(
      Semaphore.withPermit(place),
      Effect.tap((shot) => Effect.sync(() => (isStill(shot) ? taken(shot) : undefined)))
    )

  const take: Effect.Effect<Shot> = Effect.suspend(() => {
    if (next !== undefined) return Deferred.await(next)
    const mine = Deferred.makeUnsafe<Shot>()
    next = mine
    if (poll !== undefined) Deferred.doneUnsafe(poll, Exit.void)
    const shot = shoot(places.alerts, () => (next = undefined))
    run(shot.pipe(Semaphore.withPermit(camera), Deferred.into(mine), Effect.asVoid))
    return Deferred.await(mine)
  })

  /** A picture for the ring; none when the camera is busy, or is wanted for an alert meanwhile. */
  const pollOnce: Effect.Effect<Shot | undefined> = Effect.suspend(() => {
    const cut = Deferred.makeUnsafe<void>()
    const polled = Effect.suspend(() => {
      poll = cut
      return shoot(places.polls, () => {})
    }).pipe(
      Effect.raceFirst(Effect.as(Deferred.await(cut), undefined)),
      Effect.ensuring(Effect.sync(() => (poll = undefined)))
    )
    return Semaphore.withPermitsIfAvailable(camera, 1)(polled).pipe(Effect.map(Option.getOrUndefined))
  })

  return { take, poll: pollOnce, whyNot }
}

export type Shutter = ReturnType<typeof makeShutter>
