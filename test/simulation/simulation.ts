import { Context, Effect, HashMap } from "effect"
import { Alerts } from "../../gateway/alerts/alerts.ts"
import { Commands } from "../../gateway/commands/commands.ts"
import { Intake, type Unstamped } from "../../gateway/intake/intake.ts"
import { SecurityLog } from "../../gateway/log/security-log.ts"
import { chance } from "../../simulators/campus/people.ts"
import { simulatedAdapter } from "./adapter.ts"
import { campus, configurations } from "./campus.ts"
import { enteringOf } from "./entering.ts"
import { judgeEnd } from "./end.ts"
import { type Flaw, flawedContext } from "./flaw.ts"
import { Outside } from "./outside.ts"
import { type Act, livelyMs, type Plan, type Step } from "./plan.ts"
import { Process } from "./process.ts"
import { Store } from "./store.ts"
import { VirtualTime } from "./virtual-time.ts"
import { Watch } from "./watch.ts"

/** When each simulated life begins. */
export const dawn = Date.parse("2026-03-02T10:00:00Z")

/** After the last trouble, time goes on until whatever was due has come: retries, graces, write-backs. */
const quietMs = 240_000

export interface Outcome {
  /** Root of the log's tree: the same plan gives the same. */
  readonly root: string
  readonly entries: number
  /** What was promised and is not so, in words. */
  readonly faults: ReadonlyArray<string>
  readonly alerts: Readonly<Record<string, number>>
}

type Of<Tag extends Step["_tag"]> = Extract<Step, { readonly _tag: Tag }>

class Life {
  readonly time = new VirtualTime(dawn)
  readonly outside: Outside
  readonly watch = new Watch(this.time)
  readonly store: Store
  readonly #dice: () => number
  readonly #adapter
  process: Process | undefined
  #configuration: (typeof configurations)[number] = configurations[0]
  #again: (() => void) | undefined
  #services: Context.Context<Intake | SecurityLog | Alerts | Commands> | undefined

  readonly #flaw: Flaw | undefined

  constructor(plan: Plan, file: string, flaw: Flaw | undefined) {
    this.#flaw = flaw
    this.#dice = chance(plan.seed ^ 0x5eed)
    this.outside = new Outside(this.time, this.#dice, flaw === "calls twice")
    this.store = new Store(file, campus.site.id)
    this.#adapter = simulatedAdapter(this.outside.peers, (context) =>
      flawedContext(context, flaw, (work) => this.time.soon(work))
    )
    this.begin()
  }

  begin(): void {
    if (this.process?.isAlive === true) return
    this.process = new Process({
      time: this.time,
      store: this.store,
      adapter: this.#adapter,
      chance: this.#dice,
      flaw: this.#flaw,
      configuration: this.#configuration,
      started: (services) => {
        this.#services = services
        this.watch.begins(Context.get(services, Intake), Context.get(services, SecurityLog))
      },
      ended: (unforeseen) => this.#ended(unforeseen)
    })
  }

  #ended(unforeseen: string | undefined): void {
    this.#services = undefined
    this.watch.ends()
    this.outside.panel.hangUp()
    if (unforeseen !== undefined) this.watch.fault(`the process ended by ${unforeseen}`)
    for (const peer of this.outside.peers.values()) peer.falls(0, false)
    this.beginIn(1000)
  }

  /** Another process begins after so long, unless one does before. */
  beginIn(ms: number): void {
    this.#again?.()
    this.#again = this.time.after(ms, () => this.begin())
  }

  apply(step: Step): void {
    switch (step._tag) {
      case "Dies":
        this.process?.kill()
        return this.beginIn(step.forMs)
      case "Stops":
        return this.process?.stop()
      case "Store":
        return this.#spoils(step)
      case "Officer":
        return this.#acts(step)
      case "Configures":
        return this.#configures(configurations[step.nth])
      case "Enters":
        return this.#enters(enteringOf(step.what, this.time.now, step.minutes))
      case "Orders":
        return this.#orders(step)
      default:
        return this.outside.apply(step)
    }
  }

  #spoils({ fault, forMs }: Of<"Store">): void {
    this.store.fault = fault
    if (fault === "full") this.time.after(forMs, () => void (this.store.fault = "none"))
  }

  #configures(configuration: (typeof configurations)[number]): void {
    this.#configuration = configuration
    const { campus: found, configVersion: version } = configuration
    this.#enters({ _tag: "ConfigApplied", version, campus: found, by: "configuration file" })
  }

  #enters(fact: Unstamped): void {
    const services = this.#services
    if (services !== undefined) this.process?.run(Effect.ignore(Context.get(services, Intake).enter(fact)))
  }

  #orders({ command }: Of<"Orders">): void {
    const services = this.#services
    if (services === undefined) return
    const order = Context.get(services, Commands).send({ door: "lab", command, by: "Ada" })
    this.process?.run(Effect.ignore(order))
  }

  #acts({ act, nth, by }: Of<"Officer">): void {
    const services = this.#services
    if (services === undefined) return
    const open = HashMap.toValues(Context.get(services, Intake).situation().alerts)
    const sorted = open.sort((a, b) => a.raisedBy - b.raisedBy || (a.id < b.id ? -1 : 1))
    const alert = sorted[nth % Math.max(1, sorted.length)]
    if (alert === undefined) return
    const alerts = Context.get(services, Alerts)
    const { id } = alert
    const acts: Readonly<Record<Act, Effect.Effect<void>>> = {
      acknowledge: Effect.ignore(alerts.acknowledge(id, by, "on my way")),
      close: Effect.ignore(alerts.close(id, by, "real", "seen to")),
      note: Effect.ignore(alerts.note(id, by, "a note")),
      shelve: Effect.ignore(alerts.shelve(id, by, { minutes: 1 }, "being repaired")),
      "shelve until normal": Effect.ignore(alerts.shelve(id, by, { oneShot: true }, "being repaired")),
      unshelve: Effect.ignore(alerts.unshelve(id, by, "repaired"))
    }
    this.process?.run(acts[act])
  }
}

/** Lets a whole life of the campus happen, and holds what the gateway made of it against what it promises. */
export const simulate = (plan: Plan, file: string, flaw?: Flaw): Outcome => {
  const life = new Life(plan, file, flaw)
  try {
    for (const step of plan.steps) {
      life.time.pass(dawn + step.atMs)
      life.watch.quiet()
      life.apply(step)
      life.time.settle()
    }
    life.time.pass(dawn + livelyMs)
    life.store.fault = "none"
    life.outside.panel.answering = "at once"
    life.begin()
    life.time.pass(dawn + livelyMs + quietMs)
    return judgeEnd(plan, dawn, life)
  } finally {
    life.process?.kill()
    life.store.remove()
  }
}
