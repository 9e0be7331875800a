import { Schema } from "effect"
import { CameraId, EpochMs } from "./ids.ts"

/** When frames are wanted, in seconds from the happening: what led to it, the moment itself, what came of it. */
export const FrameOffset = Schema.Literals([-10, -5, 0, 5, 10]).annotate({ identifier: "FrameOffset" })
export type FrameOffset = typeof FrameOffset.Type

/** SHA-256 of a picture's bytes, in lower-case hexadecimal: its name, and what binds it to the alert. */
export const EvidenceHash = Schema.String.pipe(
  Schema.check(Schema.isPattern(/^[0-9a-f]{64}$/, { expected: "a SHA-256 in 64 lower-case hexadecimal digits" })),
  Schema.brand("EvidenceHash")
).annotate({ identifier: "EvidenceHash" })
export type EvidenceHash = typeof EvidenceHash.Type

/** What a picture is by its own first bytes; what its device calls it does not count. */
export const PictureType = Schema.Literals(["image/jpeg", "image/png"]).annotate({ identifier: "PictureType" })
export type PictureType = typeof PictureType.Type

/** Which frame of an alert: of which camera, and how far from which happening it was wanted. */
export const frameOf = {
  camera: CameraId,
  offsetSeconds: FrameOffset,
  /** The happening that the offset counts from: an alert whose condition came again has several. */
  occurredAt: EpochMs
}

/** A frame as an alert carries it: kept, or missing with the reason, or still to come. */
export const Frame = Schema.Union([
  Schema.Struct({ ...frameOf, takenAt: EpochMs, hash: EvidenceHash, mediaType: PictureType }),
  Schema.Struct({ ...frameOf, missing: Schema.String.annotate({ description: "Why there is no picture" }) }),
  Schema.Struct({ ...frameOf, dueAt: EpochMs })
]).annotate({ identifier: "Frame" })
export type Frame = typeof Frame.Type

/** A frame that is still to come. */
export type AwaitedFrame = Extract<Frame, { readonly dueAt: number }>

/** Whether nobody has said yet what became of it. */
export const isAwaited = (frame: Frame): frame is AwaitedFrame => "dueAt" in frame

const seconds = (least: number, most: number, description: string) =>
  Schema.optionalKey(
    Schema.Finite.pipe(Schema.check(Schema.isBetween({ minimum: least, maximum: most }))).annotate({ description })
  )

/** How a camera that a door names is watched. */
export const FrameTimes = Schema.Struct({
  everySeconds: seconds(1, 60, "A frame is fetched so often (default 5)"),
  beforeSeconds: seconds(0, 60, "How far back the frames in memory reach (default 10)"),
  frozenAfterSeconds: seconds(
    10,
    86_400,
    "A picture that stays the same to the last byte for longer is an alert (default 120)"
  )
}).annotate({ identifier: "FrameTimes" })

export interface CompleteFrameTimes {
  readonly everySeconds: number
  readonly beforeSeconds: number
  readonly frozenAfterSeconds: number
}

/** −10 and −5 are in memory, and three frames that are the same are not yet a frozen picture. */
export const defaultFrameTimes: CompleteFrameTimes = { everySeconds: 5, beforeSeconds: 10, frozenAfterSeconds: 120 }

/** So many frames at least must be the same before a picture is called frozen: two may be one that the camera cached. */
export const frozenFramesLeast = 3

/** A door names no more cameras than this: each of its alerts keeps frames of them all. */
export const camerasMax = 8
