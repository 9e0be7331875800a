import { Effect, type Scope } from "effect"
import { assemble } from "./assemble.ts"
import type { Counters } from "./counters.ts"
import type { Named } from "./device-memory.ts"
import { endpointOf, scopesOf } from "./device-service.ts"
import type { DoorInput, DoorState } from "../campus/door-machine.ts"
import type { Faults } from "./faults.ts"
import type { Bearer, Happening } from "./happening.ts"
import { complete, type OnvifDeviceOptions } from "./options.ts"
import type { Decision } from "./passages.ts"
import type { Discoverable } from "./probe.ts"
import type { Scene } from "./scene.ts"

/** A simulated ONVIF device on a real socket. */
export interface OnvifDevice {
  /** Of its device service: `http://127.0.0.1:40123/onvif/device_service`. */
  readonly url: string
  readonly port: number
  /** What WS-Discovery tells of it (`startDiscovery`). */
  readonly discoverable: Discoverable
  /** Something happens before the device; whoever subscribed hears of it. A property that has that value already is silent. */
  readonly happen: (happening: Happening) => void
  /** A command or a movement of a door; answers with the reason when the controller refuses. */
  readonly door: (token: string, input: DoorInput) => string | undefined
  /** Somebody asks to pass at an access point: the controller grants or denies, and watches the door. */
  readonly present: (accessPoint: string, by: Bearer, decision: Decision) => void
  /** The door as its controller has it. */
  readonly doorState: (token: string) => DoorState | undefined
  /** Somebody gives a door, access point or area another name; the controller tells that its configuration changed. */
  readonly rename: (of: Named, token: string, name: string) => void
  /** What a video source sees changes. */
  readonly show: (source: string, change: Partial<Scene>) => void
  readonly faults: () => Faults
  /** Changes the faults that are named, and leaves the others. */
  readonly setFaults: (change: Partial<Faults>) => void
  readonly counters: Counters
  /** Subscriptions open, and messages dropped from full queues. */
  readonly subscriptions: {
    readonly open: () => number
    readonly dropped: () => number
    readonly expired: () => number
    /** Pulls that wait for a message now. */
    readonly waiting: () => number
  }
  /** Connections open now. */
  readonly connections: () => number
  /** The device loses power: connections are cut, new ones refused, and its subscriptions are gone. */
  readonly stop: Effect.Effect<void>
  /** Power is back, at the same port; does nothing while it is on. */
  readonly start: Effect.Effect<void, Error>
  /** `stop`, then `start`. */
  readonly restart: Effect.Effect<void, Error>
}

/**
 * Starts a device; it lives until the scope closes, and leaves no socket and no timer then. Fails when the port is
 * taken.
 */
export const startOnvifDevice = Effect.fn("startOnvifDevice")(function* (
  given: OnvifDeviceOptions,
  faults: Partial<Faults> = {}
): Effect.fn.Return<OnvifDevice, Error, Scope.Scope> {
  const options = complete(given)
  const { context, counters, snapshots, listener, passages, boot } = assemble(options)
  const { subscriptions, doors, memory, setFaults } = context
  setFaults(faults)
  const asError = (cause: unknown): Error => (cause instanceof Error ? cause : new Error(String(cause)))
  const start = Effect.tryPromise({
    try: async () => {
      if (listener.listening) return
      boot()
      await listener.up()
    },
    catch: asError
  })
  const stop = Effect.promise(async () => {
    const down = listener.down()
    subscriptions.forget()
    await down
  })
  yield* Effect.acquireRelease(start, () => stop.pipe(Effect.andThen(Effect.sync(() => doors.stop()))))
  const url = (): string =>
    `${options.tls === undefined ? "http" : "https"}://${options.host}:${listener.port}/onvif/device_service`
  return {
    get url() {
      return url()
    },
    get discoverable() {
      const { kind, identity } = options
      return { endpoint: endpointOf(identity), kind, xaddrs: [url()], scopes: scopesOf(options) }
    },
    get port() {
      return listener.port
    },
    happen: context.happen,
    door: (token, input) => doors.step(token, input),
    present: (accessPoint, by, decision) => passages.present(doors, accessPoint, by, decision),
    doorState: (token) => doors.find(token)?.state,
    rename: (of, token, name) => {
      memory.rename(of, token, name)
      context.happen({ _tag: "ConfigurationChanged", of, token })
    },
    show: (source, change) => snapshots.show(source, change),
    faults: context.faults,
    setFaults,
    counters,
    subscriptions: {
      open: () => subscriptions.size,
      dropped: () => subscriptions.counts.dropped,
      expired: () => subscriptions.counts.expired,
      waiting: () => subscriptions.waiting
    },
    connections: () => listener.connections,
    stop,
    start,
    restart: stop.pipe(Effect.andThen(start))
  }
})
