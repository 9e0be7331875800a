import { useEffect, useState } from "react"
import type { UnwatchedWhy } from "../../domain/console.ts"
import { api } from "./api.ts"

/** A look at another page is no absence (console reference). */
const hiddenMs = 30_000

const useHidden = (): boolean => {
  const [hidden, setHidden] = useState(document.hidden)
  useEffect(() => {
    const changed = (): void => setHidden(document.hidden)
    document.addEventListener("visibilitychange", changed)
    return () => document.removeEventListener("visibilitychange", changed)
  }, [])
  return hidden
}

/**
 * Tells the gateway when a critical alert has waited for 30 s at a console that nobody looks at, or that makes no sound, and
 * when somebody is back. That a console is away altogether the gateway finds out by itself.
 */
export const usePresence = (criticalWaits: boolean, soundBlocked: boolean): void => {
  const hidden = useHidden()
  const why: UnwatchedWhy | undefined = hidden ? "hidden" : soundBlocked ? "sound-blocked" : undefined
  const amiss = criticalWaits ? why : undefined
  const [told, setTold] = useState<UnwatchedWhy | undefined>(undefined)
  useEffect(() => {
    if (amiss === told) return
    // What the gateway cannot be told now is told with the next change; it misses this console by itself.
    const tell = (): void =>
      void api.watch(amiss).then(
        () => setTold(amiss),
        () => {}
      )
    if (amiss === undefined) return tell()
    const timer = setTimeout(tell, hiddenMs)
    return () => clearTimeout(timer)
  }, [amiss, told])
}
