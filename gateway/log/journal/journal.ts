import { Worker } from "node:worker_threads"
import { Effect, Exit, Schema, type Scope } from "effect"
import { StoreUnavailable } from "../security-log.ts"
import type { JournalPage, JournalSearch } from "./reader.ts"

/** So many pages are looked for and waiting at once. */
const askedAtMost = 32

/** A page of a search that finds little is answered after about so long, with how far back it has come. */
const lookMs = 1_000

/** The thread is given up when nothing was looked for so long. */
const idleMs = 120_000

/** Too many are looking something up at once. */
export class TooManySearches extends Schema.TaggedError<TooManySearches>()("TooManySearches", {}) {
  override get message(): string {
    return `${askedAtMost} searches wait already; search again once they are done`
  }
}

type Failure = TooManySearches | StoreUnavailable

type Answered = { readonly nth: number; readonly page: JournalPage } | { readonly nth: number; readonly failed: string }

/** Looks things up in the log's file on a thread of its own: the gateway goes on meanwhile. */
export interface Journal {
  readonly page: (search: JournalSearch) => Effect.Effect<JournalPage, Failure>
}

class LookingThread {
  readonly #dataDir: string
  readonly #waiting = new Map<number, (exit: Exit.Exit<JournalPage, Failure>) => void>()
  #worker: Worker | undefined
  #idle: NodeJS.Timeout | undefined
  #numbered = 0

  constructor(dataDir: string) {
    this.#dataDir = dataDir
  }

  page(search: JournalSearch): Effect.Effect<JournalPage, Failure> {
    return Effect.suspend(() => {
      if (this.#waiting.size >= askedAtMost) return Effect.fail(new TooManySearches())
      return Effect.callback<JournalPage, Failure>((resume) => {
        const nth = ++this.#numbered
        this.#waiting.set(nth, resume)
        this.#started().postMessage({ nth, search })
      })
    })
  }

  async stop(): Promise<void> {
    clearTimeout(this.#idle)
    await this.#worker?.terminate()
  }

  #started(): Worker {
    clearTimeout(this.#idle)
    if (this.#worker !== undefined) return this.#worker
    const worker = new Worker(new URL("thread.ts", import.meta.url), {
      name: "journal",
      workerData: { dataDir: this.#dataDir, lookMs }
    })
    worker.on("message", (answered: Answered) => this.#hear(answered))
    worker.on("error", (error) => this.#over(worker, error instanceof Error ? error.message : String(error)))
    worker.on("exit", (code) => this.#over(worker, `the thread that looks through the log stopped with code ${code}`))
    this.#worker = worker
    return worker
  }

  #hear(answered: Answered): void {
    const resume = this.#waiting.get(answered.nth)
    this.#waiting.delete(answered.nth)
    resume?.(
      "failed" in answered ? Exit.fail(new StoreUnavailable({ reason: answered.failed })) : Exit.succeed(answered.page)
    )
    if (this.#waiting.size > 0) return
    this.#idle = setTimeout(() => this.#giveUp(), idleMs)
    this.#idle.unref()
  }

  #giveUp(): void {
    const worker = this.#worker
    this.#worker = undefined
    void worker?.terminate()
  }

  /** The thread is gone: what it was asked fails, and the next question starts another. */
  #over(worker: Worker, reason: string): void {
    if (this.#worker !== worker) return
    this.#worker = undefined
    for (const resume of this.#waiting.values()) resume(Exit.fail(new StoreUnavailable({ reason })))
    this.#waiting.clear()
  }
}

/** The journal of the log in `dataDir`; the thread starts with the first search and ends with the scope. */
export const openJournal = (dataDir: string): Effect.Effect<Journal, never, Scope.Scope> =>
  Effect.gen(function* () {
    const thread = new LookingThread(dataDir)
    yield* Effect.addFinalizer(() => Effect.promise(() => thread.stop()))
    return { page: (search) => thread.page(search) }
  })
