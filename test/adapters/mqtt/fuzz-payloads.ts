/**
 * Malformed payloads, by all the profiles there are, through a broker into the log: what the profiles' own tests say,
 * mutated.
 *
 *     node test/adapters/mqtt/fuzz-payloads.ts [--count 100000] [--seed 1] [--through embedded|mosquitto]
 *
 * Exits 0 when each was answered and nothing stalled, grew or fell.
 */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { monitorEventLoopDelay } from "node:perf_hooks"
import { parseArgs } from "node:util"
import mqttClient from "mqtt"
import { parse } from "yaml"
import type { Device } from "../../../gateway/domain/campus.ts"
import { DeviceId, LinkId } from "../../../gateway/domain/ids.ts"
import { openBroker } from "../../road/broker.ts"
import { freePort } from "../../road/peers.ts"
import { profilesDirectory, type Supervised, superviseLink } from "../../road/supervised.ts"
import { chances, type Chances, heapMb, mutated } from "./fuzz-bytes.ts"

interface Said {
  readonly topic: string
  readonly payload?: unknown
  readonly bytes?: string
}

interface ProfileTest extends Said {
  readonly address: string
  readonly parameters?: Device["parameters"]
  readonly before?: ReadonlyArray<Said>
}

interface Sample {
  readonly topic: string
  readonly payload: Buffer
}

const sampleOf = ({ topic, payload, bytes }: Said): Sample => ({
  topic,
  payload: Buffer.from(
    bytes !== undefined
      ? Buffer.from(bytes, "base64")
      : typeof payload === "string"
        ? payload
        : JSON.stringify(payload ?? "")
  )
})

/** What the own tests of MQTT's profiles say, and the devices that say it. */
const corpus = (): { readonly samples: ReadonlyArray<Sample>; readonly devices: ReadonlyArray<Device> } => {
  const samples: Array<Sample> = []
  const devices = new Map<string, Device>()
  for (const file of readdirSync(profilesDirectory).filter((name) => name.endsWith(".yaml"))) {
    const profile = file.replace(".yaml", "")
    const { protocol = "mqtt", tests = [] } = parse(readFileSync(join(profilesDirectory, file), "utf8"), {
      merge: true
    }) as { readonly protocol?: string; readonly tests?: ReadonlyArray<ProfileTest> }
    if (protocol !== "mqtt") continue
    for (const test of tests) {
      samples.push(...[test, ...(test.before ?? [])].map(sampleOf))
      const key = `${profile} ${test.address}`
      const { parameters } = test
      if (devices.has(key)) continue
      devices.set(key, {
        id: DeviceId.make(`device-${devices.size}`),
        link: LinkId.make("mqtt"),
        profile,
        address: test.address,
        ...(parameters === undefined ? {} : { parameters })
      })
    }
  }
  return { samples, devices: [...devices.values()] }
}

/** Values that JSON allows, and that nobody expects where they are. */
const oddValues: ReadonlyArray<string> = [
  "null",
  "[]",
  "{}",
  '""',
  "0",
  "-0",
  "1e999",
  "-1e308",
  "9007199254740993",
  "0.1e-400",
  "true",
  '"__proto__"',
  '"constructor"',
  '{"__proto__":{"x":1}}',
  '{"constructor":{"prototype":{"x":1}}}',
  '"\\ud800"',
  `"${"9".repeat(400)}"`,
  `"${"a".repeat(50_000)}"`,
  `${"[".repeat(5000)}${"]".repeat(5000)}`,
  `[${"{},".repeat(3000)}{}]`,
  `{${Array.from({ length: 2000 }, (_, nth) => `"k${nth}":${nth}`).join()}}`
]

/** Whole payloads of no device. */
const oddPayloads: ReadonlyArray<Buffer> = [
  "",
  " ",
  "\u0000",
  "\ufeff{}",
  "{",
  "}",
  "[",
  "NaN",
  "undefined",
  "{'a':1}",
  "<xml/>",
  "\r\n\r\n",
  ...oddValues,
  "9".repeat(100_000),
  `${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`,
  " ".repeat(200_000)
].map((text) => Buffer.from(text))

