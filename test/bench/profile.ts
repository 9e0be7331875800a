/**
 * Where the gateway's time goes while it drains an outside broker (Mosquitto, one connection), or with `--embedded` while
 * many devices speak to its own: self time by stage and by function, of the time that its own thread and the one that writes the log
 * were busy.
 *
 *     node test/bench/profile.ts [--messages 40000] [--functions 30] [--embedded]
 *
 * The gateway runs with `--cpu-prof`; a first run warms it up, the second is the one that is told of. A native
 * function (a statement of SQLite, JSON.stringify) counts for the function that calls it. Linux.
 */
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { type GatewayFiles, writeGatewayConfig } from "../road/gateway-process.ts"
import { freePort, startMosquitto, temporaryDirectory } from "../road/peers.ts"
import { readSpans, type Shares, type StageOf } from "./parts/cpu-profile.ts"
import { idsOf, writeCampus } from "./parts/campus.ts"
import { connectDevice } from "./parts/device.ts"
import { startConnectedDevices } from "./parts/devices.ts"
import { drained } from "./parts/drained.ts"
import { type GatewaySubject, startGatewaySubject } from "./parts/gateway-subject.ts"
import { monotonicUs } from "./parts/press.ts"
import { measuring } from "./parts/subject.ts"

const { values } = parseArgs({
  options: {
    messages: { type: "string", default: "40000" },
    functions: { type: "string", default: "30" },
    embedded: { type: "boolean", default: false }
  }
})
const messages = Number(values.messages)

/** A stage by the function it begins in, then by where its files lie. */
const stages: ReadonlyArray<readonly [stage: string, functionName: RegExp, url: RegExp]> = [
  ["garbage collection", /^\(garbage collector\)$/, /^/],
  ["Merkle leaf", /^leafHash$/, /^/],
  ["what tells a redelivery", /^(checksumOf|digestOf|isRedelivery|taken)$/, /^/],
  ["rows: JSON", /^/, /gateway\/log\/(log-batch|entries)\.ts/],
  ["rows: SQLite", /^/, /gateway\/log\/(log-writer|entry-rows|filing)\.ts/],
  ["commit", /^sqliteTransaction$/, /better-sqlite3/],
  ["between threads", /^postMessage$|^receiveMessageOnPort$|^emitMessage$/, /^/],
  ["JSON of the stream", /^(wireJson|wireJsonOf|frameOf|toIso|instantsAsIso)$/, /gateway\/api/],
  ["stream and HTTP", /^/, /gateway\/api/],
  ["stamp", /^/, /gateway\/intake\/(stamp|clock-quality)/],
  ["fold", /^/, /gateway\/(correlation|alerts)/],
  ["intake", /^/, /gateway\/(intake|clock|log)/],
  [
    "link",
    /^/,
    /gateway\/links|adapters\/mqtt\/(broker|client|incoming|listened|liveness|mqtt|packet|publish|unsettled)[^/]*\.ts/
  ],
  ["mapping", /^/, /adapters\/(mqtt|profile)/],
  ["mqtt.js", /^/, /node_modules\/(mqtt|mqtt-packet|bl|readable-stream)\//],
  ["aedes", /^/, /node_modules\/(aedes|mqemitter|fastparallel|fastseries|reusify|fastfall)/]
]

const stageOf: StageOf = (functionName, url) =>
  stages.find(([, name, where]) => name.test(functionName) && where.test(url))?.[0]

const tellShares = (title: string, shares: Shares): void => {
  console.log(`\n${title}`)
  for (const [name, share] of shares) console.log(`${(share * 100).toFixed(1).padStart(5)} %  ${name}`)
}

interface Span {
  readonly fromUs: number
  readonly toUs: number
}

const drain = async (port: number, subject: GatewaySubject): Promise<Span> => {
  const button = await connectDevice({ port, id: "button" })
  await drained(subject, button, messages, () => {})
  let fromUs = 0
  await drained(subject, button, messages, () => void (fromUs = monotonicUs()))
  const toUs = monotonicUs()
  button.close()
  return { fromUs, toUs }
}

/** So many devices, and messages of each that are published and not acknowledged at a time. */
const [buttons, window] = [idsOf("button", 50), 40]

const flow = async (port: number): Promise<Span> => {
  const devices = await startConnectedDevices(port, buttons)
  const order = { do: "flow", presses: messages, window } as const
  await devices.have(order)
  const fromUs = monotonicUs()
  await devices.have(order)
  const toUs = monotonicUs()
  await devices.stop()
  return { fromUs, toUs }
}

const directory = temporaryDirectory("bench")
const profiles = join(directory.path, "profiles")
mkdirSync(profiles)

/** Only the gateway is to be profiled: it is started with this environment, nothing else is. */
const profiled = async <A>(files: GatewayFiles, work: (gateway: GatewaySubject) => Promise<A>): Promise<A> => {
  process.env["NODE_OPTIONS"] = `--cpu-prof --cpu-prof-interval=500 --cpu-prof-dir=${profiles}`
  const gateway = await startGatewaySubject(files)
  delete process.env["NODE_OPTIONS"]
  return measuring(gateway, work)
}

const throughMosquitto = async (): Promise<Span> => {
  const broker = await startMosquitto(directory.path)
  try {
    const files = writeGatewayConfig(directory.path, broker.url, await freePort())
    return await profiled(files, (gateway) => drain(broker.port, gateway))
  } finally {
    await broker.stop()
  }
}

const embedded = async (): Promise<Span> => {
  const campus = await writeCampus(directory.path, { buttons })
  return profiled(campus, () => flow(campus.mqttPort))
}

try {
  const { fromUs, toUs } = await (values.embedded ? embedded() : throughMosquitto())
  const threads = readSpans(profiles, ["gateway/main.ts", "gateway/log/store-thread.ts"], fromUs, toUs)
  console.log(`${Math.round((messages * 1e6) / (toUs - fromUs))} events/s while profiled`)
  for (const [nth, profile] of threads.entries()) {
    const whose = nth === 0 ? "the gateway's own thread" : "the thread that writes the log"
    tellShares(`${whose}, busy ${(profile.busy * 100).toFixed(0)} %, by stage`, profile.stages(stageOf))
    tellShares("by function", profile.functions().slice(0, Number(values.functions)))
  }
} finally {
  directory.dispose()
}
