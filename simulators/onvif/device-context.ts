import type { Doors } from "./doors.ts"
import type { DeviceMemory } from "./device-memory.ts"
import type { Faults } from "./faults.ts"
import type { Happening } from "./happening.ts"
import type { CompleteOptions } from "./options.ts"
import type { Outcome, SoapRequest } from "./soap.ts"
import type { Subscriptions } from "./subscriptions.ts"
import type { Xml } from "./xml.ts"

/** What a call came with besides its SOAP. */
export interface Call {
  readonly request: SoapRequest
  /** The path it was sent to. */
  readonly path: string
  /** Told when whoever asked has gone away. */
  readonly onGone: (gone: () => void) => void
}

/** What the services of one device share. */
export interface DeviceContext {
  readonly options: CompleteOptions
  readonly faults: () => Faults
  readonly setFaults: (change: Partial<Faults>) => void
  /** The device's clock, its skew included. */
  readonly now: () => number
  /** `http://127.0.0.1:8080`, as the device tells it in addresses. */
  readonly base: () => string
  readonly subscriptions: Subscriptions
  readonly doors: Doors
  /** Something happens; whoever subscribed hears of it. */
  readonly happen: (happening: Happening) => void
  readonly memory: DeviceMemory
}

/** A service: the operations it has, each by its name. */
export interface Service {
  readonly namespace: string
  /** Where it is reached; a subscription has a path of its own below `/onvif/subscription`. */
  readonly path: string
  /** `wsdl:portType` in the action URIs, by operation. */
  readonly actionOf: (operation: string) => string
  readonly operations: Readonly<Record<string, (call: Call) => Xml | Outcome | Promise<Outcome>>>
}
