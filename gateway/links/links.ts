import { Cause, Context, Effect, FiberMap, Layer, Schedule, Semaphore } from "effect"
import type { Adapter, CredentialsRejected, LinkContext, LinkLost } from "../../adapters/adapter.ts"
import type { Device } from "../domain/campus.ts"
import { LinkId } from "../domain/ids.ts"
import type { LinkState } from "../domain/link.ts"
import { Intake } from "../intake/intake.ts"
import { makeTurnedAway } from "./turned-away.ts"

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
}

/** The one reconnect policy: half a second, doubling to thirty, each ±20 % so that a power cut is no stampede. */
const backOff = Schedule.min([Schedule.exponential("500 millis"), Schedule.spaced("30 seconds")]).pipe(
  Schedule.jittered,
  Schedule.setInputType<LinkLost | CredentialsRejected>(),
  Schedule.while(({ input }) => input._tag === "LinkLost")
)

/** The live links: their states, and what their adapters count. */
export class Links extends Context.Service<
  Links,
  {
    readonly states: () => ReadonlyMap<string, LinkState>
    readonly counts: () => ReadonlyMap<string, Readonly<Record<string, number>>>
  }
>()("gateway/Links") {
  /** Starts and supervises every link until released. A link's failure, even a bug's, never disturbs another. */
  static readonly layer = (options: LinksOptions) => Layer.effect(Links, supervise(options))
}

const tell = (id: string, state: LinkState): Effect.Effect<void> =>
  "reason" in state
    ? Effect.logWarning(`link ${id} is ${state._tag}: ${state.reason}`)
    : Effect.logInfo(`link ${id} is ${state._tag}`)

/**
 * Holds one link's state and counters. Each change of state is a fact, once and in order; attempts that go on failing
 * change the reason that is shown, and fill no log.
 */
const makeRegister = Effect.fnUntraced(function* (id: string) {
  const intake = yield* Intake
  const oneAtATime = yield* Semaphore.make(1)
  let state: LinkState | undefined
  const counts: Record<string, number> = {}
  const become = (next: LinkState): Effect.Effect<void> =>
    Effect.suspend(() => {
      const before = state?._tag
      state = next
      if (before === next._tag) return Effect.void
      // A store that refuses keeps no link states either; the state shown is true all the same.
      return tell(id, next).pipe(
        Effect.andThen(intake.enter({ _tag: "LinkChanged", link: LinkId.make(id), state: next })),
        Effect.ignore
      )
    }).pipe(Semaphore.withPermit(oneAtATime))
  return {
    become,
    state: (): LinkState => state ?? { _tag: "Connecting" },
    counts,
    count: (name: string, amount = 1): void => void (counts[name] = (counts[name] ?? 0) + amount),
    turnedAway: makeTurnedAway()
  }
})

type Register = Effect.Success<ReturnType<typeof makeRegister>>

const contextOf = (options: LinksOptions, link: ConfiguredLink, register: Register, intake: Intake["Service"]) =>
  Effect.map(Effect.context<never>(), (services): LinkContext => {
    const runFork = Effect.runForkWith(services)
    return {
      link: link.id,
      devices: options.devices.filter((device) => device.link === link.id && device.disabled !== true),
      timeZone: options.timeZone,
      profilesDirectory: options.profilesDirectory,
      report: (report, settled) => intake.report(link.id, report, settled),
      online: register.become({ _tag: "Online" }),
      refused: (who, what) => {
        register.count("refused")
        if (!register.turnedAway.isNews(`${who} ${what}`, options.now())) return
        runFork(intake.enter({ _tag: "AccessRefused", who, what }).pipe(Effect.ignore))
      },
      now: options.now,
      count: register.count
    }
  })

/** One attempt; its loss is told once. Going online begins the back-off anew: the attempt after it is a new run. */
const attempt = (adapter: Adapter<unknown>, link: ConfiguredLink, context: LinkContext, register: Register) =>
  Effect.suspend(() => {
    let wasOnline = false
    const online = Effect.suspend(() => {
      wasOnline = true
      return context.online
    })
    const connecting = register.state()._tag === "Offline" ? Effect.void : register.become({ _tag: "Connecting" })
    return connecting.pipe(
      Effect.andThen(adapter.link(link.settings, { ...context, online })),
      Effect.tapError((error) =>
        error._tag === "LinkLost" ? register.become({ _tag: "Offline", reason: error.reason }) : Effect.void
      ),
      Effect.catchTag("LinkLost", (lost) => (wasOnline ? Effect.succeed("again" as const) : Effect.fail(lost)))
    )
  })

/** A broker that accepts and drops us at once must not be asked in a tight loop. */
const pauseAfterLoss = "500 millis"

const superviseOne = (adapter: Adapter<unknown>, link: ConfiguredLink, context: LinkContext, register: Register) =>
  attempt(adapter, link, context, register).pipe(
    Effect.retry(backOff),
    Effect.andThen(Effect.sleep(pauseAfterLoss)),
    Effect.forever,
    Effect.catchTag("CredentialsRejected", (rejected: CredentialsRejected) =>
      register.become({ _tag: "Rejected", reason: rejected.reason }).pipe(Effect.andThen(Effect.never))
    ),
    Effect.catchCause((cause) =>
      Cause.hasInterruptsOnly(cause)
        ? Effect.failCause(cause)
        : Effect.logError(`link ${link.id} stopped by a bug`, cause).pipe(
            Effect.andThen(
              register.become({ _tag: "Offline", reason: `stopped by a bug: ${String(Cause.squash(cause))}` })
            )
          )
    )
  )

const supervise = Effect.fnUntraced(function* (options: LinksOptions) {
  const intake = yield* Intake
  const registers = new Map<string, Register>()
  for (const link of options.links) registers.set(link.id, yield* makeRegister(link.id))
  yield* Effect.addFinalizer(() =>
    Effect.forEach(registers.values(), (register) => register.become({ _tag: "Stopped" }), { discard: true })
  )
  const running = yield* FiberMap.make<string>()
  for (const link of options.links) {
    const adapter = options.adapters[link.adapter]
    const register = registers.get(link.id)
    if (adapter === undefined || register === undefined) continue
    const context = yield* contextOf(options, link, register, intake)
    yield* FiberMap.run(running, link.id, superviseOne(adapter, link, context, register))
  }
  return Links.of({
    states: () => new Map([...registers].map(([id, register]) => [id, register.state()])),
    counts: () => new Map([...registers].map(([id, register]) => [id, { ...register.counts }]))
  })
})
