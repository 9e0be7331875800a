import { Context, Effect, FiberMap, Layer, Scope, Semaphore } from "effect"
import type { Abilities, Adapter, LinkContext } from "../../adapters/adapter.ts"
import { innerOf } from "../correlation/draft.ts"
import type { Device } from "../domain/campus.ts"
import type { LinkState } from "../domain/link.ts"
import { Intake } from "../intake/intake.ts"
import { superviseOne } from "./attempts.ts"
import { type LinkPlan, type PlannedRun, runsOf } from "./plan.ts"
import { enterState, type Granted, makeRegister, type Register, reportAvailability } from "./register.ts"
import { inThread } from "./thread/in-thread.ts"
import { tamed } from "./turned-away.ts"

export interface LinksOptions extends LinkPlan {
  /** The catalogue, by protocol. */
  readonly adapters: Readonly<Record<string, Adapter<unknown>>>
  /** Epoch milliseconds. */
  readonly now: () => number
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
    /**
     * Goes over to another plan. What it leaves as it was keeps its connection; what it changes or drops is stopped before
     * `enter` runs, so that nothing is heard by the old plan behind the fact of the new one. When `enter` fails the old plan
     * goes on.
     */
    readonly change: <A, E>(plan: LinkPlan, enter: Effect.Effect<A, E>) => Effect.Effect<A, E>
  }
>()("gateway/Links") {
  /** Starts and supervises every link until released. A link's failure, even a bug's, never disturbs another. */
  static readonly layer = (options: LinksOptions) => Layer.effect(Links, supervise(options))
}

/** One run of an adapter: a configured link, or one device of it where each has a connection of its own. */
interface Run extends PlannedRun {
  readonly adapter: Adapter<unknown>
  readonly register: Register
}

class Supervision {
  plan: LinkPlan
  readonly options: LinksOptions
  readonly intake: Intake["Service"]
  readonly abilities = new Map<string, Abilities>()
  readonly registers = new Map<string, Register>()
  /** What runs now, by its name. */
  readonly running = new Map<string, PlannedRun>()
  /** The runs whose accounts are kept, by name. */
  readonly accounts = new Map<string, Run>()
  readonly #adapters = new Map<string, Adapter<unknown>>()

