/**
 * Panels that are OPC UA servers at one gateway: first one of 500 doors, which is 2,000 variables and one source of events,
 * at 500 events a second; then thirty panels of ten doors, at as many together. Beside each the floor: the library's own
 * subscriptions in a bare process, with the same panels. And what it costs the others: MQTT devices on the embedded broker
 * of the same gateway, at 100/s; and a gateway that has no such link.
 *
 *     node test/bench/opcua.ts [--doors 500] [--panels 30] [--rate 500] [--seconds 12] [--rounds 3]
 *
 * - start: from the start of the process until the API answers, and until all links are online; resident then;
 * - latency: from the event at the panel to the officer's stream (the floor: to the client), `--rounds` times for twice
 *   `--seconds`. A server publishes each 250 ms: that is in both. Meanwhile MQTT is pressed for `--seconds` at the gateway
 *   with the panels, then at one without, which stands beside it on the same busy machine;
 * - delivered: each event that was told is looked for in the log;
 * - CPU of the gateway's process, all of its threads, while the panels alone give it work; its resident memory at the end.
 *
 * One JSON line a measurement, then a table with the aims. Thirty panels share three processes. Panels, floor and gateway
 * share the machine; absolute figures belong to it. Linux.
 */
import { join } from "node:path"
import { parseArgs } from "node:util"
import { accountOf, type Range, repeatsOf } from "../road/opcua-account.ts"
import { becomes, startAsShipped } from "../road/opcua-hearer.ts"
import { followLog } from "../road/opcua-log.ts"
import { temporaryDirectory } from "../road/peers.ts"
import { mqttOf, type Pressing, type Side } from "./parts/camera-minutes.ts"
import { type Campus, idsOf } from "./parts/campus.ts"
import { latencyAim } from "./parts/compared.ts"
import { startConnectedDevices } from "./parts/devices.ts"
import { expectPresses } from "./parts/gateway-subject.ts"
import { type OpcuaGateway, type Start, startOpcuaGateway, writePanelCampus } from "./parts/opcua-gateway.ts"
import { type Panels, type PanelsOptions, withPanels } from "./parts/opcua-panels.ts"
import { processorMs, residentMb } from "./parts/process-costs.ts"
import { type Aim, type Row, tell, tellTable } from "./parts/report.ts"
import { medianOf, type Spread, spreadOf } from "./parts/spread.ts"
import { measuring } from "./parts/subject.ts"
import { withGateway } from "./parts/with-gateway.ts"

const { values } = parseArgs({
  options: {
    doors: { type: "string", default: "500" },
    panels: { type: "string", default: "30" },
    rate: { type: "string", default: "500" },
    seconds: { type: "string", default: "12" },
    rounds: { type: "string", default: "3" }
  }
})
const seconds = Number(values.seconds)
const rate = Number(values.rate)
const rounds = Number(values.rounds)
const buttons = idsOf("button", 20)
const pressing: Pressing = { rate: 100, seconds }

/** MQTT must not suffer from panels: a fifth is what the measurement itself may be off. */
const mqttAim: Aim = { atMost: 1.2 }

/** An event is on the screen within a second. */
const screenAim: Aim = { below: 1000 }

const noneAim: Aim = { atMost: 0 }

/** An event that has not come by then is lost. */
const lostAfterMs = 60_000

const toldBy = (ranges: ReadonlyArray<Range>): number => ranges.reduce((sum, { from, to }) => sum + to - from + 1, 0)

/** What the floor does with the same panels. */
const floorOf = async (name: string, { panels, speak }: Panels, directory: string): Promise<Spread> => {
  const urls = panels.map(({ server }) => `opc.tcp://127.0.0.1:${server.port}`)
  const tookMs: Array<number> = []
  const floor = await startAsShipped(urls, join(directory, "floor-pki"), (credential, atUs) => {
    tookMs.push((atUs - Number(credential.slice(credential.indexOf("@") + 1))) / 1000)
  })
  try {
    const told = toldBy(await speak({ rate, seconds }))
    await becomes(() => tookMs.length >= told, lostAfterMs)
    const spread = spreadOf(tookMs)
    tell({ floor: name, told, heard: tookMs.length, ...spread, residentMb: residentMb(floor.process.pid ?? 0) })
    return spread
  } finally {
    await floor.stop()
  }
}