const withOddValue = (payload: Buffer, by: Chances): Buffer => {
  const text = payload.toString("latin1")
  const values = [...text.matchAll(/(?<=[:[,]\s*)("[^"]*"|[-\w.]+)(?=\s*[,}\]])/g)]
  if (values.length === 0) return by.one(oddPayloads)
  const { index, 0: found } = by.one(values)
  return Buffer.from(text.slice(0, index) + by.one(oddValues) + text.slice(index + found.length), "latin1")
}

const malformed = (samples: ReadonlyArray<Sample>, by: Chances): Sample => {
  const { topic, payload } = by.one(samples)
  const kind = by.below(10)
  if (kind === 0) return { topic, payload: by.one(oddPayloads) }
  if (kind < 4) return { topic, payload: withOddValue(payload, by) }
  if (kind === 4) return { topic, payload: by.one(samples).payload }
  return { topic, payload: mutated(payload, by) }
}

export interface PayloadRun {
  readonly sent: number
  readonly answered: number
  readonly counts: Readonly<Record<string, number>>
  /** The longest the event loop did not turn, and the longest of it that was this thread's own work, milliseconds. */
  readonly stalledMs: number
  readonly busyMs: number
  /** Megabytes of heap in use after a collection: once all is warm, and at the end. */
  readonly heapMb: readonly [number, number]
  readonly logEntries: number
  readonly states: ReadonlyArray<string>
  readonly alerts: number
  readonly seconds: number
}

/** Of the longest turns of the event loop, how much was this thread's own work: other processes share the machine. */
const watchWork = () => {
  let longest = 0
  let before = process.threadCpuUsage()
  const timer = setInterval(() => {
    const now = process.threadCpuUsage()
    longest = Math.max(longest, (now.user + now.system - before.user - before.system) / 1000)
    before = now
  }, 5)
  return (): number => {
    clearInterval(timer)
    return longest
  }
}

/** So many wait for their answer at once. */
const inFlight = 100

const link = async (through: "embedded" | "mosquitto", devices: ReadonlyArray<Device>) => {
  if (through === "embedded") {
    const port = await freePort()
    const supervised = await superviseLink({ broker: "embedded", host: "127.0.0.1", port }, devices)
    return { supervised, url: `mqtt://127.0.0.1:${port}`, close: () => Promise.resolve() }
  }
  const broker = await openBroker()
  const settings = {
    broker: { url: broker.url, clientId: "g", protocolVersion: 5, keepaliveSeconds: 30, sessionExpirySeconds: 600 }
  }
  return { supervised: await superviseLink(settings, devices), url: broker.url, close: broker.close }
}

const online = async (supervised: Supervised): Promise<void> => {
  while (supervised.state() !== "Online") await new Promise((resolve) => setTimeout(resolve, 20))
}

export const fuzzPayloads = async (options: {
  readonly count: number
  readonly seed: number
  readonly through: "embedded" | "mosquitto"
}): Promise<PayloadRun> => {
  const { samples, devices } = corpus()
  const by = chances(options.seed)
  const { supervised, url, close } = await link(options.through, devices)
  await online(supervised)
  const sender = await mqttClient.connectAsync(url, { clientId: "fuzz", protocolVersion: 4, reconnectPeriod: 50 })
  const startedAt = Date.now()
  let answered = 0
  const send = async (n: number): Promise<void> => {
    const batch = Array.from({ length: n }, () => {
      const { topic, payload } = malformed(samples, by)
      return sender.publishAsync(topic, payload, { qos: 1 }).then(() => void answered++)
    })
    await Promise.all(batch)
  }
  const handled = (): number => {
    const { mapped = 0, ignored = 0, unreadable = 0, ...other } = supervised.counts()
    return mapped + ignored + unreadable + (other["unknown-device"] ?? 0) + (other["unknown-topic"] ?? 0)
  }
  // What nobody subscribes to an outside broker does not hand on: there it is over when nothing more comes.
  const caughtUp = async (): Promise<void> => {
    for (let before = -1; before < handled() || supervised.status().queued > 0;) {
      before = handled()
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }
  const warm = Math.floor(options.count / 5)
  try {
    for (let sent = 0; sent < warm; sent += inFlight) await send(Math.min(inFlight, warm - sent))
    await caughtUp()
    const before = heapMb()
    const delay = monitorEventLoopDelay({ resolution: 5 })
    delay.enable()
    const work = watchWork()
    for (let sent = warm; sent < options.count; sent += inFlight) await send(Math.min(inFlight, options.count - sent))
    await caughtUp()
    delay.disable()
    const busyMs = work()
    return {
      sent: options.count,
      answered,
      counts: supervised.counts(),
      stalledMs: delay.max / 1e6,
      busyMs,
      heapMb: [before, heapMb()],
      logEntries: supervised.head(),
      states: await supervised.states(),
      alerts: supervised.alerts(),
      seconds: (Date.now() - startedAt) / 1000
    }
  } finally {
    sender.end(true)
    await supervised.stop()
    await close()
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      count: { type: "string", default: "100000" },
      seed: { type: "string", default: "1" },
      through: { type: "string", default: "embedded" }
    }
  })
  const through = values.through === "mosquitto" ? "mosquitto" : "embedded"
  const run = await fuzzPayloads({ count: Number(values.count), seed: Number(values.seed), through })
  console.log(JSON.stringify(run, undefined, 2))
  const [before, after] = run.heapMb
  const fine =
    run.answered === run.sent && run.stalledMs < 200 && after - before < 50 && !run.states.includes("Offline")
  process.exitCode = fine ? 0 : 1
}
