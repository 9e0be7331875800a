import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { Effect, Exit, Scope } from "effect"
import { listCertificates, setTrust } from "../../adapters/opcua/session/certificates.ts"
import type { PanelFaults } from "../../simulators/opcua/faults.ts"
import type { ServerOptions } from "../../simulators/opcua/options.ts"
import { type OpcuaPanel, startOpcuaPanel } from "../../simulators/opcua/panel.ts"
import { freePort, temporaryDirectory } from "../road/peers.ts"

const shipped = resolve(import.meta.dirname, "../../config/profiles")

/** The profiles of OPC UA alone: reading every maker's takes longer than most tests. */
const profiles = ["opcua-generic-panel.yaml", "opcua-genetec.yaml", "opcua-desigo.yaml", "generic.yaml"]

/** A panel of two doors below a folder of its own, whose user is `gatehouse`. */
const usualPanel = {
  trustsEverybody: true,
  users: [{ name: "gatehouse", password: "right" }],
  panels: [
    {
      id: "north",
      path: ["North", "Panel 7"],
      doors: [
        { token: "front", name: "Front door" },
        { token: "back", name: "Back door" }
      ],
      readers: [{ token: "front-in", door: "front" }]
    }
  ]
} as const

/** A directory with a configuration whose links speak OPC UA, and simulated panels for them. */
export const opcuaSite = () => {
  const scope = Scope.makeUnsafe()
  const run = <A, E>(effect: Effect.Effect<A, E, Scope.Scope>): Promise<A> =>
    Effect.runPromise(effect.pipe(Scope.provide(scope)))
  const directory = temporaryDirectory("opcua-site")
  const config = join(directory.path, "config")
  const pki = join(directory.path, "pki")
  const profilesDirectory = join(directory.path, "profiles")
  mkdirSync(config)
  mkdirSync(profilesDirectory)
  for (const name of profiles) writeFileSync(join(profilesDirectory, name), readFileSync(join(shipped, name)))
  const password = join(directory.path, "password")
  writeFileSync(password, "right\n")
  let servers = 0
  return {
    config,
    pki,
    password,
    profilesDirectory,
    directory: directory.path,
    /** A panel that listens. */
    start: async (options: Partial<ServerOptions> = {}, faults: Partial<PanelFaults> = {}): Promise<OpcuaPanel> => {
      const port = await freePort()
      const own = {
        pki: join(directory.path, `server-${++servers}`),
        port,
        applicationUri: `urn:panel-${servers}:server`
      }
      return run(startOpcuaPanel({ ...usualPanel, ...own, ...options }, faults))
    },
    /** What a link's settings are, in one line. */
    settings: (endpoint: string, more = ""): string =>
      `{ adapter: opcua, settings: { endpoint: "${endpoint}", pki: ${pki}, state: ${join(directory.path, "state")}, ` +
      `user: { username: gatehouse, password: { file: ${password} } }${more} } }`,
    /** Writes the configuration. */
    configure: (links: Readonly<Record<string, string>>, devices: ReadonlyArray<string> = []) =>
      writeFileSync(
        join(config, "gatehouse.yaml"),
        [
          "site: { id: north, name: North, timeZone: Europe/Berlin }",
          `dataDir: ${join(directory.path, "var")}`,
          `profilesDirectory: ${profilesDirectory}`,
          "links:",
          ...Object.entries(links).map(([id, link]) => `  ${id}: ${link}`),
          "areas: [{ id: hall, name: Hall, kind: building }]",
          devices.length === 0 ? "devices: []" : "devices:",
          ...devices.map((device) => `  - ${device}`),
          ""
        ].join("\n")
      ),
    /** Certificates that a server has shown and nobody trusts. */
    rejected: (folder = pki) => listCertificates(folder).filter(({ trust }) => trust === "rejected"),
    /** Trusts every certificate that was shown, as a person would each. */
    trustShown: async (folder = pki): Promise<void> => {
      for (const { trust, thumbprint } of listCertificates(folder))
        if (trust === "rejected") await Effect.runPromise(setTrust(folder, thumbprint, true))
    },
    read: (name: string): string => readFileSync(join(config, name), "utf8"),
    stop: async () => {
      await Effect.runPromise(Scope.close(scope, Exit.void))
      directory.dispose()
    }
  }
}

export type OpcuaSite = ReturnType<typeof opcuaSite>
