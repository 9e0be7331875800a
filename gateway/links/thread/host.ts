import type { MessagePort } from "node:worker_threads"
import { type Context, Cause, Effect, Exit, Fiber } from "effect"
import { type Abilities, type Adapter, type LinkContext, NotKept } from "../../../adapters/adapter.ts"
import { failureOf } from "./failure.ts"
import type { FromThread, Offered, Said, Settled, ToThread } from "./messages.ts"

/** Counts are told together, this often. */
const countsEveryMs = 250

/**
 * Patient reports cross together, this often: a fifth of what intake lets them wait, and of five hundred cameras five at a
 * time, which costs either thread a third of what five messages do.
 */
const gatherMs = 10

/** What a door takes may change with its device's configuration: it is looked at this often, where anybody wants to know. */
const takesEveryMs = 1000

type Start = Extract<ToThread, { _tag: "Start" }>

/** What runs for one link here. */
interface Run {
  readonly fiber: Fiber.Fiber<never, unknown>
  readonly settled: Map<number, (refusal?: NotKept) => void>
}

interface Offer {
  readonly abilities: Abilities
  readonly points: ReadonlyArray<string>
  told: string
}

/** Bytes that nobody else holds go over without being copied. */
const bytesIn = (answer: unknown): Array<ArrayBuffer> => {
  const bytes: unknown = typeof answer === "object" && answer !== null && "bytes" in answer ? answer.bytes : undefined
  const whole = bytes instanceof Uint8Array && bytes.byteLength === bytes.buffer.byteLength
  return whole && bytes.buffer instanceof ArrayBuffer ? [bytes.buffer] : []
}

/**
 * Runs the links of one adapter on this thread for the gateway at the other end of the port: whatever an adapter is given
 * by its contract is asked there, and whatever it can do is done here.
 */
export class Host {
  readonly #adapter: Adapter<unknown>
  readonly #port: MessagePort
  readonly #now: () => number
  readonly #services: Context.Context<never>
  readonly #settings = new Map<number, unknown>()
  readonly #memories = new Map<number, Map<string, unknown>>()
  readonly #runs = new Map<number, Run>()
  readonly #offers = new Map<number, Offer>()
  readonly #calls = new Map<number, Fiber.Fiber<unknown, unknown>>()
  readonly #asks = new Map<number, () => void>()
  #counts = new Map<string, { readonly run: number; readonly name: string; amount: number }>()
  /** Reports that are yet to cross. */
  #gathered: Array<Said> = []
  #gathering: NodeJS.Timeout | undefined
  #numbered = 0

