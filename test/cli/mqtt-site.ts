import { spawn, spawnSync } from "node:child_process"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import mqtt, { type IClientPublishOptions } from "mqtt"
import { ended, freePort, listening, temporaryDirectory } from "../road/peers.ts"

const profilesDirectory = resolve(import.meta.dirname, "../../config/profiles")

/** A real Mosquitto, a configuration whose one link goes to it, and a device to publish as. */
export const mqttSite = async (more: ReadonlyArray<string> = ["allow_anonymous true"]) => {
  const directory = temporaryDirectory("site")
  const port = await freePort()
  const file = join(directory.path, "mosquitto.conf")
  writeFileSync(file, [`listener ${port} 127.0.0.1`, "user root", "log_type error", ...more].join("\n"))
  const child = spawn("/usr/sbin/mosquitto", ["-c", file], { stdio: "ignore" })
  await listening(port)
  const url = `mqtt://127.0.0.1:${port}`
  const config = join(directory.path, "config")
  mkdirSync(config)
  const say = async (
    messages: ReadonlyArray<readonly [topic: string, payload: string | Buffer, options?: IClientPublishOptions]>,
    as: mqtt.IClientOptions = {}
  ): Promise<void> => {
    const client = await mqtt.connectAsync(url, { protocolVersion: 4, ...as })
    for (const [topic, payload, options] of messages) await client.publishAsync(topic, payload, { qos: 1, ...options })
    await client.endAsync()
  }
  return {
    url,
    port,
    directory: directory.path,
    config,
    say,
    /** Writes the configuration: a link `field` to the broker, and these devices. */
    configure: (devices: ReadonlyArray<string>, broker = `{ url: "${url}", clientId: gatehouse-test }`) =>
      writeFileSync(
        join(config, "gatehouse.yaml"),
        [
          "site: { id: north, name: North, timeZone: Europe/Berlin }",
          `profilesDirectory: ${profilesDirectory}`,
          "links:",
          `  field: { adapter: mqtt, settings: { broker: ${broker} } }`,
          "areas: [{ id: hall, name: Hall, kind: building }]",
          "devices:",
          ...devices.map((device) => `  - ${device}`),
          ""
        ].join("\n")
      ),
    read: (name: string): string => readFileSync(join(config, name), "utf8"),
    stop: async () => {
      child.kill("SIGKILL")
      await ended(child)
      directory.dispose()
    }
  }
}

export type MqttSite = Awaited<ReturnType<typeof mqttSite>>

/** Settings of a Mosquitto that knows its users by name and password, and lets each do what the list says. */
export const withUsers = (
  directory: string,
  users: Readonly<Record<string, { readonly password: string; readonly may: ReadonlyArray<string> }>>
): ReadonlyArray<string> => {
  const passwords = join(directory, "passwords")
  writeFileSync(passwords, "")
  for (const [name, { password }] of Object.entries(users))
    spawnSync("mosquitto_passwd", ["-b", passwords, name, password])
  const list = join(directory, "acl")
  const lines = Object.entries(users).flatMap(([name, { may }]) => [
    `user ${name}`,
    ...may.map((right) => `topic ${right}`)
  ])
  writeFileSync(list, `${lines.join("\n")}\n`)
  return ["allow_anonymous false", `password_file ${passwords}`, `acl_file ${list}`]
}
