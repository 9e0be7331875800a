/**
 * The torture run of a link to a panel that is an OPC UA server: the gateway as its operator starts it, secured and with a
 * user, while its connection is cut and goes silent, it is killed itself, doors are forced and their alerts acknowledged;
 * then the panel restarts, and is killed. After it the control: the library's own subscription in the gateway's place.
 *
 *     node test/road/opcua-torture.ts [--cuts 8] [--kills 2] [--alarms 2] [--rate 100] [--outage 6] [--seed 1] [--control]
 *
 * The whole of it: `--cuts 80 --kills 10 --alarms 12 --rate 200 --outage 30`. `--control`: the control alone. Exits 0 when
 * each event that the panel told is in the log exactly once, or was lost where a gap says so: with the panel, or because its
 * queue (5,000 events) ran over while we were away; when no alert
 * came from any recovery; when each acknowledgement came to the panel once, or is told not to have come; and when the
 * control went wrong.
 */
import { parseArgs } from "node:util"
import { faultsOf } from "./opcua-faults.ts"
import type { Part } from "./opcua-parts.ts"
import { controlRun, opcuaRun } from "./opcua-run.ts"

const { values } = parseArgs({
  options: {
    cuts: { type: "string", default: "8" },
    kills: { type: "string", default: "2" },
    alarms: { type: "string", default: "2" },
    rate: { type: "string", default: "100" },
    outage: { type: "string", default: "6" },
    seed: { type: "string", default: "1" },
    control: { type: "boolean", default: false }
  }
})
const options = {
  cuts: Number(values.cuts),
  kills: Number(values.kills),
  alarms: Number(values.alarms),
  rate: Number(values.rate),
  outageSeconds: Number(values.outage),
  seed: Number(values.seed)
}

const tellParts = (who: string, parts: ReadonlyArray<Part>): void => {
  const lines = [
    [who, "told", "lost", "without a gap", "gaps", "seconds"],
    ...parts.map(({ name, told, lost, unexplained, gaps, seconds }) => [name, told, lost, unexplained, gaps, seconds])
  ].map((line) => line.map(String))
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? []
  for (const line of lines) {
    console.log(
      line.map((cell, nth) => (nth === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[nth] ?? 0))).join("  ")
    )
  }
}

const tellGateway = async (): Promise<boolean> => {
  const run = await opcuaRun(options)
  tellParts("the gateway", run.parts)
  console.log(`${run.twice} twice, ${run.disordered} out of order; alerts: ${run.raised.join(", ")}`)
  for (const gap of run.gaps) console.log(`gap: ${gap}`)
  for (const { door, writeBack, accepted } of run.forced) {
    console.log(`${door}: acknowledgement ${writeBack ?? "nowhere"}, the panel accepted ${accepted}`)
  }
  const faults = faultsOf(run)
  for (const fault of faults) console.error(`WRONG: ${fault}`)
  return faults.length === 0
}

const tellControl = async (): Promise<boolean> => {
  const { parts, twice, disordered } = await controlRun({ ...options, alarms: 0 })
  tellParts("the library's own subscription", parts)
  console.log(`${twice} twice, ${disordered} out of order`)
  const wentWrong = parts.some(({ lost }) => lost > 0) || twice > 0
  if (!wentWrong) console.error("WRONG: the control lost nothing and has nothing twice, so this run proves nothing")
  return wentWrong
}

const isRight = values.control || (await tellGateway())
const wentWrong = await tellControl()
process.exitCode = isRight && wentWrong ? 0 : 1
