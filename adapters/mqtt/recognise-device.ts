import type { Device } from "../../gateway/domain/campus.ts"
import type { Observation } from "../../gateway/domain/observation.ts"
import { DeviceId, LinkId } from "../../gateway/domain/ids.ts"
import type { Mapping, Message } from "./mapping.ts"
import { makeMapping } from "./normalize.ts"
import { type Reading, readingsFor } from "./normalize-devices.ts"
import type { CompiledProfile } from "./profile.ts"

type Parameters = Readonly<Record<string, string>>

/** A point that a device has spoken of. */
export interface SeenPoint {
  readonly point: string
  /** What it measures; "occurrence" for something momentary. */
  readonly kind: string
  /** Its last value, or the word of what happened there; absent when it was only announced. */
  readonly value?: string
}

/** What became of one topic's messages through one device. */
export interface Tally {
  mapped: number
  /** Says whether the device is there, and nothing else. */
  presence: number
  silent: number
  unreadable: number
}

const deviceOf = (profile: string, address: string, parameters: Parameters): Device => ({
  id: DeviceId.make("stranger"),
  link: LinkId.make("link"),
  profile,
  address,
  ...(Object.keys(parameters).length === 0 ? {} : { parameters })
})

/** No device has this address: with it a profile is read even where nothing of it is configured. */
const nobody = "\u0000"

/** A profile with one way of setting its topics' parameters: which topics it reads, and who speaks on them. */
export class Dialect {
  readonly profile: CompiledProfile
  readonly reading: Reading
  /** What a device of this dialect has to set; empty for the usual one. */
  readonly parameters: Parameters
  readonly #mapping: Mapping
  readonly #timeZone: string
  readonly speakers = new Map<string, Speaker>()

  constructor(reading: Reading, timeZone: string) {
    this.profile = reading.profile
    this.reading = reading
    this.#timeZone = timeZone
    this.#mapping = makeMapping([reading.profile], reading.devices, timeZone)
    const { topics, exclude = [], availability = [] } = reading.profile.file
    const texts = [...topics, ...exclude, ...availability.map(({ topic }) => topic ?? "")]
    const own = reading.devices.some(({ address }) => address === nobody) ? {} : reading.devices[0]?.parameters
    this.parameters = Object.fromEntries(
      Object.entries(own ?? {}).filter(([name]) => texts.some((text) => text.includes(`{${name}}`)))
    )
    for (const device of reading.devices)
      if (device.address !== nobody) this.speakers.set(device.address, new Speaker(this, device, true))
  }

  /** What a message says through one device alone, without being remembered. */
  try(device: Device, message: Message) {
    return makeMapping([this.profile], [device], this.#timeZone).normalize(message)
  }

  normalize(message: Message) {
    return this.#mapping.normalize(message)
  }

  /** The device at this address: a configured one, one that was heard, or a stranger. */
  find(address: string): Speaker {
    const at = this.reading.find([address])?.device.address ?? address
    return this.speakers.get(at) ?? new Speaker(this, deviceOf(this.profile.name, at, this.parameters), false)
  }

  /** The device at this address, known from here on. */
  speaker(address: string): Speaker {
    const speaker = this.find(address)
    this.speakers.set(speaker.device.address, speaker)
    return speaker
  }

  mappingFor(device: Device): Mapping {
    return makeMapping([this.profile], [device], this.#timeZone)
  }

  /** The address of the bridge that all devices of this dialect are behind. */
  get bridge(): string | undefined {
    const presence = this.profile.availability.find(({ bridge, address }) => bridge === true && address !== undefined)
    return presence?.address?.includes("{") === true ? undefined : presence?.address
  }
}

/** What of an occurrence is told: of whom it was, nobody who looks for devices needs to know. */
const told = ["action", "reason", "object", "direction", "method"]

const fieldsOf = (occurrence: Readonly<Record<string, unknown>>): string =>
  told.flatMap((name) => (typeof occurrence[name] === "string" ? [occurrence[name]] : [])).join(", ")

/** A device that was heard, or is configured, or was announced. */
export class Speaker {
  readonly dialect: Dialect
  readonly device: Device
  readonly configured: boolean
  readonly points = new Map<string, SeenPoint>()
  availability: string | undefined
  /** Why its last unreadable message could not be read. */
  why: string | undefined
  /** A topic it spoke on. */
  topic: string | undefined
  #mapping: Mapping | undefined

  constructor(dialect: Dialect, device: Device, configured: boolean) {
    this.dialect = dialect
    this.device = device
    this.configured = configured
  }

  /** Hears a message as the only device of its link. */
  hear(message: Message): ReadonlyArray<Observation> {
    this.#mapping ??= this.dialect.mappingFor(this.device)
    return this.#mapping.normalize(message).observations
  }

  /** Takes what a message has said, and counts it. */
  take(topic: string, observations: ReadonlyArray<Observation>, tally: Tally): void {
    this.topic ??= topic
    let spoke = false
    let unreadable = false
    for (const seen of observations) {
      if (seen._tag === "Reading") {
        const { kind, value } = seen.reading
        this.points.set(seen.point, { point: seen.point, kind, value })
        spoke = true
      } else if (seen._tag === "Occurrence") {
        const fields = fieldsOf(seen.occurrence)
        const value = `${seen.occurrence._tag}${fields === "" ? "" : ` (${fields})`}`
        this.points.set(`${seen.point} ${seen.occurrence._tag}`, { point: seen.point, kind: "occurrence", value })
        spoke = true
      } else if (seen._tag === "Availability") this.availability = seen.state
      else if (seen._tag === "Unreadable") {
        this.why = seen.why
        unreadable = true
      }
    }
    if (unreadable) tally.unreadable += 1
    if (spoke) tally.mapped += 1
    else if (observations.some(({ _tag }) => _tag === "Availability")) tally.presence += 1
    else if (!unreadable) tally.silent += 1
  }

  /** A point that was announced and not heard yet. */
  announce(point: string, kind: string): void {
    if (!this.points.has(point)) this.points.set(point, { point, kind })
  }
}

/** Every dialect of the profiles: with their usual topics, and with those that configured devices set. */
export const dialectsOf = (
  profiles: ReadonlyArray<CompiledProfile>,
  known: ReadonlyArray<Device>,
  timeZone: string
): ReadonlyArray<Dialect> => {
  const placeholders = profiles.map(({ name }) => deviceOf(name, nobody, {}))
  return readingsFor(profiles, [...placeholders, ...known]).map((reading) => new Dialect(reading, timeZone))
}
