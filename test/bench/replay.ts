/**
 * How fast a replay goes over a recorded log: facts a second, folded twice, with held-open times changed.
 *
 *     node test/bench/replay.ts [--doors 5000] [--hours 4] [--per-hour 2] [--profile]
 *
 * The log is written by the product's own fold and writer: passages of badge or button, opening and closing, evenly over
 * the hours. One JSON line, then what a month of 5,000 doors with forty passages a day would take at this rate. Absolute
 * figures belong to the machine.
 */
import { statSync } from "node:fs"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { Effect } from "effect"
import { replayInThreads } from "../../gateway/replay/threads.ts"
import { temporaryDirectory } from "../road/peers.ts"
import { recordCampus, recordedCampus } from "./parts/recorded-campus.ts"
import { tell } from "./parts/report.ts"

const { values } = parseArgs({
  options: {
    doors: { type: "string", default: "5000" },
    hours: { type: "string", default: "4" },
    "per-hour": { type: "string", default: "2" }
  }
})

/** Grant or button, opening and closing, each forty times a day, for thirty days. */
const monthOfFacts = 5000 * 40 * 3 * 30

const directory = temporaryDirectory("replay-bench")
try {
  const file = join(directory.path, "gatehouse.db")
  const doors = Number(values.doors)
  recordCampus({ file, doors, hours: Number(values.hours), perHour: Number(values["per-hour"]) })
  const change = { campus: recordedCampus(doors, 45), version: "changed" }
  const span = { from: 0, to: Number.MAX_SAFE_INTEGER }
  // The threads load their code first: it costs the same for a day as for a month.
  let begun: { readonly at: number; readonly cpu: NodeJS.CpuUsage } | undefined
  const onProgress = (): void => void (begun ??= { at: performance.now(), cpu: process.cpuUsage() })
  const { facts, difference, agreement } = await Effect.runPromise(replayInThreads({ file, span, change, onProgress }))
  const { at, cpu } = begun ?? { at: performance.now(), cpu: process.cpuUsage() }
  const seconds = (performance.now() - at) / 1000
  const { user, system } = process.cpuUsage(cpu)
  const cpuSeconds = (user + system) / 1e6
  const { added, removed, moved, unchanged } = difference
  const rate = facts / seconds
  tell({
    facts,
    logMb: Math.round(statSync(file).size / 1e6),
    seconds: Number(seconds.toFixed(2)),
    cpuSeconds: Number(cpuSeconds.toFixed(2)),
    factsPerSecond: Math.round(rate),
    factsPerCpuSecond: Math.round(facts / cpuSeconds),
    heapMb: Math.round(process.memoryUsage().heapUsed / 1e6),
    added,
    removed,
    moved,
    unchanged,
    disagreeing: agreement.onlyRecorded.length + agreement.onlyReplayed.length,
    monthOf5000DoorsMinutes: Number((monthOfFacts / rate / 60).toFixed(1))
  })
} finally {
  directory.dispose()
}
