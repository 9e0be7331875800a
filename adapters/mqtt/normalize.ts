import type { Device } from "../../gateway/domain/campus.ts"
import { SparkplugNodes } from "./decode-sparkplug-nodes.ts"
import type { Mapping, Message, Normalized } from "./mapping.ts"
import { type Reading, readingsFor } from "./normalize-devices.ts"
import { Memory } from "../profile/memory.ts"
import { textMax, unreadable } from "../profile/unreadable.ts"
import type { Match, Workings } from "./normalize-message.ts"
import { redactRaw, type Payload, type ReadPayload, readPayload } from "./normalize-payload.ts"
import { availabilityOf, concernedBy, stateIn } from "./normalize-presence.ts"
import { signalsIn } from "./normalize-signals.ts"
import type { CompiledProfile } from "./profile.ts"
import type { Scope } from "../profile/path.ts"
import { coversFilter } from "./profile-topic.ts"

const ignored: Normalized = { observations: [], outcome: "ignored" }

/** Every profile that reads the topic, the most particular first; a topic of presence before one of signals. */
const matchesOf = (readings: ReadonlyArray<Reading>, topic: string): ReadonlyArray<Match> => {
  const levels = topic.split("/")
  const found: Array<Match> = []
  for (const reading of readings) {
    for (const { presence, pattern } of reading.presences) {
      const captures = reading.reads(pattern, levels)
      if (captures !== undefined) found.push({ reading, captures, literals: pattern.literals, presence })
    }
    if (reading.excludes(levels)) continue
    for (const pattern of reading.topics) {
      const captures = reading.reads(pattern, levels)
      if (captures !== undefined) found.push({ reading, captures, literals: pattern.literals })
    }
  }
  return found.sort(
    (a, b) => b.literals - a.literals || Number(b.presence !== undefined) - Number(a.presence !== undefined)
  )
}

/** Topics repeat: which profiles read one is remembered for so many of them. */
const topicsMax = 4096

const rememberingMatches = (readings: ReadonlyArray<Reading>) => {
  const known = new Map<string, ReadonlyArray<Match>>()
  return (topic: string): ReadonlyArray<Match> => {
    const before = known.get(topic)
    if (before !== undefined) return before
    const found = matchesOf(readings, topic)
    if (known.size >= topicsMax) known.clear()
    if (topic.length <= textMax) known.set(topic, found)
    return found
  }
}

const unreadableAlone = (message: Message, raw: string, why: string, device?: Device): Normalized => ({
  observations: [unreadable(message.topic, raw, why, device)],
  outcome: "unreadable"
})

/** What a topic of presence says; `undefined` when it is about nobody we know. */
const presenceIn = (match: Match, message: Message): Normalized | undefined => {
  const { reading, captures, presence } = match
  if (presence === undefined) return undefined
  const device = reading.find(reading.addressesIn({ payload: undefined, captures }))?.device
  const payload = readPayload(message.payload, { format: "auto", captures, at: message.receivedAt })
  const scope: Scope = { payload: "value" in payload ? payload.value : undefined, captures }
  const concerned = concernedBy(reading, presence, scope, device)
  if (concerned.itself === undefined && concerned.behind.length === 0) return undefined
  const about = concerned.itself ?? concerned.behind[0]
  if ("why" in payload)
    return unreadableAlone(message, redactRaw(payload, reading.profile.redact, message.topic), payload.why, about)
  const told = stateIn(presence, scope)
  if (told === undefined) return ignored
  if ("why" in told)
    return unreadableAlone(message, redactRaw(payload, reading.profile.redact, message.topic), told.why, about)
  const observations = availabilityOf(concerned, told, { topic: message.topic, recovery: message.retained })
  return { observations, outcome: "mapped" }
}

const unknownDevice = (
  match: Match,
  message: Message,
  payload: ReadPayload,
  addresses: ReadonlyArray<string>
): Normalized => {
  const raw = redactRaw(payload, match.reading.profile.redact, message.topic)
  const [address] = addresses
  if (address === undefined && match.reading.isNobodys({ payload: payload.value, captures: match.captures }))
    return ignored
  if (address === undefined) return unreadableAlone(message, raw, "it does not say which device it is of")
  const { name } = match.reading.profile
  const source = message.topic.slice(0, textMax)
  return {
    observations: [{ _tag: "UnknownDevice", address: address.slice(0, textMax), profile: name, source, raw }],
    outcome: "unknown-device"
  }
}

/** Whether a message of this node is of a device somebody configured: of others nothing is learnt. */
const isConcerned = ({ reading, captures }: Match): boolean => {
  const { group, path } = captures
  if (group === undefined || path === undefined) return false
  const node = path.split("/")[0]!
  return reading.devices.some(({ address }) =>
    [`${group}/${node}`, node].some((id) => address === id || address.startsWith(`${id}/`))
  )
}

/** What a match makes of a message: an answer, or one for when no other match knows its device. */
const answer = (
  match: Match,
  message: Message,
  workings: Workings
): { readonly [known in "yes" | "no"]?: Normalized } => {
  const { reading, captures } = match
  const { file, redact, readsEmpty } = reading.profile
  const empty = message.payload.length === 0
  // An empty payload clears what the broker kept for the topic (MQTT 5, 3.3.1.3); few products mean something by it.
  if (empty && !readsEmpty) return { no: ignored }
  const payload: Payload = empty
    ? { value: file.payload === "text" ? "" : {}, text: "" }
    : readPayload(message.payload, {
        format: file.payload ?? "json",
        columns: file.columns,
        captures,
        at: message.receivedAt,
        nodes: isConcerned(match) ? workings.nodes : undefined
      })
  if ("why" in payload) {
    const found = reading.find(reading.addressesIn({ payload: undefined, captures }))
    const said = unreadableAlone(message, redactRaw(payload, redact, message.topic), payload.why, found?.device)
    return found === undefined ? { no: said } : { yes: said }
  }
  const said = signalsIn(match, message, payload, workings)
  return "observations" in said ? { yes: said } : { no: unknownDevice(match, message, payload, said.addresses) }
}

/** MQTT filters that bring all that the profiles read, none of them contained in another. */
const filtersFor = (readings: ReadonlyArray<Reading>): ReadonlyArray<string> => {
  const distinct = [...new Set(readings.flatMap((reading) => reading.filters()))]
  return distinct.filter((filter) => !distinct.some((other) => other !== filter && coversFilter(other, filter)))
}

/**
 * The mapping of a link's messages by the profiles that its devices name. A message that cannot be read becomes an
 * observation of its own; nothing is thrown. A message is of the first known device among those whose profiles read it.
 */
export const makeMapping = (
  profiles: ReadonlyArray<CompiledProfile>,
  devices: ReadonlyArray<Device>,
  timeZone: string
): Mapping => {
  const readings = readingsFor(profiles, devices)
  const matches = rememberingMatches(readings)
  const workings: Workings = { timeZone, memory: new Memory(), nodes: new SparkplugNodes() }
  return {
    filters: filtersFor(readings),
    normalize: (message) => {
      let otherwise: Normalized | undefined
      for (const match of matches(message.topic)) {
        if (match.presence !== undefined) {
          const said = presenceIn(match, message)
          if (said !== undefined) return said
          otherwise ??= ignored
        } else {
          const { yes, no } = answer(match, message, workings)
          if (yes !== undefined) return yes
          if (otherwise === undefined || otherwise.outcome === "ignored") otherwise = no ?? otherwise
        }
      }
      return otherwise ?? { observations: [], outcome: "unknown-topic" }
    }
  }
}
