import { type GatewayFiles, ready, startGateway, stop } from "../../road/gateway-process.ts"
import type { Pressed, Raised } from "./entry-stream.ts"
import type { GatewaySubject } from "./gateway-subject.ts"
import { heldEnvironment, heldMb } from "./held.ts"
import { monotonicUs } from "./press.ts"
import { measuring } from "./subject.ts"
import { openStream } from "./stream.ts"

/** A motion on the officer's stream: of which camera, when by the camera's clock, and when it came in microseconds. */
export type Seen = readonly [id: string, at: number, seenUs: number]

/** The gateway with cameras behind it, and one officer's stream that shows all of its log. */
export interface CameraGateway extends GatewaySubject {
  /** How long it took from the start of its process until the first of its cameras was online, and the last. */
  readonly online: Promise<{ readonly firstMs: number; readonly lastMs: number }>
  /** Every motion seen so far. */
  readonly seen: ReadonlyArray<Seen>
  /** Completes when so many motions were seen, or after `lostAfterMs` all the same. */
  readonly hasSeen: (count: number) => Promise<void>
  /** What its threads hold after full collections, in megabytes: it stands still meanwhile. */
  readonly held: () => Promise<number>
}

/** An event that has not come by then is lost. */
const lostAfterMs = 30_000

/** All cameras are asked again within eight seconds when they do not answer; longer than this, something is wrong. */
const onlineWithinMs = 180_000

/** So much of what the gateway printed is shown when it fails, in characters. */
const printedMax = 4000

interface ShownEntry {
  readonly fact?: {
    readonly observation?: {
      readonly _tag: string
      readonly device: string
      readonly origin?: string
      readonly state?: string
      readonly deviceTime?: string
      readonly reading?: { readonly kind: string }
      readonly occurrence?: { readonly action?: string }
    }
  }
  readonly change?: {
    readonly transition: string
    readonly alert: { readonly condition: string; readonly key: string }
  }
}

/** What of the stream concerns a measurement. */
class Hearing {
  pressed: Pressed = () => {}
  raised: Raised = () => {}
  motion = (): void => {}
  readonly seen: Array<Seen> = []
  readonly #isOnline: (id: string) => void

  constructor(isOnline: (id: string) => void) {
    this.#isOnline = isOnline
  }

  readonly hear = (data: string): void => {
    // Events repeat what their facts say: the reader must not be what is measured.
    if (data.startsWith('{"_tag":"Event"')) return
    const { fact, change } = JSON.parse(data) as ShownEntry
    if (change?.transition === "raised") this.raised(change.alert.condition, change.alert.key)
    const observation = fact?.observation
    if (observation === undefined) return
    const { _tag, device, origin, state, deviceTime, reading, occurrence } = observation
    if (occurrence?.action !== undefined) this.pressed(occurrence.action)
    if (_tag === "Availability" && state === "online") this.#isOnline(device)
    if (reading?.kind !== "motion" || origin !== "change" || deviceTime === undefined) return
    this.seen.push([device, Date.parse(deviceTime), monotonicUs()])
    this.motion()
  }
}

/** Runs `work` with a gateway that has these cameras. */
export const withCameraGateway = async <A>(
  files: GatewayFiles,
  cameras: ReadonlyArray<string>,
  work: (gateway: CameraGateway) => Promise<A>
): Promise<A> => {
  const startedAt = performance.now()
  const { child, log } = startGateway(files, "product", heldEnvironment(files))
  const waited = new Set(cameras)
  let firstMs: number | undefined
  let told = (_lastMs: number): void => {}
  const hearing = new Hearing((id) => {
    if (!waited.delete(id)) return
    const sinceMs = performance.now() - startedAt
    firstMs ??= sinceMs
    if (waited.size === 0) told(sinceMs)
  })
  const online = new Promise<{ readonly firstMs: number; readonly lastMs: number }>((resolve, reject) => {
    const late = setTimeout(
      () =>
        reject(
          new Error(`${waited.size} cameras are not online after ${onlineWithinMs} ms:\n${log().slice(-printedMax)}`)
        ),
      onlineWithinMs
    )
    told = (lastMs) => {
      clearTimeout(late)
      resolve({ firstMs: firstMs ?? lastMs, lastMs })
    }
  })
  await ready(files).catch((cause: unknown) => {
    child.kill("SIGKILL")
    throw new Error(`the gateway did not start; it printed:\n${log().slice(-printedMax)}`, { cause })
  })
  const token = /[A-Za-z0-9_-]{43}/.exec(log())?.[0] ?? ""
  const stream = await openStream({ port: files.port, token, after: 0 }, hearing.hear)
  const hasSeen = (count: number): Promise<void> =>
    new Promise((resolve) => {
      const lost = setTimeout(resolve, lostAfterMs)
      hearing.motion = () => {
        if (hearing.seen.length < count) return
        clearTimeout(lost)
        resolve()
      }
      hearing.motion()
    })
  return measuring(
    {
      name: "gateway",
      process: child,
      pid: child.pid ?? 0,
      onPress: (next) => void (hearing.pressed = next),
      onAlert: (next) => void (hearing.raised = next),
      online,
      seen: hearing.seen,
      hasSeen,
      held: () => heldMb(child.pid ?? 0, files),
      stop: async () => {
        stream.close()
        await stop(child, "SIGTERM")
      }
    },
    work
  )
}
