import { Effect, type Scope } from "effect"
import type { Campus, Device } from "../../gateway/domain/campus.ts"
import type { EpochMs } from "../../gateway/domain/ids.ts"
import type { Signal } from "../campus/signal.ts"
import { isHeard, presentReadings, type World } from "../campus/world.ts"
import { layoutOf, onvifDevices, placeOf } from "./campus-layout.ts"
import { sense } from "./campus-signals.ts"
import { CampusSight } from "./campus-sight.ts"
import { type OnvifDevice, startOnvifDevice } from "./device.ts"
import type { Authentication, User } from "./options.ts"

export interface OnvifDevicesOptions {
  readonly campus: Campus
  /** The campus as it is now: what a device finds when it starts, and what a camera sees. */
  readonly world: () => World
  /** Epoch milliseconds. */
  readonly now: () => EpochMs
  /** The time a device believes it to be; absent: `now`. */
  readonly clock?: ((device: string) => EpochMs) | undefined
  /** Who may ask a device; absent: anybody. */
  readonly users?: ((device: string) => ReadonlyArray<User> | undefined) | undefined
  /** How a device wants it proved; absent: HTTP digest where there are users. */
  readonly authentication?: Authentication | undefined
  /** How long a camera sees motion after a door of its opened. */
  readonly motionMs?: number | undefined
}

/** The campus's ONVIF devices on real sockets. */
export interface OnvifDevices {
  /** By the campus's device ids. */
  readonly devices: ReadonlyMap<string, OnvifDevice>
  /** The devices sense this, and the cameras look; completes when those that went or came have their sockets so. */
  readonly say: (signals: ReadonlyArray<Signal>) => Effect.Effect<void, Error>
}

const startOne = (
  { campus, now, clock, users, authentication }: OnvifDevicesOptions,
  device: Device
): Effect.Effect<OnvifDevice, Error, Scope.Scope> => {
  const place = placeOf(device.address)
  if (place === undefined)
    return Effect.fail(new Error(`device ${device.id}: "${device.address}" is neither host:port nor a URL`))
  const known = users?.(device.id)
  return startOnvifDevice({
    ...layoutOf(campus, device),
    ...place,
    clock: () => clock?.(device.id) ?? now(),
    ...(known === undefined ? {} : { users: known }),
    ...(authentication === undefined || known === undefined ? {} : { authentication })
  }).pipe(
    Effect.mapError((error) => new Error(`device ${device.id} cannot listen at ${device.address}: ${error.message}`))
  )
}

/**
 * Starts every ONVIF device of the campus at its own address; they live until the scope closes. Each begins as the
 * world is; one that is offline there is not to be reached.
 */
export const onvifDevicesOf = Effect.fn("onvifDevicesOf")(function* (
  options: OnvifDevicesOptions
): Effect.fn.Return<OnvifDevices, Error, Scope.Scope> {
  const { campus, world } = options
  const devices = new Map<string, OnvifDevice>()
  for (const device of onvifDevices(campus)) devices.set(device.id, yield* startOne(options, device))
  const sight = yield* Effect.acquireRelease(
    Effect.sync(() => new CampusSight(campus, devices, options.motionMs)),
    (opened) => Effect.sync(() => opened.close())
  )
  const senseAll = (signals: ReadonlyArray<Signal>): void => {
    for (const signal of signals) {
      const device = devices.get(signal.device)
      if (device !== undefined && signal._tag !== "Presence") sense(device, campus, signal)
    }
  }
  const heard = new Set<string>(devices.keys())
  /** Those that went, or came, since it was last asked; also with the bridge they are behind. */
  const changed = (): { readonly gone: ReadonlyArray<OnvifDevice>; readonly back: ReadonlyArray<OnvifDevice> } => {
    const gone = [...devices].filter(([id]) => heard.has(id) && !isHeard(world(), id))
    const back = [...devices].filter(([id]) => !heard.has(id) && isHeard(world(), id))
    for (const [id] of gone) heard.delete(id)
    for (const [id] of back) heard.add(id)
    return { gone: gone.map(([, device]) => device), back: back.map(([, device]) => device) }
  }
  yield* Effect.forEach(changed().gone, ({ stop }) => stop, { concurrency: "unbounded", discard: true })
  for (const id of devices.keys()) senseAll(presentReadings(world(), id))
  sight.look(world(), "found")
  return {
    devices,
    say: Effect.fnUntraced(function* (signals: ReadonlyArray<Signal>) {
      const { gone, back } = changed()
      yield* Effect.forEach(gone, ({ stop }) => stop, { concurrency: "unbounded", discard: true })
      // A device that comes back has looked at its doors before anybody can ask it.
      senseAll(signals)
      sight.look(world(), "seen")
      yield* Effect.forEach(back, ({ start }) => start, { concurrency: "unbounded", discard: true })
    })
  }
})
