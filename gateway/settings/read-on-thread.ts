import { Worker } from "node:worker_threads"
import { Effect } from "effect"
import type { ToldSettings } from "./told-settings.ts"

/** What a thread that reads a configuration is given. */
export interface ReadThread {
  readonly paths: ReadonlyArray<string>
}

/** What it tells. */
export type ReadTold = { readonly told: ToldSettings } | { readonly failed: string }

const wordsOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

/**
 * Reads and checks a configuration on a thread of its own, so that thousands of doors hold nobody up; `thread`: the module that
 * does. It fails with why nothing could be read. Interrupted, it completes once the thread is gone.
 */
export const readOnThread =
  (thread: URL) =>
  (paths: ReadonlyArray<string>): Effect.Effect<ToldSettings, string> =>
    Effect.callback<ToldSettings, string>((resume) => {
      const data: ReadThread = { paths }
      const worker = new Worker(thread, { name: "configuration", workerData: data })
      worker.once("message", (said: ReadTold) =>
        resume("told" in said ? Effect.succeed(said.told) : Effect.fail(said.failed))
      )
      worker.once("error", (cause) => resume(Effect.fail(wordsOf(cause))))
      worker.once("exit", (code) => resume(Effect.fail(`the thread that reads it ended (${code})`)))
      return Effect.promise(() => worker.terminate())
    })
