import type { SignedIn } from "./people-wire.ts"
import type { ConsoleState } from "./store.ts"
import type { Alert, Area, Campus, Door } from "./wire.ts"

const key = "gatehouse.last-seen"

/** So many alerts are kept for where there is no gateway: the most urgent come first in the list anyway. */
const alertsAtMost = 200

/** How often what is seen is kept. */
export const keepEveryMs = 10_000

/** What this browser saw last, and of whom. */
export interface LastSeen {
  readonly me: SignedIn
  /** Gateway time of the last sign of life, epoch ms. */
  readonly at: number
  readonly campus: Campus
  readonly alerts: ReadonlyArray<Alert>
  readonly doors: ReadonlyArray<Door>
  readonly areas: ReadonlyArray<Area>
}

/** Keeps what is seen while it is live; a browser without room keeps nothing. */
export const keepSeen = (me: SignedIn, state: ConsoleState): void => {
  const { live, campus, heardAt: at, doors, areas } = state
  if (live !== "live" || campus === undefined || at === undefined || !state.loaded) return
  const alerts = [...state.alerts.values()].slice(0, alertsAtMost)
  const seen: LastSeen = { me, at, campus, alerts, doors, areas }
  try {
    localStorage.setItem(key, JSON.stringify(seen))
  } catch {
    localStorage.removeItem(key)
  }
}

/** What was seen last, for an officer who finds no gateway. */
export const lastSeen = (): LastSeen | undefined => {
  try {
    const kept = localStorage.getItem(key)
    return kept === null ? undefined : (JSON.parse(kept) as LastSeen)
  } catch {
    return undefined
  }
}

/** Whoever signs out leaves nothing behind. */
export const forgetSeen = (): void => localStorage.removeItem(key)
