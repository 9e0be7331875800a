import type { Alert } from "../domain/alert.ts"
import type { DeviceId } from "../domain/ids.ts"
import type { ConditionRef } from "../domain/panel-condition.ts"
import { innerOf } from "./draft.ts"
import type { Situation } from "./situation.ts"
import { owingAlerts } from "./write-back.ts"

/** An acknowledgement that is to be sent, with all that is sent of it. */
export interface OwedAcknowledgement {
  readonly alert: Alert["id"]
  readonly device: DeviceId
  readonly condition: ConditionRef
  readonly event: string
  readonly by: string
  readonly note: string
}

/** The acknowledgements that wait to be sent, those of the alert that was raised first before the others. */
export const owedAcknowledgements = (situation: Situation): ReadonlyArray<OwedAcknowledgement> =>
  owingAlerts(situation.alerts, innerOf(situation).owing).flatMap(({ id: alert, panelConditions = [] }) =>
    panelConditions.flatMap(({ device, id, branch, writeBack }) => {
      if (writeBack?.state !== "owed") return []
      const { event, by, note = "" } = writeBack
      return [{ alert, device, condition: branch === undefined ? { id } : { id, branch }, event, by, note }]
    })
  )
