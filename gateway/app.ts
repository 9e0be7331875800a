import { mkdirSync } from "node:fs"
import { join, resolve } from "node:path"
import { Clock, Context, Effect, Layer, type Scope } from "effect"
import packageJson from "../package.json" with { type: "json" }
import type { Adapter } from "../adapters/adapter.ts"
import { adapters } from "../adapters/adapters.ts"
import { Alerts } from "./alerts/alerts.ts"
import { Incidents } from "./alerts/incidents.ts"
import { Procedures } from "./alerts/procedures.ts"
import { HttpApi } from "./api/http-api.ts"
import type { RunningGateway, Starter } from "./cli/running.ts"
import { targetOf } from "./commands/choices.ts"
import { Areas } from "./commands/areas.ts"
import { Commands } from "./commands/commands.ts"
import { WriteBacks } from "./commands/write-backs.ts"
import { Evidence } from "./evidence/evidence.ts"
import { Gaps } from "./gaps/gaps.ts"
import { IntakeLive } from "./intake/intake-layer.ts"
import { Links } from "./links/links.ts"
import type { LinkPlan } from "./links/plan.ts"
import { newestInstant } from "./log/database.ts"
import { machineClocks, steadyClock } from "./clock.ts"
import { installed } from "./installed.ts"
import { replaysOf } from "./replaying.ts"
import { type ConfigSource, besideOf, sourceOf } from "./settings/config-source.ts"
import { Configuration } from "./settings/configuration.ts"
import { loadSettings, type Settings } from "./settings/load-settings.ts"
import { readOnThread } from "./settings/read-on-thread.ts"
import { channels } from "./notify/channels.ts"
import { Notifier } from "./notify/notifier.ts"
import { openPushDevices } from "./notify/push/push-devices.ts"
import { openModemInboxes } from "./notify/sms/modem-inboxes.ts"
import { selfTests } from "./notify/self-tests.ts"
import { testAlerts } from "./notify/test-alerts.ts"
import { startGateway } from "./start-gateway.ts"

const consoleDir = resolve(import.meta.dirname, "console/dist")

type Weaknesses = ReadonlyMap<string, ReadonlyArray<string>>

const weaknessesOf = ({ links }: Settings): Weaknesses => new Map(links.map((link) => [link.id, link.weaknesses ?? []]))

const api = ({ api: { host, port }, dataDir }: Settings) =>
  Effect.gen(function* () {
    const configuration = yield* Configuration
    const weaknesses = (): Weaknesses => weaknessesOf(configuration.settings())
    const drawings = () => configuration.settings().drawings.drawings
    const { version } = packageJson
    const clock = yield* Clock.Clock
    yield* openModemInboxes({ dataDir, now: () => clock.currentTimeMillisUnsafe() })
    const layer = HttpApi.layer({ host, port, dataDir, consoleDir, version, weaknesses, drawings })
    const replays = replaysOf(dataDir, configuration.settings)
    const listening = Context.get(yield* Layer.build(layer.pipe(Layer.provide(replays))), HttpApi)
    return { url: `http://${host}:${listening.port}`, ...listening }
  })

/** What a configuration wants of the links. */
const planOf = ({ campus, links, profilesDirectory, profileDigests }: Settings): LinkPlan => ({
  links: links.map(({ id, adapter, settings }) => ({ id, adapter, settings })),
  devices: campus.devices,
  timeZone: campus.site.timeZone,
  profilesDirectory,
  ...(profileDigests === undefined ? {} : { profileDigests }),
  commandPoints: (device) =>
    campus.doors.flatMap((door) => {
      const target = targetOf(door)
      return target?.device === device ? [target.point] : []
    })
})

/** The configuration in force: links and cameras go over to another one together with its fact. */
const configuration = (settings: Settings, source: ConfigSource | undefined, inForce: (next: Settings) => void) =>
  Layer.unwrap(
    Effect.gen(function* () {
      const links = yield* Links
      const evidence = yield* Evidence
      const notifier = yield* Notifier
      return Configuration.layer({
        settings,
        source,
        apply: (next, enter) =>
          links
            .change(
              planOf(next),
              Effect.tap(enter, () => Effect.sync(() => inForce(next)))
            )
            .pipe(
              Effect.tap(() => evidence.change({ campus: next.campus, keepDays: next.evidence.keepDays })),
              Effect.tap(() => notifier.change(next))
            )
      })
    })
  )

/**
 * Starts the whole gateway in this process; everything stops, the log last, when the scope closes. `source`: where its
 * configuration can be read anew; left out, it stays as it is.
 */
export const runGateway = (
  settings: Settings,
  catalogue: Readonly<Record<string, Adapter<unknown>>> = adapters,
  source?: ConfigSource
): Effect.Effect<RunningGateway, Error, Scope.Scope> =>
  Effect.suspend(() => {
    const { campus, dataDir, evidence } = settings
    const file = join(dataDir, "gatehouse.db")
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    const now = steadyClock(machineClocks, newestInstant(file))
    const limits = { ...settings.alerts, ...settings.arming }
    const gaps = Gaps.layer({ now, registered: openPushDevices(dataDir).people })
    const inForce = ({ alerts, arming }: Settings): void => void Object.assign(limits, alerts, arming)
    return startGateway(settings, {
      store: IntakeLive({ file, site: campus.site.id, now }),
      alerts: Layer.mergeAll(Alerts.layer(limits), Areas.layer({ now, limits }), Procedures.layer, Incidents.layer),
      // Pictures come over the links, and commands go there; both stop first.
      links: Layer.mergeAll(Commands.layer(), WriteBacks.layer(), gaps, testAlerts, selfTests(now)).pipe(
        Layer.provideMerge(configuration(settings, source, inForce)),
        Layer.provideMerge(Notifier.layer({ settings, catalogue: channels, now })),
        Layer.provideMerge(Evidence.layer({ campus, dataDir, now, ...evidence })),
        Layer.provideMerge(Links.layer({ ...planOf(settings), adapters: catalogue, now }))
      ),
      api: api(settings)
    })
  })

/** Reads a configuration as this build understands it. Throws `SettingsRefused`. */
export const readSettings = (paths: ReadonlyArray<string>): Settings => loadSettings(paths, installed)

const onHangUp: ConfigSource["onHangUp"] = (listener) => {
  process.on("SIGHUP", listener)
  return () => void process.off("SIGHUP", listener)
}

/** Read anew while the gateway runs: on a thread of its own. */
export const readAnew = readOnThread(new URL("reading.ts", import.meta.url))

/** What `serve` starts with. */
export const starter: Starter = {
  settings: readSettings,
  start: (settings, paths) =>
    runGateway(
      settings,
      adapters,
      paths === undefined ? undefined : sourceOf(paths, besideOf(settings), { read: readAnew, onHangUp })
    )
}
