import type { EpochMs } from "../../gateway/domain/ids.ts"
import type { Signal } from "../campus/signal.ts"
import type { Dialect } from "./dialect.ts"
import { kept, live, type Message } from "./message.ts"

/** `input-0` is Shelly's component `input:0`. A door contact on an input is on while the door is open. */
const component = (signal: Extract<Signal, { _tag: "Reading" }>): Record<string, unknown> => {
  const [name = "input", id = "0"] = signal.point.split("-")
  const on = signal.reading.value === "open" || signal.reading.value === "on"
  return { [`${name}:${id}`]: name === "switch" ? { id: Number(id), output: on } : { id: Number(id), state: on } }
}

/**
 * Shelly Gen2 and later: each device has its connection, the will `false` on `online`, the full status on connecting
 * and then only the components that changed.
 */
export const shelly: Dialect = (campus) =>
  campus.devices
    .filter((device) => device.profile === "shelly")
    .map((device) => {
      const { address } = device
      const notify = (method: string, at: EpochMs, status: Record<string, unknown>): Message =>
        live(`${address}/events/rpc`, {
          src: address,
          dst: `${address}/events`,
          method,
          params: { ts: Math.round(at / 10) / 100, ...status }
        })
      const online = (value: boolean): Message => kept(`${address}/online`, value)
      return {
        clientId: address,
        devices: [device.id],
        own: device.id,
        will: online(false),
        greet: (readings, at) => {
          const status = readings.flatMap((signal) => (signal._tag === "Reading" ? [component(signal)] : []))
          const sys = { sys: { mac: address.split("-").at(-1)?.toUpperCase(), restart_required: false, uptime: 12 } }
          return [online(true), notify("NotifyFullStatus", at, Object.assign({}, ...status, sys))]
        },
        say: (signal, at) => {
          switch (signal._tag) {
            case "Reading":
              return [notify("NotifyStatus", at, component(signal))]
            case "Occurrence": {
              const id = Number(signal.point.split("-")[1] ?? 0)
              const ts = Math.round(at / 10) / 100
              return [
                notify("NotifyEvent", at, { events: [{ component: `input:${id}`, id, event: "single_push", ts }] })
              ]
            }
            case "Presence":
              return [online(signal.online)]
          }
        }
      }
    })
