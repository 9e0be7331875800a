import { Context, Effect, HashMap, Layer, Option, type Scope } from "effect"
import type { Entrance, RunningGateway } from "./cli/running.ts"
import { Intake } from "./intake/intake.ts"
import { SecurityLog } from "./log/security-log.ts"
import type { Settings } from "./settings/load-settings.ts"

/** The parts of a gateway, each as a layer over those before it. `L` is what links give, `A` what alerts give. */
export interface GatewayLayers<A, L> {
  readonly store: Layer.Layer<Intake | SecurityLog, Error>
  readonly alerts: Layer.Layer<A, Error, Intake | SecurityLog>
  readonly links: Layer.Layer<L, Error, Intake | SecurityLog>
  /** The way in. */
  readonly api: Effect.Effect<Entrance, Error, Scope.Scope | Intake | SecurityLog | A | L>
}

/** Enters the configuration as a fact when the log's newest one is another, or one was refused that now is mended. */
export const applyConfig = (settings: Pick<Settings, "campus" | "configVersion">): Effect.Effect<void, Error, Intake> =>
  Effect.gen(function* () {
    const intake = yield* Intake
    const { configVersion, refusedConfig } = intake.situation()
    if (configVersion === settings.configVersion && refusedConfig === undefined) return
    yield* intake.enter({
      _tag: "ConfigApplied",
      version: settings.configVersion,
      campus: settings.campus,
      by: "configuration file"
    })
  })

/**
 * Starts a gateway: first the log, then the configuration as a fact, then alerts, links and the HTTP face. When the
 * scope closes everything stops in the opposite order, the log last. When a part cannot start, those before it are
 * stopped again and the failure is told.
 */
export const startGateway = <A, L>(
  settings: Pick<Settings, "campus" | "configVersion">,
  layers: GatewayLayers<A, L>
): Effect.Effect<RunningGateway, Error, Scope.Scope> =>
  Effect.gen(function* () {
    const store = yield* Layer.build(layers.store)
    yield* applyConfig(settings).pipe(Effect.provideContext(store))
    const base = Layer.succeedContext(store)
    const alerts = yield* Layer.build(layers.alerts.pipe(Layer.provide(base)))
    const links = yield* Layer.build(layers.links.pipe(Layer.provide(base)))
    const whole = Context.merge(Context.merge(store, alerts), links)
    const entrance = yield* layers.api.pipe(Effect.provideContext(whole))
    const log = Context.get(store, SecurityLog)
    const intake = Context.get(store, Intake)
    const online: RunningGateway["online"] = (wanted) =>
      Effect.callback<void>((resume) => {
        const hold = (): boolean => {
          const states = intake.situation().links
          return wanted.every((link) => Option.getOrUndefined(HashMap.get(states, link))?._tag === "Online")
        }
        if (hold()) return resume(Effect.void)
        const stop = log.subscribe(() => {
          if (!hold()) return
          stop()
          resume(Effect.void)
        })
        return Effect.sync(stop)
      })
    const openAlerts = HashMap.size(intake.situation().alerts)
    return { ...entrance, openAlerts, online, subscribe: log.subscribe }
  })
