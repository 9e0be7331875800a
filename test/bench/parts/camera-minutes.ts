import { setTimeout as passed } from "node:timers/promises"
import { alertAfter } from "./alerts.ts"
import type { Device } from "./device.ts"
import { connectDevice } from "./device.ts"
import type { Devices } from "./devices.ts"
import type { GatewaySubject } from "./gateway-subject.ts"
import { latencyOf } from "./latency.ts"
import { processorMs, residentMb } from "./process-costs.ts"
import { tell } from "./report.ts"
import type { Spread } from "./spread.ts"

/** A gateway, and the MQTT devices at its embedded broker. */
export interface Side {
  readonly subject: GatewaySubject
  readonly devices: Devices
}

/** How MQTT latency is measured each time: presses a second of all devices together, and for how long. */
export interface Pressing {
  readonly rate: number
  readonly seconds: number
}

/** MQTT latency once, told under the name of the circumstances. */
export const mqttOf = async (where: string, { subject, devices }: Side, pressing: Pressing): Promise<Spread> => {
  const presses = pressing.rate * pressing.seconds
  const took = await latencyOf(subject, presses, () => devices.have({ do: "press", ...pressing }))
  tell({ mqtt: where, ...took })
  return took
}

/** What one minute of speaking cameras showed. */
export interface Minute {
  /** MQTT latency at the gateway with the cameras, and right after at the one without. */
  readonly withCameras: Spread
  readonly beside: Spread
  /** What the gateway's process took of a core while the cameras alone gave it work. */
  readonly coreShare: number
  /** From a door's being forced to the alert. */
  readonly alertMs: number
  /** At the end of the minute. */
  readonly residentMb: number
}

const minuteMs = 60_000

/** Devices at the contacts of doors; all doors are closed, and known to be. */
export const connectContacts = (port: number, ids: ReadonlyArray<string>): Promise<ReadonlyArray<Device>> =>
  Promise.all(
    ids.map(async (id) => {
      const contact = await connectDevice({ port, id })
      await new Promise<void>((resolve) => {
        contact.onAnswer(resolve)
        contact.publish(JSON.stringify({ contact: true }))
      })
      return contact
    })
  )

/** One minute a contact, whose door is forced in it. */
export const minutesOf = async (
  contacts: ReadonlyArray<Device>,
  ours: Side,
  beside: Side,
  pressing: Pressing
): Promise<ReadonlyArray<Minute>> => {
  const { pid } = ours.subject
  const startedAt = performance.now()
  const minutes: Array<Minute> = []
  for (const [at, contact] of contacts.entries()) {
    const minute = at + 1
    const withCameras = await mqttOf("with cameras", ours, pressing)
    const besideThem = await mqttOf("beside", beside, pressing)
    const [fromMs, usedMs] = [performance.now(), processorMs(pid)]
    const force = (): void => contact.publish(JSON.stringify({ contact: false }))
    const alertMs = await alertAfter(ours.subject, `door:door-of-contact-${minute}`, force)
    await passed(Math.max(0, startedAt + minute * minuteMs - performance.now()))
    const coreShare = (processorMs(pid) - usedMs) / (performance.now() - fromMs)
    const resident = residentMb(pid)
    tell({ minute, coreShare, alertMs, residentMb: resident })
    minutes.push({ withCameras, beside: besideThem, coreShare, alertMs, residentMb: resident })
  }
  return minutes
}