  constructor(adapter: Adapter<unknown>, port: MessagePort, now: () => number, services: Context.Context<never>) {
    this.#adapter = adapter
    this.#port = port
    this.#now = now
    this.#services = services
    setInterval(() => this.#tellCounts(), countsEveryMs)
    setInterval(() => this.#tellTakes(), takesEveryMs)
  }

  hear(message: ToThread): void {
    switch (message._tag) {
      case "Settings":
        return void this.#settings.set(message.settings, message.value)
      case "Start":
        return this.#start(message)
      case "Stop":
        return this.#runs.get(message.run)?.fiber.interruptUnsafe()
      case "Settled":
        return message.settled.forEach((settled) => this.#settle(settled))
      case "Done": {
        const done = this.#asks.get(message.ask)
        this.#asks.delete(message.ask)
        return done?.()
      }
      case "Call":
        return this.#call(message)
      case "Cancel":
        return this.#calls.get(message.call)?.interruptUnsafe()
    }
  }

  #settle([run, report, refusal]: Settled): void {
    const settled = this.#runs.get(run)?.settled
    const tell = settled?.get(report)
    settled?.delete(report)
    tell?.(refusal === undefined ? undefined : new NotKept({ reason: refusal }))
  }

  /** Whatever else is said comes behind the reports that were said before. */
  #say(message: FromThread, give: Array<ArrayBuffer> = []): void {
    this.#tellReports()
    this.#port.postMessage(message, give)
  }

  #tellReports(): void {
    clearTimeout(this.#gathering)
    this.#gathering = undefined
    if (this.#gathered.length === 0) return
    const message: FromThread = { _tag: "Reports", reports: this.#gathered }
    this.#gathered = []
    this.#port.postMessage(message)
  }

  #start(start: Start): void {
    const settled: Run["settled"] = new Map()
    const link = this.#adapter.link(this.#settings.get(start.settings), this.#context(start, settled))
    const fiber = Effect.runForkWith(this.#services)(link)
    this.#runs.set(start.run, { fiber, settled })
    fiber.addObserver((exit) => {
      this.#runs.delete(start.run)
      this.#tellCounts()
      const ended = { _tag: "Ended", run: start.run } as const
      const stopped = Exit.isSuccess(exit) || Cause.hasInterruptsOnly(exit.cause)
      this.#say(stopped ? ended : { ...ended, failure: failureOf(exit.cause) })
    })
  }

  #context({ run, points, memory, ...data }: Start, settled: Run["settled"]): LinkContext {
    const remembered = this.#memories.get(memory) ?? new Map<string, unknown>()
    this.#memories.set(memory, remembered)
    return {
      link: data.link,
      devices: data.devices,
      timeZone: data.timeZone,
      profilesDirectory: data.profilesDirectory,
      ...(data.aliveAt === undefined ? {} : { aliveAt: data.aliveAt }),
      report: (said, tell) => {
        const report = ++this.#numbered
        settled.set(report, tell)
        this.#gathered.push([run, report, said])
        if (said.patient === true) this.#gathering ??= setTimeout(() => this.#tellReports(), gatherMs)
        else this.#tellReports()
      },
      online: Effect.callback<void>((resume) => {
        const ask = ++this.#numbered
        this.#asks.set(ask, () => resume(Effect.void))
        this.#say({ _tag: "Online", run, ask })
      }),
      refused: (who, what) => this.#say({ _tag: "Refused", run, who, what }),
      now: this.#now,
      granted: (levels) => this.#say({ _tag: "Granted", run, levels }),
      count: (name, amount = 1) => this.#count(run, name, amount),
      able: (device, abilities) =>
        Effect.asVoid(
          Effect.acquireRelease(
            Effect.sync(() => this.#offer(run, device, { abilities, points, told: "" })),
            (offer) =>
              Effect.sync(() => {
                this.#offers.delete(offer)
                this.#say({ _tag: "Unable", offer })
              })
          )
        ),
      memory: remembered
    }
  }

  #offer(run: number, device: string, offer: Offer): number {
    const id = ++this.#numbered
    this.#offers.set(id, offer)
    const { takes, ...members } = offer.abilities
    const named = Object.entries(members).filter(([, member]) => member !== undefined)
    const functions = named.filter(([, member]) => typeof member === "function").map(([name]) => name)
    const effects = named.map(([name]) => name).filter((name) => !functions.includes(name))
    const offered: Offered = {
      effects,
      functions,
      ...(takes === undefined ? {} : { takes: this.#takesOf(offer) })
    }
    offer.told = JSON.stringify(offered.takes)
    this.#say({ _tag: "Able", run, offer: id, device, offered })
    return id
  }

  #takesOf({ abilities, points }: Offer): NonNullable<Offered["takes"]> {
    return Object.fromEntries(points.map((point) => [point, abilities.takes?.(point) ?? []]))
  }

  #tellTakes(): void {
    for (const [id, offer] of this.#offers) {
      if (offer.abilities.takes === undefined || offer.points.length === 0) continue
      const takes = this.#takesOf(offer)
      const told = JSON.stringify(takes)
      if (told === offer.told) continue
      offer.told = told
      this.#say({ _tag: "Takes", offer: id, takes })
    }
  }

  #count(run: number, name: string, amount: number): void {
    const key = `${run} ${name}`
    const known = this.#counts.get(key)
    if (known === undefined) this.#counts.set(key, { run, name, amount })
    else known.amount += amount
  }

  #tellCounts(): void {
    if (this.#counts.size === 0) return
    const counts = [...this.#counts.values()].map(({ run, name, amount }) => [run, name, amount] as const)
    this.#counts = new Map()
    this.#say({ _tag: "Counted", counts })
  }

  #call({ call, offer, member, args }: Extract<ToThread, { _tag: "Call" }>): void {
    const abilities = this.#offers.get(offer)?.abilities as Readonly<Record<string, unknown>> | undefined
    // Withdrawn meanwhile: whoever called is told by that.
    if (abilities === undefined) return
    const offered = abilities[member]
    const deed = (
      typeof offered === "function" ? (offered as (...all: ReadonlyArray<unknown>) => unknown)(...args) : offered
    ) as Effect.Effect<unknown, unknown>
    const fiber = Effect.runForkWith(this.#services)(deed)
    this.#calls.set(call, fiber)
    fiber.addObserver((exit) => {
      this.#calls.delete(call)
      if (Exit.isSuccess(exit)) return this.#say({ _tag: "Answered", call, answer: exit.value }, bytesIn(exit.value))
      if (Cause.hasInterruptsOnly(exit.cause)) return
      this.#say({ _tag: "CallFailed", call, failure: failureOf(exit.cause) })
    })
  }
}
