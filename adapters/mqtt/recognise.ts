import type { Device } from "../../gateway/domain/campus.ts"
import type { DeviceId } from "../../gateway/domain/ids.ts"
import type { Message } from "./mapping.ts"
import type { CompiledProfile } from "./profile.ts"
import { fillTemplate } from "../profile/path.ts"
import { matchTopic, type TopicPattern } from "./profile-topic.ts"
import { Announcements, type Proposal } from "./recognise-announced.ts"
import { type Dialect, dialectsOf, type SeenPoint, type Speaker, type Tally } from "./recognise-device.ts"

/** A device on the broker, as it was recognised. */
export interface SeenDevice {
  readonly address: string
  readonly profile: string
  /** Other profiles that can read what it says. */
  readonly others: ReadonlyArray<string>
  /** What it has to set, where its topics are not the profile's usual ones. */
  readonly parameters: Readonly<Record<string, string>>
  /** False: only its presence was heard, on a topic that many products use. */
  readonly sure: boolean
  readonly points: ReadonlyArray<SeenPoint>
  readonly availability?: string
  readonly messages: number
  readonly unreadable: number
  /** Why its last unreadable message could not be read. */
  readonly why?: string
  /** A topic it spoke on; absent when it was only announced. */
  readonly topic?: string
  /** The address of the bridge it is behind, of the same profile. */
  readonly bridge?: string
  /** The configured device that it is. */
  readonly configured?: DeviceId
}

/** Topics that no profile reads, by where they begin. */
export interface Unrecognised {
  readonly prefix: string
  readonly topics: number
  readonly messages: number
}

export interface Recognised {
  readonly devices: ReadonlyArray<SeenDevice>
  readonly proposals: ReadonlyArray<Proposal>
  readonly unrecognised: ReadonlyArray<Unrecognised>
  /** Configured devices of which nothing was heard. */
  readonly silent: ReadonlyArray<DeviceId>
  readonly messages: number
}

/** What is kept is bounded: a broker may carry anything. What is beyond is counted as unrecognised. */
const topicsMax = 50_000
const speakersMax = 5000

interface Heard extends Tally {
  /** How many levels of the topic the pattern spells out. */
  literals: number
  /** The topic alone says whose it is. */
  named: boolean
}

interface Topic {
  messages: number
  readonly by: Map<Speaker, Heard>
  /** A product's own topic that says nothing of a device. */
  spokenFor: boolean
}

/** Such a topic is a product's own: it begins with its word, or has two of them. */
const isOwn = ({ parts, literals }: TopicPattern): boolean => parts[0]?.is === "word" || literals >= 2

/** How well a topic's messages fit a profile: 0 is not at all. */
const fitOf = (speaker: Speaker, { mapped, presence, unreadable, silent, named }: Heard): number => {
  if (speaker.configured) return 6
  if (mapped > 0) return unreadable === 0 ? 5 : 4
  if (named) return presence > 0 || silent > 0 ? 3 : 2
  return presence > 0 ? 1 : 0
}

const byFit = ([a, heardA]: readonly [Speaker, Heard], [b, heardB]: readonly [Speaker, Heard]): number =>
  fitOf(b, heardB) - fitOf(a, heardA) ||
  heardB.literals - heardA.literals ||
  b.points.size - a.points.size ||
  a.dialect.profile.name.localeCompare(b.dialect.profile.name)

/** Where a topic begins: its first two levels, or all but its last. */
const prefixOf = (topic: string): string => {
  const levels = topic.split("/")
  return levels.length === 1 ? topic : `${levels.slice(0, Math.min(2, levels.length - 1)).join("/")}/`
}

/** One message on its way through one dialect. */
class Trial {
  readonly #dialect: Dialect
  readonly #message: Message
  readonly #topic: Topic
  /** Devices that were not looked at, for there are too many. */
  leftOut = 0

  constructor(dialect: Dialect, message: Message, topic: Topic) {
    this.#dialect = dialect
    this.#message = message
    this.#topic = topic
  }

