import { type ChildProcess, spawn } from "node:child_process"
import { mkdirSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import Database from "better-sqlite3"
import { ended, listening } from "./peers.ts"

const root = resolve(import.meta.dirname, "../..")

export interface GatewayFiles {
  readonly config: string
  readonly data: string
  readonly port: number
}

/** The smallest campus that has a door, a button and a link to them with these settings. */
const writeCampusConfig = (directory: string, port: number, linkSettings: string): GatewayFiles => {
  const config = join(directory, "gatehouse.yaml")
  const data = join(directory, "data")
  mkdirSync(data, { recursive: true })
  writeFileSync(
    config,
    `site: { id: road, name: Road, timeZone: UTC }
links:
  mqtt:
    adapter: mqtt
    settings: ${linkSettings}
api: { host: 127.0.0.1, port: ${port} }
dataDir: ${data}
profilesDirectory: ${join(root, "config/profiles")}
areas:
  - { id: hall, name: Hall, kind: building }
devices:
  - { id: contact, link: mqtt, profile: zigbee2mqtt, address: contact }
  - { id: button, link: mqtt, profile: zigbee2mqtt, address: button }
doors:
  - { id: east, name: East door, area: hall, position: contact/contact }
cameras: []
`
  )
  return { config, data, port }
}

/** That campus behind an outside broker. */
export const writeGatewayConfig = (
  directory: string,
  brokerUrl: string,
  port: number,
  protocolVersion: 4 | 5 = 5
): GatewayFiles => {
  const broker = `{ url: "${brokerUrl}", clientId: gatehouse-road, protocolVersion: ${protocolVersion} }`
  return writeCampusConfig(directory, port, `{ broker: ${broker} }`)
}

/** That campus behind a gateway that is the broker itself. */
export const writeBrokerConfig = (directory: string, mqttPort: number, port: number): GatewayFiles =>
  writeCampusConfig(directory, port, `{ broker: embedded, port: ${mqttPort} }`)

/** Which gateway: the product as its operator starts it, or one of `control-gateway.ts`. */
export type Which = "product" | "careless" | "late" | "forgetful"

const commandOf = (which: Which, config: string): ReadonlyArray<string> =>
  which === "product"
    ? [join(root, "gateway/gatehouse.mjs"), "serve", "--config", config]
    : [join(root, "test/road/control-gateway.ts"), which, config]

/** A gateway in a process of its own, with this beside our own environment. `log` collects what it printed. */
export const startGateway = (
  files: GatewayFiles,
  which: Which = "product",
  environment: Readonly<Record<string, string>> = {}
): { readonly child: ChildProcess; readonly log: () => string } => {
  let printed = ""
  const child = spawn(process.execPath, commandOf(which, files.config), {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"]
  })
  child.stdout.on("data", (chunk: Buffer) => void (printed += chunk.toString()))
  child.stderr.on("data", (chunk: Buffer) => void (printed += chunk.toString()))
  return { child, log: () => printed }
}

/** Completes once the gateway answers and its link has subscribed: a broker keeps nothing for a session it never saw. */
export const ready = async (files: GatewayFiles): Promise<void> => {
  await listening(files.port, 30_000)
  const giveUpAt = Date.now() + 30_000
  for (;;) {
    // A connection that was kept may be that of the process before, which was killed.
    const answer = await fetch(`http://127.0.0.1:${files.port}/readyz`, { headers: { connection: "close" } })
    const { links } = (await answer.json()) as { readonly links: Readonly<Record<string, number>> }
    if ((links["Online"] ?? 0) > 0) return
    if (Date.now() > giveUpAt) throw new Error(`the link is not online: ${JSON.stringify(links)}`)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

export const stop = async (child: ChildProcess, signal: NodeJS.Signals): Promise<void> => {
  child.kill(signal)
  await ended(child)
}

/** How often each press of the button stands in the log, by its action word. */
export const pressesInLog = (files: GatewayFiles): ReadonlyMap<string, number> => {
  const database = new Database(join(files.data, "gatehouse.db"), { readonly: true })
  try {
    const counts = new Map<string, number>()
    const rows = database
      .prepare<[], { readonly action: string; readonly n: number }>(
        `SELECT json_extract(body, '$.fact.observation.occurrence.action') AS action, count(*) AS n FROM entry
         WHERE kind = 'Fact' AND json_extract(body, '$.fact.observation._tag') = 'Occurrence' GROUP BY 1`
      )
      .all()
    for (const row of rows) counts.set(row.action, row.n)
    return counts
  } finally {
    database.close()
  }
}
