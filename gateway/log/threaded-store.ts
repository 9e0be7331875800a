import { Worker } from "node:worker_threads"
import { Effect, Exit, type Scope } from "effect"
import type { EpochMs } from "../domain/ids.ts"
import type { Frames } from "./entry-frames.ts"
import type { LogBatch } from "./log-batch.ts"
import type { Answer, LogStore } from "./log-store.ts"
import type { Snapshot } from "./log-writer.ts"
import { StoreUnavailable } from "./security-log.ts"

/** Nothing of a batch outlives its commit: a young heap of some batches does. Left to itself, a flood makes it sixteen times as large. */
const smallNurseryMb = 12

/** What the thread is started with. */
export interface StoreStart {
  /** The log's SQLite file; its directory exists. */
  readonly file: string
  readonly site: string
  readonly now: EpochMs
}

export type ToStore =
  | { readonly _tag: "Write"; readonly batch: LogBatch; readonly wantsFrames: boolean }
  | { readonly _tag: "Alive"; readonly at: EpochMs }
  | { readonly _tag: "Snapshot"; readonly snapshot: Snapshot }
  | { readonly _tag: "Close" }

export type FromStore =
  | { readonly _tag: "Open" }
  /** The log cannot be opened as durable as it must be. */
  | { readonly _tag: "Unusable"; readonly reason: string }
  | { readonly _tag: "Written"; readonly refusal: string | undefined; readonly frames: Frames | undefined }

const endedWith = (code: number): string => `the thread that writes the log ended with code ${code}`

/** A store whose thread has opened the log. */
class ThreadedStore implements LogStore {
  readonly #worker: Worker
  #answer: Answer | undefined
  #isClosing = false

  constructor(worker: Worker) {
    this.#worker = worker
    worker.on("message", (message: FromStore) => {
      if (message._tag !== "Written") return
      const answer = this.#answer
      this.#answer = undefined
      answer?.(message.refusal, message.frames)
    })
    // Nobody can say what is on disk: the process ends, as it does when this thread finds that out.
    let why: unknown
    worker.on("error", (error) => {
      why = error
      throw error
    })
    // The end may be told of before what was thrown ends the process, which is to say why.
    worker.on("exit", (code) => {
      if (why !== undefined || !this.#isClosing) throw why ?? new Error(endedWith(code))
    })
  }

  write(batch: LogBatch, wantsFrames: boolean, answer: Answer): void {
    this.#answer = answer
    this.#say({ _tag: "Write", batch, wantsFrames })
  }

  alive(at: EpochMs): void {
    this.#say({ _tag: "Alive", at })
  }

  keepSnapshot(snapshot: Snapshot): void {
    this.#say({ _tag: "Snapshot", snapshot })
  }

  /** Completes when all that was given is written and the file is closed. */
  readonly close: Effect.Effect<void> = Effect.callback((resume) => {
    this.#isClosing = true
    this.#worker.once("exit", () => resume(Effect.void))
    this.#say({ _tag: "Close" })
  })

  #say(message: ToStore): void {
    this.#worker.postMessage(message)
  }
}

/** Fails once the thread is gone. */
const opened = (start: StoreStart): Effect.Effect<ThreadedStore, StoreUnavailable> =>
  Effect.callback((resume) => {
    const worker = new Worker(new URL("store-thread.ts", import.meta.url), {
      name: "log",
      workerData: start,
      resourceLimits: { maxYoungGenerationSizeMb: smallNurseryMb }
    })
    let why: string | undefined
    const broke = (error: unknown): void => void (why = error instanceof Error ? error.message : String(error))
    const ended = (code: number): void => resume(Exit.fail(new StoreUnavailable({ reason: why ?? endedWith(code) })))
    worker.once("error", broke).once("exit", ended)
    worker.once("message", (message: FromStore) => {
      if (message._tag === "Unusable") return void (why = message.reason)
      worker.off("error", broke).off("exit", ended)
      resume(Exit.succeed(new ThreadedStore(worker)))
    })
  })

/**
 * Opens the log on a thread of its own: while it writes and waits for the disk, the gateway goes on reading, answering and
 * serving. It is closed with the scope. Fails with `StoreUnavailable` when the log cannot be opened as durable as it must be.
 */
export const openThreadedStore = (start: StoreStart): Effect.Effect<LogStore, StoreUnavailable, Scope.Scope> =>
  Effect.acquireRelease(opened(start), ({ close }) => close)
