import { Access } from "./access.ts"
import { accessControlCapabilities, accessControlService } from "./access-control-service.ts"
import { atRest, lastReboot } from "./at-rest.ts"
import { Counters } from "./counters.ts"
import { credentialCapabilities, credentialService } from "./credential-service.ts"
import type { DeviceContext, Service } from "./device-context.ts"
import { DeviceMemory } from "./device-memory.ts"
import { deviceService, type Offered } from "./device-service.ts"
import { Dispatcher } from "./dispatch.ts"
import { doorControlCapabilities, doorControlService } from "./door-control-service.ts"
import { Doors } from "./doors.ts"
import { eventCapabilities, eventService, subscriptionService } from "./event-service.ts"
import { type Faults, noFaults } from "./faults.ts"
import { type Happening, messageOf } from "./happening.ts"
import { mediaCapabilities, mediaService } from "./media-service.ts"
import type { CompleteOptions } from "./options.ts"
import { Passages } from "./passages.ts"
import { Listener } from "./server.ts"
import { Snapshots } from "./snapshot.ts"
import { accessPointDisabled, Subscriptions } from "./subscriptions.ts"

/** The parts of one device, wired together; nothing listens yet. */
export interface Assembly {
  readonly context: DeviceContext
  readonly counters: Counters
  readonly snapshots: Snapshots
  readonly passages: Passages
  readonly listener: Listener
  /** What is forgotten, and begins anew, each time the power comes. */
  readonly boot: () => void
}

/** A device has the services that its parts ask for; one without any is a door controller with nothing connected. */
const servicesOf = (context: DeviceContext): ReadonlyArray<Service> => {
  const { kind, videoSources, doors, accessPoints } = context.options
  const pacs = kind === "door-controller" || doors.length > 0 || accessPoints.length > 0
  const others: ReadonlyArray<Offered> = [
    { service: eventService(context), capabilities: () => eventCapabilities(context) },
    ...(videoSources.length > 0 ? [{ service: mediaService(context), capabilities: () => mediaCapabilities }] : []),
    ...(pacs
      ? [
          { service: accessControlService(context), capabilities: () => accessControlCapabilities(context) },
          { service: doorControlService(context), capabilities: () => doorControlCapabilities(context) },
          { service: credentialService(context), capabilities: () => credentialCapabilities(context) }
        ]
      : [])
  ]
  return [deviceService(context, others), ...others.map(({ service }) => service), subscriptionService(context)]
}

/** `http://127.0.0.1:8080` as the device tells it. */
const advertised = ({ host, tls }: CompleteOptions, faults: Faults, port: number): string => {
  const { advertisedHost, advertisedScheme } = faults
  const own = tls === undefined ? "http" : "https"
  const scheme = advertisedScheme === "own" ? own : advertisedScheme
  if (advertisedHost === "own") return `${scheme}://${host}:${port}`
  return advertisedHost === "none" ? `${scheme}://` : `${scheme}://${advertisedHost.authority}`
}

const endsMotion = (happening: Happening): boolean =>
  (happening._tag === "Motion" || happening._tag === "CellMotion") && !happening.on

export const assemble = (options: CompleteOptions): Assembly => {
  let faults: Faults = noFaults
  const counters = new Counters()
  const memory = new DeviceMemory()
  const now = (): number => options.clock() + faults.clockSkewMs
  const subscriptions = new Subscriptions(() => faults, counters.changed)
  const happen = (happening: Happening): void => {
    if (endsMotion(happening) && faults.motionNeverEnds) return
    memory.take(happening)
    subscriptions.publish({ ...messageOf(happening), at: now() })
  }
  const disabled = (token: string): boolean => accessPointDisabled(subscriptions, token)
  const passages = new Passages({ accessPoints: options.accessPoints, happen, disabled })
  const doors = new Doors(options.doors, {
    publish: (message) => subscriptions.publish(message),
    moved: (door, before, after) => passages.moved(door, before, after),
    now
  })
  const context: DeviceContext = {
    options,
    faults: () => faults,
    setFaults: (change) => {
      faults = { ...faults, ...change }
    },
    now,
    base: () => advertised(options, faults, listener.port),
    subscriptions,
    doors,
    happen,
    memory
  }
  const access = new Access(options, context)
  const snapshots = new Snapshots(options.videoSources, () => faults, now)
  const services = servicesOf(context)
  const listener = new Listener(options, new Dispatcher({ context, access, services, snapshots, counters }).handle)
  for (const happening of atRest(options)) subscriptions.assume({ ...messageOf(happening), at: now() })
  for (const property of doors.properties) subscriptions.assume(property)
  const boot = (): void => {
    memory.boot()
    access.forget()
    subscriptions.assume(lastReboot(now()))
  }
  return { context, counters, snapshots, passages, listener, boot }
}
