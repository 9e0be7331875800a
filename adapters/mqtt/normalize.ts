import type { Device } from "../../gateway/domain/campus.ts"
import type { Observation } from "../../gateway/domain/observation.ts"
import type { Mapping, Message, Normalized } from "./mapping.ts"
import { observe } from "./normalize-observe.ts"
import { type Payload, readPayload, redactRaw } from "./normalize-payload.ts"
import type { Available, CompiledProfile } from "./profile.ts"
import { explode, type Scope, textOf, valueAt } from "./profile-path.ts"
import { coversFilter, filtersOf, matchTopic } from "./profile-topic.ts"

type Captures = Readonly<Record<string, string>>

/** A profile that reads this topic, and what its captures hold. */
interface Match {
  readonly profile: CompiledProfile
  readonly captures: Captures
  readonly literals: number
  /** The topic says whether a device is there; absent: it carries what the device senses. */
  readonly availability?: Available
}

/** The devices of a link by profile and address. */
class Devices {
  readonly #byAddress = new Map<string, Device>()
  readonly #all: ReadonlyArray<Device>

  constructor(devices: ReadonlyArray<Device>) {
    this.#all = devices
    for (const device of devices) this.#byAddress.set(`${device.profile} ${device.address}`, device)
  }

  at(profile: CompiledProfile, address: string): Device | undefined {
    return this.#byAddress.get(`${profile.name} ${address}`)
  }

  of(profile: CompiledProfile): ReadonlyArray<Device> {
    return this.#all.filter((device) => device.profile === profile.name)
  }
}

/** Every profile that reads the topic, the most particular first; a topic of presence before one of signals. */
const matchesOf = (profiles: ReadonlyArray<CompiledProfile>, topic: string): ReadonlyArray<Match> => {
  const levels = topic.split("/")
  const found: Array<Match> = []
  for (const profile of profiles) {
    for (const availability of profile.availability) {
      const captures = matchTopic(availability.pattern, levels)
      if (captures !== undefined) {
        found.push({ profile, captures, literals: availability.pattern.literals, availability })
      }
    }
    if (profile.exclude.some((pattern) => matchTopic(pattern, levels) !== undefined)) continue
    for (const pattern of profile.topics) {
      const captures = matchTopic(pattern, levels)
      if (captures !== undefined) found.push({ profile, captures, literals: pattern.literals })
    }
  }
  return found.sort(
    (a, b) => b.literals - a.literals || Number(b.availability !== undefined) - Number(a.availability !== undefined)
  )
}

const ignored: Normalized = { observations: [], outcome: "ignored" }

const unreadable = (message: Message, raw: string, why: string, device: Device | undefined): Observation => ({
  _tag: "Unreadable",
  why,
  source: message.topic,
  raw,
  ...(device === undefined ? {} : { device: device.id })
})

const unreadableAlone = (message: Message, raw: string, why: string, device?: Device): Normalized => ({
  observations: [unreadable(message, raw, why, device)],
  outcome: "unreadable"
})

/** Whom a message of presence is about: the device at its address, or, for a bridge nobody configured, all behind it. */
const concerned = (match: Match, mapping: Available, devices: Devices): ReadonlyArray<Device> => {
  const address = mapping.address ?? match.captures["address"] ?? ""
  const device = devices.at(match.profile, address)
  if (device !== undefined) return [device]
  return mapping.bridge === true ? devices.of(match.profile) : []
}

const presence = (match: Match, mapping: Available, message: Message, devices: Devices): Normalized => {
  const about = concerned(match, mapping, devices)
  if (about.length === 0 || message.payload.length === 0) return ignored
  const payload = readPayload(message.payload, "auto")
  const raw = redactRaw(payload, match.profile.redact)
  if ("why" in payload) return unreadableAlone(message, raw, payload.why)
  const scope: Scope = { payload: payload.value, captures: match.captures }
  const said = typeof payload.value === "object" ? valueAt(scope, mapping.path ?? "") : payload.value
  const text = textOf(said)
  const state = text === undefined ? undefined : mapping.values[text]
  if (state === undefined) {
    const expected = Object.keys(mapping.values).map((name) => `"${name}"`)
    return unreadableAlone(
      message,
      raw,
      `availability is ${JSON.stringify(said) ?? "absent"}; expected ${expected.join(", ")}`
    )
  }
  const isItself = about.length === 1 && about[0]?.address === (mapping.address ?? match.captures["address"])
  const origin = message.retained ? ("recovery" as const) : ("change" as const)
  return {
    observations: about.flatMap((device): ReadonlyArray<Observation> => {
      const base = { _tag: "Availability", device: device.id, origin, source: message.topic } as const
      if (isItself) return [{ ...base, state, reason: `${message.topic} says ${text}` }]
      // A bridge that is back proves nothing of the devices behind it.
      return state === "online" ? [] : [{ ...base, state: "unknown", reason: `its bridge is ${state}` }]
    }),
    outcome: "mapped"
  }
}

