import type { Alert } from "../domain/alert.ts"
import type { EpochMs } from "../domain/ids.ts"
import type { OutOfService } from "../domain/out-of-service.ts"
import { type Lived, turned } from "./turned.ts"

/** The maintenance that an alert comes in: all of what it carries but how often. */
export type InMaintenance = Omit<OutOfService, "meanwhile" | "endedAt">

/** Who is named for what no officer does. */
const rule = "alerts.maintenance"

/** The condition came once more during maintenance. */
export const countedOutOfService = (open: Alert, maintenance: InMaintenance): OutOfService => ({
  ...maintenance,
  meanwhile: (open.outOfService?.endedAt === undefined ? (open.outOfService?.meanwhile ?? 0) : 0) + 1
})

/** The maintenance goes on otherwise: another one covers the alert too, or its end was put elsewhere. */
export const serviceGoesOn = (open: Alert, maintenance: InMaintenance, at: EpochMs): Lived | undefined => {
  const service = { ...maintenance, meanwhile: open.outOfService?.meanwhile ?? 0 }
  return turned(open, "maintenance goes on", { at, by: rule, service, note: `out of service: ${maintenance.reason}` })
}

const overWords = ({ outOfService, active, shelved }: Alert): string => {
  if (outOfService === undefined) return "it was in service"
  if (!active) return "maintenance is over; it had returned to normal"
  return `maintenance is over, and it holds still${shelved === undefined ? "" : "; it is shelved"}`
}

/**
 * The maintenance that silenced an alert is over. What holds still asks for somebody, whatever was answered before (ANSI/ISA-18.2,
 * state model); an officer's shelving stays. What is normal waits to be closed, and says why nobody heard of it.
 */
export const serviceOver = (open: Alert, at: EpochMs): Lived | undefined => {
  const service = open.outOfService === undefined ? {} : { service: { ...open.outOfService, endedAt: at } }
  return turned(open, "maintenance ends", { at, by: rule, ...service, note: overWords(open) })
}
