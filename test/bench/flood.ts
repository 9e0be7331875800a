/**
 * What the gateway does when far more comes than usual, by its embedded broker.
 *
 *     node test/bench/flood.ts safety  [--repeats 20] [--devices 50] [--window 5000]
 *     node test/bench/flood.ts memory  [--events 1000000] [--devices 50] [--window 2000]
 *     node test/bench/flood.ts connect [--clients 2000]
 *     node test/bench/flood.ts         (all three)
 *
 * - safety: while `--devices` press at full speed, `--window` presses of each under way, a panic button is pressed and a
 *   door is forced, each on a connection of its own: time from publish to the alert on the officer's stream. The doors
 *   wait for no late grant (`reorderGraceMs: 0`), so that the road alone is measured.
 * - memory: the gateway's resident memory after each 50,000 of `--events`, `--window` of all devices under way.
 * - connect: so many clients connect at once: how long until all are, how many it turned away, and how long the gateway
 *   let others wait meanwhile (`GET /healthz` each 50 ms), beside the same at rest.
 *
 * One JSON line a measurement, then a table with the aims. Absolute figures belong to the machine. Linux.
 */
import { parseArgs } from "node:util"
import { connect } from "./flood/connect.ts"
import { memory } from "./flood/memory.ts"
import { safety } from "./flood/safety.ts"
import { type Row, tellTable } from "./parts/report.ts"

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    repeats: { type: "string", default: "20" },
    devices: { type: "string", default: "50" },
    window: { type: "string" },
    events: { type: "string", default: "1000000" },
    clients: { type: "string", default: "2000" }
  }
})
const devices = Number(values.devices)
const floods: Readonly<Record<string, () => Promise<ReadonlyArray<Row>>>> = {
  safety: () => safety({ repeats: Number(values.repeats), devices, window: Number(values.window ?? 5000) }),
  memory: () => memory({ events: Number(values.events), devices, window: Number(values.window ?? 2000) }),
  connect: () => connect(Number(values.clients))
}
const wanted = positionals.length === 0 ? Object.keys(floods) : positionals
const rows: Array<Row> = []
for (const name of wanted) {
  const flood = floods[name]
  if (flood === undefined) throw new Error(`${name} is no flood; expected ${Object.keys(floods).join(", ")}`)
  rows.push(...(await flood()))
}
tellTable(rows)
