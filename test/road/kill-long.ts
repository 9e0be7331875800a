/**
 * The long kill run: a gateway behind a real Mosquitto, killed 200 times at random points under load; then the control,
 * with the protection taken out.
 *
 *     node test/road/kill-long.ts [--kills 200] [--messages 40000] [--seed 1]
 *
 * Exits 0 when every accepted message is in the log exactly once and the control lost some.
 */
import { parseArgs } from "node:util"
import { countOf, killRun } from "./kill.ts"

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "200" },
    messages: { type: "string", default: "40000" },
    seed: { type: "string", default: "1" }
  }
})
const options = { kills: Number(values.kills), messages: Number(values.messages), seed: Number(values.seed) }
const run = await killRun(options)
const exact = JSON.stringify(run.inLog, Object.keys(run.accepted)) === JSON.stringify(run.accepted)
console.log(
  `${run.kills} kills: ${countOf(run.accepted)} accepted, ${countOf(run.inLog)} in the log, exactly once: ${exact}`
)
const control = await killRun({ ...options, kills: Math.ceil(options.kills / 10), which: "careless" })
const lost = countOf(control.accepted) - countOf(control.inLog)
console.log(`control, ${control.kills} kills: ${countOf(control.accepted)} accepted, ${lost} lost`)
process.exitCode = exact && lost > 0 ? 0 : 1
