import { Effect, type Scope } from "effect"
import { Access } from "./access.ts"
import { accessControlCapabilities, accessControlService } from "./access-control-service.ts"
import { Counters } from "./counters.ts"
import type { DeviceContext, Service } from "./device-context.ts"
import {
  credentialCapabilities,
  credentialService,
  type CredentialState,
  usualCredentialState
} from "./credential-service.ts"
import { deviceService, type Offered } from "./device-service.ts"
import { doorControlCapabilities, doorControlService } from "./door-control-service.ts"
import { Dispatcher } from "./dispatch.ts"
import type { DoorInput, DoorState } from "./door-machine.ts"
import { Doors } from "./doors.ts"
import { eventCapabilities, eventService, subscriptionService } from "./event-service.ts"
import { type Faults, noFaults } from "./faults.ts"
import { type Bearer, type Happening, messageOf } from "./happening.ts"
import { mediaCapabilities, mediaService } from "./media-service.ts"
import { instant } from "./instant.ts"
import { complete, type CompleteOptions, type OnvifDeviceOptions } from "./options.ts"
import { type Decision, Passages } from "./passages.ts"
import type { Scene } from "./scene.ts"
import { Listener } from "./server.ts"
import { Snapshots } from "./snapshot.ts"
import { accessPointDisabled, Subscriptions } from "./subscriptions.ts"

