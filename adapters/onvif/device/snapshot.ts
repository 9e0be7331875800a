import { Effect, Semaphore } from "effect"
import { type Picture, Unable } from "../../adapter.ts"
import { CallFailed, type Connection } from "../wire/connection.ts"
import { unableFor } from "../wire/failures.ts"
import type { Library } from "./library.ts"

/** A camera that needs longer has nothing left of the moment. */
const pictureMs = 5000

/** An 8-megapixel JPEG has 2 to 3 MB. */
const pictureMaxBytes = 4 * 1024 * 1024

export interface SnapshotOptions {
  readonly connection: Pick<Connection, "fetch">
  readonly library: Pick<Library, "snapshotUri">
  readonly reachable: (advertised: string) => string | undefined
  /** Where the pictures are, when the device tells wrongly: taken as it is. */
  readonly uri: string | undefined
  readonly mediaProfile: string | undefined
}

export interface Snapshots {
  readonly snapshot: Effect.Effect<Picture, Unable>
  /** The device was restarted: an address it told before may be good no longer (`InvalidAfterReboot`). */
  readonly forget: () => void
}

/**
 * How a picture begins. ONVIF's are JPEG (Media Service Specification, GetSnapshotUri; ITU-T T.81, B.1.1.3); some devices
 * send PNG (ISO/IEC 15948, section 5.2).
 */
const beginnings = [
  [0xff, 0xd8, 0xff],
  [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
]

const isPicture = (bytes: Uint8Array): boolean =>
  beginnings.some((beginning) => beginning.every((byte, at) => bytes[at] === byte))

/**
 * Pictures of one device, one at a time: cameras serve few connections. The address is asked for once, and anew after a
 * picture that failed.
 */
export const makeSnapshots = Effect.fnUntraced(function* (options: SnapshotOptions): Effect.fn.Return<Snapshots> {
  const { connection, library, reachable, uri, mediaProfile } = options
  const oneAtATime = yield* Semaphore.make(1)
  let known: string | undefined

  const address = Effect.gen(function* () {
    if (uri !== undefined) return uri
    if (known !== undefined) return known
    const advertised = yield* library.snapshotUri(mediaProfile)
    known = reachable(advertised)
    return (
      known ?? (yield* new CallFailed({ kind: "unreadable", reason: `"${advertised}" is no address of a picture` }))
    )
  })

  const snapshot = Effect.gen(function* () {
    const url = yield* address
    const { bytes, contentType, receivedAt } = yield* connection.fetch({
      url,
      timeoutMs: pictureMs,
      maxBytes: pictureMaxBytes
    })
    if (!isPicture(bytes)) {
      const came = bytes.length === 0 ? "nothing" : contentType === "" ? "something else" : contentType
      return yield* new CallFailed({
        kind: "unreadable",
        reason: `a JPEG or PNG picture was asked for and ${came} came`
      })
    }
    return { bytes, receivedAt }
  }).pipe(
    Effect.tapError(() => Effect.sync(() => void (known = undefined))),
    Effect.mapError(unableFor("there is no picture")),
    // The address may have to be asked for first.
    Effect.timeoutOrElse({
      duration: 2 * pictureMs,
      orElse: () => Effect.fail(new Unable({ reason: "there is no picture: the device takes too long" }))
    }),
    Semaphore.withPermit(oneAtATime)
  )

  return { snapshot, forget: () => void (known = undefined) }
})
