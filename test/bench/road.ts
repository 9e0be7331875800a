/**
 * The road from an outside broker (Mosquitto, one connection) to an officer's screen, beside the floor: bare mqtt.js and
 * bare better-sqlite3 at the same durability (`parts/floor-outside.ts`).
 *
 *     node test/bench/road.ts [--messages 200000] [--seconds 10] [--window 2000] [--rounds 3]
 *
 * - latency: from publish to arrival, at steady rates for `--seconds` each;
 * - flowing: events/s with the publisher alive, `--window` messages published and not arrived at a time;
 * - drained: events/s when all `--messages` wait in the broker, published while the subject stood still.
 *
 * Arrived is: in the floor's store, or on the officer's stream. Floor and gateway take turns for `--rounds`. One JSON line
 * a measurement, then a table of the medians, the ratios and the aims. Absolute figures belong to the machine. Linux.
 */
import { parseArgs } from "node:util"
import { writeGatewayConfig } from "../road/gateway-process.ts"
import { freePort, startMosquitto, temporaryDirectory } from "../road/peers.ts"
import { arrivals } from "./parts/arrivals.ts"
import { type Figures, roundsOf } from "./parts/compared.ts"
import { connectDevice, type Device } from "./parts/device.ts"
import { drained } from "./parts/drained.ts"
import { expectPresses, startGatewaySubject } from "./parts/gateway-subject.ts"
import { latencies, latencyRows, pressesOf } from "./parts/latency.ts"
import { pressOf } from "./parts/press.ts"
import { tell, tellTable } from "./parts/report.ts"
import { pressSteadily } from "./parts/speaking.ts"
import { measuring, startFloor, type Subject } from "./parts/subject.ts"
import { sustained, sustainedRows } from "./parts/sustained.ts"

const { values } = parseArgs({
  options: {
    messages: { type: "string", default: "200000" },
    seconds: { type: "string", default: "10" },
    window: { type: "string", default: "2000" },
    rounds: { type: "string", default: "3" }
  }
})
const messages = Number(values.messages)
const seconds = Number(values.seconds)
const window = Number(values.window)

/** Each arrival lets the next message be published: so many are under way between publisher and goal, no more. */
const flowing = async (subject: Subject, button: Device): Promise<void> => {
  let published = 0
  const publish = (): void => {
    if (published < messages) button.publish(pressOf(published++))
  }
  const done = arrivals(subject, messages, publish)
  for (let n = 0; n < window; n++) publish()
  await done
}

const measure = async (subject: Subject, port: number): Promise<Figures> => {
  const button = await connectDevice({ port, id: "button" })
  try {
    const figures = {
      ...(await latencies(subject, seconds, (rate) => pressSteadily([button], rate, seconds))),
      ...(await sustained("flowing", subject, messages, () => flowing(subject, button))),
      ...(await sustained("drained", subject, messages, (started) => drained(subject, button, messages, started)))
    }
    tell({ subject: subject.name, ...figures })
    return figures
  } finally {
    button.close()
  }
}

const withBroker = async (
  work: (broker: Awaited<ReturnType<typeof startMosquitto>>, directory: string) => Promise<Figures>
): Promise<Figures> => {
  const directory = temporaryDirectory("bench")
  const broker = await startMosquitto(directory.path)
  try {
    return await work(broker, directory.path)
  } finally {
    await broker.stop()
    directory.dispose()
  }
}

const floor = () =>
  withBroker(async ({ url, port }, directory) =>
    measuring(await startFloor("floor-outside.ts", url, `${directory}/floor.db`), (subject) => measure(subject, port))
  )

const gateway = () =>
  withBroker(async ({ url, port }, directory) => {
    const files = writeGatewayConfig(directory, url, await freePort())
    return measuring(await startGatewaySubject(files), async (subject) => {
      const figures = await measure(subject, port)
      expectPresses(files, pressesOf(seconds) + 2 * messages)
      return figures
    })
  })

const rounds = await roundsOf(Number(values.rounds), floor, gateway)
tellTable([...sustainedRows(rounds, "flowing"), ...sustainedRows(rounds, "drained"), ...latencyRows(rounds)])
