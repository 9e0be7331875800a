import { mkdirSync } from "node:fs"
import { join, resolve } from "node:path"
import { Context, Effect, Layer, type Scope } from "effect"
import packageJson from "../package.json" with { type: "json" }
import type { Adapter } from "../adapters/adapter.ts"
import { adapters } from "../adapters/adapters.ts"
import { Alerts } from "./alerts/alerts.ts"
import { HttpApi } from "./api/http-api.ts"
import type { RunningGateway, Starter } from "./cli/running.ts"
import { targetOf } from "./commands/choices.ts"
import { Commands } from "./commands/commands.ts"
import { WriteBacks } from "./commands/write-backs.ts"
import { Evidence } from "./evidence/evidence.ts"
import { IntakeLive } from "./intake/intake-layer.ts"
import { Links } from "./links/links.ts"
import { newestInstant } from "./log/database.ts"
import { machineClocks, steadyClock } from "./clock.ts"
import { installed } from "./installed.ts"
import { loadSettings, type Settings } from "./settings/load-settings.ts"
import { startGateway } from "./start-gateway.ts"

const consoleDir = resolve(import.meta.dirname, "console/dist")

const api = (settings: Settings) =>
  Effect.gen(function* () {
    const { host, port } = settings.api
    const { dataDir } = settings
    const weaknesses = new Map(settings.links.map((link) => [link.id, link.weaknesses ?? []]))
    const layer = HttpApi.layer({ host, port, dataDir, consoleDir, version: packageJson.version, weaknesses })
    const listening = Context.get(yield* Layer.build(layer), HttpApi)
    return { url: `http://${host}:${listening.port}`, firstToken: listening.firstToken }
  })

/** Starts the whole gateway in this process; everything stops, the log last, when the scope closes. */
export const runGateway = (
  settings: Settings,
  catalogue: Readonly<Record<string, Adapter<unknown>>> = adapters
): Effect.Effect<RunningGateway, Error, Scope.Scope> =>
  Effect.suspend(() => {
    const { campus, dataDir, evidence } = settings
    const file = join(dataDir, "gatehouse.db")
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    const now = steadyClock(machineClocks, newestInstant(file))
    const links = Links.layer({
      links: settings.links,
      adapters: catalogue,
      devices: campus.devices,
      timeZone: campus.site.timeZone,
      profilesDirectory: settings.profilesDirectory,
      now,
      commandPoints: (device) =>
        campus.doors.flatMap((door) => {
          const target = targetOf(door)
          return target?.device === device ? [target.point] : []
        })
    })
    return startGateway(settings, {
      store: IntakeLive({ file, site: campus.site.id, now }),
      alerts: Alerts.layer(settings.alerts),
      // Pictures come over the links, and commands go there; both stop first.
      links: Layer.merge(Commands.layer(), WriteBacks.layer()).pipe(
        Layer.provideMerge(Evidence.layer({ campus, dataDir, now, ...evidence })),
        Layer.provideMerge(links)
      ),
      api: api(settings)
    })
  })

/** Reads a configuration as this build understands it. Throws `SettingsRefused`. */
export const readSettings = (paths: ReadonlyArray<string>): Settings => loadSettings(paths, installed)

/** What `serve` starts with. */
export const starter: Starter = {
  settings: readSettings,
  start: (settings) => runGateway(settings)
}
