import { Cause, Context, Effect, FiberMap, Layer, Schedule, Semaphore } from "effect"
import type { Adapter, CredentialsRejected, LinkContext, LinkLost } from "../../adapters/adapter.ts"
import type { Device } from "../domain/campus.ts"
import { LinkId } from "../domain/ids.ts"
import type { LinkState } from "../domain/link.ts"
import { Intake } from "../intake/intake.ts"
import { makeBounds } from "./bounded.ts"
import { makeLosses } from "./losses.ts"
import { makeTurnedAway, tamed } from "./turned-away.ts"

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
    turnedAway: makeTurnedAway(),
    bounds: makeBounds(),
    losses: makeLosses()
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
      report: (report, settled) => {
        const observations = register.bounds.of(report.observations)
        if (observations.length === 0) return void setImmediate(settled)
        const bounded = { ...report, observations }
        intake.report(link.id, bounded, (refusal) => {
          if (refusal !== undefined) register.losses.refused(bounded)
          settled(refusal)
        })
      },
      online: register.become({ _tag: "Online" }),
      refused: (who, what) => {
        register.count("refused")
        const more = register.turnedAway.tell(`${who} ${what}`, options.now())
        if (more === undefined) return
        const fact = { _tag: "AccessRefused", who: tamed(who), what: `${tamed(what)}${more}` } as const
        runFork(intake.enter(fact).pipe(Effect.ignore))
      },
      now: options.now,
      count: register.count
    }
  })

/**
 * A link that was online for so long has held: the back-off begins anew. One that goes up and down all the time (a broker
 * that drops us at once, two gateways with one client id) is asked less and less often, and fills no log.
 */
const heldMs = 5000

/** One attempt; its loss is told once. Answers where the link had held: the attempt after it is a new run. */
const attempt = (adapter: Adapter<unknown>, link: ConfiguredLink, context: LinkContext, register: Register) =>
  Effect.suspend(() => {
    let onlineAt: number | undefined
    const online = Effect.suspend(() => {
      onlineAt = context.now()
      return context.online
    })
    const hasHeld = (): boolean => onlineAt !== undefined && context.now() - onlineAt >= heldMs
    const tried = register.state()._tag === "Offline" || register.state()._tag === "Rejected"
    const connecting = tried ? Effect.void : register.become({ _tag: "Connecting" })
    return connecting.pipe(
      Effect.andThen(adapter.link(link.settings, { ...context, online })),
      Effect.tapError((error) =>
        error._tag === "LinkLost" ? register.become({ _tag: "Offline", reason: error.reason }) : Effect.void
      ),
      Effect.catchTag("LinkLost", (lost) => (hasHeld() ? Effect.void : Effect.fail(lost)))
    )
  })

/** What has held is asked again almost at once. */
const pauseAfterLoss = "500 millis"

/** The person may act at the broker's side, where nobody tells us: after a rejection it is asked again, seldom. */
const askAgainAfterRejection = "1 minute"

const superviseOne = (adapter: Adapter<unknown>, link: ConfiguredLink, context: LinkContext, register: Register) =>
  attempt(adapter, link, context, register).pipe(
    Effect.retry(backOff),
    Effect.andThen(Effect.sleep(pauseAfterLoss)),
    Effect.catchTag("CredentialsRejected", (rejected: CredentialsRejected) =>
      register
        .become({ _tag: "Rejected", reason: rejected.reason })
        .pipe(Effect.andThen(Effect.sleep(askAgainAfterRejection)))
    ),
    Effect.forever,
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

/** Writes down, as soon as the store keeps, what it refused for good and what was only counted. */
const settleAccounts = (link: ConfiguredLink, register: Register, intake: Intake["Service"], now: () => number) =>
  Effect.sync(() => {
    const at = now()
    const overdue = register.bounds.overdue(at)
    if (overdue.length > 0) intake.report(link.id, { observations: overdue, receivedAt: at }, () => {})
    const gap = register.losses.take(at)
    if (gap === undefined) return
    intake.report(link.id, { observations: [gap], receivedAt: at }, (refusal) => {
      if (refusal !== undefined) register.losses.putBack(gap)
    })
  }).pipe(Effect.delay("1 second"), Effect.forever)

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
    yield* FiberMap.run(running, `${link.id} accounts`, settleAccounts(link, register, intake, options.now))
  }
  return Links.of({
    states: () => new Map([...registers].map(([id, register]) => [id, register.state()])),
    counts: () => new Map([...registers].map(([id, register]) => [id, { ...register.counts }]))
  })
})
