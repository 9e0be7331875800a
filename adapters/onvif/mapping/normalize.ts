import type { Device } from "../../../gateway/domain/campus.ts"
import type { EpochMs } from "../../../gateway/domain/ids.ts"
import type { Observation } from "../../../gateway/domain/observation.ts"
import type { Compiled } from "../../profile/compile.ts"
import { Memory } from "../../profile/memory.ts"
import { parametersOf } from "../../profile/parameters.ts"
import { fillTemplate, type Scope } from "../../profile/path.ts"
import { tokenNamed } from "../../profile/point-name.ts"
import { type Heard, Reader } from "../../profile/reader.ts"
import { textMax, unreadable } from "../../profile/unreadable.ts"
import { Happenings } from "./normalize-happening.ts"
import { type Said, saidBy } from "./normalize-identity.ts"
import { KeyedStates } from "./normalize-keyed.ts"
import { PendingEnds } from "./normalize-pending.ts"
import { scopeOf } from "./normalize-scope.ts"
import { makeSelect, type Selected } from "./normalize-select.ts"
import { sourceValues } from "./normalize-source.ts"
import type { Items, Notification } from "../messages/notification.ts"
import { withoutItems } from "../messages/notification-secret.ts"
import { readDeviceTime } from "../wire/onvif-time.ts"
import { onAndOff, type OnvifProfile } from "./profile.ts"
import type { OnvifReading } from "./profile-file.ts"

/** What is known of a message beside itself. */
export interface MessageContext {
  readonly receivedAt: EpochMs
  /** The message's own time, by our clock; absent: what the message says. */
  readonly correctedTime?: EpochMs
  /** What the device calls its tokens. */
  readonly names: ReadonlyMap<string, string>
  /** Names the subscription it came through. */
  readonly subscription: string
  /** It came in the first pull of a new subscription, and tells of something before it: it may be a repetition. */
  readonly resubscribed?: boolean
}

export interface NormalizedMessage {
  readonly observations: ReadonlyArray<Observation>
  readonly outcome: "mapped" | "ignored" | "unreadable"
  /** The topic, the first time that a topic comes which nothing of the profile names. */
  readonly unknownTopic?: string
}

/**
 * Turns one device's messages into our words; never throws. What it remembers is bounded. It should outlive a link: it
 * knows what was told before, and what has yet to end.
 */
export interface OnvifMapping {
  readonly normalize: (notification: Notification, context: MessageContext) => NormalizedMessage
  /** What is over by itself at `now`: each end is told once. */
  readonly due: (now: EpochMs) => ReadonlyArray<Observation>
  /** When `due` has something next; undefined when nothing is waited for. */
  readonly nextDue: () => EpochMs | undefined
  /** The device is out of sight: what it last told is no longer known, and nothing of it ends by itself. */
  readonly lost: () => void
}

/** How much of an unreadable message is kept, in characters. */
const unreadableMax = 4096

/** How many faults of one message are told: the first ones say what is wrong. */
const faultsMax = 8

/** So many unknown topics are told of; they are counted all the same. */
const unknownMax = 256

const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split("\n")[0]!.slice(0, 200)

class Mapping implements OnvifMapping {
  readonly #profile: OnvifProfile
  readonly #device: Device
  readonly #timeZone: string
  readonly #parameters: Readonly<Record<string, string>>
  readonly #select: (topic: string) => Selected | undefined
  readonly #memory = new Memory()
  readonly #happenings = new Happenings()
  readonly #keyed = new KeyedStates()
  readonly #pending = new PendingEnds()
  readonly #unknown = new Set<string>()
  #subscription: string | undefined

  constructor(profile: OnvifProfile, device: Device, timeZone: string) {
    this.#profile = profile
    this.#device = device
    this.#timeZone = timeZone
    this.#parameters = parametersOf(profile, device)
    this.#select = makeSelect(profile)
  }

