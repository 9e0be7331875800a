import { existsSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { setTimeout as passed } from "node:timers/promises"
import type { GatewayFiles } from "../../road/gateway-process.ts"

const fileOf = ({ data }: GatewayFiles): string => join(data, "..", "held.json")

/** What a gateway is started with, beside what our own Node was, so that `heldMb` can ask it. */
export const heldEnvironment = (files: GatewayFiles): Readonly<Record<string, string>> => {
  const thread = pathToFileURL(join(import.meta.dirname, "held-thread.ts")).href
  return {
    GATEHOUSE_BENCH_HELD: fileOf(files),
    NODE_OPTIONS: `${process.env["NODE_OPTIONS"] ?? ""} --import=${thread}`
  }
}

/** A collection of all threads takes less, even on a busy machine. */
const answersWithinMs = 60_000

/**
 * What all threads of a gateway hold after full collections, in megabytes: their heaps, and the buffers bound to them. It
 * is what a leak adds to; resident memory keeps the size of the largest heap there ever was.
 */
export const heldMb = async (pid: number, files: GatewayFiles): Promise<number> => {
  const file = fileOf(files)
  rmSync(file, { force: true })
  process.kill(pid, "SIGUSR2")
  const until = performance.now() + answersWithinMs
  while (!existsSync(file)) {
    if (performance.now() > until) throw new Error("the gateway does not tell what its threads hold")
    await passed(50)
  }
  const threads = JSON.parse(readFileSync(file, "utf8")) as ReadonlyArray<NodeJS.MemoryUsage>
  return threads.reduce((sum, { heapUsed, external }) => sum + heapUsed + external, 0) / 1e6
}
