import { HashMap, Option } from "effect"
import type { Alert } from "../domain/alert.ts"
import type { DeviceId, EpochMs } from "../domain/ids.ts"
import type { AlertPanelCondition, ConditionRef, WriteBack, WriteBackKind } from "../domain/panel-condition.ts"
import { innerOf } from "./draft.ts"
import { type KnownCondition, knownKey } from "./known-conditions.ts"
import type { Situation } from "./situation.ts"
import { owingAlerts } from "./write-back-steps.ts"
import { kindOf, writeBacksOf } from "./write-back.ts"

/** What is to be sent to a panel, with all that is sent of it. */
export interface OwedWriteBack {
  readonly alert: Alert["id"]
  readonly device: DeviceId
  readonly condition: ConditionRef
  readonly kind: WriteBackKind
  /** Log entry of the officer's fact that asks for it. */
  readonly asked?: number
  readonly event: string
  readonly by: string
  readonly note: string
  /** Until when it is to be shelved; absent: until it is normal again. */
  readonly until?: EpochMs
}

/** Each of these makes another state of the condition, with another EventId: the next answer waits until it is told. */
const isInBetween = (one: WriteBack, known: KnownCondition | undefined): boolean => {
  if (kindOf(one) === "comment") return one.state === "sent"
  if (kindOf(one) !== "acknowledge") return false
  return one.state === "sent" || (one.state === "proved" && known?.acked === false && known.event === one.event)
}

/** The state that an answer is for: the officer's, though a note of ours may have given it another EventId since. */
const eventFor = (one: WriteBack, known: KnownCondition | undefined): string =>
  known !== undefined && (kindOf(one) === "comment" || (known.same ?? []).includes(one.event)) ? known.event : one.event

const owedOf = (alert: Alert, entry: AlertPanelCondition, known: KnownCondition | undefined) =>
  writeBacksOf(entry).flatMap((one): ReadonlyArray<OwedWriteBack> => {
    const waits = writeBacksOf(entry).some((other) => other !== one && isInBetween(other, known))
    if (one.state !== "owed" || waits) return []
    const { device, id, branch } = entry
    const { asked, by, note = "", until } = one
    return [
      {
        alert: alert.id,
        device,
        condition: branch === undefined ? { id } : { id, branch },
        kind: kindOf(one),
        ...(asked === undefined ? {} : { asked }),
        event: eventFor(one, known),
        by,
        note,
        ...(until === undefined ? {} : { until })
      }
    ]
  })

/** What waits to be sent and may go now, that of the alert that was raised first before the others. */
export const owedWriteBacks = (situation: Situation): ReadonlyArray<OwedWriteBack> => {
  const { owing, panelConditions } = innerOf(situation)
  return owingAlerts(situation.alerts, owing).flatMap((alert) =>
    (alert.panelConditions ?? []).flatMap((entry) => {
      const at = knownKey(entry.device, entry, alert.condition)
      return owedOf(alert, entry, Option.getOrUndefined(HashMap.get(panelConditions, at)))
    })
  )
}