/** What one window of speaking panels showed. */
interface Window {
  readonly opcua: Spread
  /** MQTT at the gateway with the panels, and right after at the one without. */
  readonly mqtt: Spread
  readonly beside: Spread
  /** What the gateway's process took of a core while the panels alone gave it work. */
  readonly coreShare: number
}

interface Course {
  readonly start: Start
  readonly windows: ReadonlyArray<Window>
  readonly told: ReadonlyArray<Range>
  readonly unseen: number
  readonly residentMb: number
}

const mqttThenBeside = async (name: string, ours: Side, plain: Side): Promise<Omit<Window, "opcua">> => {
  const { pid } = ours.subject
  const mqtt = await mqttOf(`with ${name}`, ours, pressing)
  const [fromMs, usedMs] = [performance.now(), processorMs(pid)]
  const beside = await mqttOf(`beside ${name}`, plain, pressing)
  return { mqtt, beside, coreShare: (processorMs(pid) - usedMs) / (performance.now() - fromMs) }
}

const follow = async (
  name: string,
  gateway: OpcuaGateway,
  { mqttPort }: Campus,
  { speak }: Panels,
  plain: Side
): Promise<Course> => {
  const devices = await startConnectedDevices(mqttPort, buttons)
  const windows: Array<Window> = []
  const told: Array<Range> = []
  let unseen = 0
  try {
    for (let round = 1; round <= rounds; round++) {
      const [ranges, rest] = await Promise.all([
        speak({ rate, seconds: 2 * seconds }),
        mqttThenBeside(name, { subject: gateway, devices }, plain)
      ])
      const count = toldBy(ranges)
      await becomes(() => gateway.seen() >= count, lostAfterMs)
      unseen += count - gateway.seen()
      const opcua = spreadOf(gateway.tookMs())
      const { coreShare } = rest
      tell({ opcua: name, round, ...opcua, coreShare, residentMb: residentMb(gateway.pid) })
      windows.push({ opcua, ...rest })
      told.push(...ranges)
    }
    return { start: gateway.start, windows, told, unseen, residentMb: residentMb(gateway.pid) }
  } finally {
    await devices.stop()
  }
}

/** The log of a gateway that has ended, held against what was told. */
const deliveredOf = (files: Campus, told: ReadonlyArray<Range>) => {
  const log = followLog(files)
  log.look()
  const numbers = log.numbers()
  const { lost } = accountOf(told, { numbers, gaps: log.gaps(), toldAt: log.toldAt })
  log.close()
  return { told: toldBy(told), lost, twice: repeatsOf(numbers).twice }
}

const median = (windows: ReadonlyArray<Window>, of: (window: Window) => number): number => medianOf(windows.map(of))

const startRows = (name: string, { answersMs, onlineMs, residentMb: resident }: Start): ReadonlyArray<Row> => [
  { what: `${name}: API answers after, ms`, gateway: answersMs },
  { what: `${name}: all links online after, ms`, gateway: onlineMs },
  { what: `${name}: resident then, MB`, gateway: resident }
]

const mqttRows = (name: string, windows: ReadonlyArray<Window>, alone: Spread): ReadonlyArray<Row> => {
  const ours = median(windows, ({ mqtt }) => mqtt.p99)
  return [
    {
      what: `${name}: MQTT at ${pressing.rate}/s, without panels alone, p99, ms`,
      gateway: ours,
      floor: alone.p99,
      ratio: ours / alone.p99,
      aim: mqttAim
    },
    {
      what: `${name}: MQTT at ${pressing.rate}/s, without panels beside, p99, ms`,
      gateway: ours,
      floor: median(windows, ({ beside }) => beside.p99),
      ratio: median(windows, ({ mqtt, beside }) => mqtt.p99 / beside.p99)
    }
  ]
}

