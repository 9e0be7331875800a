import { Worker } from "node:worker_threads"
import { Effect, Schema, Semaphore } from "effect"
import type { Report } from "./report.ts"

/** The report could not be set; what it is made of is unharmed. */
export class NotPrinted extends Schema.TaggedError<NotPrinted>()("NotPrinted", { reason: Schema.String }) {
  override get message(): string {
    return `the report could not be printed: ${this.reason}`
  }
}

/** A report that needs more memory than this, MB, ends its thread and not the gateway. */
const memoryMb = 512

/** One is printed at a time: nobody waits for long, and the machine has other work. */
const press = Semaphore.makeUnsafe(1)

const setInThread = (report: Report, timeZone: string): Effect.Effect<Uint8Array, NotPrinted> =>
  Effect.callback((resume) => {
    const worker = new Worker(new URL("pdf-thread.ts", import.meta.url), {
      name: "print",
      workerData: { report, timeZone },
      resourceLimits: { maxOldGenerationSizeMb: memoryMb }
    })
    const fail = (reason: string): void => resume(Effect.fail(new NotPrinted({ reason })))
    worker.once("message", (bytes: Uint8Array) => resume(Effect.succeed(bytes)))
    worker.once("error", (error) => fail(error instanceof Error ? error.message : String(error)))
    worker.once("exit", (code) => fail(`its thread stopped with code ${code}`))
    return Effect.promise(() => worker.terminate())
  })

/** A report as PDF, set on a thread of its own; whoever goes away meanwhile ends it. */
export const printed = (report: Report, timeZone: string): Effect.Effect<Uint8Array, NotPrinted> =>
  press.withPermits(1)(setInThread(report, timeZone))
