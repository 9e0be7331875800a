import { spawnSync } from "node:child_process"
import { rmSync, writeFileSync } from "node:fs"
import { type AddressInfo, connect, createServer, type Socket } from "node:net"
import { join, resolve } from "node:path"
import { Effect, Exit, Scope } from "effect"
import mqtt, { type MqttClient } from "mqtt"
import { runGateway } from "../../gateway/app.ts"
import type { RunningGateway } from "../../gateway/cli/running.ts"
import { installed } from "../../gateway/installed.ts"
import { loadSettings, type Settings } from "../../gateway/settings/load-settings.ts"
import { freePort, listening, temporaryDirectory } from "../road/peers.ts"

/** A whole gateway with its embedded broker and a few devices, behind a cable that the test can pull. */
export interface GatewayUnderTest {
  readonly url: string
  readonly token: string
  /** Forces a door open, as its contact tells it; completes when the broker has answered. */
  readonly forceDoor: () => Promise<void>
  /** Pulls the cable between browser and gateway. */
  readonly cutStream: () => void
  readonly restoreStream: () => void
  /** Fills the disk, so that the store refuses; needs `smallDisk`. */
  readonly fillDisk: () => Promise<void>
  /** Makes room again. */
  readonly freeDisk: () => void
  readonly stop: () => Promise<void>
}

/** Only root may mount the small file system that can be filled. */
export const canMount = process.getuid?.() === 0 && spawnSync("mount", ["--version"]).status === 0

const settingsFor = (dataDir: string, broker: number, port: number): Settings => {
  const written = loadSettings([resolve(import.meta.dirname, "campus.yaml")], installed)
  const links = written.links.map((link) => ({ ...link, settings: { ...(link.settings as object), port: broker } }))
  return { ...written, links, dataDir, api: { host: "127.0.0.1", port } }
}

/** Pipes connections through until it is cut. */
const openCable = async (to: number) => {
  const ends = new Set<Socket>()
  let whole = true
  const server = createServer((near) => {
    if (!whole) return void near.destroy()
    const far = connect(to, "127.0.0.1")
    for (const [end, other] of [
      [near, far],
      [far, near]
    ] as const) {
      ends.add(end)
      end.on("error", () => {})
      end.on("close", () => (ends.delete(end), other.destroy()))
      end.pipe(other)
    }
  })
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  const cut = () => {
    whole = false
    for (const end of ends) end.destroy()
  }
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    mend: () => void (whole = true),
    close: () => (cut(), new Promise<void>((done) => server.close(() => done())))
  }
}

/** What an officer finds at the beginning of a shift: a held door, a tampered one, a device that is away. */
const earlier = async (say: (topic: string, body: object) => Promise<unknown>): Promise<void> => {
  await say("zigbee2mqtt/east-contact", { contact: true })
  await say("zigbee2mqtt/lab-contact", { contact: true, tamper: false })
  await say("zigbee2mqtt/dock-sensor", { occupancy: false })
  await say("zigbee2mqtt/lab-contact", { contact: true, tamper: true })
  await say("zigbee2mqtt/dock-sensor/availability", { state: "offline" })
  const event = { "access-granted": false, "card-number": 0, "device-id": 405419896, "door-id": 1, "event-type": 3 }
  const held = { ...event, "event-id": 9, "event-reason": 37, "event-reason-text": "door open too long" }
  await say("uhppoted/gateway/events/live", { message: { event: { event: { ...held, timestamp: "" } } } })
}

const raisedIn = (running: RunningGateway, count: number): Promise<void> =>
  new Promise((resolve) => {
    const raised = new Set<string>()
    const stop = running.subscribe((entries) => {
      for (const entry of entries) if (entry._tag === "Alert") raised.add(entry.change.alert.id)
      if (raised.size >= count) resolve(stop())
    })
  })

const talk = (client: MqttClient) => (topic: string, body: object) =>
  client.publishAsync(topic, JSON.stringify(body), { qos: 1 })

/** Starts it all on free ports, with the alerts of an ordinary evening. `smallDisk`: its log lies on 16 MB. */
export const startRealGateway = async (options: { readonly smallDisk?: boolean } = {}): Promise<GatewayUnderTest> => {
  const directory = temporaryDirectory("e2e")
  if (options.smallDisk === true) spawnSync("mount", ["-t", "tmpfs", "-o", "size=16m", "tmpfs", directory.path])
  const [broker, port] = [await freePort(), await freePort()]
  const scope = Scope.makeUnsafe()
  const running = await Effect.runPromise(
    runGateway(settingsFor(directory.path, broker, port)).pipe(Scope.provide(scope))
  )
  const cable = await openCable(port)
  await listening(broker)
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker}`, { protocolVersion: 4, clientId: "devices" })
  const say = talk(client)
  const settled = raisedIn(running, 3)
  await earlier(say)
  await settled
  const ballast = join(directory.path, "ballast")
  return {
    url: `http://127.0.0.1:${cable.port}`,
    token: running.firstToken ?? "",
    forceDoor: async () => void (await say("zigbee2mqtt/east-contact", { contact: false })),
    cutStream: cable.cut,
    restoreStream: cable.mend,
    fillDisk: async () => {
      for (const size of [1 << 20, 1 << 16, 1 << 12]) {
        for (let nth = 0; nth < 64; nth++) {
          try {
            writeFileSync(`${ballast}-${size}-${nth}`, Buffer.alloc(size))
          } catch {
            break
          }
        }
      }
      // The broker closes a device whose message is not kept; nothing is answered.
      for (let nth = 0; nth < 40; nth++)
        client.publish("zigbee2mqtt/desk-button", `{"action":"${"x".repeat(4000)}"}`, { qos: 1 })
      await new Promise<void>((resolve) => client.once("close", () => resolve()))
    },
    freeDisk: () => spawnSync("sh", ["-c", `rm -f ${ballast}-*`]),
    stop: async () => {
      await client.endAsync(true)
      await cable.close()
      await Effect.runPromise(Scope.close(scope, Exit.void))
      if (options.smallDisk === true) spawnSync("umount", [directory.path])
      rmSync(directory.path, { recursive: true, force: true })
    }
  }
}
