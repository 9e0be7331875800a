import type { Alert } from "./wire.ts"

/** Unacknowledged first, then priority, then newest. */
export const byUrgency = (a: Alert, b: Alert): number =>
  Number(a.acknowledged) - Number(b.acknowledged) ||
  a.priority - b.priority ||
  Date.parse(b.raisedAt) - Date.parse(a.raisedAt) ||
  (a.id < b.id ? 1 : -1)

/** The alerts that call for an officer, the most urgent first: what is shelved does not. */
export const calling = (alerts: ReadonlyMap<string, Alert>): ReadonlyArray<Alert> =>
  [...alerts.values()].filter(({ shelved }) => shelved === undefined).sort(byUrgency)

/** What is shelved, what ends first above. */
const onShelf = (alerts: ReadonlyMap<string, Alert>): ReadonlyArray<Alert> =>
  [...alerts.values()]
    .flatMap((alert) => (alert.shelved === undefined ? [] : [{ alert, until: Date.parse(alert.shelved.until) }]))
    .sort((a, b) => a.until - b.until || (a.alert.id < b.alert.id ? -1 : 1))
    .map(({ alert }) => alert)

/** What the list shows: `rows` in order, how many wait above them while an officer works in the list, and what is shelved. */
export interface Shown {
  readonly rows: ReadonlyArray<Alert>
  readonly waiting: ReadonlyArray<Alert>
  readonly shelved: ReadonlyArray<Alert>
}

/**
 * The rows to show. With `held` (the ids as they stand while an officer works in the list) nothing moves: known rows
 * keep their places and new alerts wait behind the chip.
 */
export const showAlerts = (alerts: ReadonlyMap<string, Alert>, held: ReadonlyArray<string> | undefined): Shown => {
  const sorted = calling(alerts)
  const shelved = onShelf(alerts)
  if (held === undefined) return { rows: sorted, waiting: [], shelved }
  const places = new Set(held)
  return {
    rows: held.flatMap((id) => {
      const alert = alerts.get(id)
      return alert === undefined || alert.shelved !== undefined ? [] : [alert]
    }),
    waiting: sorted.filter((alert) => !places.has(alert.id)),
    shelved
  }
}
