/**
 * The road from MQTT to an officer's screen: sustained events a second into the durable log, and the latency from
 * publish to SSE, beside the floor (bare mqtt.js + bare better-sqlite3 at the same durability) measured in the same run.
 *
 *     node test/bench/road.ts [--messages 50000] [--seconds 10]
 *
 * Prints one JSON line a measurement and a closing table with the ratios. Absolute figures belong to the machine.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { request } from "node:http"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { parseArgs } from "node:util"
import mqtt, { type MqttClient } from "mqtt"
import { pressesInLog, ready, startGateway, stop, writeGatewayConfig } from "../road/gateway-process.ts"
import { freePort, startMosquitto, temporaryDirectory } from "../road/peers.ts"

const { values } = parseArgs({
  options: { messages: { type: "string", default: "50000" }, seconds: { type: "string", default: "10" } }
})
const messages = Number(values.messages)
const seconds = Number(values.seconds)

/** So many messages are under way to the broker at a time. */
const windowSize = 2000

/** Told of each press that has reached its goal: the log (floor) or the officer's stream (gateway). */
type Arrived = (action: string) => void

interface Subject {
  readonly name: string
  readonly process: ChildProcess
  readonly onArrival: (arrived: Arrived) => void
  readonly stop: () => Promise<void>
}

const publish = (publisher: MqttClient, action: string) =>
  publisher.publishAsync("zigbee2mqtt/button", JSON.stringify({ action }), { qos: 1 })

const quantile = (sorted: ReadonlyArray<number>, q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN

/**
 * How many reach their goal a second when all of them are waiting in the broker: the subject stands still while they
 * are published, so that the publisher's own speed is not what is measured.
 */
const sustained = async (subject: Subject, publisher: MqttClient): Promise<number> => {
  let left = messages
  const done = new Promise<void>((resolve) => subject.onArrival(() => void (--left === 0 && resolve())))
  subject.process.kill("SIGSTOP")
  for (let n = 0; n < messages; n += windowSize) {
    const size = Math.min(windowSize, messages - n)
    await Promise.all(Array.from({ length: size }, (_, k) => publish(publisher, `s${n + k}`)))
  }
  const started = performance.now()
  subject.process.kill("SIGCONT")
  await done
  return messages / ((performance.now() - started) / 1000)
}

/** At a steady rate: the time from publish to arrival of each. */
const latency = async (subject: Subject, publisher: MqttClient, rate: number) => {
  const total = rate * seconds
  const sentAt = new Map<string, number>()
  const took: Array<number> = []
  const done = new Promise<void>((resolve) =>
    subject.onArrival((action) => {
      const at = sentAt.get(action)
      if (at === undefined) return
      took.push(performance.now() - at)
      if (took.length === total) resolve()
    })
  )
  const started = performance.now()
  let sent = 0
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const due = Math.min(total, Math.floor(((performance.now() - started) / 1000) * rate))
      for (; sent < due; sent++) {
        const action = `r${rate}-${sent}`
        sentAt.set(action, performance.now())
        void publish(publisher, action)
      }
      if (sent === total) resolve(clearInterval(timer))
    }, 5)
  })
  await done
  took.sort((a, b) => a - b)
  return { p50: quantile(took, 0.5), p99: quantile(took, 0.99) }
}

const floorSubject = async (url: string, directory: string): Promise<Subject> => {
  let arrived: Arrived = () => {}
  const child = spawn(process.execPath, [join(import.meta.dirname, "floor.ts"), url, join(directory, "floor.db")], {
    stdio: ["ignore", "pipe", "inherit"]
  })
  const lines = createInterface({ input: child.stdout })
  await new Promise<void>((resolve) => lines.once("line", () => resolve()))
  lines.on("line", (action) => arrived(action))
  return {
    name: "floor",
    process: child,
    onArrival: (next) => void (arrived = next),
    stop: () => stop(child, "SIGKILL")
  }
}

const gatewaySubject = async (url: string, directory: string): Promise<Subject> => {
  let arrived: Arrived = () => {}
  const files = writeGatewayConfig(directory, url, await freePort())
  const gateway = startGateway(files)
  await ready(files)
  const token = /[A-Za-z0-9_-]{43}/.exec(gateway.log())?.[0] ?? ""
  const stream = request({
    port: files.port,
    host: "127.0.0.1",
    path: "/api/v1/stream",
    headers: { authorization: `Bearer ${token}` }
  })
  stream.on("response", (response) => {
    let text = ""
    response.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk
      const end = text.lastIndexOf("\n\n")
      if (end < 0) return
      for (const found of text.slice(0, end).matchAll(/"_tag":"Fact".*?"action":"([^"]+)"/g)) arrived(found[1] ?? "")
      text = text.slice(end)
    })
  })
  stream.end()
  await new Promise<void>((resolve) => stream.once("response", () => resolve()))
  return {
    name: "gateway",
    process: gateway.child,
    onArrival: (next) => void (arrived = next),
    stop: async () => {
      stream.destroy()
      await stop(gateway.child, "SIGTERM")
      console.log(JSON.stringify({ inLog: [...pressesInLog(files).values()].reduce((all, n) => all + n, 0) }))
    }
  }
}

const measure = async (make: (url: string, directory: string) => Promise<Subject>) => {
  const directory = temporaryDirectory("bench")
  const broker = await startMosquitto(directory.path)
  const subject = await make(broker.url, directory.path)
  const publisher = await mqtt.connectAsync(broker.url, { clientId: "bench-publisher" })
  try {
    const at100 = await latency(subject, publisher, 100)
    const at1000 = await latency(subject, publisher, 1000)
    const at5000 = await latency(subject, publisher, 5000)
    const rate = await sustained(subject, publisher)
    const result = { rate, at100, at1000, at5000 }
    console.log(JSON.stringify({ subject: subject.name, ...result }))
    return result
  } finally {
    await publisher.endAsync(true)
    await subject.stop()
    await broker.stop()
    directory.dispose()
  }
}

const floor = await measure(floorSubject)
const gateway = await measure(gatewaySubject)
const ratio = (a: number, b: number) => (a / b).toFixed(2)
console.log(
  `sustained events/s: gateway ${Math.round(gateway.rate)}, floor ${Math.round(floor.rate)}, ratio ${ratio(gateway.rate, floor.rate)}`
)
for (const at of ["at100", "at1000", "at5000"] as const) {
  const ours = gateway[at]
  const bare = floor[at]
  console.log(
    `${at.slice(2)}/s to the screen: p50 ${ours.p50.toFixed(1)} ms (floor ${bare.p50.toFixed(1)}, ratio ${ratio(ours.p50, bare.p50)}), ` +
      `p99 ${ours.p99.toFixed(1)} ms (floor ${bare.p99.toFixed(1)}, ratio ${ratio(ours.p99, bare.p99)})`
  )
}