/** A simulated ONVIF device on a real socket. */
export interface OnvifDevice {
  /** Of its device service: `http://127.0.0.1:40123/onvif/device_service`. */
  readonly url: string
  readonly port: number
  /** Something happens before the device; whoever subscribed hears of it. A property that has that value already is silent. */
  readonly happen: (happening: Happening) => void
  /** A command or a movement of a door; answers with the reason when the controller refuses. */
  readonly door: (token: string, input: DoorInput) => string | undefined
  /** Somebody asks to pass at an access point: the controller grants or denies, and watches the door. */
  readonly present: (accessPoint: string, by: Bearer, decision: Decision) => void
  /** The door as its controller has it. */
  readonly doorState: (token: string) => DoorState | undefined
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

/** What a property is at the beginning: nothing moves, nothing is wrong. */
const atRest = (options: CompleteOptions): ReadonlyArray<Happening> => [
  ...options.videoSources.flatMap(({ token }): ReadonlyArray<Happening> => [
    { _tag: "Motion", source: token, on: false },
    { _tag: "CellMotion", source: token, on: false },
    { _tag: "SceneChanged", source: token, on: false },
    { _tag: "Tampered", source: token, on: false },
    { _tag: "SignalLoss", source: token, on: false }
  ]),
  ...options.inputs.map(({ token }): Happening => ({ _tag: "Input", token, on: false })),
  ...options.relays.map(({ token }): Happening => ({ _tag: "Relay", token, on: false })),
  ...options.accessPoints.map(({ token }): Happening => ({ _tag: "AccessPointEnabled", accessPoint: token, on: true })),
  ...(options.kind === "camera" ? [{ _tag: "StorageFailure", token: "SD_DISK", on: false } as const] : [])
]

const ends = (happening: Happening): boolean =>
  (happening._tag === "Motion" || happening._tag === "CellMotion") && !happening.on

/** What becomes of a credential; nothing where the happening is not about one. */
const credentialAfter = (state: CredentialState, happening: Happening): CredentialState | undefined => {
  switch (happening._tag) {
    case "CredentialEnabled":
      return { ...state, enabled: happening.on, reason: happening.reason }
    case "AntiPassbackViolated":
      return { ...state, antiPassbackViolated: happening.on }
    default:
      return undefined
  }
}

/** The parts of one device, wired together. */
const assemble = (options: CompleteOptions) => {
  let faults: Faults = noFaults
  const setFaults = (change: Partial<Faults>): void => {
    faults = { ...faults, ...change }
  }
  const now = (): number => options.clock() + faults.clockSkewMs
  const counters = new Counters()
  const subscriptions = new Subscriptions(() => faults, counters.changed)
  const base = (): string => {
    const own = options.tls === undefined ? "http" : "https"
    const scheme = faults.advertisedScheme === "own" ? own : faults.advertisedScheme
    const { advertisedHost } = faults
    if (advertisedHost === "own") return `${scheme}://${options.host}:${listener.port}`
    return advertisedHost === "none" ? `${scheme}://` : `${scheme}://${advertisedHost.authority}`
  }
  const credentials = new Map<string, CredentialState>()
  const credentialState = (token: string): CredentialState => credentials.get(token) ?? usualCredentialState
  const happen = (happening: Happening): void => {
    if (ends(happening) && faults.motionNeverEnds) return
    const state = "token" in happening ? credentialAfter(credentialState(happening.token), happening) : undefined
    if (state !== undefined && "token" in happening) credentials.set(happening.token, state)
    subscriptions.publish({ ...messageOf(happening), at: now() })
  }
  const passages = new Passages({
    accessPoints: options.accessPoints,
    happen,
    disabled: (token) => accessPointDisabled(subscriptions, token)
  })
  const doors = new Doors(options.doors, {
    publish: (message) => subscriptions.publish(message),
    moved: (door, before, after) => passages.moved(door, before, after),
    now
  })
  const context: DeviceContext = {
    options,
    faults: () => faults,
    setFaults,
    now,
    base,
    subscriptions,
    doors,
    happen,
    credentialState
  }
  const snapshots = new Snapshots(options.videoSources, () => faults, now)
  const dispatcher = new Dispatcher({
    context,
    access: new Access(options, () => faults, now),
    services: servicesOf(context),
    snapshots,
    counters
  })
  const listener = new Listener(options, dispatcher.handle)
  return { context, counters, snapshots, listener, passages, setFaults }
}

const servicesOf = (context: DeviceContext): ReadonlyArray<Service> => {
  const { kind } = context.options
  const others: ReadonlyArray<Offered> = [
    { service: eventService(context), capabilities: () => eventCapabilities(context) },
    ...(kind === "camera"
      ? [{ service: mediaService(context), capabilities: () => mediaCapabilities }]
      : [
          { service: accessControlService(context), capabilities: () => accessControlCapabilities(context) },
          { service: doorControlService(context), capabilities: () => doorControlCapabilities(context) },
          { service: credentialService(context), capabilities: () => credentialCapabilities(context) }
        ])
  ]
  return [deviceService(context, others), ...others.map(({ service }) => service), subscriptionService(context)]
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
  const { context, counters, snapshots, listener, passages, setFaults } = assemble(options)
  setFaults(faults)
  const { subscriptions, doors, now } = context
  const asError = (cause: unknown): Error => (cause instanceof Error ? cause : new Error(String(cause)))
  const start = Effect.tryPromise({ try: () => listener.up(), catch: asError })
  const stop = Effect.promise(async () => {
    const down = listener.down()
    subscriptions.forget()
    await down
  })
  for (const happening of atRest(options)) subscriptions.assume({ ...messageOf(happening), at: now() })
  for (const property of doors.properties) subscriptions.assume(property)
  subscriptions.assume({
    topic: "Monitoring/OperatingTime/LastReboot",
    operation: "Changed",
    source: [],
    data: [{ name: "Status", value: instant(now(), "utc") }],
    at: now()
  })
  yield* Effect.acquireRelease(start, () => stop.pipe(Effect.andThen(Effect.sync(() => doors.stop()))))
  return {
    get url() {
      return `${options.tls === undefined ? "http" : "https"}://${options.host}:${listener.port}/onvif/device_service`
    },
    get port() {
      return listener.port
    },
    happen: context.happen,
    door: (token, input) => doors.step(token, input),
    present: (accessPoint, by, decision) => passages.present(doors, accessPoint, by, decision),
    doorState: (token) => doors.find(token)?.state,
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
