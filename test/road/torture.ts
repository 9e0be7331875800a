/**
 * The torture run: a gateway behind a real Mosquitto, killed, cut off from it and with the broker restarted under load, by
 * MQTT 5 and 3.1.1; then the controls, each with one protection taken out.
 *
 *     node test/road/torture.ts [--kills 70] [--cuts 40] [--restarts 10] [--seed 1]
 *
 * Exits 0 when every accepted message is in the log exactly once and each control went wrong.
 */
import { parseArgs } from "node:util"
import { countOf, differenceOf, type KillOptions, killRun } from "./kill.ts"

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "70" },
    cuts: { type: "string", default: "40" },
    restarts: { type: "string", default: "10" },
    seed: { type: "string", default: "1" }
  }
})
const whole = {
  kills: Number(values.kills),
  cuts: Number(values.cuts),
  restarts: Number(values.restarts),
  seed: Number(values.seed)
}

const tell = async (name: string, options: KillOptions) => {
  const startedAt = Date.now()
  const run = await killRun(options)
  const difference = differenceOf(run)
  const { kills, cuts, restarts } = run
  console.log(
    `${name}: ${kills} kills, ${cuts} cuts, ${restarts} broker restarts in ${Math.round((Date.now() - startedAt) / 1000)} s: ` +
      `${countOf(run.accepted)} accepted ${JSON.stringify(run.accepted)}, ${countOf(run.inLog)} in the log, ` +
      `${difference.lost} lost, ${difference.duplicated} duplicated`
  )
  return difference
}

const exact = [
  await tell("MQTT 5", { ...whole, messages: 12_000, version: 5 }),
  await tell("MQTT 3.1.1", { ...whole, messages: 20_000, version: 4 }),
  await tell("MQTT 5, acknowledged late", { ...whole, messages: 12_000, version: 5, which: "late" })
]
const few = { kills: Math.ceil(whole.kills / 10), messages: 4000, seed: whole.seed }
const careless = await tell("control that acknowledges before it keeps", { ...few, which: "careless" })
const forgetful = await tell("control that knows no redelivery, acknowledged late", { ...few, which: "forgetful" })
const right = exact.every(({ lost, duplicated }) => lost === 0 && duplicated === 0)
process.exitCode = right && careless.lost > 0 && forgetful.duplicated > 0 ? 0 : 1
