/**
 * The road through the embedded broker: many devices connected at once, each an MQTT client with its own topic, in a
 * process of their own; beside the floor of the same shape: a bare aedes that answers after a bare group commit
 * (`parts/floor-embedded.ts`), with the same devices.
 *
 *     node test/bench/embedded.ts [--events 200000] [--seconds 10] [--devices 50] [--window 2000] [--rounds 3]
 *
 * - latency: from publish to arrival (the floor's store, the officer's stream), at steady rates of all devices together;
 * - sustained: events/s into the log with all correlation on and a stream open, `--window` messages of all devices
 *   together published and not acknowledged at a time. An acknowledged one is on disk.
 *
 * Floor and gateway take turns for `--rounds`. One JSON line a measurement, then a table of the medians, the ratios and
 * the aims. Absolute figures belong to the machine. Linux.
 */
import { parseArgs } from "node:util"
import { freePort, temporaryDirectory } from "../road/peers.ts"
import { idsOf } from "./parts/campus.ts"
import { type Figures, roundsOf } from "./parts/compared.ts"
import { startConnectedDevices } from "./parts/devices.ts"
import { expectPresses } from "./parts/gateway-subject.ts"
import { latencies, latencyRows, pressesOf } from "./parts/latency.ts"
import { tell, tellTable } from "./parts/report.ts"
import { measuring, startFloor, type Subject } from "./parts/subject.ts"
import { sustained, sustainedRows } from "./parts/sustained.ts"
import { withGateway } from "./parts/with-gateway.ts"

const { values } = parseArgs({
  options: {
    events: { type: "string", default: "200000" },
    seconds: { type: "string", default: "10" },
    devices: { type: "string", default: "50" },
    window: { type: "string", default: "2000" },
    rounds: { type: "string", default: "3" }
  }
})
const presses = Number(values.events)
const seconds = Number(values.seconds)
const ids = idsOf("button", Number(values.devices))
const window = Math.ceil(Number(values.window) / ids.length)

const measure = async (subject: Subject, port: number): Promise<Figures> => {
  const devices = await startConnectedDevices(port, ids)
  try {
    const figures = {
      ...(await latencies(subject, seconds, (rate) => devices.have({ do: "press", rate, seconds }))),
      ...(await sustained("sustained", subject, presses, () => devices.have({ do: "flow", presses, window })))
    }
    const { reconnects } = await devices.have({ do: "tell" })
    if (reconnects > 0) throw new Error(`the broker has closed ${reconnects} connections meanwhile`)
    tell({ subject: subject.name, ...figures })
    return figures
  } finally {
    await devices.stop()
  }
}

const floor = async (): Promise<Figures> => {
  const directory = temporaryDirectory("bench")
  const port = await freePort()
  try {
    const subject = await startFloor("floor-embedded.ts", `${port}`, `${directory.path}/floor.db`)
    return await measuring(subject, () => measure(subject, port))
  } finally {
    directory.dispose()
  }
}

const gateway = () =>
  withGateway({ buttons: ids }, async (subject, campus) => {
    const figures = await measure(subject, campus.mqttPort)
    expectPresses(campus, pressesOf(seconds) + presses)
    return figures
  })

const rounds = await roundsOf(Number(values.rounds), floor, gateway)
tellTable([...sustainedRows(rounds, "sustained"), ...latencyRows(rounds)])
