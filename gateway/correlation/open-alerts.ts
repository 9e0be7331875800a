import type { Alert, AlertCondition } from "../domain/alert.ts"
import { Table } from "./table.ts"

/**
 * The id of the open alert of each condition and key. First by key: a door that closes is asked for one condition after
 * another, and mostly has none.
 */
export type OpenAlerts = Table<{ readonly [condition in AlertCondition]?: string }>

type Slot = Pick<Alert, "condition" | "key">

export const openAlertId = (open: OpenAlerts, condition: AlertCondition, key: string): string | undefined =>
  open.get(key)?.[condition]

export const withOpenAlert = (open: OpenAlerts, { condition, key }: Slot, id: string): OpenAlerts => {
  const known = open.get(key)
  return known?.[condition] === id ? open : open.with(key, { ...known, [condition]: id })
}

export const withoutOpenAlert = (open: OpenAlerts, { condition, key }: Slot): OpenAlerts => {
  const { [condition]: closed, ...others } = open.get(key) ?? {}
  if (closed === undefined) return open
  return Object.keys(others).length === 0 ? open.without(key) : open.with(key, others)
}

export const openAlertsOf = (alerts: Iterable<readonly [id: string, alert: Slot]>): OpenAlerts => {
  let open: OpenAlerts = Table.of()
  for (const [id, alert] of alerts) open = withOpenAlert(open, alert, id)
  return open
}
