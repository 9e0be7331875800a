import { Worker } from "node:worker_threads"
import { Effect, Exit, Schema, type Scope } from "effect"
import { StoreUnavailable } from "../log/security-log.ts"
import type { Answered, Answers, Ask, Asking } from "./ask.ts"

/** So many questions are worked on and waiting at once; each may fold a long log. */
const askedAtMost = 8

/** A fold that needs more memory than this, MB, ends its thread and not the gateway. */
const memoryMb = 1024

/** The thread is given up when nothing was asked for so long. */
const idleMs = 120_000

/** Too many explanations are asked for at once. */
export class TooManyQuestions extends Schema.TaggedError<TooManyQuestions>()("TooManyQuestions", {}) {
  override get message(): string {
    return `${askedAtMost} explanations are being worked out already; ask again once they are done`
  }
}

type Failure = TooManyQuestions | StoreUnavailable
type Answer = Answers[Ask["_tag"]]
type Resume = (exit: Exit.Exit<Answer, Failure>) => void

/** Asks a thread of its own, which reads the log's file: the gateway goes on meanwhile. */
export interface Explanations {
  readonly ask: <A extends Ask>(ask: A) => Effect.Effect<Answers[A["_tag"]], Failure>
}

class ExplainingThread {
  readonly #dataDir: string
  readonly #waiting = new Map<number, Resume>()
  #worker: Worker | undefined
  #idle: NodeJS.Timeout | undefined
  #numbered = 0

  constructor(dataDir: string) {
    this.#dataDir = dataDir
  }

  ask(ask: Ask): Effect.Effect<Answer, Failure> {
    return Effect.suspend(() => {
      if (this.#waiting.size >= askedAtMost) return Effect.fail(new TooManyQuestions())
      return Effect.callback<Answer, Failure>((resume) => {
        const asking: Asking = { nth: ++this.#numbered, ask }
        this.#waiting.set(asking.nth, resume)
        this.#started().postMessage(asking)
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
      name: "explain",
      workerData: { dataDir: this.#dataDir },
      resourceLimits: { maxOldGenerationSizeMb: memoryMb }
    })
    worker.on("message", (answered: Answered) => this.#hear(answered))
    worker.on("error", (error) => this.#over(worker, error instanceof Error ? error.message : String(error)))
    worker.on("exit", (code) => this.#over(worker, `the thread that explains stopped with code ${code}`))
    this.#worker = worker
    return worker
  }

  #hear(answered: Answered): void {
    const resume = this.#waiting.get(answered.nth)
    this.#waiting.delete(answered.nth)
    resume?.(
      "failed" in answered
        ? Exit.fail(new StoreUnavailable({ reason: answered.failed }))
        : Exit.succeed(answered.answer)
    )
    if (this.#waiting.size > 0) return
    this.#idle = setTimeout(() => this.#giveUp(), idleMs)
    this.#idle.unref()
  }

  /** Nothing is asked: who asks from here on gets another thread, and not one that is about to end. */
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

/** Explanations from the log in `dataDir`; the thread starts with the first question and ends with the scope. */
export const openExplanations = (dataDir: string): Effect.Effect<Explanations, never, Scope.Scope> =>
  Effect.gen(function* () {
    const thread = new ExplainingThread(dataDir)
    yield* Effect.addFinalizer(() => Effect.promise(() => thread.stop()))
    return { ask: <A extends Ask>(ask: A) => thread.ask(ask) as Effect.Effect<Answers[A["_tag"]], Failure> }
  })
