import { Context, Effect, FiberMap, Layer } from "effect"
import type { Abilities, Adapter, LinkContext } from "../../adapters/adapter.ts"
import { innerOf } from "../correlation/draft.ts"
import type { Device } from "../domain/campus.ts"
import type { DeviceId } from "../domain/ids.ts"
import type { LinkState } from "../domain/link.ts"
import { Intake } from "../intake/intake.ts"
import { superviseOne } from "./attempts.ts"
import { enterState, type Granted, makeRegister, type Register, reportAvailability } from "./register.ts"
import { inThread } from "./thread/in-thread.ts"
import { tamed } from "./turned-away.ts"

/** A link as the configuration has it, its settings decoded by its adapter. */
export interface ConfiguredLink {
  readonly id: string
  readonly adapter: string
  readonly settings: unknown
}

export interface LinksOptions {
  readonly links: ReadonlyArray<ConfiguredLink>
  /** The catalogue, by protocol. */
  readonly adapters: Readonly<Record<string, Adapter<unknown>>>
  readonly devices: ReadonlyArray<Device>
  readonly timeZone: string
  readonly profilesDirectory: string
  /** Epoch milliseconds. */
  readonly now: () => number
  /** The points of a device that doors are commanded by; left out: none. */
  readonly commandPoints?: (device: DeviceId) => ReadonlyArray<string>
}

/** The live links: their states, what their adapters count, and what their devices can do. */
export class Links extends Context.Service<
  Links,
  {
    readonly states: () => ReadonlyMap<string, LinkState>
    readonly counts: () => ReadonlyMap<string, Readonly<Record<string, number>>>
    /** What the other side of each link grants now. */
    readonly granted: () => ReadonlyMap<string, Granted>
    /** What a device can do for us now; undefined while its link does not hold, or where it can do nothing. */
    readonly abilities: (device: string) => Abilities | undefined
  }
>()("gateway/Links") {
  /** Starts and supervises every link until released. A link's failure, even a bug's, never disturbs another. */
  static readonly layer = (options: LinksOptions) => Layer.effect(Links, supervise(options))
}

/** One run of an adapter: a configured link, or one device of it where each has a connection of its own. */
interface Run {
  readonly name: string
  readonly link: ConfiguredLink
  readonly adapter: Adapter<unknown>
  readonly devices: ReadonlyArray<Device>
  readonly register: Register
  /** Of all its reports: a device with a connection of its own is a source of its own. */
  readonly source?: string
}

class Supervision {
  readonly options: LinksOptions
  readonly abilities = new Map<string, Abilities>()

  constructor(options: LinksOptions) {
    this.options = options
  }

  /** Says what a device can do until the scope closes; a later word of the same device stands when an earlier one ends. */
  able: LinkContext["able"] = (device, abilities) =>
    Effect.acquireRelease(
      Effect.sync(() => this.abilities.set(device, abilities)),
      () =>
        Effect.sync(() => {
          if (this.abilities.get(device) === abilities) this.abilities.delete(device)
        })
    )

  context({ link, devices, register, source }: Run, intake: Intake["Service"]): Effect.Effect<LinkContext> {
    const { now, timeZone, profilesDirectory } = this.options
    return Effect.map(Effect.context<never>(), (services): LinkContext => {
      const runFork = Effect.runForkWith(services)
      const from = source === undefined ? {} : { source }
      const aliveAt = innerOf(intake.situation()).blind?.from
      return {
        ...(aliveAt === undefined ? {} : { aliveAt }),
        link: link.id,
        devices,
        timeZone,
        profilesDirectory,
        report: (report, settled) => {
          const bounded = { ...report, ...from, observations: register.bounds.of(report.observations) }
          intake.report(link.id, bounded, (refusal) => {
            if (refusal !== undefined) register.losses.refused(bounded)
            settled(refusal)
          })
        },
        online: register.become({ _tag: "Online" }),
        refused: (who, what) => {
          register.count("refused")
          const more = register.turnedAway.tell(`${who} ${what}`, now())
          if (more === undefined) return
          const fact = { _tag: "AccessRefused", who: tamed(who), what: `${tamed(what)}${more}` } as const
          runFork(intake.enter(fact).pipe(Effect.ignore))
        },
        now,
        count: register.count,
        granted: register.grant,
        able: this.able,
        memory: new Map()
      }
    })
  }

