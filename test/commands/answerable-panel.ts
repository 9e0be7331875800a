import { Context, Effect, Exit, Layer, Schema, Scope } from "effect"
import type { Abilities, Adapter, ConditionAnswer, ConditionAnswered, LinkContext } from "../../adapters/adapter.ts"
import { LinkLost } from "../../adapters/adapter.ts"
import { Alerts } from "../../gateway/alerts/alerts.ts"
import { WriteBacks } from "../../gateway/commands/write-backs.ts"
import type { Alert } from "../../gateway/domain/alert.ts"
import type { Campus } from "../../gateway/domain/campus.ts"
import type { Fact } from "../../gateway/domain/fact.ts"
import { AreaId, DeviceId, DoorId, LinkId, PointRef, SiteId } from "../../gateway/domain/ids.ts"
import type { Observation, Origin } from "../../gateway/domain/observation.ts"
import type { WriteBackState } from "../../gateway/domain/panel-condition.ts"
import { IntakeLive } from "../../gateway/intake/intake-layer.ts"
import { Intake } from "../../gateway/intake/intake.ts"
import { Links } from "../../gateway/links/links.ts"
import { SecurityLog } from "../../gateway/log/security-log.ts"

const campus: Campus = {
  site: { id: SiteId.make("test"), name: "Test", timeZone: "UTC" },
  areas: [{ id: AreaId.make("hall"), name: "Hall", kind: "building" }],
  devices: [{ id: DeviceId.make("panel"), link: LinkId.make("panels"), profile: "none", address: "panel" }],
  doors: [
    {
      id: DoorId.make("east"),
      name: "East door",
      area: AreaId.make("hall"),
      tamper: [PointRef.make("panel/case")]
    }
  ],
  cameras: []
}

/** What the panel does with what it is sent. */
export type Panel = (answer: ConditionAnswer) => Effect.Effect<ConditionAnswered>

/** How a condition is told by the panel: what is left out is as of one that was raised just now. */
export interface Told {
  readonly event?: string
  readonly active?: boolean
  readonly acked?: boolean
  readonly comment?: string
  readonly shelved?: boolean
  readonly origin?: Origin
}

/** A panel that takes acknowledgements, on a link that the test holds and lets go. */
const panelOf = (panel: () => Panel) => {
  const sent: Array<ConditionAnswer> = []
  const begun = Promise.withResolvers<LinkContext>()
  let isUp = true
  const changed = new Set<() => void>()
  const until = (up: boolean): Effect.Effect<void> =>
    Effect.callback<void>((resume) => {
      const look = (): void => {
        if (isUp !== up) return
        changed.delete(look)
        resume(Effect.void)
      }
      changed.add(look)
      look()
    })
  const ability = (answer: ConditionAnswer): Effect.Effect<ConditionAnswered> =>
    Effect.suspend(() => {
      sent.push(answer)
      return panel()(answer)
    })
  const abilities: Abilities = { acknowledge: ability, comment: ability, shelve: ability, unshelve: ability }
  const adapter: Adapter<unknown> = {
    protocol: "panels",
    Settings: Schema.Unknown,
    link: (_, given) =>
      Effect.scoped(
        Effect.gen(function* () {
          begun.resolve(given)
          yield* until(true)
          yield* given.able(DeviceId.make("panel"), abilities)
          yield* given.online
          yield* until(false)
          return yield* new LinkLost({ reason: "cable pulled" })
        })
      )
  }
  const report = async (observations: ReadonlyArray<Observation>): Promise<void> => {
    const context = await begun.promise
    return new Promise((resolve, reject) => {
      context.report({ observations, receivedAt: Date.now() }, (refusal) =>
        refusal === undefined ? resolve() : reject(refusal)
      )
    })
  }
  const tells = ({ event = "e1", active = true, acked = false, comment, shelved, origin = "change" }: Told = {}) => {
    const common = { device: DeviceId.make("panel"), point: "case", origin, source: "test" } as const
    const said = comment === undefined ? {} : { comment }
    return report([
      {
        _tag: "PanelCondition",
        ...common,
        condition: { id: "case" },
        event,
        active,
        acked,
        retain: true,
        ...said,
        means: { reading: { kind: "tamper", value: "on" } },
        ...(shelved === undefined ? {} : { shelved }),
        answerable: true,
        commentable: true,
        shelvable: true
      },
      {
        _tag: "Reading",
        ...common,
        condition: { id: "case" },
        reading: { kind: "tamper", value: active ? "on" : "off" }
      }
    ])
  }
  return {
    adapter,
    sent,
    tells,
    cable: (up: boolean): void => {
      isUp = up
      for (const look of changed) look()
    }
  }
}

