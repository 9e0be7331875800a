/**
 * Five hundred ONVIF cameras on one gateway, each telling of motion once a second, and what that costs the others: MQTT
 * devices on the embedded broker of the same gateway, at 100/s.
 *
 *     node test/bench/onvif.ts [--cameras 500] [--minutes 10] [--seconds 12] [--watched 4]
 *
 * The cameras are simulated in processes of their own, and let the gateway in by HTTP digest. `--watched` of them are
 * named by doors: the gateway keeps their pictures of the last seconds, one each five seconds. One door is forced each
 * minute, for the pictures of an alert. The course of it:
 *
 * - a gateway without cameras, alone on the machine: MQTT latency from publish to the officer's stream, three times for
 *   `--seconds`;
 * - a second gateway, with the cameras, starts: how long until all of them are online;
 * - `--minutes` long the cameras speak. In each minute MQTT latency is measured at the gateway with the cameras, then at
 *   the one without, which now stands beside it on the same busy machine; for the rest of the minute the cameras' work
 *   alone is looked at: CPU of the gateway's process, and a forced door's way to an alert. At its end: resident memory;
 * - the cameras fall silent; each event they told is looked for in the log. What the gateway's threads hold after full
 *   collections is compared with what they held before the cameras spoke, when as little was under way: that is growth.
 *   Resident memory is none: it rises to the most that ever waited at once, with how busy the machine is, and stays there;
 * - the gateway without cameras, alone again.
 *
 * One JSON line a measurement, then a table with the ratios and the aims. Where cameras and gateway share their cores,
 * the ratio to the gateway alone holds what the cameras' own work takes from it; the ratio to the one beside does not.
 * Absolute figures belong to the machine. Linux.
 */
import { parseArgs } from "node:util"
import { temporaryDirectory } from "../road/peers.ts"
import { type Account, accountOf } from "./parts/camera-account.ts"
import { cameraIds, cameraUser, writeCameraCampus } from "./parts/camera-campus.ts"
import { type CameraGateway, withCameraGateway } from "./parts/camera-gateway.ts"
import { connectContacts, type Minute, minutesOf, mqttOf, type Pressing, type Side } from "./parts/camera-minutes.ts"
import { type Cameras, withCameras } from "./parts/cameras.ts"
import type { Told } from "./parts/cameras-process.ts"
import { type Campus, idsOf } from "./parts/campus.ts"
import { startConnectedDevices } from "./parts/devices.ts"
import { expectPresses } from "./parts/gateway-subject.ts"
import { residentMb } from "./parts/process-costs.ts"
import { type Aim, type Row, tell, tellTable } from "./parts/report.ts"
import { medianOf, type Spread } from "./parts/spread.ts"
import { withGateway } from "./parts/with-gateway.ts"

const { values } = parseArgs({
  options: {
    cameras: { type: "string", default: "500" },
    minutes: { type: "string", default: "10" },
    seconds: { type: "string", default: "12" },
    watched: { type: "string", default: "4" }
  }
})
const ids = cameraIds(Number(values.cameras))
const watched = ids.slice(0, Number(values.watched))
const others = ids.slice(watched.length)
const half = Math.ceil(others.length / 2)
const buttons = idsOf("button", 20)
const minutes = Number(values.minutes)
/** One door a watched camera at least, and one a minute that nobody has forced yet. */
const contacts = idsOf("contact", Math.max(minutes, watched.length))
const pressing: Pressing = { rate: 100, seconds: Number(values.seconds) }

/** MQTT must not suffer from cameras: a fifth is what the measurement itself may be off. */
const mqttAim: Aim = { atMost: 1.2 }

/** An alert is on the screen within a second, whatever else happens. */
const screenAim: Aim = { below: 1000 }

/** No event is lost, none comes twice. */
const noneAim: Aim = { atMost: 0 }

/** Flat is, as in `flood.ts`: a million events add no more than this, megabytes. */
const growthAim: Aim = { atMost: 20 }

/**
 * What is remembered of each camera once it has spoken, and the code that is compiled meanwhile, comes once. In fewer
 * minutes than these it would be taken for growth by events.
 */
const growthMinutes = 5

/** What was seen from the gateway's start to the cameras' silence. */
interface Course {
  readonly online: { readonly firstMs: number; readonly lastMs: number }
  /** Resident with all cameras online, before they speak. */
  readonly restMb: number
  /** Held by all threads after full collections, before the cameras speak and after they have. */
  readonly heldMb: readonly [before: number, after: number]
  readonly minutes: ReadonlyArray<Minute>
  readonly askedPerSecond: number
  readonly picturesPerMinute: number
  readonly told: ReadonlyArray<Told>
  readonly seen: CameraGateway["seen"]
}

