/** Where a thread of a replay begins: it folds one course, and one of the two compares them. */
import { enableCompileCache } from "node:module"
import { setPriority } from "node:os"
import { once } from "node:events"
import { type MessagePort, parentPort, workerData } from "node:worker_threads"
import { openRecordedLog } from "../log/recorded-log.ts"
import { type Change, type CourseTold, type ReplayProgress, runCourse } from "./course-run.ts"
import type { Span } from "./span.ts"
import { compared, type Replayed, shortened } from "./replay.ts"

/** What a thread is to do. The course as changed is told to the other thread, which compares. */
export interface ReplayThread {
  readonly file: string
  readonly span: Span
  readonly change: Change | undefined
  /** Of each list of calls no more are told. */
  readonly most: number
  /** To the other thread. */
  readonly port: MessagePort
  /** Not 0 once nobody waits for the answer any more. */
  readonly cancelled: Int32Array
}

/** What a thread tells. */
export type ThreadTold =
  | ({ readonly _tag: "Progress" } & ReplayProgress)
  | { readonly _tag: "Done"; readonly replayed: Replayed }
  | { readonly _tag: "Failed"; readonly reason: string }

enableCompileCache()
// The gateway on this machine, and whoever works at it, come first. Elsewhere it is the whole process that would get it.
if (process.platform === "linux") setPriority(10)
const { file, span, change, most, port, cancelled } = workerData as ReplayThread
const tell = (told: ThreadTold): void => parentPort?.postMessage(told)

/** `undefined`: cancelled. */
const run = (): CourseTold | undefined => {
  const log = openRecordedLog(file)
  try {
    const steps = runCourse(log, span, change)
    for (let next = steps.next(); ; next = steps.next()) {
      if (next.done === true) return next.value
      if (Atomics.load(cancelled, 0) !== 0) return undefined
      tell({ _tag: "Progress", ...next.value })
    }
  } finally {
    log.close()
  }
}

try {
  const told = run()
  // What the log tells is the other thread's to tell.
  if (told !== undefined && change !== undefined) port.postMessage({ ...told, recorded: [] } satisfies CourseTold)
  else if (told !== undefined) {
    const [changed] = (await once(port, "message")) as [CourseTold]
    tell({ _tag: "Done", replayed: shortened(compared(told, changed), most) })
  }
} catch (cause) {
  tell({ _tag: "Failed", reason: cause instanceof Error ? cause.message : String(cause) })
} finally {
  port.close()
}