const latencyRow = (name: string, windows: ReadonlyArray<Window>, floor: Spread, of: "p50" | "p99", aim?: Aim): Row => {
  const ours = median(windows, ({ opcua }) => opcua[of])
  const row = { what: `${name}: event to the screen, ${of}, ms`, gateway: ours, floor: floor[of] }
  return { ...row, ratio: ours / floor[of], ...(aim === undefined ? {} : { aim }) }
}

const measurePanels = async (
  name: string,
  options: PanelsOptions,
  plain: Side,
  alone: Spread
): Promise<ReadonlyArray<Row>> => {
  const directory = temporaryDirectory("bench")
  try {
    return await withPanels(directory.path, options, async (panels) => {
      const floor = await floorOf(name, panels, directory.path)
      const campus = await writePanelCampus(directory.path, buttons, panels)
      const gateway = await startOpcuaGateway(campus, 1 + panels.panels.length)
      tell({ start: name, ...gateway.start })
      const course = await measuring(gateway, () => follow(name, gateway, campus, panels, plain))
      expectPresses(campus, rounds * pressing.rate * pressing.seconds)
      const { told, lost, twice } = deliveredOf(campus, course.told)
      const { windows } = course
      const slowest = Math.max(...windows.map(({ opcua }) => opcua.max))
      return [
        ...startRows(name, course.start),
        latencyRow(name, windows, floor, "p50"),
        latencyRow(name, windows, floor, "p99", latencyAim),
        { what: `${name}: slowest event, ms`, gateway: slowest, aim: screenAim },
        { what: `${name}: of ${told} events lost`, gateway: lost, aim: noneAim },
        { what: `${name}: of them twice in the log`, gateway: twice, aim: noneAim },
        { what: `${name}: of them not on the screen`, gateway: course.unseen, aim: noneAim },
        { what: `${name}: CPU, % of a core`, gateway: 100 * median(windows, ({ coreShare }) => coreShare) },
        { what: `${name}: resident at the end, MB`, gateway: course.residentMb },
        ...mqttRows(name, windows, alone)
      ]
    })
  } finally {
    directory.dispose()
  }
}

/** How a gateway starts that has no such link; the middle one of some. */
const plainStart = async (): Promise<Start> => {
  const starts: Array<Start> = []
  for (let round = 0; round < rounds; round++) {
    const directory = temporaryDirectory("bench")
    try {
      const gateway = await startOpcuaGateway(await writePanelCampus(directory.path, buttons, { panels: [] }), 1)
      tell({ start: "no panel", ...gateway.start })
      starts.push(gateway.start)
      await gateway.stop()
    } finally {
      directory.dispose()
    }
  }
  return {
    answersMs: medianOf(starts.map(({ answersMs }) => answersMs)),
    onlineMs: medianOf(starts.map(({ onlineMs }) => onlineMs)),
    residentMb: medianOf(starts.map(({ residentMb: resident }) => resident))
  }
}

const aloneOf = async (plain: Side): Promise<Spread> => {
  const windows: Array<Spread> = []
  for (let round = 0; round < rounds; round++) windows.push(await mqttOf("alone", plain, pressing))
  return {
    p50: medianOf(windows.map(({ p50 }) => p50)),
    p99: medianOf(windows.map(({ p99 }) => p99)),
    max: medianOf(windows.map(({ max }) => max))
  }
}

const doors = Number(values.doors)
const many = Number(values.panels)
const start = await plainStart()
const rows = await withGateway({ buttons }, async (subject, { mqttPort }) => {
  const devices = await startConnectedDevices(mqttPort, buttons)
  try {
    const plain: Side = { subject, devices }
    const alone = await aloneOf(plain)
    return [
      ...(await measurePanels(`one panel of ${doors} doors`, { count: 1, doors, aProcess: 1 }, plain, alone)),
      ...(await measurePanels(
        `${many} panels`,
        { count: many, doors: 10, aProcess: Math.ceil(many / 3) },
        plain,
        alone
      ))
    ]
  } finally {
    await devices.stop()
  }
})
tellTable([...startRows("no panel", start), ...rows])
