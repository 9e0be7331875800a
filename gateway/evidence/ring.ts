import type { PictureType } from "../domain/evidence.ts"
import type { EpochMs } from "../domain/ids.ts"

/** One picture of a camera as it came: the bytes are the device's own and are never copied. */
export interface Still {
  readonly takenAt: EpochMs
  readonly bytes: Uint8Array
  readonly mediaType: PictureType
}

/** A camera's recent pictures, oldest first. */
export interface Ring {
  /** Takes a picture in; what is older than the ring reaches, and what its bytes do not allow, leaves. */
  readonly take: (still: Still) => void
  /** Forgets what is older than the ring reaches. */
  readonly forget: (now: EpochMs) => void
  readonly stills: () => ReadonlyArray<Still>
}

/** Of one camera at most: four frames of the largest size, some fifty of the usual 300 kB. */
const cameraBytesMax = 16 * 1024 * 1024

/** No ring reaches back farther than 66 frames, one a second; alerts add theirs. */
const cameraStillsMax = 96

/** Of all cameras together: five hundred of them with four frames of 250 kB each. */
export const ringsBytesMax = 512 * 1024 * 1024

/** The rings of all cameras: what they hold together is bounded too, and the oldest picture of any of them leaves first. */
export const makeRings = (bytesMax: number = ringsBytesMax) => {
  // In the order they came in; a set keeps it, and lets one go from the middle.
  const all = new Set<Still>()
  const owners = new Map<Still, Array<Still>>()
  let bytes = 0
  let evicted = 0
  const drop = (still: Still): void => {
    const own = owners.get(still)
    if (own === undefined) return
    own.splice(own.indexOf(still), 1)
    owners.delete(still)
    all.delete(still)
    bytes -= still.bytes.byteLength
  }
  const open = (reachMs: number): Ring => {
    const own: Array<Still> = []
    const ownBytes = (): number => own.reduce((sum, still) => sum + still.bytes.byteLength, 0)
    const forget = (now: EpochMs): void => {
      for (let oldest = own[0]; oldest !== undefined && oldest.takenAt < now - reachMs; oldest = own[0]) drop(oldest)
    }
    return {
      forget,
      stills: () => own,
      take: (still) => {
        forget(still.takenAt)
        if (reachMs <= 0) return
        own.push(still)
        all.add(still)
        owners.set(still, own)
        bytes += still.bytes.byteLength
        for (
          let oldest = own[0];
          oldest !== undefined && (own.length > cameraStillsMax || ownBytes() > cameraBytesMax);
        ) {
          drop(oldest)
          oldest = own[0]
        }
        for (const oldest of all) {
          if (bytes <= bytesMax) break
          drop(oldest)
          evicted++
        }
      }
    }
  }
  return { open, held: () => ({ stills: all.size, bytes, bytesMax, evicted }) }
}

export type Rings = ReturnType<typeof makeRings>
