import { HashMap } from "effect"
import { slotOf } from "../correlation/draft.ts"
import type { Situation } from "../correlation/situation.ts"
import type { Alert, AlertCondition } from "../domain/alert.ts"

/** Finds the open alert of a condition and key, while it is active. */
export const activeAlerts = ({
  alerts
}: Situation): ((condition: AlertCondition, key: string) => Alert | undefined) => {
  const bySlot = new Map<string, Alert>()
  for (const alert of HashMap.values(alerts)) if (alert.active) bySlot.set(slotOf(alert), alert)
  return (condition, key) => bySlot.get(slotOf({ condition, key }))
}