interface Addressed {
  readonly device: Device | undefined
  readonly address: string | undefined
  readonly scope: Scope
}

const addressed = (match: Match, payload: unknown, devices: Devices): ReadonlyArray<Addressed> => {
  const { file } = match.profile
  return explode({ payload, captures: match.captures }, file.each).map((scope) => {
    const address = file.device === undefined ? match.captures["address"] : textOf(valueAt(scope, file.device.path))
    return { scope, address, device: address === undefined ? undefined : devices.at(match.profile, address) }
  })
}

/** What a match makes of the message; `undefined` when it is of a device that this link does not know. */
const signals = (
  match: Match,
  message: Message,
  payload: Payload & { readonly value: unknown },
  devices: Devices,
  timeZone: string
): Normalized | undefined => {
  const { profile } = match
  const raw = redactRaw(payload, profile.redact)
  const observations: Array<Observation> = []
  const items = addressed(match, payload.value, devices)
  if (items.length > 0 && items.every(({ device }) => device === undefined)) return undefined
  for (const { device, scope } of items) {
    if (device === undefined) continue
    const heard = { profile, device, timeZone, topic: message.topic, retained: message.retained, raw }
    const said = observe(heard, scope)
    observations.push(...said.observations)
    if (said.faults.length > 0) observations.push(unreadable(message, raw, said.faults.join("; "), device))
  }
  if (observations.length === 0) return ignored
  const whole = observations.every((observation) => observation._tag !== "Unreadable")
  return { observations, outcome: whole ? "mapped" : "unreadable" }
}

const unknownDevice = (match: Match, message: Message, payload: Payload, devices: Devices): Normalized => {
  const [first] = "value" in payload ? addressed(match, payload.value, devices) : []
  const address = first?.address ?? match.captures["address"]
  const raw = redactRaw(payload, match.profile.redact)
  if (address === undefined) return unreadableAlone(message, raw, "it does not say which device it is of")
  return {
    observations: [{ _tag: "UnknownDevice", address, profile: match.profile.name, source: message.topic, raw }],
    outcome: "unknown-device"
  }
}

const normalizer =
  (profiles: ReadonlyArray<CompiledProfile>, devices: Devices, timeZone: string) =>
  (message: Message): Normalized => {
    const matches = matchesOf(profiles, message.topic)
    let stranger: (() => Normalized) | undefined
    for (const match of matches) {
      if (match.availability !== undefined) return presence(match, match.availability, message, devices)
      // An empty payload clears what the broker kept for the topic (MQTT 5, 3.3.1.3); it says nothing of the device.
      if (message.payload.length === 0) return ignored
      const payload = readPayload(message.payload, match.profile.file.payload ?? "json")
      if ("why" in payload) {
        const device = devices.at(match.profile, match.captures["address"] ?? "")
        return unreadableAlone(message, redactRaw(payload, match.profile.redact), payload.why, device)
      }
      const said = signals(match, message, payload, devices, timeZone)
      if (said !== undefined) return said
      stranger ??= () => unknownDevice(match, message, payload, devices)
    }
    return stranger?.() ?? { observations: [], outcome: "unknown-topic" }
  }

/** MQTT filters that bring all that the profiles read, none of them contained in another. */
const filtersFor = (profiles: ReadonlyArray<CompiledProfile>, devices: Devices): ReadonlyArray<string> => {
  const all = profiles.flatMap((profile) => {
    const addresses = devices.of(profile).map((device) => device.address)
    const patterns = [...profile.topics, ...profile.availability.map(({ pattern }) => pattern)]
    return patterns.flatMap((pattern) => filtersOf(pattern, addresses))
  })
  const distinct = [...new Set(all)]
  return distinct.filter((filter) => !distinct.some((other) => other !== filter && coversFilter(other, filter)))
}

/**
 * The mapping of a link's messages by the profiles that its devices name. Pure: the same message gives the same
 * observations. A message that cannot be read becomes an observation of its own; nothing is thrown.
 */
export const makeMapping = (
  profiles: ReadonlyArray<CompiledProfile>,
  devices: ReadonlyArray<Device>,
  timeZone: string
): Mapping => {
  const used = profiles.filter((profile) => devices.some((device) => device.profile === profile.name))
  const known = new Devices(devices)
  return { filters: filtersFor(used, known), normalize: normalizer(used, known, timeZone) }
}
