import { Worker } from "node:worker_threads"
import { Context, Effect, Exit, References, Scope } from "effect"
import {
  type Abilities,
  AnswerLost,
  type CredentialsRejected,
  type LinkContext,
  LinkLost,
  Unable
} from "../../../adapters/adapter.ts"
import { DeviceId } from "../../domain/ids.ts"
import { exitOf } from "./failure.ts"
import type { FromThread, Offered, RunStart, Said, Settled, ThreadStart, ToThread } from "./messages.ts"
import { watchThread } from "./shared-cells.ts"

type LinkError = LinkLost | CredentialsRejected

/** One run of a link over there, as it stands here. */
interface Run {
  readonly context: LinkContext
  /** Called once it is over, with all that it held. */
  readonly ended: (exit: Exit.Exit<never, LinkError>) => void
}

/** What a device can do, for as long as it is offered. */
interface Offer {
  readonly run: number
  readonly scope: Scope.Closeable
  takes: NonNullable<Offered["takes"]>
}

/** Something that was asked of a device and is not answered yet. */
interface Call {
  readonly offer: number
  readonly resume: (exit: Exit.Exit<unknown, unknown>) => void
  readonly withdrawn: Unable | AnswerLost
}

const withdrawn = "its link ended before it answered"

/** The longest lawful work of an adapter takes a second or two. */
const usualStuckAfterMs = 30_000

export interface ThreadOptions {
  /** The gateway's clock, which the thread is to share. */
  readonly now: () => number
  /** A thread whose loop has not come round for so long, milliseconds, is ended. */
  readonly stuckAfterMs?: number
}

/** One thread with an adapter in it. What it is asked waits until the adapter is loaded; when it ends, so do its links. */
export class AdapterThread {
  readonly #worker: Worker
  readonly #stopWatch: () => void
  readonly #runFork: <A>(effect: Effect.Effect<A>) => void
  readonly #runs = new Map<number, Run>()
  readonly #offers = new Map<number, Offer>()
  readonly #calls = new Map<number, Call>()
  readonly #settings = new Map<unknown, number>()
  #settled: Array<Settled> = []
  #numbered = 0
  #isOver = false

  constructor(
    start: Omit<ThreadStart, "cells" | "logLevel">,
    { now, stuckAfterMs = usualStuckAfterMs }: ThreadOptions,
    services: Context.Context<never>
  ) {
    const { cells, stop } = watchThread(now, stuckAfterMs, () => {
      this.#end(`its loop did not come round for ${stuckAfterMs / 1000} s`)
      void this.#worker.terminate()
    })
    this.#stopWatch = stop
    this.#runFork = Effect.runForkWith(services)
    const workerData: ThreadStart = { ...start, cells, logLevel: Context.get(services, References.MinimumLogLevel) }
    this.#worker = new Worker(new URL("entry.ts", import.meta.url), { name: start.name, workerData })
    this.#worker.on("message", (message: FromThread) => this.#hear(message))
    this.#worker.on("error", (error) => this.#end(error instanceof Error ? error.message : String(error)))
    this.#worker.on("exit", (code) => this.#end(`it stopped with code ${code}`))
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** Ends the thread at once. Its links are to be stopped before. */
  async terminate(): Promise<void> {
    await this.#worker.terminate()
  }

  /** Runs a link over there; see the contract. Interrupted, it completes when nothing of it is left. */
  link(settings: unknown, context: LinkContext, start: Omit<RunStart, "settings">): Effect.Effect<never, LinkError> {
    return Effect.callback<never, LinkError>((resume) => {
      const run = ++this.#numbered
      const gone: Array<() => void> = []
      this.#runs.set(run, {
        context,
        ended: (exit) => {
          this.#runs.delete(run)
          for (const [offer, { run: of }] of this.#offers) if (of === run) this.#withdraw(offer)
          for (const tell of gone) tell()
          resume(exit)
        }
      })
      this.#say({ _tag: "Start", run, settings: this.#settingsOf(settings), ...start })
      return Effect.callback<void>((stopped) => {
        if (!this.#runs.has(run)) return stopped(Effect.void)
        gone.push(() => stopped(Effect.void))
        this.#say({ _tag: "Stop", run })
      })
    })
  }

  #say(message: ToThread): void {
    this.#worker.postMessage(message)
  }

