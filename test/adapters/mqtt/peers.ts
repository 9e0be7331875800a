import { spawn, spawnSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import mqtt, { type MqttClient } from "mqtt"
import type { Device } from "../../../gateway/domain/campus.ts"
import { DeviceId, LinkId } from "../../../gateway/domain/ids.ts"
import type { Peer } from "../start-link.ts"
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

const secretIn = (directory: string, text: string): { readonly file: string } => {
  const file = join(directory, `secret-${text}`)
  writeFileSync(file, `${text}\n`)
  return { file }
}

/** Mosquitto's own settings: a user each for the gateway and the device, nothing kept over a restart. */
const configure = (directory: string, port: number, more: ReadonlyArray<string>): string => {
  const passwords = join(directory, "passwords")
  writeFileSync(passwords, "")
  spawnSync("mosquitto_passwd", ["-b", passwords, "gatehouse", "right"])
  spawnSync("mosquitto_passwd", ["-b", passwords, "device", "device"])
  const config = join(directory, "mosquitto.conf")
  const lines = [`listener ${port} 127.0.0.1`, "user root", "allow_anonymous false", `password_file ${passwords}`]
  writeFileSync(config, [...lines, "log_type error", ...more].join("\n"))
  return config
}

const runMosquitto = async (config: string, port: number) => {
  const child = spawn("/usr/sbin/mosquitto", ["-c", config], { stdio: "ignore" })
  await listening(port)
  return async () => {
    child.kill("SIGKILL")
    await ended(child)
  }
}

export interface MosquittoPeer extends Peer {
  /** Publishes as the device does; completes with the broker's answer. */
  readonly publish: (topic: string, payload: string, retain?: boolean) => Promise<void>
  /** Another client of the device's user. */
  readonly connect: (options: mqtt.IClientOptions) => Promise<MqttClient>
  /** The broker is killed and comes back without any session. */
  readonly restart: () => Promise<void>
}

/** A real Mosquitto that knows one user for the gateway, and a device on it. */
export const mosquittoPeer = async (
  protocolVersion: 4 | 5,
  more: ReadonlyArray<string> = ["max_queued_messages 0"]
): Promise<MosquittoPeer> => {
  const directory = temporaryDirectory("mosquitto")
  const port = await freePort()
  const config = configure(directory.path, port, more)
  let kill = await runMosquitto(config, port)
  const url = `mqtt://127.0.0.1:${port}`
  const client = device(url, { username: "device", password: "device" })
  client.on("error", () => {})
  const settings = (password: string) => {
    const secret = secretIn(directory.path, password)
    return { broker: { url, clientId: "gatehouse", username: "gatehouse", password: secret, protocolVersion } }
  }
  return {
    settings: settings("right"),
    wrongSettings: settings("wrong"),
    devices: [button],
    profilesDirectory,
    ...speaker(client),
    publish: async (to, payload, retain = false) => {
      await client.publishAsync(to, payload, { qos: 1, retain })
    },
    connect: (options) => mqtt.connectAsync(url, { username: "device", password: "device", ...options }),
    vanish: () => kill(),
    restart: async () => {
      await kill()
      kill = await runMosquitto(config, port)
    },
    stop: async () => {
      await client.endAsync(true)
      await kill()
      directory.dispose()
    }
  }
}