  constructor(options: LinksOptions, intake: Intake["Service"]) {
    this.options = options
    this.plan = options
    this.intake = intake
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

  /** The adapter of a protocol, put on a thread of its own where it has one; the scope is the whole supervision's. */
  adapterOf(protocol: string): Effect.Effect<Adapter<unknown> | undefined, never, Scope.Scope> {
    const known = this.#adapters.get(protocol)
    const adapter = this.options.adapters[protocol]
    if (known !== undefined || adapter === undefined) return Effect.succeed(known)
    const { now } = this.options
    const pointsOf = ({ id }: Device): ReadonlyArray<string> => this.plan.commandPoints?.(id) ?? []
    return inThread(adapter, { now, pointsOf }).pipe(
      Effect.tap((threaded) => Effect.sync(() => this.#adapters.set(protocol, threaded)))
    )
  }

  context({ link, devices, register, source }: Run): Effect.Effect<LinkContext> {
    const { now } = this.options
    const { timeZone, profilesDirectory } = this.plan
    const { intake } = this
    return Effect.map(Effect.context<never>(), (services): LinkContext => {
      const runFork = Effect.runForkWith(services)
      const aliveAt = innerOf(intake.situation()).blind?.from
      return {
        ...(aliveAt === undefined ? {} : { aliveAt }),
        link: link.id,
        devices,
        timeZone,
        profilesDirectory,
        report: (report, settled) => {
          const within = { ...report, observations: register.bounds.of(report.observations) }
          const bounded = source === undefined ? within : { ...within, source }
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

  /** Writes down what the store refused for good and what was only counted. */
  settleOnce({ link, register, source }: Run): void {
    const from = source === undefined ? {} : { source }
    const at = this.options.now()
    const overdue = register.bounds.overdue(at)
    if (overdue.length > 0) this.intake.report(link.id, { observations: overdue, receivedAt: at, ...from }, () => {})
    const gap = register.losses.take(at)
    if (gap === undefined) return
    this.intake.report(link.id, { observations: [gap], receivedAt: at, ...from }, (refusal) => {
      if (refusal !== undefined) register.losses.putBack(gap)
    })
  }

  /** Does so for every run; one timer for all of them, however many devices are called one by one. */
  settleAll(): void {
    for (const run of this.accounts.values()) this.settleOnce(run)
  }

  /** Does so a last time for a run that is over. */
  settleLast(name: string): void {
    const run = this.accounts.get(name)
    this.accounts.delete(name)
    if (run !== undefined) this.settleOnce(run)
  }

  /** The state and the counts of a link, which outlive its runs. */
  registerOf(id: string): Effect.Effect<Register, never, Intake> {
    const known = this.registers.get(id)
    if (known !== undefined) return Effect.succeed(known)
    return makeRegister(enterState(id), {}).pipe(
      Effect.tap((register) => Effect.sync(() => this.registers.set(id, register)))
    )
  }
}

/** The register that a run speaks by. Of a link whose devices are called one by one the link itself holds at once. */
const registerOfRun = Effect.fnUntraced(function* (supervision: Supervision, planned: PlannedRun) {
  const { link, device } = planned
  const ofLink = yield* supervision.registerOf(link.id)
  if (device === undefined) return ofLink
  return yield* makeRegister(reportAvailability(link.id, device, supervision.options.now), ofLink.counts)
})

type Fibers = FiberMap.FiberMap<string>

const begin = Effect.fnUntraced(function* (supervision: Supervision, fibers: Fibers, planned: PlannedRun) {
  const adapter = yield* supervision.adapterOf(planned.link.adapter)
  if (adapter === undefined) return
  const run: Run = { ...planned, adapter, register: yield* registerOfRun(supervision, planned) }
  const context = yield* supervision.context(run)
  supervision.running.set(run.name, planned)
  supervision.accounts.set(run.name, run)
  yield* FiberMap.run(fibers, run.name, superviseOne(adapter, run.link, context, run.register))
})

/** Ends a run; once it is over nothing more is heard by it. */
const end = Effect.fnUntraced(function* (supervision: Supervision, fibers: Fibers, name: string) {
  supervision.running.delete(name)
  yield* FiberMap.remove(fibers, name)
  supervision.settleLast(name)
})

const perDeviceOf =
  ({ options }: Supervision) =>
  (protocol: string): boolean =>
    options.adapters[protocol]?.perDevice === true

/** The links of a plan whose adapters call each device by itself: they hold at once. */
const holdAtOnce = Effect.fnUntraced(function* (supervision: Supervision) {
  for (const link of supervision.plan.links) {
    const register = yield* supervision.registerOf(link.id)
    if (perDeviceOf(supervision)(link.adapter)) yield* register.become({ _tag: "Online" })
  }
})

const beginMissing = Effect.fnUntraced(function* (supervision: Supervision, fibers: Fibers) {
  yield* holdAtOnce(supervision)
  for (const planned of runsOf(supervision.plan, perDeviceOf(supervision)))
    if (!supervision.running.has(planned.name)) yield* begin(supervision, fibers, planned)
})

/** The links that have something else to do by the new plan, or nothing any more, say so before it is in force. */
const stopChanged = Effect.fnUntraced(function* (supervision: Supervision, fibers: Fibers, plan: LinkPlan) {
  const wanted = new Map(runsOf(plan, perDeviceOf(supervision)).map((run) => [run.name, run.fingerprint]))
  const over = [...supervision.running.values()].filter(({ name, fingerprint }) => wanted.get(name) !== fingerprint)
  for (const { name } of over) yield* end(supervision, fibers, name)
  const left = new Set(plan.links.map(({ id }) => id))
  const whole = over.filter(({ device }) => device === undefined).map(({ link }) => link.id)
  const gone = [...supervision.registers.keys()].filter((id) => !left.has(id))
  for (const id of new Set([...whole, ...gone]))
    yield* supervision.registers.get(id)?.become({ _tag: "Stopped" }) ?? Effect.void
  return gone
})

const supervise = Effect.fnUntraced(function* (options: LinksOptions) {
  const intake = yield* Intake
  // Adapters' threads end after all that runs on them: what is opened first is closed last.
  const scope = yield* Scope.fork(yield* Effect.scope)
  const supervision = new Supervision(options, intake)
  const { registers } = supervision
  yield* Effect.addFinalizer(() =>
    Effect.forEach(registers.values(), (register) => register.become({ _tag: "Stopped" }), { discard: true })
  )
  const settled = Effect.sync(() => supervision.settleAll())
  yield* Effect.addFinalizer(() => settled)
  yield* Effect.forkScoped(settled.pipe(Effect.delay("1 second"), Effect.forever))
  const fibers = yield* FiberMap.make<string>()
  const oneAtATime = yield* Semaphore.make(1)
  const carriedOut = beginMissing(supervision, fibers).pipe(
    Effect.provideService(Intake, intake),
    Effect.provideService(Scope.Scope, scope)
  )
  yield* carriedOut
  return Links.of({
    states: () => new Map([...registers].map(([id, register]) => [id, register.state()])),
    counts: () => new Map([...registers].map(([id, register]) => [id, { ...register.counts }])),
    granted: () => new Map([...registers].map(([id, register]) => [id, register.granted()])),
    abilities: (device) => supervision.abilities.get(device),
    change: (plan, enter) =>
      Effect.gen(function* () {
        const gone = yield* stopChanged(supervision, fibers, plan)
        const entered = yield* enter.pipe(Effect.tapCause(() => carriedOut))
        supervision.plan = plan
        for (const id of gone) registers.delete(id)
        yield* carriedOut
        return entered
      }).pipe(Effect.uninterruptible, Semaphore.withPermit(oneAtATime))
  })
})
