import { setTimeout as passed } from "node:timers/promises"
import { idsOf } from "../parts/campus.ts"
import { startDevices } from "../parts/devices.ts"
import { residentMb } from "../parts/process-costs.ts"
import { type Row, tell } from "../parts/report.ts"
import { longestStall } from "../parts/stalls.ts"
import { withGateway } from "../parts/with-gateway.ts"

/** For so long the gateway is watched at rest. */
const restMs = 2000

/** Nobody is turned away: a campus has hundreds of devices, and they all come back when the power does. */
const refusedAim = { atMost: 0 }

/** The gateway does nothing else while it stalls. */
const stallAim = { below: 1000 }

/** How a gateway takes it when all devices connect at once, as they do when the power is back. */
export const connect = (clients: number): Promise<ReadonlyArray<Row>> => {
  const buttons = idsOf("button", clients)
  return withGateway({ buttons }, async (gateway, { port, mqttPort }) => {
    const devices = startDevices(mqttPort, buttons)
    try {
      const rest = await longestStall(port, () => passed(restMs))
      const before = residentMb(gateway.pid)
      const { longestMs, result } = await longestStall(port, () => devices.have({ do: "connect" }))
      const after = residentMb(gateway.pid)
      const { connected, refused, tookMs } = result
      const stalls = { longestStallMs: longestMs, longestStallAtRestMs: rest.longestMs }
      tell({ connect: clients, connected, refused: refused.length, why: refused[0], tookMs, ...stalls, before, after })
      return [
        { what: `all ${clients} clients connected, ms`, gateway: tookMs },
        { what: "clients refused", gateway: refused.length, aim: refusedAim },
        { what: "longest stall at rest, ms", gateway: rest.longestMs },
        { what: "longest stall meanwhile, ms", gateway: longestMs, aim: stallAim },
        { what: "resident before, MB", gateway: before },
        { what: "resident after, MB", gateway: after }
      ]
    } finally {
      await devices.stop()
    }
  })
}
