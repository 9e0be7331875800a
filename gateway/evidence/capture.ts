import { Effect } from "effect"
import type { Alert } from "../domain/alert.ts"
import { type AwaitedFrame, isAwaited } from "../domain/evidence.ts"
import type { EpochMs } from "../domain/ids.ts"
import type { Unstamped } from "../intake/intake.ts"
import type { WatchedCamera } from "./camera-watch.ts"
import { chooseStill, lateMaxMs } from "./choose-still.ts"
import type { EvidenceFiles } from "./evidence-files.ts"
import { fetchSecondsMax, isStill, type Shot, type ShutterOptions } from "./shutter.ts"

interface CaptureOptions {
  readonly cameras: ReadonlyMap<string, WatchedCamera>
  readonly files: EvidenceFiles
  readonly run: ShutterOptions["run"]
  /** Completes once the fact is in the log, however long the store refuses. */
  readonly tell: (fact: Unstamped) => Effect.Effect<void>
  readonly count: (name: "kept" | "missing") => void
  readonly now: () => EpochMs
}

const nameOf = (alert: Alert, { camera, occurredAt, offsetSeconds }: AwaitedFrame): string =>
  `${alert.id} ${camera} ${occurredAt} ${offsetSeconds}`

/** Why memory has no frame of a time: what went wrong last says more than that none is there. */
const noneOf = ({ polled, pollFailed }: WatchedCamera, reason: string): string => {
  if (!polled) return `${reason}: no door names this camera`
  const failed = pollFailed()
  return failed === undefined ? reason : `${reason}: when last asked, ${failed}`
}

/** Gets the frames that alerts await: from memory what came before, and at their time what comes after. */
export const makeCapture = ({ cameras, files, run, tell, count, now }: CaptureOptions) => {
  const inHand = new Set<string>()

  const settle = (
    alert: Alert,
    { camera, occurredAt, offsetSeconds }: AwaitedFrame,
    shot: Shot
  ): Effect.Effect<void> => {
    const which = { alert: alert.id, camera, offsetSeconds, occurredAt }
    const miss = (reason: string): Effect.Effect<void> =>
      Effect.suspend(() => {
        count("missing")
        return tell({ _tag: "EvidenceMissing", ...which, reason })
      })
    if (!isStill(shot)) return miss(shot.missing)
    const { bytes, mediaType, takenAt } = shot
    return files
      .keep(bytes, mediaType, (hash) => {
        count("kept")
        return tell({ _tag: "EvidenceKept", ...which, takenAt, hash, bytes: bytes.byteLength, mediaType })
      })
      .pipe(Effect.catchTag("EvidenceUnavailable", ({ reason }) => miss(reason)))
  }

  const takeAt = (watched: WatchedCamera, at: EpochMs): Effect.Effect<Shot> =>
    Effect.suspend(() => Effect.sleep(Math.max(0, at - now()))).pipe(
      Effect.andThen(watched.shutter.take),
      Effect.timeoutOrElse({
        duration: Math.max(0, at - now()) + lateMaxMs + fetchSecondsMax * 1000,
        orElse: () => Effect.succeed<Shot>({ missing: "too many pictures were wanted at once" })
      })
    )

  /** The choice is made at once: what is in memory now is gone in a while. */
  const shotOf = (frame: AwaitedFrame): Effect.Effect<Shot> => {
    const watched = cameras.get(frame.camera)
    if (watched === undefined) return Effect.succeed({ missing: "the camera is not in service" })
    const choice = chooseStill(frame, watched.ring.stills(), watched.everyMs, now())
    switch (choice._tag) {
      case "Ring":
        return Effect.succeed(choice.still)
      case "Anew":
        return takeAt(watched, choice.at)
      case "None":
        return Effect.succeed({ missing: watched.shutter.whyNot() ?? noneOf(watched, choice.reason) })
    }
  }

  return (alert: Alert): void => {
    for (const frame of (alert.evidence ?? []).filter(isAwaited)) {
      const name = nameOf(alert, frame)
      if (inHand.has(name)) continue
      inHand.add(name)
      const shot = shotOf(frame)
      run(
        shot.pipe(
          Effect.flatMap((taken) => settle(alert, frame, taken)),
          Effect.ensuring(Effect.sync(() => inHand.delete(name)))
        )
      )
    }
  }
}
