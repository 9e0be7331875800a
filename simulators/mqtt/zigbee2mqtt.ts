import type { Signal } from "../campus/signal.ts"
import { addressOf, type Dialect } from "./dialect.ts"
import { kept, live, type Message } from "./message.ts"

/** Attributes a Zigbee2MQTT device carries beside what it senses. */
const battery = { battery: 97, battery_low: false, linkquality: 120, voltage: 2985 }

const attribute = (signal: Extract<Signal, { _tag: "Reading" }>): Record<string, unknown> => {
  const { kind, value } = signal.reading
  switch (kind) {
    case "position":
      return { contact: value === "closed" }
    case "lock":
      return { state: value === "locked" ? "LOCK" : "UNLOCK", lock_state: value === "locked" ? "locked" : "unlocked" }
    case "motion":
      return { occupancy: value === "on" }
    case "tamper":
      return { tamper: value === "on" }
    case "battery":
      return value === "low" ? { battery: 8, battery_low: true } : battery
    default:
      return { [signal.point]: value === "on" }
  }
}

const actionOf = (signal: Extract<Signal, { _tag: "Occurrence" }>): string => {
  switch (signal.occurrence._tag) {
    case "PanicPressed":
      return "emergency"
    case "VibrationDetected":
      return "vibration"
    case "ButtonPressed":
      return signal.occurrence.action
    default:
      return "single"
  }
}

/**
 * Zigbee2MQTT 2: one connection, its will on `bridge/state`; every message of a device is its whole cached state, of
 * which one attribute may be new; on start the cached states are sent again, as if new.
 */
export const zigbee2mqtt: Dialect = (campus) =>
  campus.devices
    .filter((device) => device.profile === "zigbee2mqtt" && device.via === undefined)
    .map((bridge) => {
      const devices = campus.devices.filter((device) => device.via === bridge.id).map((device) => device.id)
      const cache = new Map<string, Record<string, unknown>>()
      const topic = (device: string): string => `zigbee2mqtt/${addressOf(campus, device)}`
      const remember = (device: string, attributes: Record<string, unknown>): Record<string, unknown> => {
        const merged = { ...battery, ...cache.get(device), ...attributes }
        cache.set(device, merged)
        return merged
      }
      const say = (signal: Signal): ReadonlyArray<Message> => {
        switch (signal._tag) {
          case "Reading":
            return [live(topic(signal.device), remember(signal.device, attribute(signal)))]
          case "Occurrence":
            return [live(topic(signal.device), { ...remember(signal.device, {}), action: actionOf(signal) })]
          case "Presence":
            return [kept(`${topic(signal.device)}/availability`, { state: signal.online ? "online" : "offline" })]
        }
      }
      return {
        clientId: `zigbee2mqtt-${bridge.id}`,
        devices: [bridge.id, ...devices],
        own: bridge.id,
        will: kept("zigbee2mqtt/bridge/state", { state: "offline" }),
        greet: (readings, _at, away) => {
          for (const signal of readings) if (signal._tag === "Reading") remember(signal.device, attribute(signal))
          return [
            kept("zigbee2mqtt/bridge/state", { state: "online" }),
            ...devices.map((device) =>
              kept(`${topic(device)}/availability`, { state: away.has(device) ? "offline" : "online" })
            ),
            ...devices.flatMap((device) =>
              cache.has(device) && !away.has(device) ? [live(topic(device), cache.get(device))] : []
            )
          ]
        },
        say
      }
    })
