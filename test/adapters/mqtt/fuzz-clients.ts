/**
 * Mutated clients of the embedded broker: devices whose packets are cut, flipped, doubled or made up.
 *
 *     node test/adapters/mqtt/fuzz-clients.ts [--count 20000] [--seed 1]
 *
 * Exits 0 when the broker went on serving one that behaves, and nothing was left behind.
 */
import { once } from "node:events"
import { connect, type Socket } from "node:net"
import { monitorEventLoopDelay } from "node:perf_hooks"
import { parseArgs } from "node:util"
import mqttClient from "mqtt"
import { packetsOf, types } from "../../road/fake-broker.ts"
import { freePort } from "../../road/peers.ts"
import { superviseLink } from "../../road/supervised.ts"
import { chances, type Chances, heapMb, mutated, watchUncaught } from "./fuzz-bytes.ts"

const text = (value: string): Buffer => Buffer.from(`\0${String.fromCharCode(value.length)}${value}`, "latin1")

const packet = (first: number, ...parts: ReadonlyArray<Uint8Array>): Buffer => {
  const body = Buffer.concat(parts)
  return Buffer.concat([Buffer.from([first, body.length]), body])
}

/** MQTT 3.1.1, 3.1: with a last will half of the time. */
const hello = (by: Chances): Buffer => {
  const will = by.below(2) === 0
  const flags = 0xc0 | (will ? 0x04 | (by.below(2) << 3) | (by.below(2) << 5) : 0) | (by.below(2) << 1)
  return packet(
    types.connect << 4,
    text("MQTT"),
    Buffer.from([4, flags, 0, 10]),
    text(`client-${by.below(20)}`),
    ...(will ? [text("zigbee2mqtt/button/availability"), text('{"state":"offline"}')] : []),
    text("user"),
    text("word")
  )
}

const topics = ["zigbee2mqtt/button", "zigbee2mqtt/contact/availability", "nobody/reads", "$SYS/x", "a/#", ""] as const

const sayings = (by: Chances): ReadonlyArray<Buffer> => {
  const { publish, pubrel, pingresp, connack } = packetsOf(4)
  const id = (): Buffer => Buffer.from([0, by.below(4)])
  const message = () =>
    publish({
      topic: by.one(topics),
      payload: by.below(2) === 0 ? '{"action":"single"}' : by.bytes(by.below(40)),
      qos: by.one([0, 1, 1, 2]),
      messageId: by.below(4),
      dup: by.below(2) === 1,
      retain: by.below(2) === 1
    })
  const others = [
    () => pubrel(by.below(4)),
    () => packet((types.subscribe << 4) | 2, id(), text(by.one(topics)), Buffer.from([by.below(3)])),
    () => packet((10 << 4) | 2, id(), text(by.one(topics))),
    () => Buffer.from([types.pingreq << 4, 0]),
    () => Buffer.from([by.one([types.puback, types.pubrec, types.pubcomp]) << 4, 2, 0, by.below(4)]),
    () => Buffer.from([types.disconnect << 4, 0]),
    () => hello(by),
    () => connack(),
    pingresp
  ]
  return Array.from({ length: by.below(8) }, () => (by.below(2) === 0 ? by.one(others)() : message()))
}

const speak = async (socket: Socket, by: Chances): Promise<void> => {
  const broken = (bytes: Buffer, oneIn: number): Buffer => (by.below(oneIn) === 0 ? mutated(bytes, by) : bytes)
  const said = Buffer.concat([broken(hello(by), 6), ...sayings(by).map((bytes) => broken(bytes, 3))])
  for (let at = 0; at < said.length && !socket.destroyed;) {
    const size = 1 + by.below(by.one([4, 60, 4000]))
    socket.write(said.subarray(at, at + size))
    at += size
  }
  await new Promise((resolve) => setTimeout(resolve, by.below(4)))
  if (by.below(2) === 0) socket.destroy()
  else socket.end()
}

export interface ClientRun {
  readonly clients: number
  readonly answered: number
  readonly uncaught: ReadonlyArray<string>
  readonly counts: Readonly<Record<string, number>>
  /** Handles before and after. */
  readonly resources: readonly [number, number]
  readonly heapMb: readonly [number, number]
  readonly logEntries: number
  readonly stalledMs: number
  readonly states: ReadonlyArray<string>
  readonly seconds: number
}

/** So many broken clients are there at once. */
const atOnce = 20

export const fuzzClients = async (options: { readonly count: number; readonly seed: number }): Promise<ClientRun> => {
  const startedAt = Date.now()
  const uncaught = watchUncaught()
  const port = await freePort()
  const link = await superviseLink({ broker: "embedded", host: "127.0.0.1", port })
  while (link.state() !== "Online") await new Promise((resolve) => setTimeout(resolve, 20))
  const well = await mqttClient.connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion: 4, reconnectPeriod: 0 })
  const resources = (): number => process.getActiveResourcesInfo().filter((kind) => /^(TCP|TLS)/.test(kind)).length
  let answered = 0
  const round = async (first: number): Promise<void> => {
    const broken = Array.from({ length: atOnce }, async (_, nth) => {
      const socket = connect(port, "127.0.0.1")
      socket.on("error", () => {})
      socket.resume()
      const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()))
      await once(socket, "connect")
      await speak(socket, chances(options.seed * 1_000_003 + first + nth))
      await closed
    })
    await well.publishAsync("zigbee2mqtt/contact", '{"contact":true}', { qos: 1 })
    answered++
    await Promise.all(broken)
  }
  const rounds = Math.ceil(options.count / atOnce)
  const warm = Math.ceil(rounds / 10)
  try {
    for (let nth = 0; nth < warm; nth++) await round(nth * atOnce)
    await new Promise((resolve) => setTimeout(resolve, 200))
    const before = { resources: resources(), heapMb: heapMb() }
    const delay = monitorEventLoopDelay({ resolution: 5 })
    delay.enable()
    for (let nth = warm; nth < rounds; nth++) await round(nth * atOnce)
    delay.disable()
    await new Promise((resolve) => setTimeout(resolve, 200))
    return {
      clients: rounds * atOnce,
      answered: answered * atOnce,
      uncaught: uncaught.stop(),
      counts: link.counts(),
      resources: [before.resources, resources()],
      heapMb: [before.heapMb, heapMb()],
      logEntries: link.head(),
      stalledMs: delay.max / 1e6,
      states: await link.states(),
      seconds: (Date.now() - startedAt) / 1000
    }
  } finally {
    uncaught.stop()
    well.end(true)
    await link.stop()
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { count: { type: "string", default: "20000" }, seed: { type: "string", default: "1" } }
  })
  const run = await fuzzClients({ count: Number(values.count), seed: Number(values.seed) })
  console.log(JSON.stringify({ ...run, uncaught: run.uncaught.length, first: run.uncaught.slice(0, 3) }, undefined, 2))
  const [before, after] = run.heapMb
  const fine =
    run.answered === run.clients &&
    run.uncaught.length === 0 &&
    run.resources[1] <= run.resources[0] &&
    after - before < 20 &&
    run.stalledMs < 200 &&
    !run.states.includes("Offline")
  process.exitCode = fine ? 0 : 1
}
