import { MessageChannel, Worker } from "node:worker_threads"
import { Data, Effect } from "effect"
import type { Change, ReplayProgress } from "./course-run.ts"
import type { Span } from "./span.ts"
import type { Replayed } from "./replay.ts"
import type { ReplayThread, ThreadTold } from "./thread.ts"

/** A replay that came to no end. */
export class ReplayFailed extends Data.TaggedError("ReplayFailed")<{ readonly reason: string }> {
  override get message(): string {
    return `the replay failed: ${this.reason}`
  }
}

export interface ReplayInThreads {
  /** The log's file. Somebody holds it open for as long as this lasts, so that it looks the same afterwards. */
  readonly file: string
  readonly span: Span
  readonly change: Change
  /** Of each list of calls no more are told; left out: all. */
  readonly most?: number
  /** Told of both courses together. */
  readonly onProgress: (progress: ReplayProgress) => void
}

/**
 * Nearly all that a fold makes is garbage by the next fact: with a nursery four times the usual one it is collected
 * before it is ever moved, a tenth of the time.
 */
const nurseryMb = 192

const ended = (worker: Worker): Promise<void> => new Promise((over) => void worker.once("exit", () => over()))

/**
 * Replays on two threads beside this one, a course each. Interrupted, it completes when both are gone and have let go of
 * the log.
 */
export const replayInThreads = ({
  file,
  span,
  change,
  most = Infinity,
  onProgress
}: ReplayInThreads): Effect.Effect<Replayed, ReplayFailed> =>
  Effect.callback<Replayed, ReplayFailed>((resume) => {
    const { port1, port2 } = new MessageChannel()
    const cancelled = new Int32Array(new SharedArrayBuffer(4))
    const cancel = (): void => void Atomics.store(cancelled, 0, 1)
    const fail = (reason: string): void => {
      cancel()
      resume(Effect.fail(new ReplayFailed({ reason })))
    }
    const came: Array<ReplayProgress> = []
    const begin = (nth: number, part: Pick<ReplayThread, "change" | "port">): Promise<void> => {
      const data: ReplayThread = { file, span, most, cancelled, ...part }
      const url = new URL("thread.ts", import.meta.url)
      const worker = new Worker(url, {
        name: "replay",
        workerData: data,
        transferList: [part.port],
        resourceLimits: { maxYoungGenerationSizeMb: nurseryMb }
      })
      worker.on("message", (told: ThreadTold) => {
        if (told._tag === "Done") return void over.then(() => resume(Effect.succeed(told.replayed)))
        if (told._tag === "Failed") return fail(told.reason)
        came[nth] = told
        // Both read the same entries; one of them may not have begun.
        onProgress({ done: came.reduce((sum, { done }) => sum + done, 0), of: 2 * told.of })
      })
      worker.on("error", (error) => fail(error instanceof Error ? error.message : String(error)))
      return ended(worker)
    }
    const over = Promise.all([begin(0, { change: undefined, port: port1 }), begin(1, { change, port: port2 })])
    return Effect.promise(async () => {
      cancel()
      await over
    })
  })
