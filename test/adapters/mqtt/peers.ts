import { spawn, spawnSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import mqtt, { type MqttClient } from "mqtt"
import type { Device } from "../../../gateway/domain/campus.ts"
import { DeviceId, LinkId } from "../../../gateway/domain/ids.ts"
import type { Peer } from "../../adapter-conformance.ts"
import { ended, freePort, listening, temporaryDirectory } from "../../road/peers.ts"

export const profilesDirectory = resolve(import.meta.dirname, "../../../config/profiles")

/** A button behind Zigbee2MQTT: each press is an occurrence, so that nothing hides behind an unchanged state. */
export const button: Device = {
  id: DeviceId.make("button"),
  link: LinkId.make("link"),
  profile: "zigbee2mqtt",
  address: "button"
}

const topic = "zigbee2mqtt/button"

const speaker = (client: MqttClient) => ({
  // Not awaited: where the gateway is the broker, the answer comes only once the report has settled.
  say: (action: string) => {
    void client.publishAsync(topic, JSON.stringify({ action }), { qos: 1 }).catch(() => undefined)
    return Promise.resolve()
  },
  babble: () => {
    void client.publishAsync(topic, "{not json", { qos: 1 }).catch(() => undefined)
    return Promise.resolve()
  },
  hush: () => client.endAsync(true)
})

/** A device that keeps what it could not hand over and sends it again when it is back. */
const device = (url: string, more: mqtt.IClientOptions = {}) =>
  mqtt.connect(url, { clientId: "device", clean: false, protocolVersion: 4, reconnectPeriod: 50, ...more })

/** A device of the embedded broker: the adapter itself is what it connects to. */
export const embeddedPeer = async (): Promise<Peer> => {
  const port = await freePort()
  const client = device(`mqtt://127.0.0.1:${port}`)
  client.on("error", () => {})
  return {
    settings: { broker: "embedded", port },
    devices: [button],
    profilesDirectory,
    ...speaker(client),
    stop: () => client.endAsync(true)
  }
}

/** A real Mosquitto that knows one user, and a device on it. */
export const mosquittoPeer = async (protocolVersion: 4 | 5): Promise<Peer> => {
  const directory = temporaryDirectory("mosquitto")
  const port = await freePort()
  const passwords = join(directory.path, "passwords")
  writeFileSync(passwords, "")
  spawnSync("mosquitto_passwd", ["-b", passwords, "gatehouse", "right"])
  spawnSync("mosquitto_passwd", ["-b", passwords, "device", "device"])
  const config = join(directory.path, "mosquitto.conf")
  writeFileSync(
    config,
    [
      `listener ${port} 127.0.0.1`,
      "user root",
      "allow_anonymous false",
      `password_file ${passwords}`,
      "max_queued_messages 0",
      "log_type error"
    ].join("\n")
  )
  const broker = spawn("/usr/sbin/mosquitto", ["-c", config], { stdio: "ignore" })
  await listening(port)
  const client = device(`mqtt://127.0.0.1:${port}`, { username: "device", password: "device" })
  client.on("error", () => {})
  const secret = (text: string): string => {
    const file = join(directory.path, text)
    writeFileSync(file, `${text}\n`)
    return file
  }
  const settings = (password: string) => ({
    broker: {
      url: `mqtt://127.0.0.1:${port}`,
      clientId: "gatehouse",
      username: "gatehouse",
      password: { file: secret(password) },
      protocolVersion
    }
  })
  return {
    settings: settings("right"),
    wrongSettings: settings("wrong"),
    devices: [button],
    profilesDirectory,
    ...speaker(client),
    vanish: async () => {
      broker.kill("SIGKILL")
      await ended(broker)
    },
    stop: async () => {
      await client.endAsync(true)
      broker.kill("SIGKILL")
      await ended(broker)
      directory.dispose()
    }
  }
}
