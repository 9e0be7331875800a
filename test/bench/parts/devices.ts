import { fork } from "node:child_process"
import { join } from "node:path"
import { ended } from "../../road/peers.ts"
import type { Done, Order } from "./devices-process.ts"
import { tie } from "./subject.ts"

/** Devices in a process of their own. */
export interface Devices {
  /** Has them do something; one order at a time. Rejects when their process ends. */
  readonly have: (order: Order) => Promise<Done>
  readonly stop: () => Promise<void>
}

/** Starts a process that holds these devices; they connect when told to. */
export const startDevices = (port: number, ids: ReadonlyArray<string>): Devices => {
  const child = fork(join(import.meta.dirname, "devices-process.ts"), [`${port}`, JSON.stringify(ids)])
  tie(child)
  return {
    have: (order) =>
      new Promise((resolve, reject) => {
        const gone = (): void => reject(new Error(`the devices' process ended while it was told to ${order.do}`))
        child.once("exit", gone)
        child.once("message", (done) => {
          child.off("exit", gone)
          resolve(done as Done)
        })
        child.send(order)
      }),
    stop: async () => {
      child.kill("SIGKILL")
      await ended(child)
    }
  }
}

/** Devices that are all connected; rejects when the broker lets one of them not in. */
export const startConnectedDevices = async (port: number, ids: ReadonlyArray<string>): Promise<Devices> => {
  const devices = startDevices(port, ids)
  const { refused } = await devices.have({ do: "connect" })
  if (refused.length === 0) return devices
  await devices.stop()
  throw new Error(`${refused.length} of ${ids.length} devices could not connect: ${refused[0]}`)
}
