import { Worker } from "node:worker_threads"
import { Effect, Exit, type Scope } from "effect"
import { StoreUnavailable } from "./security-log.ts"

/** The thread is given up when nothing was asked for so long. */
const idleMs = 120_000

/** A question on its way to the thread, numbered so that its answer finds back. */
export interface Asking<Question> {
  readonly nth: number
  readonly question: Question
}

/** Its answer; `failed`: the log could not be read, and why. */
export type Answered<Answer> =
  | { readonly nth: number; readonly answer: Answer }
  | { readonly nth: number; readonly failed: string }

export interface AskedThreadOptions<Busy> {
  /** The module that answers, by `answerQuestions`. */
  readonly thread: URL
  readonly name: string
  /** What it does, for who is told that it ended: `explains`. */
  readonly does: string
  readonly workerData: object
  /** So many questions are worked on and waiting at once. */
  readonly askedAtMost: number
  /** What who asks beyond that is told. */
  readonly busy: () => Busy
  /** A thread that needs more memory than this, MB, ends, and not the gateway; left out: Node's own bound. */
  readonly memoryMb?: number
}

/**
 * A thread of its own that answers questions from the log's file, one after another: the gateway goes on meanwhile. It starts
 * with the first question and is given up when nothing is asked any more. When it ends by itself, what it was asked fails,
 * and the next question starts another.
 */
export class AskedThread<Question, Answer, Busy> {
  readonly #options: AskedThreadOptions<Busy>
  readonly #waiting = new Map<number, (exit: Exit.Exit<Answer, Busy | StoreUnavailable>) => void>()
  #worker: Worker | undefined
  #idle: NodeJS.Timeout | undefined
  #numbered = 0

  private constructor(options: AskedThreadOptions<Busy>) {
    this.#options = options
  }

  /** It ends with the scope. */
  static readonly open = <Question, Answer, Busy>(
    options: AskedThreadOptions<Busy>
  ): Effect.Effect<AskedThread<Question, Answer, Busy>, never, Scope.Scope> =>
    Effect.acquireRelease(
      Effect.sync(() => new AskedThread<Question, Answer, Busy>(options)),
      (thread) => Effect.promise(() => thread.#stop())
    )

  ask(question: Question): Effect.Effect<Answer, Busy | StoreUnavailable> {
    return Effect.suspend(() => {
      if (this.#waiting.size >= this.#options.askedAtMost) return Effect.fail(this.#options.busy())
      return Effect.callback<Answer, Busy | StoreUnavailable>((resume) => {
        const asking: Asking<Question> = { nth: ++this.#numbered, question }
        this.#waiting.set(asking.nth, resume)
        this.#started().postMessage(asking)
      })
    })
  }

  async #stop(): Promise<void> {
    clearTimeout(this.#idle)
    await this.#worker?.terminate()
  }

  #started(): Worker {
    clearTimeout(this.#idle)
    if (this.#worker !== undefined) return this.#worker
    const { thread, name, does, workerData, memoryMb } = this.#options
    const worker = new Worker(thread, {
      name,
      workerData,
      ...(memoryMb === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: memoryMb } })
    })
    worker.on("message", (answered: Answered<Answer>) => this.#hear(answered))
    worker.on("error", (error) => this.#over(worker, error instanceof Error ? error.message : String(error)))
    worker.on("exit", (code) => this.#over(worker, `the thread that ${does} stopped with code ${code}`))
    this.#worker = worker
    return worker
  }

  #hear(answered: Answered<Answer>): void {
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

  #over(worker: Worker, reason: string): void {
    if (this.#worker !== worker) return
    this.#worker = undefined
    for (const resume of this.#waiting.values()) resume(Exit.fail(new StoreUnavailable({ reason })))
    this.#waiting.clear()
  }
}