/** The real intake on a real file, real links, and acknowledgements over them, as the gateway starts them. */
export const startPanelGateway = async (
  file: string,
  options: { readonly answerMs?: number; readonly panel?: Panel; readonly unplugged?: true } = {}
) => {
  const scope = Scope.makeUnsafe()
  let panel: Panel = options.panel ?? (() => Effect.succeed({ outcome: "proved" }))
  const peer = panelOf(() => panel)
  if (options.unplugged === true) peer.cable(false)
  const build = <A, E, R>(layer: Layer.Layer<A, E, R>, over: Context.Context<R>) =>
    Effect.runPromise(Layer.build(layer.pipe(Layer.provide(Layer.succeedContext(over)))).pipe(Scope.provide(scope)))
  const store = await build(IntakeLive({ file, site: "test", now: Date.now }), Context.empty())
  const intake = Context.get(store, Intake)
  const log = Context.get(store, SecurityLog)
  if (intake.situation().configVersion !== "v1") {
    await Effect.runPromise(intake.enter({ _tag: "ConfigApplied", version: "v1", campus, by: "test" }))
  }
  const links = await build(
    Links.layer({
      links: [{ id: "panels", adapter: "panels", settings: {} }],
      adapters: { panels: peer.adapter },
      devices: campus.devices,
      timeZone: "UTC",
      profilesDirectory: "none",
      now: Date.now
    }),
    store
  )
  const alerts = Context.get(await build(Alerts.layer(), store), Alerts)
  const answerMs = options.answerMs === undefined ? {} : { answerMs: options.answerMs }
  await build(WriteBacks.layer(answerMs), Context.merge(store, links))

  const facts = async (): Promise<ReadonlyArray<Fact>> => {
    const entries = await Effect.runPromise(log.entries({ kind: "Fact", after: 0, limit: 1000 }))
    return entries.flatMap((entry) => (entry._tag === "Fact" ? [entry.fact] : []))
  }
  const alert = async (): Promise<Alert | undefined> => (await Effect.runPromise(alerts.list({ limit: 1 })))[0]
  const state = async (): Promise<WriteBackState | undefined> => (await alert())?.panelConditions?.[0]?.writeBack?.state
  return {
    intake,
    alert,
    /** How far the acknowledgement of the newest alert has come. */
    state,
    /** The facts of acknowledgements, oldest first. */
    steps: async () => (await facts()).map(({ _tag }) => _tag).filter((tag) => tag.startsWith("WriteBack")),
    tells: peer.tells,
    sent: peer.sent,
    cable: peer.cable,
    does: (next: Panel) => void (panel = next),
    acknowledge: async (note?: string): Promise<Alert> => {
      const id = (await alert())?.id ?? "A-none"
      return Effect.runPromise(alerts.acknowledge(id, "Ada", note))
    },
    alerts,
    /** What else goes back to the panel, oldest first, and how far it has come. */
    besides: async () =>
      ((await alert())?.panelConditions?.[0]?.besides ?? []).map(
        ({ kind, state }) => `${kind ?? "acknowledge"} ${state}`
      ),
    close: async (): Promise<Alert> => {
      const id = (await alert())?.id ?? "A-none"
      return Effect.runPromise(alerts.close(id, "Ada", "real", "seen to"))
    },
    stop: () => Effect.runPromise(Scope.close(scope, Exit.void))
  }
}

export type PanelGateway = Awaited<ReturnType<typeof startPanelGateway>>
