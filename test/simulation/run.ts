import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { planOf } from "./plan.ts"
import { shrink } from "./shrink.ts"
import { type Outcome, simulate } from "./simulation.ts"

/**
 * Lets many lives of the campus happen, one a seed, and tells of each that broke a promise: its seed, what was broken, and
 * the fewest steps that still break it. Ends with 1 if there is one.
 *
 *   node test/simulation/run.ts --seeds 10000 --from 1
 */
const { values } = parseArgs({
  options: { seeds: { type: "string", default: "1000" }, from: { type: "string", default: "1" } }
})
const [seeds, from] = [Number(values.seeds), Number(values.from)]

/** In memory where there is such a place: what is proved here is the code, and no disk. */
const directory = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "gatehouse-simulation-"))
const file = join(directory, "gatehouse.db")

const tell = (seed: number, { faults }: Outcome): void => {
  const least = shrink(planOf(seed), (plan) => simulate(plan, file).faults.length > 0)
  console.log(`seed ${seed} breaks a promise:`)
  for (const fault of faults) console.log(`  ${fault}`)
  console.log(`the least of it, ${least.steps.length} steps, breaks:`)
  for (const fault of simulate(least, file).faults) console.log(`  ${fault}`)
  for (const step of least.steps) console.log(`  ${JSON.stringify(step)}`)
}

const begin = performance.now()
const raised = new Map<string, number>()
let [broken, entries] = [0, 0]
try {
  for (let seed = from; seed < from + seeds; seed++) {
    const outcome = simulate(planOf(seed), file)
    entries += outcome.entries
    for (const [condition, count] of Object.entries(outcome.alerts)) {
      raised.set(condition, (raised.get(condition) ?? 0) + count)
    }
    if (outcome.faults.length > 0) {
      broken++
      tell(seed, outcome)
    }
    if ((seed - from + 1) % 1000 === 0) console.log(`${seed - from + 1} of ${seeds} seeds`)
  }
} finally {
  rmSync(directory, { recursive: true, force: true })
}
const seconds = (performance.now() - begin) / 1000
const alerts = [...raised].map(([condition, count]) => `${count} ${condition}`).join(", ")
console.log(`${seeds} seeds from ${from}: ${entries} entries, ${alerts}`)
console.log(`${broken} break a promise; ${((seconds * 1000) / seeds).toFixed(1)} ms a seed, ${seconds.toFixed(0)} s`)
process.exitCode = broken === 0 ? 0 : 1
