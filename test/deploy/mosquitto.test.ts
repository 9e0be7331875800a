import { spawn } from "node:child_process"
import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import mqttClient from "mqtt"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { adapters } from "../../adapters/adapters.ts"
import { button, profilesDirectory } from "../adapters/mqtt/peers.ts"
import { startLink } from "../adapters/start-link.ts"
import { ended, freePort, hasMosquitto, listening, temporaryDirectory } from "../road/peers.ts"
import { makeCertificates } from "./certificates.ts"

const mqtt = adapters["mqtt"]!
const shipped = resolve(import.meta.dirname, "../../config/deploy/mosquitto")

/** The shipped configuration, unchanged but for the port, in a directory with certificates of its own. */
const openBroker = async () => {
  const directory = temporaryDirectory("deploy")
  const port = await freePort()
  cpSync(shipped, directory.path, { recursive: true })
  const config = join(directory.path, "mosquitto.conf")
  writeFileSync(
    config,
    `${readFileSync(config, "utf8").replace("listener 8883", `listener ${port} 127.0.0.1`)}\nuser root\n`
  )
  chmodSync(join(directory.path, "acl"), 0o600)
  const certs = join(directory.path, "certs")
  mkdirSync(certs)
  mkdirSync(join(directory.path, "data"))
  makeCertificates(certs, ["broker", "gatehouse", "zigbee2mqtt", "shelly-1"])
  const run = async () => {
    const child = spawn("/usr/sbin/mosquitto", ["-c", config], { cwd: directory.path, stdio: "ignore" })
    await listening(port)
    return child
  }
  let child = await run()
  const stop = async (signal: NodeJS.Signals) => {
    child.kill(signal)
    await ended(child)
  }
  const pem = (name: string) => ({
    ca: readFileSync(join(certs, "ca.pem")),
    cert: readFileSync(join(certs, `${name}.pem`)),
    key: readFileSync(join(certs, `${name}.key`))
  })
  return {
    settings: (protocolVersion: 4 | 5) => ({
      broker: {
        url: `mqtts://127.0.0.1:${port}`,
        clientId: "gatehouse",
        protocolVersion,
        tls: { ca: join(certs, "ca.pem"), cert: join(certs, "gatehouse.pem"), key: join(certs, "gatehouse.key") }
      }
    }),
    device: (name: string, more: mqttClient.IClientOptions = {}) =>
      mqttClient.connectAsync(`mqtts://127.0.0.1:${port}`, {
        ...pem(name),
        clientId: name,
        protocolVersion: 5,
        ...more
      }),
    restart: async (signal: NodeJS.Signals) => {
      await stop(signal)
      child = await run()
    },
    close: async () => {
      await stop("SIGKILL")
      directory.dispose()
    }
  }
}

describe.skipIf(!hasMosquitto())("the shipped Mosquitto configuration", () => {
  let broker: Awaited<ReturnType<typeof openBroker>>
  beforeEach(async () => {
    broker = await openBroker()
  })
  afterEach(() => broker.close())

  const gateway = (protocolVersion: 4 | 5) =>
    startLink(mqtt, { settings: broker.settings(protocolVersion), devices: [button], profilesDirectory })

  it.each([5, 4] as const)(
    "lets the gateway in by its certificate, MQTT version %i, and a QoS 0 message is answered for",
    async (version) => {
      const link = gateway(version)
      await link.online()
      expect((await link.certificate()).holder).toBe("peer")
      expect(await link.certificate()).toMatchObject({ holder: "ours", subject: "CN=gatehouse" })
      const bridge = await broker.device("zigbee2mqtt")
      await bridge.publishAsync("zigbee2mqtt/button", '{"action":"single"}', { qos: 0 })
      const told = await link.told.next()
      expect(told.report.delivery).toBeDefined()
      told.settled()
      await bridge.endAsync(true)
      await link.stop()
    }
  )

  it("keeps what a device said while the gateway was away, over the broker's own death", async () => {
    const first = gateway(5)
    await first.online()
    await first.stop()
    const bridge = await broker.device("zigbee2mqtt")
    for (const action of ["one", "two"]) {
      await bridge.publishAsync("zigbee2mqtt/button", JSON.stringify({ action }), { qos: 1 })
    }
    await bridge.endAsync(true)
    await broker.restart("SIGTERM")
    const second = gateway(5)
    const said: Array<string> = []
    for (const _ of ["one", "two"]) {
      const told = await second.told.next()
      said.push(JSON.stringify(told.report.observations))
      told.settled()
    }
    expect(said.join()).toMatch(/one.*two/)
    expect(second.counts["gaps"]).toBeUndefined()
    await second.stop()
  })

  it("lets a device publish under its own name and not under another's", async () => {
    const shelly = await broker.device("shelly-1")
    await shelly.publishAsync("shelly-1/online", "true", { qos: 1 })
    await expect(shelly.publishAsync("zigbee2mqtt/button", "{}", { qos: 1 })).rejects.toThrow(/Not authorized/)
    await shelly.endAsync(true)
  })

  it("turns away who has no certificate", async () => {
    const none = { cert: undefined, key: undefined, reconnectPeriod: 0 } as unknown as mqttClient.IClientOptions
    await expect(broker.device("shelly-1", none)).rejects.toThrow(/alert|closed|reset/i)
  })
})
