import { Cause, Context, Effect, FiberSet, HashMap, Layer, Schedule } from "effect"
import type { Campus } from "../domain/campus.ts"
import type { PictureType } from "../domain/evidence.ts"
import type { EpochMs } from "../domain/ids.ts"
import { Intake, type Unstamped } from "../intake/intake.ts"
import { Links } from "../links/links.ts"
import type { Entry } from "../log/entry.ts"
import { SecurityLog } from "../log/security-log.ts"
import { makeWatches } from "./camera-watches.ts"
import { makeCapture } from "./capture.ts"
import { type EvidenceUnavailable, hashIn, openEvidenceFiles } from "./evidence-files.ts"
import { expireOnce } from "./expiry.ts"
import { makeRings, ringsBytesMax } from "./ring.ts"
import { makePlaces } from "./shutter.ts"

export interface EvidenceOptions {
  readonly campus: Campus
  readonly dataDir: string
  /** Pictures of an alert are removed so many days after it was closed. */
  readonly keepDays: number
  /** Epoch milliseconds. */
  readonly now: () => EpochMs
  /** What the pictures in memory may take together; half a gigabyte unless told otherwise. */
  readonly ringsBytesMax?: number
}

/** What the evidence counts for /metrics. */
export interface EvidenceCounts {
  /** Pictures in memory now, their bytes, and what these may be at most. */
  readonly stills: number
  readonly stillBytes: number
  readonly stillBytesMax: number
  /** Since the start: pictures that left memory early because all together were too large. */
  readonly evicted: number
  readonly polls: number
  readonly pollsFailed: number
  readonly kept: number
  readonly missing: number
  readonly expired: number
}

/** A picture as it is handed out. */
export interface EvidencePicture {
  readonly bytes: Uint8Array
  readonly mediaType: PictureType
}

/**
 * Pictures bound to alerts by their hash. While it lives it polls the cameras that doors name, gets the frames that
 * alerts await, and removes those of alerts long closed. What it does is in the log; the fold adds it to the alerts.
 */
export class Evidence extends Context.Service<
  Evidence,
  {
    /** A picture by its hash; `undefined` for one that is not there, and for what is no hash. */
    readonly read: (hash: string) => Effect.Effect<EvidencePicture | undefined, EvidenceUnavailable>
    readonly counts: () => EvidenceCounts
    /** Goes over to another campus, and another time to keep: cameras that are as before go on with what they remember. */
    readonly change: (to: Pick<EvidenceOptions, "campus" | "keepDays">) => Effect.Effect<void>
  }
>()("gateway/Evidence") {
  static readonly layer = (options: EvidenceOptions) => Layer.effect(Evidence, start(options))
}

/** A store that refuses is asked again after so long. */
const refusedAgain = "10 seconds"

/** The first look for old pictures waits until the gateway's start is over. */
const firstExpiry = "1 minute"
const expiryEvery = "24 hours"

const start = Effect.fnUntraced(function* (options: EvidenceOptions) {
  const { dataDir, now } = options
  let { keepDays } = options
  const intake = yield* Intake
  const log = yield* SecurityLog
  const links = yield* Links
  const runFork = yield* FiberSet.makeRuntime<never, void, never>()
  const counts = { polls: 0, pollsFailed: 0, kept: 0, missing: 0, expired: 0 }
  const count = (name: keyof typeof counts, by = 1): void => void (counts[name] += by)
  const files = openEvidenceFiles(dataDir)
  const rings = makeRings(options.ringsBytesMax ?? ringsBytesMax)

  const run = (effect: Effect.Effect<void>) =>
    runFork(
      effect.pipe(
        Effect.catchCause((cause) =>
          Cause.hasInterruptsOnly(cause) ? Effect.void : Effect.logError("evidence failed by a bug", cause)
        )
      )
    )
  const tell = (fact: Unstamped): Effect.Effect<void> =>
    intake.enter(fact).pipe(Effect.retry(Schedule.spaced(refusedAgain)), Effect.ignore)

  const watches = makeWatches({
    intake,
    links,
    rings,
    run,
    count,
    now,
    places: makePlaces(),
    tell: ({ id: camera }, told) => tell({ ...told, camera })
  })
  const capture = makeCapture({ cameras: watches.cameras, files, run, tell, count, now })
  yield* watches.change(options.campus)

  const hear = (entries: ReadonlyArray<Entry>): void => {
    for (const entry of entries) {
      if (entry._tag !== "Alert") continue
      const { transition, alert } = entry.change
      if (transition === "raised" || transition === "reactivated") capture(alert)
    }
  }
  yield* Effect.acquireRelease(
    Effect.sync(() => log.subscribe(hear)),
    (end) => Effect.sync(end)
  )
  // The links speak already: what was raised since they began is in the situation.
  for (const alert of HashMap.values(intake.situation().alerts)) capture(alert)

  const expire = Effect.suspend(() => expireOnce({ intake, log, files, keepDays, now })).pipe(
    Effect.tap((removed) => Effect.sync(() => count("expired", removed))),
    Effect.catchCause((cause) =>
      Cause.hasInterruptsOnly(cause) ? Effect.interrupt : Effect.logWarning("old pictures stay", cause)
    )
  )
  run(Effect.sleep(firstExpiry).pipe(Effect.andThen(expire), Effect.andThen(daily(expire))))

  return Evidence.of({
    read: (text) => {
      const hash = hashIn(text)
      return hash === undefined ? Effect.succeed(undefined) : files.read(hash)
    },
    change: (to) =>
      Effect.suspend(() => {
        keepDays = to.keepDays
        return watches.change(to.campus)
      }),
    counts: () => {
      const { stills, bytes, bytesMax, evicted } = rings.held()
      return { ...counts, stills, stillBytes: bytes, stillBytesMax: bytesMax, evicted }
    }
  })
})

const daily = <E, R>(work: Effect.Effect<unknown, E, R>): Effect.Effect<never, E, R> =>
  work.pipe(Effect.delay(expiryEvery), Effect.forever)
