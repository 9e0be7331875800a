/**
 * Simulated ONVIF cameras in a process of their own, so that they do not share the gateway's thread. Started by
 * `cameras.ts` with the cameras' ids; does what it is told, one order after another, and answers.
 */
import { Effect, Scope } from "effect"
import { type OnvifDevice, startOnvifDevice } from "../../../simulators/onvif/device.ts"
import type { User } from "../../../simulators/onvif/options.ts"
import { monotonicUs } from "./press.ts"

/** What a process of cameras is started with. */
export interface CamerasStart {
  readonly ids: ReadonlyArray<string>
  /** Who is let in, by HTTP digest. */
  readonly user: User
}

/** What these cameras can be told to do, and what each order is answered with. */
export interface CameraOrders {
  /** To listen; answers with the ports, in the order of the ids. */
  readonly listen: ReadonlyArray<number>
  /** To tell of motion from now on: each once a second, the cameras evenly over the second, begin and end in turn. */
  readonly speak: null
  /** To tell of nothing any more; answers with how many were told. */
  readonly hush: number
  /** Nothing, but say how they are. */
  readonly tell: CamerasState
  /** To name all that they have told. */
  readonly account: ReadonlyArray<Told>
}

/** What was asked of all cameras of a process so far. */
export interface CamerasState {
  /** By operation; the picture's are `Snapshot`. */
  readonly requests: Readonly<Record<string, number>>
  /** Turned away for lack of credentials: the first of a digest client is among them. */
  readonly unauthorized: number
  /** Messages that a full queue had no room for. */
  readonly dropped: number
  /** Subscriptions that were begun anew. */
  readonly expired: number
}

/** One event: of which camera, when by the camera's clock, and when by the machine's monotonic clock in microseconds. */
export type Told = readonly [id: string, at: number, sentUs: number]

const { ids, user } = JSON.parse(process.argv[2] ?? "{}") as CamerasStart
const scope = Scope.makeUnsafe()
const told: Array<Told> = []
let cameras: ReadonlyArray<OnvifDevice> = []
let speaking: NodeJS.Timeout | undefined
/** While a camera tells of something its clock stands still: the event is known by this instant. */
let held: number | undefined

const start = (id: string): Promise<OnvifDevice> =>
  Effect.runPromise(
    startOnvifDevice({
      kind: "camera",
      identity: { serial: id },
      users: [user],
      videoSources: [{ token: "source-1", name: id }],
      clock: () => held ?? Date.now()
    }).pipe(Scope.provide(scope))
  )

const tellOf = (nth: number): void => {
  const at = nth % cameras.length
  const on = Math.floor(nth / cameras.length) % 2 === 0
  held = Date.now()
  told.push([ids[at] ?? "", held, monotonicUs()])
  cameras[at]?.happen({ _tag: "Motion", source: "source-1", on })
  held = undefined
}

const speak = (): void => {
  const startedAt = performance.now()
  speaking = setInterval(() => {
    const due = Math.floor(((performance.now() - startedAt) / 1000) * cameras.length)
    while (told.length < due) tellOf(told.length)
  }, 2)
}

const state = (): CamerasState => {
  const requests: Record<string, number> = {}
  for (const { counters } of cameras)
    for (const [operation, count] of Object.entries(counters.byOperation))
      requests[operation] = (requests[operation] ?? 0) + count
  const all = (of: (camera: OnvifDevice) => number): number => cameras.reduce((sum, camera) => sum + of(camera), 0)
  return {
    requests,
    unauthorized: all(({ counters }) => counters.unauthorized),
    dropped: all(({ subscriptions }) => subscriptions.dropped()),
    expired: all(({ subscriptions }) => subscriptions.expired())
  }
}

const carryOut = async (order: keyof CameraOrders): Promise<CameraOrders[keyof CameraOrders]> => {
  switch (order) {
    case "listen":
      cameras = await Promise.all(ids.map(start))
      return cameras.map(({ port }) => port)
    case "speak":
      speak()
      return null
    case "hush":
      clearInterval(speaking)
      return told.length
    case "tell":
      return state()
    case "account":
      return told
  }
}

process.on("message", (order: keyof CameraOrders) => void carryOut(order).then((answer) => process.send?.(answer)))
process.on("disconnect", () => process.exit())