  /** Settings go over once: an adapter may keep what it has made of them. */
  #settingsOf(value: unknown): number {
    const known = this.#settings.get(value)
    if (known !== undefined) return known
    const settings = ++this.#numbered
    this.#settings.set(value, settings)
    this.#say({ _tag: "Settings", settings, value })
    return settings
  }

  #end(why: string): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#stopWatch()
    const lost = Exit.fail(new LinkLost({ reason: `the thread of its adapter ended: ${why}` }))
    for (const { ended } of this.#runs.values()) ended(lost)
  }

  #hear(message: FromThread): void {
    switch (message._tag) {
      case "Reports":
        return message.reports.forEach((said) => this.#report(said))
      case "Online": {
        const { run, ask } = message
        const online = this.#runs.get(run)?.context.online ?? Effect.void
        return this.#runFork(
          Effect.andThen(
            online,
            Effect.sync(() => this.#say({ _tag: "Done", ask }))
          )
        )
      }
      case "Refused":
        return this.#runs.get(message.run)?.context.refused(message.who, message.what)
      case "Granted":
        return this.#runs.get(message.run)?.context.granted(message.levels)
      case "Counted":
        for (const [run, name, amount] of message.counts) this.#runs.get(run)?.context.count(name, amount)
        return
      case "Able":
        return this.#able(message)
      case "Takes": {
        const offer = this.#offers.get(message.offer)
        if (offer !== undefined) offer.takes = message.takes
        return
      }
      case "Unable":
        return this.#withdraw(message.offer)
      case "Answered":
        return this.#answered(message.call, Exit.succeed(message.answer))
      case "CallFailed":
        return this.#answered(message.call, exitOf(message.failure))
      case "Ended": {
        const { run, failure } = message
        return this.#runs.get(run)?.ended(failure === undefined ? Exit.interrupt() : exitOf(failure))
      }
    }
  }

  #report([run, report, said]: Said): void {
    const context = this.#runs.get(run)?.context
    if (context === undefined) return
    // The other thread reads our clock a moment later than it was told of it.
    const receivedAt = Math.min(said.receivedAt, context.now())
    context.report({ ...said, receivedAt }, (refusal) =>
      this.#settle(refusal === undefined ? [run, report] : [run, report, refusal.reason])
    )
  }

  /** A commit settles its reports in one go: they cross together once it is through. */
  #settle(settled: Settled): void {
    this.#settled.push(settled)
    if (this.#settled.length > 1) return
    queueMicrotask(() => {
      const all = this.#settled
      this.#settled = []
      this.#say({ _tag: "Settled", settled: all })
    })
  }

  #able({ run, offer, device, offered }: Extract<FromThread, { _tag: "Able" }>): void {
    const context = this.#runs.get(run)?.context
    if (context === undefined) return
    const scope = Scope.makeUnsafe()
    const standing: Offer = { run, scope, takes: offered.takes ?? {} }
    this.#offers.set(offer, standing)
    const effects = offered.effects.map((member) => [member, this.#ask(offer, member, [])] as const)
    const functions = offered.functions.map(
      (member) => [member, (...args: ReadonlyArray<unknown>) => this.#ask(offer, member, args, true)] as const
    )
    const takes = offered.takes === undefined ? {} : { takes: (point: string) => standing.takes[point] ?? [] }
    const abilities = { ...Object.fromEntries([...effects, ...functions]), ...takes } as Abilities
    this.#runFork(context.able(DeviceId.make(device), abilities).pipe(Scope.provide(scope)))
  }

  #withdraw(id: number): void {
    const offer = this.#offers.get(id)
    if (offer === undefined) return
    this.#offers.delete(id)
    this.#runFork(Scope.close(offer.scope, Exit.void))
    for (const [call, { offer: of, withdrawn: reason }] of this.#calls)
      if (of === id) this.#answered(call, Exit.fail(reason))
  }

  /** Asks a device over there for something. What is sent to it may have been done, though the answer never comes. */
  #ask(offer: number, member: string, args: ReadonlyArray<unknown>, isSent = false): Effect.Effect<unknown, unknown> {
    return Effect.callback<unknown, unknown>((resume) => {
      if (!this.#offers.has(offer)) return resume(Effect.fail(new Unable({ reason: "its link is gone" })))
      const call = ++this.#numbered
      const reason = isSent ? new AnswerLost({ reason: withdrawn }) : new Unable({ reason: withdrawn })
      this.#calls.set(call, { offer, resume, withdrawn: reason })
      this.#say({ _tag: "Call", call, offer, member, args })
      return Effect.sync(() => {
        this.#calls.delete(call)
        this.#say({ _tag: "Cancel", call })
      })
    })
  }

  #answered(call: number, exit: Exit.Exit<unknown, unknown>): void {
    const known = this.#calls.get(call)
    this.#calls.delete(call)
    known?.resume(exit)
  }
}
