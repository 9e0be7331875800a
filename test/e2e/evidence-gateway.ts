import { resolve } from "node:path"
import { Effect, Exit, Schema, Scope } from "effect"
import { encode } from "jpeg-js"
import mqtt from "mqtt"
import { type Adapter, LinkLost } from "../../adapters/adapter.ts"
import { adapters } from "../../adapters/adapters.ts"
import { runGateway } from "../../gateway/app.ts"
import { installed } from "../../gateway/installed.ts"
import { loadSettings } from "../../gateway/settings/load-settings.ts"
import { freePort, listening, temporaryDirectory } from "../road/peers.ts"

/** A picture of a yard with somebody in it, farther to the right every time. */
export const yardAt = (nth: number): Uint8Array => {
  const [width, height] = [320, 180]
  const data = Buffer.alloc(width * height * 4)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const somebody = Math.abs(x - 30 - ((nth * 9) % 260)) < 8 && y > 70 && y < 150
      const grey = y < 70 ? 150 - y : 80 + ((x >> 4) % 2) * 10
      data.set(somebody ? [200, 60, 40, 255] : [grey, grey + 8, grey + 20, 255], (y * width + x) * 4)
    }
  }
  return encode({ width, height, data }, 70).data
}

/** The yard's camera films; the hall's is not to be reached. Each camera has a connection of its own. */
const cameras: Adapter<unknown> = {
  protocol: "camera",
  perDevice: true,
  Settings: Schema.Unknown,
  link: (_, { devices: [device], able, online, now }) =>
    Effect.scoped(
      Effect.gen(function* () {
        if (device?.address !== "yard") return yield* new LinkLost({ reason: "connection refused" })
        let nth = 0
        yield* able(device.id, { snapshot: Effect.sync(() => ({ bytes: yardAt(nth++), receivedAt: now() })) })
        yield* online
        return yield* Effect.never
      })
    )
}

/** A whole gateway with a door, its contact on the embedded broker, and two cameras, one of them away. */
export const startEvidenceGateway = async () => {
  const directory = temporaryDirectory("e2e-evidence")
  const [broker, port] = [await freePort(), await freePort()]
  const written = loadSettings([resolve(import.meta.dirname, "evidence.yaml")], installed)
  const ofCamera = (link: string): boolean => link.endsWith("-camera")
  const campus = {
    ...written.campus,
    devices: written.campus.devices.map((device) =>
      ofCamera(device.id) ? { ...device, link: "cameras" as typeof device.link } : device
    )
  }
  const links = [
    ...written.links.map((link) => ({ ...link, settings: { ...(link.settings as object), port: broker } })),
    { id: "cameras", adapter: "camera", settings: {} }
  ]
  const settings = { ...written, campus, links, dataDir: directory.path, api: { host: "127.0.0.1", port } }
  const scope = Scope.makeUnsafe()
  const running = await Effect.runPromise(
    runGateway(settings, { ...adapters, camera: cameras }).pipe(Scope.provide(scope))
  )
  await listening(broker)
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker}`, { protocolVersion: 4, clientId: "devices" })
  const say = (body: object) => client.publishAsync("zigbee2mqtt/east-contact", JSON.stringify(body), { qos: 1 })
  return {
    url: running.url,
    token: running.firstToken ?? "",
    /** Completes once so many pictures were asked of the cameras. */
    polled: (count: number): Promise<void> =>
      new Promise((done, failed) => {
        const look = async (): Promise<void> => {
          const headers = { authorization: `Bearer ${running.firstToken}` }
          const text = await (await fetch(`${running.url}/metrics`, { headers })).text()
          const polls = Number(/^gatehouse_camera_polls_total (\d+)$/m.exec(text)?.[1] ?? 0)
          if (polls >= count) done()
          else setTimeout(() => void look().catch(failed), 200)
        }
        look().catch(failed)
      }),
    quiet: () => say({ contact: true, tamper: false }),
    tamper: () => say({ contact: true, tamper: true }),
    stop: async () => {
      await client.endAsync(true)
      await Effect.runPromise(Scope.close(scope, Exit.void))
      directory.dispose()
    }
  }
}

export type EvidenceGateway = Awaited<ReturnType<typeof startEvidenceGateway>>
