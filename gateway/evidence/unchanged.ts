import { frozenFramesLeast } from "../domain/evidence.ts"
import type { EpochMs } from "../domain/ids.ts"
import type { Still } from "./ring.ts"

/** What there is to tell of a camera's picture. */
export type PictureTold =
  | { readonly _tag: "PictureUnchanged"; readonly since: EpochMs; readonly frames: number }
  | { readonly _tag: "PictureChanged" }

interface Run {
  readonly bytes: Uint8Array
  readonly since: EpochMs
  frames: number
  told: boolean
}

const same = (a: Uint8Array, b: Uint8Array): boolean => a.byteLength === b.byteLength && Buffer.compare(a, b) === 0

/**
 * Watches whether one camera's picture changes. What it tells is for the fold to judge; a picture that stays the same is
 * told once, and so is its change. `toldBefore`: the process before this one had told that it stays the same.
 */
export const watchUnchanged = (frozenAfterMs: number, toldBefore: boolean) => {
  let run: Run | undefined
  let told = toldBefore
  return {
    seen: ({ bytes, takenAt }: Still): PictureTold | undefined => {
      if (run !== undefined && same(run.bytes, bytes)) {
        run.frames++
        const lasted = takenAt - run.since >= frozenAfterMs
        if (run.told || !lasted || run.frames < frozenFramesLeast) return undefined
        run.told = true
        told = true
        return { _tag: "PictureUnchanged", since: run.since, frames: run.frames }
      }
      const changed = run !== undefined && told
      run = { bytes, since: takenAt, frames: 1, told: false }
      if (!changed) return undefined
      told = false
      return { _tag: "PictureChanged" }
    },
    /** The camera is away: what it showed meanwhile is not known. */
    lost: (): void => {
      run = undefined
    }
  }
}