  #heard(speaker: Speaker, pattern: TopicPattern): Heard {
    const known = this.#topic.by.get(speaker)
    if (known !== undefined) return known
    const heard = {
      mapped: 0,
      presence: 0,
      silent: 0,
      unreadable: 0,
      literals: pattern.literals,
      named: isOwn(pattern)
    }
    this.#topic.by.set(speaker, heard)
    return heard
  }

  /** The stranger at an address hears the message alone; a configured one has been heard with all others. */
  #stranger(address: string, pattern: TopicPattern): void {
    const { speakers } = this.#dialect
    if (!speakers.has(address) && speakers.size >= speakersMax) return void (this.leftOut += 1)
    const speaker = this.#dialect.speaker(address)
    speaker.take(this.#message.topic, speaker.hear(this.#message), this.#heard(speaker, pattern))
  }

  /** Whether a topic of presence tells of somebody. */
  presence(levels: ReadonlyArray<string>): boolean {
    const { reading } = this.#dialect
    let told = false
    for (const { presence, pattern } of reading.presences) {
      const captures = reading.reads(pattern, levels)
      if (captures === undefined || this.#message.payload.length === 0) continue
      const scope = { payload: undefined, captures }
      const address =
        presence.address === undefined ? reading.addressesIn(scope)[0] : fillTemplate(presence.address, scope)
      if (address === undefined) continue
      this.#stranger(address, pattern)
      told = true
    }
    return told
  }

  signals(levels: ReadonlyArray<string>): void {
    const { reading } = this.#dialect
    // What is left out below known devices alone may be a stranger of its own.
    const excluded = reading.exclude.find((pattern) => !pattern.knownOnly && matchTopic(pattern, levels) !== undefined)
    if (excluded !== undefined) {
      this.#topic.spokenFor ||= isOwn(excluded)
      return
    }
    const matches = reading.topics.flatMap((pattern) => {
      const captures = reading.reads(pattern, levels)
      return captures === undefined ? [] : [{ pattern, captures }]
    })
    const [match] = matches.sort((a, b) => b.pattern.literals - a.pattern.literals)
    if (match === undefined) return
    const { pattern, captures } = match
    this.#topic.spokenFor ||= isOwn(pattern)
    const { observations } = this.#dialect.normalize(this.#message)
    const stranger = observations.find((seen) => seen._tag === "UnknownDevice")
    // What cannot be read, or says nothing, is at most known by its topic.
    const address =
      stranger?._tag === "UnknownDevice" ? stranger.address : reading.addressesIn({ payload: undefined, captures })[0]
    const told = new Set(
      observations.flatMap((seen) => ("device" in seen && seen.device !== undefined ? [seen.device] : []))
    )
    let known = false
    for (const speaker of this.#dialect.speakers.values()) {
      if (!speaker.configured || (!told.has(speaker.device.id) && speaker.device.address !== address)) continue
      known = true
      const own = observations.filter((seen) => "device" in seen && seen.device === speaker.device.id)
      speaker.take(this.#message.topic, own, this.#heard(speaker, pattern))
    }
    if (!known && address !== undefined) this.#stranger(address, pattern)
  }
}

/**
 * Finds out who speaks on a broker: every profile is tried on every topic that its patterns match, and a device is who
 * a profile makes sense of. Hears messages in any order; what is seen does not depend on it.
 */
export class Recogniser {
  readonly #dialects: ReadonlyArray<Dialect>
  readonly #topics = new Map<string, Topic>()
  readonly #announcements: Announcements
  readonly #found = new Set<Speaker>()
  #messages = 0
  #beyond = 0
  #leftOut = 0

  constructor(profiles: ReadonlyArray<CompiledProfile>, known: ReadonlyArray<Device>, timeZone: string) {
    this.#dialects = dialectsOf(profiles, known, timeZone)
    this.#announcements = new Announcements(this.#dialects)
  }

  /** The filters of all profiles, for a broker that does not let everything be heard. */
  get filters(): ReadonlyArray<string> {
    return [
      ...new Set([...this.#dialects.flatMap(({ reading }) => reading.filters()), ...Announcements.filters])
    ].filter((filter) => !/^(\+\/)*#$/.test(filter))
  }

  hear(message: Message): void {
    const { topic } = message
    this.#messages += 1
    if (topic.startsWith("$") || this.#announcements.hear(message)) return
    const known = this.#topics.get(topic)
    if (known === undefined && this.#topics.size >= topicsMax) return void (this.#beyond += 1)
    const heard = known ?? { messages: 0, by: new Map<Speaker, Heard>(), spokenFor: false }
    this.#topics.set(topic, heard)
    heard.messages += 1
    const levels = topic.split("/")
    for (const dialect of this.#dialects) {
      const trial = new Trial(dialect, message, heard)
      if (!trial.presence(levels)) trial.signals(levels)
      this.#leftOut += trial.leftOut
    }
    for (const [speaker, tally] of heard.by) if (fitOf(speaker, tally) > 1) this.#found.add(speaker)
  }

  /** How many devices there seem to be. */
  count(): number {
    return this.#found.size
  }

  seen(): Recognised {
    const { announced, proposals } = this.#announcements.read()
    const rows = new Map<Speaker, { messages: number; unreadable: number; sure: boolean; others: Set<string> }>()
    const rowOf = (speaker: Speaker) => {
      const row = rows.get(speaker) ?? { messages: 0, unreadable: 0, sure: false, others: new Set<string>() }
      rows.set(speaker, row)
      return row
    }
    for (const { by } of this.#topics.values()) {
      const fitting = [...by].filter(([speaker, heard]) => fitOf(speaker, heard) > 0).sort(byFit)
      const [best] = fitting
      if (best === undefined) continue
      for (const [speaker, heard] of fitting) {
        if (speaker.dialect !== best[0].dialect) continue
        const row = rowOf(speaker)
        row.messages += heard.mapped + heard.presence + heard.silent + heard.unreadable
        row.unreadable += heard.unreadable
        row.sure ||= fitOf(speaker, heard) > 1
        const rivals = fitting.filter(
          ([other, { mapped }]) => other.dialect.profile !== speaker.dialect.profile && mapped > 0
        )
        for (const [rival] of rivals) row.others.add(rival.dialect.profile.name)
      }
    }
    for (const speaker of announced) rowOf(speaker).sure = true
    return {
      devices: [...rows].map(([speaker, row]) => seenDevice(speaker, row)).sort(byAddress),
      proposals,
      unrecognised: this.#unrecognised(),
      silent: this.#dialects.flatMap(({ speakers }) =>
        [...speakers.values()]
          .filter((speaker) => speaker.configured && !rows.has(speaker))
          .map(({ device }) => device.id)
      ),
      messages: this.#messages
    }
  }

  #unrecognised(): ReadonlyArray<Unrecognised> {
    const prefixes = new Map<string, { topics: number; messages: number }>()
    for (const [topic, { messages, by, spokenFor }] of this.#topics) {
      if (spokenFor || [...by].some(([speaker, heard]) => fitOf(speaker, heard) > 0)) continue
      const prefix = prefixOf(topic)
      const sum = prefixes.get(prefix) ?? { topics: 0, messages: 0 }
      prefixes.set(prefix, { topics: sum.topics + 1, messages: sum.messages + messages })
    }
    const all = [...prefixes].map(([prefix, sum]) => ({ prefix, ...sum }))
    if (this.#beyond > 0) all.push({ prefix: "(further topics, not looked at)", topics: 0, messages: this.#beyond })
    if (this.#leftOut > 0) all.push({ prefix: "(further devices, not looked at)", topics: 0, messages: this.#leftOut })
    return all.sort((a, b) => b.messages - a.messages || a.prefix.localeCompare(b.prefix))
  }
}

const byAddress = (a: SeenDevice, b: SeenDevice): number =>
  a.profile.localeCompare(b.profile) || a.address.localeCompare(b.address, "en", { numeric: true })

const seenDevice = (
  speaker: Speaker,
  { messages, unreadable, sure, others }: { messages: number; unreadable: number; sure: boolean; others: Set<string> }
): SeenDevice => {
  const { dialect, device, points, availability, why, topic, configured } = speaker
  const { bridge } = dialect
  return {
    address: device.address,
    profile: dialect.profile.name,
    others: [...others].sort(),
    parameters: dialect.parameters,
    sure,
    points: [...points.values()].sort((a, b) => a.point.localeCompare(b.point, "en", { numeric: true })),
    ...(availability === undefined ? {} : { availability }),
    messages,
    unreadable,
    ...(why === undefined || unreadable === 0 ? {} : { why }),
    ...(topic === undefined ? {} : { topic }),
    ...(bridge === undefined || bridge === device.address ? {} : { bridge }),
    ...(configured ? { configured: device.id } : {})
  }
}
