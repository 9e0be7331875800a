import type { Alert } from "./wire.ts"

/** Unacknowledged first, then priority, then newest. */
export const byUrgency = (a: Alert, b: Alert): number =>
  Number(a.acknowledged) - Number(b.acknowledged) ||
  a.priority - b.priority ||
  Date.parse(b.raisedAt) - Date.parse(a.raisedAt) ||
  (a.id < b.id ? 1 : -1)

/** What is shelved, or about something that is worked on, calls for nobody. */
const calls = ({ shelved, outOfService }: Alert): boolean => shelved === undefined && outOfService === undefined

/** The alerts that call for an officer, the most urgent first. */
export const calling = (alerts: ReadonlyMap<string, Alert>): ReadonlyArray<Alert> =>
  [...alerts.values()].filter(calls).sort(byUrgency)

/** What is shelved, what ends first above. */
const onShelf = (alerts: ReadonlyMap<string, Alert>): ReadonlyArray<Alert> =>
  [...alerts.values()]
    .flatMap((alert) => (alert.shelved === undefined ? [] : [{ alert, until: Date.parse(alert.shelved.until) }]))
    .sort((a, b) => a.until - b.until || (a.alert.id < b.alert.id ? -1 : 1))
    .map(({ alert }) => alert)

/** What is out of service and not shelved besides, the most urgent first. */
const outOfService = (alerts: ReadonlyMap<string, Alert>): ReadonlyArray<Alert> =>
  [...alerts.values()]
    .filter((alert) => alert.outOfService !== undefined && alert.shelved === undefined)
    .sort(byUrgency)

/** What the list shows: `rows` in order, how many wait above them while an officer works in the list, what is shelved, and what is out of service. */
export interface Shown {
  readonly rows: ReadonlyArray<Alert>
  readonly waiting: ReadonlyArray<Alert>
  readonly shelved: ReadonlyArray<Alert>
  readonly serviced: ReadonlyArray<Alert>
}

/**
 * The rows to show. With `held` (the ids as they stand while an officer works in the list) nothing moves: known rows
 * keep their places and new alerts wait behind the chip.
 */
export const showAlerts = (alerts: ReadonlyMap<string, Alert>, held: ReadonlyArray<string> | undefined): Shown => {
  const sorted = calling(alerts)
  const [shelved, serviced] = [onShelf(alerts), outOfService(alerts)]
  if (held === undefined) return { rows: sorted, waiting: [], shelved, serviced }
  const places = new Set(held)
  return {
    rows: held.flatMap((id) => {
      const alert = alerts.get(id)
      return alert === undefined || !calls(alert) ? [] : [alert]
    }),
    waiting: sorted.filter((alert) => !places.has(alert.id)),
    shelved,
    serviced
  }
}

/** Those that an officer may acknowledge together: a critical one is looked at by itself, and others answer what they have. */
export const acknowledgeable = (alerts: ReadonlyArray<Alert>, officer: string): ReadonlyArray<Alert> =>
  alerts.filter(
    ({ acknowledged, priority, claimed }) =>
      !acknowledged && priority !== 1 && (claimed === undefined || claimed.by === officer)
  )
