/** Where the thread begins that reads a configuration while the gateway runs. */
import { enableCompileCache } from "node:module"
import { parentPort, workerData } from "node:worker_threads"
import { installed } from "./installed.ts"
import { checkSettings } from "./settings/load-settings.ts"
import type { ReadThread, ReadTold } from "./settings/read-on-thread.ts"
import { toldOf } from "./settings/told-settings.ts"

enableCompileCache()
const { paths } = workerData as ReadThread

const read = (): ReadTold => {
  try {
    return { told: toldOf(checkSettings(paths, installed)) }
  } catch (cause) {
    return { failed: cause instanceof Error ? cause.message : String(cause) }
  }
}

parentPort?.postMessage(read())
