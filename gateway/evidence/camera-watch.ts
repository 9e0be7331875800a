import { Cause, Effect, HashMap } from "effect"
import type { Camera } from "../domain/campus.ts"
import { defaultFrameTimes } from "../domain/evidence.ts"
import type { EpochMs } from "../domain/ids.ts"
import type { Intake } from "../intake/intake.ts"
import type { Links } from "../links/links.ts"
import type { Ring, Rings } from "./ring.ts"
import { isStill, makeShutter, type Shutter, type ShutterOptions } from "./shutter.ts"
import { type PictureTold, watchUnchanged } from "./unchanged.ts"

/** A camera whose pictures can be fetched, with what is remembered of them. */
export interface WatchedCamera {
  readonly camera: Camera
  readonly everyMs: number
  /** A door names it: its ring is kept full. */
  readonly polled: boolean
  readonly ring: Ring
  readonly shutter: Shutter
  /** Why its last poll brought no picture; undefined when it did, or none was made. */
  readonly pollFailed: () => string | undefined
  /** Polls it for ever, `phase` (0 to 1) of an interval after the others. */
  readonly poll: (phase: number) => Effect.Effect<never>
}

export interface CameraWatchOptions {
  readonly intake: Intake["Service"]
  readonly links: Links["Service"]
  readonly rings: Rings
  readonly places: ShutterOptions["places"]
  readonly run: ShutterOptions["run"]
  readonly tell: (camera: Camera, told: PictureTold) => Effect.Effect<void>
  readonly count: (name: "polls" | "pollsFailed") => void
  readonly now: () => EpochMs
}

/** An alert comes up to so long after what it is about: grace for what is still on its way, and the road to us. */
const heardLateMs = 5000

/** A camera that fails again and again is asked less and less often, down to once in this time: its place is for others. */
const pauseMaxMs = 60_000

const awayOf = ({ intake, links }: CameraWatchOptions, id: string): string => {
  const { campus, devices } = intake.situation()
  const device = devices.get(id)
  if (device !== undefined && device.availability !== "online") return device.reason
  const link = campus?.devices.find((one) => one.id === id)?.link
  const state = link === undefined ? undefined : links.states().get(link)
  return state !== undefined && "reason" in state ? state.reason : "its link does not hold"
}

const isToldUnchanged = (intake: Intake["Service"], camera: Camera): boolean =>
  [...HashMap.values(intake.situation().alerts)].some(
    ({ condition, key, active }) => condition === "PictureFrozen" && key === `camera:${camera.id}` && active
  )

/** What is to be known of a camera to watch it. */
export interface CameraToWatch {
  readonly camera: Camera
  readonly device: string
  /** A door names it. */
  readonly polled: boolean
}

/** Watches one camera: nothing is asked of it until it is polled, or an alert wants a frame. */
export const watchCamera = ({ camera, device, polled }: CameraToWatch, options: CameraWatchOptions): WatchedCamera => {
  const { intake, links, rings, places, run, tell, count, now } = options
  const times = { ...defaultFrameTimes, ...camera.frames }
  const everyMs = times.everySeconds * 1000
  const ring = rings.open(polled ? times.beforeSeconds * 1000 + everyMs + heardLateMs : 0)
  let pollFailed: string | undefined
  const unchanged = watchUnchanged(times.frozenAfterSeconds * 1000, isToldUnchanged(intake, camera))
  const abilities = () => links.abilities(device)
  const shutter = makeShutter({
    abilities,
    away: () => awayOf(options, device),
    places,
    run,
    taken: (still) => {
      ring.take(still)
      const told = unchanged.seen(still)
      if (told !== undefined) run(tell(camera, told))
    }
  })

  /** One poll; answers how many have failed in a row. */
  const once = (failures: number): Effect.Effect<number> =>
    Effect.suspend(() => {
      ring.forget(now())
      if (abilities()?.snapshot === undefined) {
        unchanged.lost()
        return Effect.succeed(0)
      }
      count("polls")
      return Effect.map(shutter.poll, (shot) => {
        if (shot === undefined) return failures
        pollFailed = isStill(shot) ? undefined : shot.missing
        if (isStill(shot)) return 0
        count("pollsFailed")
        return failures + 1
      })
    }).pipe(
      Effect.catchCause((cause) =>
        Cause.hasInterruptsOnly(cause)
          ? Effect.failCause(cause)
          : Effect.logError(`polling camera ${camera.id} failed by a bug`, cause).pipe(Effect.as(failures + 1))
      )
    )

  const poll = (phase: number): Effect.Effect<never> =>
    Effect.gen(function* () {
      const begin = now() + Math.round(phase * everyMs)
      let failures = 0
      let at = begin
      for (;;) {
        yield* Effect.sleep(Math.max(0, at - now()))
        failures = yield* once(failures)
        const pauseMs = failures === 0 ? 0 : Math.min(pauseMaxMs, everyMs * 2 ** Math.min(failures, 6))
        // Always in its own place of the interval: what took long shifts nothing.
        at = begin + (Math.floor((Math.max(now() + pauseMs, at) - begin) / everyMs) + 1) * everyMs
      }
    })

  return { camera, everyMs, polled, ring, shutter, pollFailed: () => pollFailed, poll }
}
