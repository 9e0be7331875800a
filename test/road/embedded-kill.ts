import mqtt, { type MqttClient } from "mqtt"
import { pressesInLog, ready, startGateway, stop, type Which, writeBrokerConfig } from "./gateway-process.ts"
import { actions, type KillRun, random } from "./kill.ts"
import { freePort, temporaryDirectory } from "./peers.ts"

export interface EmbeddedKillOptions {
  /** SIGKILL of the gateway, which is started again. */
  readonly kills: number
  readonly devices: number
  /** Of all devices together. */
  readonly messages: number
  readonly seed: number
  readonly which?: Which
}

/** Has a device mark what it sends again, as MQTT 3.1.1 asks for (3.3.1.1): mqtt.js does not. */
const markRepetitions = (device: MqttClient): void => {
  const unanswered = new Set<number | undefined>()
  device.on("packetsend", (packet) => {
    if (packet.cmd !== "publish") return
    packet.dup = unanswered.has(packet.messageId)
    unanswered.add(packet.messageId)
  })
  device.on("packetreceive", (packet) => void (packet.cmd === "puback" && unanswered.delete(packet.messageId)))
}

/** A device that sends again what was not answered (MQTT 3.1.1, 4.4). */
const connectDevice = async (port: number, nth: number): Promise<MqttClient> => {
  const device = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, {
    clientId: `device-${nth}`,
    clean: false,
    protocolVersion: 4,
    reconnectPeriod: 50
  })
  device.on("error", () => {})
  markRepetitions(device)
  return device
}

/**
 * Several devices press at full speed at a gateway that is their broker and is killed meanwhile; then what it has answered
 * is compared with what is in its log.
 */
export const embeddedKillRun = async (options: EmbeddedKillOptions): Promise<Omit<KillRun, "cuts" | "restarts">> => {
  const directory = temporaryDirectory("kill")
  const mqttPort = await freePort()
  const files = writeBrokerConfig(directory.path, mqttPort, await freePort())
  const next = random(options.seed)
  const accepted: Record<string, number> = Object.fromEntries(actions.map((action) => [action, 0]))
  let gateway = startGateway(files, options.which)
  let devices: ReadonlyArray<MqttClient> = []
  try {
    await ready(files)
    devices = await Promise.all(Array.from({ length: options.devices }, (_, nth) => connectDevice(mqttPort, nth)))
    const publish = async (nth: number): Promise<void> => {
      const action = actions[nth % actions.length] ?? "single"
      const device = devices[nth % devices.length]
      await device?.publishAsync("zigbee2mqtt/button", JSON.stringify({ action }), { qos: 1 })
      accepted[action] = (accepted[action] ?? 0) + 1
    }
    const bursts = options.kills + 1
    const size = Math.ceil(options.messages / bursts)
    for (let nth = 0; nth < bursts; nth++) {
      const burst = Array.from({ length: size }, (_, i) => publish(nth * size + i))
      if (nth < options.kills) {
        await Promise.all(burst.slice(0, Math.floor(next() * size)))
        await stop(gateway.child, "SIGKILL")
        gateway = startGateway(files, options.which)
      }
      await Promise.all(burst)
    }
    await stop(gateway.child, "SIGTERM")
    return { kills: options.kills, accepted, inLog: Object.fromEntries(pressesInLog(files)) }
  } catch (error) {
    throw new Error(`the kill run ended early; the gateway printed:\n${gateway.log()}`, { cause: error })
  } finally {
    await stop(gateway.child, "SIGKILL")
    await Promise.all(devices.map((device) => device.endAsync(true)))
    directory.dispose()
  }
}
