import type { Alert } from "../domain/alert.ts"
import type { EpochMs } from "../domain/ids.ts"
import type { OutOfService } from "../domain/out-of-service.ts"
import type { Lived } from "./alert-life.ts"
import { unacknowledged } from "./shelving.ts"

/** The maintenance that an alert comes in: all of what it carries but how often. */
export type InMaintenance = Omit<OutOfService, "meanwhile" | "endedAt">

/** Who is named for what no officer does. */
const rule = "alerts.maintenance"

export const inService = ({ outOfService: _outOfService, ...alert }: Alert): Alert => alert

/** The condition came once more during maintenance. */
export const countedOutOfService = (open: Alert, maintenance: InMaintenance): OutOfService => ({
  ...maintenance,
  meanwhile: (open.outOfService?.endedAt === undefined ? (open.outOfService?.meanwhile ?? 0) : 0) + 1
})

/** Whether what comes now may come silently: one that calls for somebody already goes on calling. */
export const mayComeSilently = (open: Alert): boolean => open.acknowledged || open.outOfService !== undefined

const told = (alert: Alert, transition: "reactivated" | "updated", at: EpochMs, note: string): Lived => ({
  alert,
  change: { transition, at, by: rule, why: [], alert, note }
})

/** The maintenance goes on otherwise: another one covers the alert too, or its end was put elsewhere. */
export const serviceGoesOn = (open: Alert, maintenance: InMaintenance, at: EpochMs): Lived =>
  told(
    { ...open, updatedAt: at, outOfService: { ...maintenance, meanwhile: open.outOfService?.meanwhile ?? 0 } },
    "updated",
    at,
    `out of service: ${maintenance.reason}`
  )

/**
 * The maintenance that silenced an alert is over. What holds still asks for somebody, whatever was answered before (ANSI/ISA-18.2,
 * state model); an officer's shelving stays. What is normal waits to be closed, and says why nobody heard of it.
 */
export const serviceOver = (open: Alert, at: EpochMs): Lived => {
  const { outOfService } = open
  if (outOfService === undefined) return told(open, "updated", at, "it was in service")
  if (!open.active) {
    const ended = { ...open, updatedAt: at, outOfService: { ...outOfService, endedAt: at } }
    return told(ended, "updated", at, "maintenance is over; it had returned to normal")
  }
  const alert = { ...inService(open), updatedAt: at }
  return open.shelved === undefined
    ? told(unacknowledged(alert), "reactivated", at, "maintenance is over, and it holds still")
    : told(unacknowledged(alert), "updated", at, "maintenance is over, and it holds still; it is shelved")
}