  readonly normalize = (notification: Notification, context: MessageContext): NormalizedMessage => {
    if (context.subscription !== this.#subscription) {
      this.#subscription = context.subscription
      this.#keyed.forget()
    }
    const selected = this.#select(notification.topic)
    if (selected === undefined) return this.#unknownTopic(notification.topic)
    const { readings, occurrences, gaps } = selected
    if (readings.length + occurrences.length + gaps.length === 0) return { observations: [], outcome: "ignored" }
    const said = saidBy(this.#device.id, notification)
    const reader = new Reader(this.#heard(said, () => this.#rawOf(notification), context, selected))
    const scope = scopeOf(said, selected.rest, context.names)
    try {
      this.#read(reader, scope, selected, notification, context)
    } catch (error) {
      // A condition of the profile as a whole that the message cannot answer.
      reader.faults.push(messageOf(error))
    }
    return this.#finished(reader, notification)
  }

  readonly due = (now: EpochMs): ReadonlyArray<Observation> => this.#pending.due(now)

  readonly nextDue = (): EpochMs | undefined => this.#pending.next()

  readonly lost = (): void => {
    this.#pending.forget()
    this.#keyed.forget()
  }

  #heard(said: Said, raw: () => string, context: MessageContext, selected: Selected): Heard {
    const { operation, topic, utcTime } = said
    const { receivedAt, correctedTime, subscription, resubscribed = false } = context
    const time = correctedTime ?? (utcTime === undefined ? undefined : readDeviceTime(utcTime))
    const momentary = selected.occurrences.length > 0 && operation !== "Deleted"
    return {
      profile: this.#profile,
      device: this.#device,
      parameters: this.#parameters,
      timeZone: this.#timeZone,
      topic: topic.slice(0, textMax),
      retained: operation === "Initialized",
      receivedAt,
      empty: operation === "Deleted",
      gone: operation === "Deleted",
      deviceTime: time,
      named: tokenNamed,
      ...(momentary ? { happening: this.#happenings.keyOf(said, subscription, resubscribed, receivedAt) } : {}),
      raw,
      memory: this.#memory
    }
  }

  #read(
    reader: Reader,
    outer: Scope,
    selected: Selected,
    notification: Notification,
    { receivedAt }: MessageContext
  ): void {
    for (const mapping of selected.readings)
      for (const scope of reader.scopes(mapping, outer)) {
        const before = reader.observations.length
        reader.reading(mapping, scope)
        for (let index = before; index < reader.observations.length; index++)
          reader.observations[index] = this.#told(reader.observations[index]!, mapping, notification, receivedAt)
      }
    for (const mapping of selected.occurrences)
      for (const scope of reader.scopes(mapping, outer)) reader.occurrence(mapping, scope)
    if (notification.operation !== undefined && notification.operation !== "Changed") return
    for (const mapping of selected.gaps) {
      if (!reader.applies(mapping, outer)) continue
      const detail = (fillTemplate(mapping.detail, outer) ?? mapping.detail).slice(0, 500)
      reader.observations.push({ _tag: "Gap", cause: "EventsDropped", devices: [this.#device.id], detail })
    }
  }

  /** A reading as it stands after the others of its point, and with an end of its own where it needs one. */
  #told(
    observation: Observation,
    mapping: Compiled<OnvifReading>,
    { source, key, operation }: Notification,
    receivedAt: EpochMs
  ): Observation {
    if (observation._tag !== "Reading") return observation
    const { point, reading } = observation
    const active = this.#device.invert?.includes(point) === true ? "off" : "on"
    let told = observation
    if (Object.keys(key).length > 0 && onAndOff.has(reading.kind)) {
      const said = operation === "Deleted" || reading.value === "unknown" ? undefined : reading.value === active
      const value = this.#keyed.isOn(point, key, said) === (active === "on") ? "on" : "off"
      told = { ...observation, reading: { ...reading, value } as typeof reading }
    }
    const after = this.#secondsOf(mapping.clearAfterSeconds, source)
    if (after > 0 && told.reading.value === active) this.#pending.begin(told, receivedAt, after)
    else this.#pending.end(point)
    return told
  }

  #rawOf({ raw }: Notification): string {
    return withoutItems(raw(), this.#profile.redact)
  }

  #secondsOf(after: OnvifReading["clearAfterSeconds"], source: Items): number {
    const text = typeof after === "string" ? this.#parameterFor(after, source) : undefined
    const seconds = typeof after === "string" ? Number(text ?? "") : (after ?? 0)
    return Number.isFinite(seconds) ? seconds : 0
  }

  /** `motionEndsAfterSeconds.Yard` holds for the rule, or else the source, of that name; without a name, for all. */
  #parameterFor(name: string, source: Items): string | undefined {
    const own = this.#device.parameters ?? {}
    const exact = sourceValues(source).find((value) => Object.hasOwn(own, `${name}.${value}`))
    return exact === undefined ? this.#parameters[name] : own[`${name}.${exact}`]
  }

  #unknownTopic(topic: string): NormalizedMessage {
    if (this.#unknown.has(topic) || this.#unknown.size >= unknownMax) return { observations: [], outcome: "ignored" }
    this.#unknown.add(topic)
    return { observations: [], outcome: "ignored", unknownTopic: topic.slice(0, textMax) }
  }

  #finished({ observations, faults }: Reader, notification: Notification): NormalizedMessage {
    if (faults.length > 0) {
      const why = faults.slice(0, faultsMax).join("; ")
      const kept = unreadable(notification.topic, this.#rawOf(notification).slice(0, unreadableMax), why, this.#device)
      return { observations: [...observations, kept], outcome: "unreadable" }
    }
    return { observations, outcome: observations.length === 0 ? "ignored" : "mapped" }
  }
}

/** The mapping of one device's messages by its profile, which is linked with those it builds on. */
export const makeOnvifMapping = (profile: OnvifProfile, device: Device, timeZone: string): OnvifMapping =>
  new Mapping(profile, device, timeZone)
