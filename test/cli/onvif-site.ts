import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { Effect, Exit, Scope } from "effect"
import { type OnvifDevice, startOnvifDevice } from "../../simulators/onvif/device.ts"
import type { Faults } from "../../simulators/onvif/faults.ts"
import type { OnvifDeviceOptions } from "../../simulators/onvif/options.ts"
import type { Discoverable } from "../../simulators/onvif/probe.ts"
import { type Discovery, startDiscovery } from "../../simulators/onvif/wsdiscovery.ts"
import { temporaryDirectory } from "../road/peers.ts"

const shipped = resolve(import.meta.dirname, "../../config/profiles")

/** The standard's own topics and a plain MQTT device: reading every maker's profile takes longer than most tests. */
const profiles: Readonly<Record<string, string>> = {
  "onvif.yaml": readFileSync(join(shipped, "onvif.yaml"), "utf8").replace(/^also: .*$/m, ""),
  "generic.yaml": readFileSync(join(shipped, "generic.yaml"), "utf8")
}

/** A directory with a configuration whose link `field` speaks ONVIF, and simulated devices for it. */
export const onvifSite = () => {
  const scope = Scope.makeUnsafe()
  const run = <A, E>(effect: Effect.Effect<A, E, Scope.Scope>): Promise<A> =>
    Effect.runPromise(effect.pipe(Scope.provide(scope)))
  const directory = temporaryDirectory("onvif-site")
  const config = join(directory.path, "config")
  const dataDir = join(directory.path, "var")
  const profilesDirectory = join(directory.path, "profiles")
  mkdirSync(config)
  mkdirSync(profilesDirectory)
  for (const [name, text] of Object.entries(profiles)) writeFileSync(join(profilesDirectory, name), text)
  const secret = (text: string): string => {
    const file = join(directory.path, text)
    writeFileSync(file, `${text}\n`)
    return file
  }
  const settings = (password: string): string =>
    `{ adapter: onvif, settings: { username: officer, password: { file: ${secret(password)} } } }`
  return {
    config,
    dataDir,
    directory: directory.path,
    start: (options: OnvifDeviceOptions, faults: Partial<Faults> = {}): Promise<OnvifDevice> =>
      run(startOnvifDevice({ users: [{ name: "officer", password: "kreide" }], ...options }, faults)),
    answer: (devices: ReadonlyArray<Discoverable>): Promise<Discovery> => run(startDiscovery({ devices })),
    /** Writes the configuration: these devices, and what else is given. */
    configure: (devices: ReadonlyArray<string>, more: ReadonlyArray<string> = []) =>
      writeFileSync(
        join(config, "gatehouse.yaml"),
        [
          "site: { id: north, name: North, timeZone: Europe/Berlin }",
          `dataDir: ${dataDir}`,
          `profilesDirectory: ${profilesDirectory}`,
          "links:",
          `  field: ${settings("kreide")}`,
          '  mqtt: { adapter: mqtt, settings: { broker: { url: "mqtt://127.0.0.1:1", clientId: site } } }',
          "areas: [{ id: hall, name: Hall, kind: building }]",
          devices.length === 0 ? "devices: []" : "devices:",
          ...devices.map((device) => `  - ${device}`),
          ...more,
          ""
        ].join("\n")
      ),
    wrongLink: `bad: ${settings("wrong")}`,
    read: (name: string): string => readFileSync(join(config, name), "utf8"),
    stop: async () => {
      await Effect.runPromise(Scope.close(scope, Exit.void))
      directory.dispose()
    }
  }
}

export type OnvifSite = ReturnType<typeof onvifSite>
