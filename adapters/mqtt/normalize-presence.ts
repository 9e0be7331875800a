import type { Device } from "../../gateway/domain/campus.ts"
import type { Observation } from "../../gateway/domain/observation.ts"
import type { Reading } from "./normalize-devices.ts"
import type { Available, Losing } from "./profile-file.ts"
import { fillTemplate, firstValueAt, type Scope, textOf } from "../profile/path.ts"

/** Whom a message of presence is about: the device itself where it is configured, and those behind it. */
export interface Concerned {
  readonly itself: Device | undefined
  readonly behind: ReadonlyArray<Device>
}

/** The devices behind a bridge; those configured `via` something follow that in the fold. */
const behindOf = (reading: Reading, { bridge, behind }: Pick<Available, "bridge" | "behind">, scope: Scope) => {
  if (bridge === true) return reading.devices
  const prefixes = [behind ?? []].flat().flatMap((template) => fillTemplate(template, scope) ?? [])
  return [...new Set(prefixes.flatMap((prefix) => reading.behind(prefix)))]
}

export const concernedBy = (
  reading: Reading,
  mapping: Available,
  scope: Scope,
  messageOf: Device | undefined
): Concerned => {
  const address = mapping.address === undefined ? undefined : fillTemplate(mapping.address, scope)
  const itself = mapping.address === undefined ? messageOf : address === undefined ? undefined : reading.at(address)
  const behind = behindOf(reading, mapping, scope).filter(
    (device) => device !== itself && (itself === undefined || device.via === undefined)
  )
  return { itself, behind }
}

/** The state a message of presence tells, or in words why it cannot be read; `undefined` when it tells none. */
export const stateIn = (
  mapping: Available,
  scope: Scope
):
  | { readonly state: "online" | "offline" | "unknown"; readonly said: string }
  | { readonly why: string }
  | undefined => {
  if (mapping.is !== undefined) return { state: mapping.is, said: mapping.is }
  const value = typeof scope.payload === "object" ? firstValueAt(scope, mapping.path ?? "") : scope.payload
  const text = textOf(value)
  const values = mapping.values ?? {}
  if (text !== undefined && Object.hasOwn(values, text)) return { state: values[text]!, said: text }
  if (text === "" || (text !== undefined && mapping.silent?.includes(text) === true)) return undefined
  const expected = Object.keys(values).map((name) => `"${name}"`)
  return {
    why: `availability is ${text === undefined ? "absent" : `"${text.slice(0, 80)}"`}; expected ${expected.join(", ")}`
  }
}

/** What presence makes known. A bridge that is back proves nothing of the devices behind it. */
export const availabilityOf = (
  { itself, behind }: Concerned,
  { state, said }: { readonly state: "online" | "offline" | "unknown"; readonly said: string },
  { topic, recovery, deviceTime }: { readonly topic: string; readonly recovery: boolean; readonly deviceTime?: number }
): ReadonlyArray<Observation> => {
  const common = {
    _tag: "Availability",
    origin: recovery ? "recovery" : "change",
    source: topic,
    ...(deviceTime === undefined ? {} : { deviceTime })
  } as const
  const reason = said === "" ? `${topic} was cleared` : `${topic} says ${said}`
  return [
    ...(itself === undefined ? [] : [{ ...common, device: itself.id, state, reason }]),
    ...(state === "online"
      ? []
      : behind.map((device) => ({
          ...common,
          device: device.id,
          state: "unknown" as const,
          reason: `its bridge is ${state}`
        })))
  ]
}

/** The devices a gap concerns: the message's own, and those behind it. */
export const losersOf = (reading: Reading, mapping: Losing, scope: Scope, device: Device): ReadonlyArray<Device> => [
  ...new Set([device, ...behindOf(reading, mapping, scope)])
]