const follow = async (cameras: Cameras, gateway: CameraGateway, campus: Campus, beside: Side): Promise<Course> => {
  const online = await gateway.online
  tell({ online: ids.length, ...online })
  const doors = await connectContacts(campus.mqttPort, contacts)
  const devices = await startConnectedDevices(campus.mqttPort, buttons)
  try {
    const restMb = residentMb(gateway.pid)
    const heldBefore = await gateway.held()
    const before = await cameras.tell()
    const startedAt = performance.now()
    await cameras.speak()
    const spoken = await minutesOf(doors.slice(0, minutes), { subject: gateway, devices }, beside, pressing)
    const after = await cameras.tell()
    const spokenSeconds = (performance.now() - startedAt) / 1000
    await gateway.hasSeen(await cameras.hush())
    const heldAfter = await gateway.held()
    tell({ heldBefore, heldAfter })
    const asked = Object.fromEntries(
      Object.entries(after.requests).map(([operation, count]) => [operation, count - (before.requests[operation] ?? 0)])
    )
    const askedPerSecond = Object.values(asked).reduce((sum, count) => sum + count, 0) / spokenSeconds
    const picturesPerMinute = ((asked["Snapshot"] ?? 0) * 60) / spokenSeconds
    const unauthorized = after.unauthorized - before.unauthorized
    tell({ asked, askedPerSecond, unauthorized, dropped: after.dropped, expired: after.expired })
    return {
      online,
      restMb,
      heldMb: [heldBefore, heldAfter],
      minutes: spoken,
      askedPerSecond,
      picturesPerMinute,
      told: await cameras.account(),
      seen: gateway.seen
    }
  } finally {
    await devices.stop()
    for (const door of doors) door.close()
  }
}

const measureCameras = async (beside: Side): Promise<{ readonly course: Course; readonly account: Account }> => {
  const directory = temporaryDirectory("bench")
  try {
    return await withCameras(cameraUser, [watched, others.slice(0, half), others.slice(half)], async (cameras) => {
      const campus = await writeCameraCampus(directory.path, { buttons, contacts }, cameras.addresses, watched)
      const course = await withCameraGateway(campus, ids, (gateway) => follow(cameras, gateway, campus, beside))
      expectPresses(campus, minutes * pressing.rate * pressing.seconds)
      const account = accountOf(course.told, course.seen, campus)
      tell({ events: account })
      return { course, account }
    })
  } finally {
    directory.dispose()
  }
}

const aloneThrice = async (side: Side): Promise<ReadonlyArray<Spread>> => {
  const windows: Array<Spread> = []
  for (let n = 0; n < 3; n++) windows.push(await mqttOf("alone", side, pressing))
  return windows
}

const mqttRows = (spoken: ReadonlyArray<Minute>, alone: ReadonlyArray<Spread>): ReadonlyArray<Row> =>
  (["p50", "p99"] as const).flatMap((of): ReadonlyArray<Row> => {
    const ours = medianOf(spoken.map(({ withCameras }) => withCameras[of]))
    const floor = medianOf(alone.map((window) => window[of]))
    return [
      {
        what: `MQTT at ${pressing.rate}/s, without cameras alone, ${of}, ms`,
        gateway: ours,
        floor,
        ratio: ours / floor,
        aim: mqttAim
      },
      {
        what: `MQTT at ${pressing.rate}/s, without cameras beside, ${of}, ms`,
        gateway: ours,
        floor: medianOf(spoken.map(({ beside }) => beside[of])),
        ratio: medianOf(spoken.map(({ withCameras, beside }) => withCameras[of] / beside[of]))
      }
    ]
  })

const cameraRows = (
  { online, restMb, heldMb: [before, after], minutes: spoken, askedPerSecond, picturesPerMinute }: Course,
  { told, latency, lost, twice, unseen }: Account
): ReadonlyArray<Row> => {
  const resident = spoken.map((minute) => minute.residentMb)
  return [
    { what: `all ${ids.length} cameras online after, s`, gateway: online.lastMs / 1000 },
    { what: "motion to the screen, p50, ms", gateway: latency.p50 },
    { what: "motion to the screen, p99, ms", gateway: latency.p99, aim: screenAim },
    { what: `of ${told} events lost`, gateway: lost, aim: noneAim },
    { what: "of them twice in the log", gateway: twice, aim: noneAim },
    { what: "of them not on the screen", gateway: unseen, aim: noneAim },
    {
      what: "forced door to alert, slowest, ms",
      gateway: Math.max(...spoken.map(({ alertMs }) => alertMs)),
      aim: screenAim
    },
    { what: "CPU, % of a core", gateway: 100 * medianOf(spoken.map(({ coreShare }) => coreShare)) },
    { what: "requests to cameras a second", gateway: askedPerSecond },
    { what: "pictures a minute", gateway: picturesPerMinute },
    { what: "resident before they speak, MB", gateway: restMb },
    { what: "resident after the first minute, MB", gateway: resident[0] ?? Number.NaN },
    { what: "resident after the last, MB", gateway: resident.at(-1) ?? Number.NaN },
    { what: "held before they speak, MB", gateway: before },
    { what: "held after they have spoken, MB", gateway: after },
    ...(spoken.length < growthMinutes
      ? []
      : [{ what: "growth by a million events, MB", gateway: ((after - before) * 1e6) / told, aim: growthAim }])
  ]
}

const rows = await withGateway({ buttons }, async (subject, { mqttPort }) => {
  const devices = await startConnectedDevices(mqttPort, buttons)
  try {
    const plain: Side = { subject, devices }
    const before = await aloneThrice(plain)
    const { course, account } = await measureCameras(plain)
    const alone = [...before, ...(await aloneThrice(plain))]
    return [...mqttRows(course.minutes, alone), ...cameraRows(course, account)]
  } finally {
    await devices.stop()
  }
})
tellTable(rows)