  /** Writes down, as soon as the store keeps, what it refused for good and what was only counted. */
  settleAccounts({ link, register, source }: Run, intake: Intake["Service"]): Effect.Effect<never> {
    const from = source === undefined ? {} : { source }
    return Effect.sync(() => {
      const at = this.options.now()
      const overdue = register.bounds.overdue(at)
      if (overdue.length > 0) intake.report(link.id, { observations: overdue, receivedAt: at, ...from }, () => {})
      const gap = register.losses.take(at)
      if (gap === undefined) return
      intake.report(link.id, { observations: [gap], receivedAt: at, ...from }, (refusal) => {
        if (refusal !== undefined) register.losses.putBack(gap)
      })
    }).pipe(Effect.delay("1 second"), Effect.forever)
  }
}

/** What runs for a link whose adapter gives each device a connection of its own. The link itself holds at once. */
const runsPerDevice = (link: ConfiguredLink, adapter: Adapter<unknown>, parent: Register, options: LinksOptions) =>
  Effect.forEach(devicesOf(options, link.id), (device) =>
    Effect.map(makeRegister(reportAvailability(link.id, device.id, options.now), parent.counts), (register): Run => ({
      name: `${link.id} ${device.id}`,
      link,
      adapter,
      devices: [device],
      register,
      source: device.id
    }))
  ).pipe(Effect.tap(() => parent.become({ _tag: "Online" })))

const devicesOf = ({ devices }: LinksOptions, link: string): ReadonlyArray<Device> =>
  devices.filter((device) => device.link === link && device.disabled !== true)

/** The adapters that links name, those with a thread of their own put there. */
const threaded = Effect.fnUntraced(function* ({ adapters, links, now, commandPoints = () => [] }: LinksOptions) {
  const named: Record<string, Adapter<unknown>> = {}
  for (const protocol of new Set(links.map(({ adapter }) => adapter))) {
    const adapter = adapters[protocol]
    if (adapter !== undefined)
      named[protocol] = yield* inThread(adapter, { now, pointsOf: ({ id }) => commandPoints(id) })
  }
  return named
})

const supervise = Effect.fnUntraced(function* (options: LinksOptions) {
  const intake = yield* Intake
  const supervision = new Supervision(options)
  const registers = new Map<string, Register>()
  const adapters = yield* threaded(options)
  for (const link of options.links) registers.set(link.id, yield* makeRegister(enterState(link.id), {}))
  yield* Effect.addFinalizer(() =>
    Effect.forEach(registers.values(), (register) => register.become({ _tag: "Stopped" }), { discard: true })
  )
  const running = yield* FiberMap.make<string>()
  for (const link of options.links) {
    const adapter = adapters[link.adapter]
    const register = registers.get(link.id)
    if (adapter === undefined || register === undefined) continue
    const runs: ReadonlyArray<Run> =
      adapter.perDevice === true
        ? yield* runsPerDevice(link, adapter, register, options)
        : [{ name: link.id, link, adapter, devices: devicesOf(options, link.id), register }]
    for (const run of runs) {
      const context = yield* supervision.context(run, intake)
      yield* FiberMap.run(running, run.name, superviseOne(adapter, link, context, run.register))
      yield* FiberMap.run(running, `${run.name} accounts`, supervision.settleAccounts(run, intake))
    }
  }
  return Links.of({
    states: () => new Map([...registers].map(([id, register]) => [id, register.state()])),
    counts: () => new Map([...registers].map(([id, register]) => [id, { ...register.counts }])),
    granted: () => new Map([...registers].map(([id, register]) => [id, register.granted()])),
    abilities: (device) => supervision.abilities.get(device)
  })
})
