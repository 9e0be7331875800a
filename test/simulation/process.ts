import Database from "better-sqlite3"
import { Cause, Context, Effect, Exit, Layer, Scope } from "effect"
import type { Adapter } from "../../adapters/adapter.ts"
import type { Campus } from "../../gateway/domain/campus.ts"
import { Alerts } from "../../gateway/alerts/alerts.ts"
import { targetOf } from "../../gateway/commands/choices.ts"
import { Commands } from "../../gateway/commands/commands.ts"
import { WriteBacks } from "../../gateway/commands/write-backs.ts"
import type { EventLoop } from "../../gateway/intake/event-loop.ts"
import { Intake } from "../../gateway/intake/intake.ts"
import { intakeOver, type OpenLog } from "../../gateway/intake/intake-layer.ts"
import { Links } from "../../gateway/links/links.ts"
import { storeOver } from "../../gateway/log/log-store.ts"
import { SecurityLog } from "../../gateway/log/security-log.ts"
import { startGateway } from "../../gateway/start-gateway.ts"
import { campus, links } from "./campus.ts"
import { type Flaw, flawedLog, flawedLoop } from "./flaw.ts"
import { Died, type Store, takingTime } from "./store.ts"
import { machineOf, type VirtualTime } from "./virtual-time.ts"

type Services = Intake | SecurityLog | Alerts | Commands | Links

/** So few entries lie between two snapshots that most restarts meet one, with facts behind it. */
const snapshotEvery = 25

export interface ProcessOptions {
  readonly time: VirtualTime
  readonly store: Store
  readonly adapter: Adapter<unknown>
  readonly chance: () => number
  readonly flaw: Flaw | undefined
  readonly configuration: { readonly campus: Campus; readonly configVersion: string }
  /** The gateway stands. */
  readonly started: (services: Context.Context<Services>) => void
  /** It is over: by its own end, killed, or by a fault; with what that was, where nobody has foreseen it. */
  readonly ended: (unforeseen: string | undefined) => void
}

const isFsync = (error: unknown): boolean =>
  error instanceof Database.SqliteError && error.code === "SQLITE_IOERR_FSYNC"

const textOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : "something")

/** One process of the gateway: all of its real parts, over the simulated store, time and lines. */
export class Process {
  readonly #options: ProcessOptions
  readonly #scope = Scope.makeUnsafe()
  readonly #machine: Context.Context<never>
  #alive = true

  constructor(options: ProcessOptions) {
    this.#options = options
    const { time, chance } = options
    const loop: EventLoop = {
      soon: (work) => time.soon(() => this.#turn(work)),
      after: (ms, work) => time.after(ms, () => this.#turn(work))
    }
    this.#machine = machineOf(() => time.now, loop, chance)
    this.#start(loop)
  }

  get isAlive(): boolean {
    return this.#alive
  }

  /** Nothing more runs of it, from this instant on; nobody is told. */
  kill(): void {
    this.#end(undefined)
  }

  /** It is asked to end, and does all that it does then. */
  stop(): void {
    this.run(Scope.close(this.#scope, Exit.void).pipe(Effect.andThen(Effect.sync(() => this.#end(undefined)))))
  }

  run<A, E>(effect: Effect.Effect<A, E>): void {
    Effect.runForkWith(this.#machine)(effect)
  }

  #turn(work: () => void): void {
    if (!this.#alive) return
    try {
      work()
    } catch (error) {
      // A process that cannot say what is on disk must not go on; systemd starts another.
      this.#end(error instanceof Died || isFsync(error) ? undefined : textOf(error))
    }
  }

  #end(unforeseen: string | undefined): void {
    if (!this.#alive) return
    this.#alive = false
    this.#options.store.close()
    this.#options.ended(unforeseen)
  }

  #start(whole: EventLoop): void {
    const { time, adapter, started, flaw } = this.#options
    const loop = flawedLoop(whole, flaw)
    const now = (): number => time.now
    const site = campus.site.id
    const live = Links.layer({
      links: Object.keys(links).map((id) => ({ id, adapter: "simulated", settings: {} })),
      adapters: { simulated: adapter },
      devices: campus.devices,
      timeZone: "UTC",
      profilesDirectory: "",
      now,
      commandPoints: (device) => campus.doors.flatMap((door) => (targetOf(door)?.device === device ? ["lab.mode"] : []))
    })
    const gateway = Effect.suspend(() =>
      startGateway(this.#options.configuration, {
        store: Layer.effectContext(intakeOver(this.#open(whole), { site, now, loop, snapshotEvery })),
        alerts: Alerts.layer(),
        links: Layer.merge(Commands.layer(), WriteBacks.layer()).pipe(Layer.provideMerge(live)),
        api: Effect.map(Effect.context<Services>(), (services) => {
          started(services)
          return { url: "", firstToken: undefined, invitations: [], tokenOf: () => "" }
        })
      })
    )
    // A store that refuses even the start ends the process; what else fails is a fault.
    const failed = Effect.catchCause(gateway, (cause) => Effect.sync(() => this.#failed(cause)))
    this.run(failed.pipe(Effect.provideService(Scope.Scope, this.#scope)))
  }

  #open(loop: EventLoop): OpenLog {
    const { store, time, flaw, chance } = this.#options
    const { database, reading } = store.open(time.now)
    flawedLog(database, flaw)
    return { store: takingTime(storeOver(database), loop, chance), reading }
  }

  #failed(cause: Cause.Cause<unknown>): void {
    const text = Cause.pretty(cause)
    this.#end(/SQLITE_FULL|SQLITE_IOERR_FSYNC|Died|not available/.test(text) ? undefined : text)
  }
}
