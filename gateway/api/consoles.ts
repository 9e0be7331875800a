import { Effect, HashMap } from "effect"
import { ConsoleId } from "../domain/console.ts"
import type { Intake } from "../intake/intake.ts"

/** A console may be away for so long: a reload, a Wi-Fi that changes its access point (console reference). */
const awayMs = 30_000

/** Which consoles follow the stream, and which have left it. */
export interface Consoles {
  /** A console follows from now on; the answer ends that. */
  readonly follow: (id: string, by: string) => () => void
  /** Tells of those that have been away for too long while a critical alert waits, and of those that are back. */
  readonly tick: () => void
}

/** `run` enters what is found; a store that refuses is asked again with the next tick. */
export const makeConsoles = (
  intake: Intake["Service"],
  now: () => number,
  run: (entering: Effect.Effect<void>) => void
): Consoles => {
  const following = new Map<string, number>()
  const away = new Map<string, { readonly by: string; readonly since: number }>()

  const criticalWaits = (): boolean =>
    [...HashMap.values(intake.situation().alerts)].some(({ priority, acknowledged }) => priority === 1 && !acknowledged)

  const standing = (id: string) => intake.situation().consoles.find(({ console }) => console === id)?.unwatched

  return {
    follow: (id, by) => {
      following.set(id, (following.get(id) ?? 0) + 1)
      away.delete(id)
      if (standing(id)?.why === "gone")
        run(intake.enter({ _tag: "ConsoleWatched", console: ConsoleId.make(id), by }).pipe(Effect.ignore))
      return () => {
        const left = (following.get(id) ?? 1) - 1
        if (left > 0) return void following.set(id, left)
        following.delete(id)
        away.set(id, { by, since: now() })
      }
    },
    tick: () => {
      for (const [id, { by, since }] of away) {
        if (now() - since < awayMs) continue
        if (!criticalWaits()) {
          // Who has gone home is not called back for what comes later.
          away.delete(id)
          continue
        }
        away.delete(id)
        if (standing(id) === undefined) {
          const gone = { _tag: "ConsoleUnwatched", console: ConsoleId.make(id), by, why: "gone" } as const
          run(intake.enter(gone).pipe(Effect.ignore))
        }
      }
    }
  }
}
