import type { Alert } from "./wire.ts"

/** Unacknowledged first, then priority, then newest. */
export const byUrgency = (a: Alert, b: Alert): number =>
  Number(a.acknowledged) - Number(b.acknowledged) ||
  a.priority - b.priority ||
  Date.parse(b.raisedAt) - Date.parse(a.raisedAt) ||
  (a.id < b.id ? 1 : -1)

/** What the list shows: `rows` in order, and how many wait above them while an officer works in the list. */
export interface Shown {
  readonly rows: ReadonlyArray<Alert>
  readonly waiting: ReadonlyArray<Alert>
}

/**
 * The rows to show. With `held` (the ids as they stand while an officer works in the list) nothing moves: known rows
 * keep their places and new alerts wait behind the chip.
 */
export const showAlerts = (alerts: ReadonlyMap<string, Alert>, held: ReadonlyArray<string> | undefined): Shown => {
  const sorted = [...alerts.values()].sort(byUrgency)
  if (held === undefined) return { rows: sorted, waiting: [] }
  const places = new Set(held)
  return {
    rows: held.flatMap((id) => alerts.get(id) ?? []),
    waiting: sorted.filter((alert) => !places.has(alert.id))
  }
}
