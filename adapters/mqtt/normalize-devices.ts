import type { Device } from "../../gateway/domain/campus.ts"
import type { CompiledProfile } from "./profile.ts"
import { parametersOf } from "./profile-parameters.ts"
import { fillTemplate, type Scope, textOf, valueAt } from "../profile/path.ts"
import { filtersOf, matchTopic, parseTopic, type TopicPattern } from "./profile-topic.ts"

type Captures = Readonly<Record<string, string>>
type Presence = CompiledProfile["availability"][number]

/** The device a message is of; `code` is the code of a radio sensor by which it was found. */
export interface Found {
  readonly device: Device
  readonly code?: string
}

/** What a profile reads, for the devices that use it with the same topics. */
export class Reading {
  readonly profile: CompiledProfile
  readonly devices: ReadonlyArray<Device>
  readonly topics: ReadonlyArray<TopicPattern>
  readonly exclude: ReadonlyArray<TopicPattern>
  readonly presences: ReadonlyArray<{ readonly presence: Presence; readonly pattern: TopicPattern }>
  readonly #parameters = new Map<Device, Captures>()
  readonly #byAddress = new Map<string, Device>()
  readonly #byCode = new Map<string, Device>()

  constructor(profile: CompiledProfile, devices: ReadonlyArray<Device>, parameters: Captures) {
    const patterns = (texts: ReadonlyArray<string>): ReadonlyArray<TopicPattern> =>
      texts.flatMap((text) => {
        const pattern = parseTopic(text, parameters)
        return typeof pattern === "object" ? [pattern] : []
      })
    this.profile = profile
    this.devices = devices
    this.topics = patterns(profile.file.topics)
    this.exclude = patterns(profile.file.exclude ?? [])
    this.presences = profile.availability.flatMap((presence) =>
      presence.topic === undefined ? [] : patterns([presence.topic]).map((pattern) => ({ presence, pattern }))
    )
    for (const device of devices) {
      const own = parametersOf(profile, device)
      this.#parameters.set(device, own)
      this.#byAddress.set(this.#spelt(device.address), device)
      for (const name of profile.file.device?.codes ?? []) {
        for (const code of (own[name] ?? "").split(/\s+/)) if (code !== "") this.#byCode.set(this.#spelt(code), device)
      }
    }
  }

  #spelt(address: string): string {
    return this.profile.file.device?.ignoreCase === true ? address.toLowerCase() : address
  }

  parametersOf(device: Device): Captures {
    return this.#parameters.get(device) ?? {}
  }

  at(address: string): Device | undefined {
    return this.#byAddress.get(this.#spelt(address))
  }

  /** The devices whose address begins so. */
  behind(prefix: string): ReadonlyArray<Device> {
    const spelt = this.#spelt(prefix)
    return this.devices.filter((device) => this.#spelt(device.address).startsWith(spelt))
  }

  /** The addresses a message may be of, as it spells them; the first is the one to call a stranger by. */
  addressesIn(scope: Scope): ReadonlyArray<string> {
    const { device } = this.profile.file
    if (device === undefined) return scope.captures["address"] === undefined ? [] : [scope.captures["address"]]
    const written = device.path === undefined ? undefined : textOf(valueAt(scope, device.path))
    const templates = device.address ?? (device.path === undefined ? ["{address}"] : [])
    const filled = (typeof templates === "string" ? [templates] : templates).flatMap(
      (template) => fillTemplate(template, scope) ?? []
    )
    return written === undefined ? filled : [written, ...filled]
  }

  /** Whether a message that names no device is known to be of none. */
  isNobodys(scope: Scope): boolean {
    const nobody = Object.entries(this.profile.file.device?.nobody ?? {})
    return nobody.some(([path, texts]) => [texts].flat().includes(textOf(valueAt(scope, path)) ?? ""))
  }

  find(addresses: ReadonlyArray<string>): Found | undefined {
    const coded = this.profile.file.device?.codes !== undefined
    for (const address of addresses) {
      const device = this.at(address) ?? this.#byCode.get(this.#spelt(address))
      if (device !== undefined) return coded ? { device, code: address } : { device }
    }
    return undefined
  }

  filters(): ReadonlyArray<string> {
    const addresses = this.devices.map((device) => device.address)
    return [...this.topics, ...this.presences.map(({ pattern }) => pattern)].flatMap((pattern) =>
      filtersOf(pattern, addresses)
    )
  }

  /** Whether this pattern reads the topic, and what its captures hold. */
  reads(pattern: TopicPattern, levels: ReadonlyArray<string>): Captures | undefined {
    const captures = matchTopic(pattern, levels)
    if (captures === undefined || !pattern.knownOnly) return captures
    return this.at(captures["address"] ?? "") === undefined ? undefined : captures
  }

  /** Whether the topic is one of those left out; what is below a known device's (`{address!}/…`) may be another's own. */
  excludes(levels: ReadonlyArray<string>): boolean {
    return this.exclude.some(
      (pattern) => this.reads(pattern, levels) !== undefined && !(pattern.knownOnly && this.#isKnown(levels))
    )
  }

  #isKnown(levels: ReadonlyArray<string>): boolean {
    return this.topics.some((pattern) => this.at(this.reads(pattern, levels)?.["address"] ?? "") !== undefined)
  }
}

/** The names of the parameters that a profile's topics hold: devices that set them otherwise are heard elsewhere. */
const inTopics = ({ file }: CompiledProfile): ReadonlyArray<string> => {
  const texts = [...file.topics, ...(file.exclude ?? []), ...(file.availability ?? []).map(({ topic }) => topic ?? "")]
  return Object.keys(file.parameters ?? {}).filter((name) => texts.some((text) => text.includes(`{${name}}`)))
}

/** The profiles as these devices use them: one for each profile and way of setting its topics' parameters. */
export const readingsFor = (
  profiles: ReadonlyArray<CompiledProfile>,
  devices: ReadonlyArray<Device>
): ReadonlyArray<Reading> =>
  profiles.flatMap((profile) => {
    const names = inTopics(profile)
    const groups = new Map<string, Array<Device>>()
    for (const device of devices.filter((one) => one.profile === profile.name)) {
      const parameters = parametersOf(profile, device)
      const key = JSON.stringify(names.map((name) => parameters[name]))
      groups.set(key, [...(groups.get(key) ?? []), device])
    }
    return [...groups.values()].map((group) => new Reading(profile, group, parametersOf(profile, group[0]!)))
  })
