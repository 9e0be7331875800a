import { hint } from "./did-you-mean.ts"

/** A point as a profile names it. */
export interface ProfilePoint {
  /** `door-{item.door-id}.position`: what stands in braces is filled in by a message. */
  readonly template: string
  /** What its readings are; absent for a point that only happenings come from. */
  readonly kind?: string
}

/** A device as far as it is written. */
export interface WrittenDevice {
  readonly profile: string
  readonly disabled: boolean
}

/** What kinds of readings tell a door where it stands: a plain input is on while the door is open. */
const positionKinds: ReadonlySet<string> = new Set(["position", "input"])

const fits = (template: string, point: string): boolean => {
  const literal = template.split(/\{[^{}]*\}/).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"))
  return new RegExp(`^${literal.join("[A-Za-z0-9._:-]+")}$`).test(point)
}

/** What is wrong with a door that has this point in this role; `undefined` when it can work. */
export const pointFault = (
  point: string,
  role: string,
  device: WrittenDevice,
  profiles: ReadonlyMap<string, ReadonlyArray<ProfilePoint>>
): string | undefined => {
  const known = profiles.get(device.profile)
  const name = point.slice(point.indexOf("/") + 1)
  const matching = known?.filter(({ template }) => fits(template, name))
  if (known !== undefined && matching?.length === 0) {
    const plain = known.map(({ template }) => template).filter((template) => !template.includes("{"))
    const near = hint(name, [...new Set(plain)])
    return `the profile "${device.profile}" has no point "${name}"${near}`
  }
  if (role !== "position") return undefined
  if (device.disabled)
    return `the device of "${point}" is disabled: this door would never be known to be forced or held`
  const kinds = [...new Set(matching?.flatMap(({ kind }) => (kind === undefined ? [] : [kind])))]
  if (matching === undefined || kinds.length === 0 || kinds.some((kind) => positionKinds.has(kind))) return undefined
  return `"${name}" tells ${kinds.join(" or ")}, not whether a door is open; position needs a contact`
}
