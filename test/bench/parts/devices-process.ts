/**
 * Devices in a process of their own, so that they do not share the gateway's thread. Started by `devices.ts` with the
 * broker's port and the devices' ids; does what it is told, one order after another, and says when it has.
 */
import { connectDevice, type Device } from "./device.ts"
import { pressAtFullSpeed, pressSteadily } from "./speaking.ts"

/** What these devices can be told to do. */
export type Order =
  /** All at once. */
  | { readonly do: "connect" }
  /** So many presses a second, all devices together. */
  | { readonly do: "press"; readonly rate: number; readonly seconds: number }
  /** So many presses at full speed, `window` of each device under way. */
  | { readonly do: "flow"; readonly presses: number; readonly window: number }
  /** At full speed until the process ends; done once `underWay` presses are acknowledged. */
  | { readonly do: "flood"; readonly window: number; readonly underWay: number }
  /** Nothing, but say how they are. */
  | { readonly do: "tell" }

/** What came of an order. */
export interface Done {
  readonly tookMs: number
  /** Devices that are connected. */
  readonly connected: number
  /** Why others are not. */
  readonly refused: ReadonlyArray<string>
  /** How often the broker has closed a connection that it had accepted. */
  readonly reconnects: number
}

const port = Number(process.argv[2])
const ids = JSON.parse(process.argv[3] ?? "[]") as ReadonlyArray<string>
let devices: ReadonlyArray<Device> = []
let refused: ReadonlyArray<string> = []

const connectAll = async (): Promise<void> => {
  const tries = await Promise.allSettled(ids.map((id) => connectDevice({ port, id })))
  devices = tries.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []))
  refused = tries.flatMap((one) => (one.status === "rejected" ? [String(one.reason)] : []))
}

const carryOut = async (order: Order): Promise<void> => {
  switch (order.do) {
    case "connect":
      return connectAll()
    case "press":
      return pressSteadily(devices, order.rate, order.seconds)
    case "flow":
      return pressAtFullSpeed(devices, order).reached(order.presses)
    case "flood":
      return pressAtFullSpeed(devices, order).reached(order.underWay)
    case "tell":
      return
  }
}

process.on("message", (order: Order) => {
  const startedAt = performance.now()
  void carryOut(order).then(() => {
    const tookMs = performance.now() - startedAt
    const reconnects = devices.reduce((all, device) => all + device.reconnects, 0)
    process.send?.({ tookMs, connected: devices.length, refused, reconnects } satisfies Done)
  })
})
process.on("disconnect", () => process.exit())
