import type { ReadProfile } from "../profile/files.ts"
import type { Device } from "../../gateway/domain/campus.ts"
import type { Observation } from "../../gateway/domain/observation.ts"
import type { Mapping, Message, Normalized } from "./mapping.ts"
import { type Reading, readingsFor } from "./normalize-devices.ts"
import { makeMapping } from "./normalize.ts"
import type { CompiledProfile } from "./profile.ts"
import { fieldsOf } from "./recognise-fields.ts"

/** What a message says, and which line of the profile says so. */
export interface Result {
  readonly observation: Observation
  /** `readings[3]`; absent where no single mapping makes it. */
  readonly mapping?: string
  readonly line?: number
}

/** One scalar of the payload, or all of it, and what it is good for. */
export interface ExplainedField {
  readonly path: string
  readonly value: string
  /** Which of the results would not be without it. */
  readonly makes: ReadonlyArray<number>
  /** What else would be otherwise without it. */
  readonly gives: ReadonlyArray<"the device's address" | "the device's time" | "its own key" | "a condition">
  /** The profile names it, or nothing does. */
  readonly named: boolean
}

export interface Explained {
  readonly topic: string
  readonly retained: boolean
  readonly outcome: Normalized["outcome"]
  /** The message is the device's. */
  readonly own: boolean
  readonly fields: ReadonlyArray<ExplainedField>
  readonly results: ReadonlyArray<Result>
}

/** Explains the messages of one device in their order, as its link would hear them. */
export interface Explainer {
  /** What to subscribe to for them. */
  readonly filters: ReadonlyArray<string>
  /** The topics it reads, as the profile writes them. */
  readonly patterns: ReadonlyArray<string>
  /** A topic that the device's messages come on, where there is only one way to say it. */
  readonly topic: string | undefined
  readonly explain: (message: Message) => Explained
  /** Whether the device itself says something by this message; it is not remembered. */
  readonly speaksBy: (message: Message) => boolean
}

const sections = ["readings", "occurrences", "gaps", "availability"] as const

interface Single {
  readonly name: string
  readonly line: number
  readonly mapping: Mapping
}

/** The profile with one mapping alone, for each: what such a one says is that mapping's. */
const singlesOf = (
  { profile, problemAt }: ReadProfile<CompiledProfile>,
  makeFor: (profile: CompiledProfile) => Mapping
): ReadonlyArray<Single> =>
  profile === undefined
    ? []
    : sections.flatMap((section) =>
        profile[section].map((one, nth) => ({
          name: `${section}[${nth}]`,
          line: problemAt({ path: [section, nth], message: "" }).line,
          mapping: makeFor({ ...profile, readings: [], occurrences: [], gaps: [], availability: [], [section]: [one] })
        }))
      )

/** What an observation says, apart from when and by which key: two equal ones are the same happening. */
const saying = (seen: Observation): string => {
  switch (seen._tag) {
    case "Reading":
      return `Reading ${seen.point} ${JSON.stringify(seen.reading)}`
    case "Occurrence":
      return `Occurrence ${seen.point} ${JSON.stringify(seen.occurrence)}`
    case "PanelCondition":
      return `PanelCondition ${seen.point} ${JSON.stringify(seen.condition)}`
    case "Availability":
      return `Availability ${seen.state}`
    case "Certificate":
      return `Certificate ${seen.fingerprint}`
    case "Gap":
      return `Gap ${seen.detail}`
    case "Unreadable":
      return `Unreadable ${seen.why}`
    case "UnknownDevice":
      return `UnknownDevice ${seen.address}`
  }
}

const timeOf = (seen: Observation | undefined): number | undefined =>
  seen !== undefined && "deviceTime" in seen ? seen.deviceTime : undefined
const keyOf = (seen: Observation | undefined): string | undefined =>
  seen !== undefined && "nativeKey" in seen ? seen.nativeKey : undefined

/** Whether something is said of a device. */
const isOfDevice = ({ observations }: Pick<Normalized, "observations">): boolean =>
  observations.some((seen) => "device" in seen && seen.device !== undefined)

/** What is otherwise when a field is left out. */
const difference = (whole: Normalized, less: Normalized): Pick<ExplainedField, "makes" | "gives"> => {
  if (isOfDevice(whole) && less.observations.length > 0 && !isOfDevice(less))
    return { makes: [], gives: ["the device's address"] }
  const left = new Map(less.observations.map((seen) => [saying(seen), seen]))
  const makes = whole.observations.flatMap((seen, nth) => (left.has(saying(seen)) ? [] : [nth]))
  const kept = whole.observations.filter((seen) => left.has(saying(seen)))
  const differs = (of: (seen: Observation | undefined) => unknown): boolean =>
    kept.some((seen) => of(seen) !== of(left.get(saying(seen))))
  const gives: Array<ExplainedField["gives"][number]> = []
  if (differs(timeOf)) gives.push("the device's time")
  else if (makes.length === 0 && differs(keyOf)) gives.push("its own key")
  if (makes.length === 0 && gives.length === 0 && less.observations.length !== whole.observations.length)
    gives.push("a condition")
  return { makes, gives }
}

/** Every word that the profile's mappings use. */
const vocabulary = ({ file }: CompiledProfile): ReadonlySet<string> => {
  const { tests: _, description: __, redact: ___, ...mappings } = file
  return new Set(JSON.stringify(mappings).split(/[^\w-]+/))
}

const isText = (payload: Uint8Array): boolean => !/[^\P{Cc}\t\r\n]|\uFFFD/u.test(Buffer.from(payload).toString("utf8"))

/** A payload that is no JSON object, on one line. */
const wholeText = (payload: Uint8Array): string => {
  if (payload.length === 0) return "(empty)"
  if (isText(payload)) return Buffer.from(payload).toString("utf8").slice(0, 200)
  return `${payload.length} bytes: ${Buffer.from(payload.subarray(0, 24)).toString("hex")}${payload.length > 24 ? "…" : ""}`
}

const attributed = (
  observations: ReadonlyArray<Observation>,
  singles: ReadonlyArray<Single>,
  message: Message
): ReadonlyArray<Result> => {
  const said = singles.map(({ name, line, mapping }) => ({
    name,
    line,
    sayings: mapping.normalize(message).observations.map(saying)
  }))
  return observations.map((observation) => {
    const by =
      observation._tag === "Unreadable" ? undefined : said.find(({ sayings }) => sayings.includes(saying(observation)))
    return by === undefined ? { observation } : { observation, mapping: by.name, line: by.line }
  })
}

/** Whether a topic is the device's by itself, whatever is said on it. */
const ownTopicsOf =
  (reading: Reading | undefined) =>
  (topic: string): boolean => {
    const levels = topic.split("/")
    if (reading === undefined || reading.excludes(levels)) return false
    return reading.topics.some((pattern) => {
      const captures = reading.reads(pattern, levels)
      return captures !== undefined && reading.find(reading.addressesIn({ payload: undefined, captures })) !== undefined
    })
  }

/**
 * Shows what becomes of a device's messages. Which field makes what is found by leaving it out: the mapping itself
 * answers, and no second reading of the profile can disagree with it.
 */
export const makeExplainer = (
  read: ReadProfile<CompiledProfile> & { readonly profile: CompiledProfile },
  device: Device,
  timeZone: string
): Explainer => {
  const { profile } = read
  const makeFor = (one: CompiledProfile): Mapping => makeMapping([one], [device], timeZone)
  const mapping = makeFor(profile)
  const singles = singlesOf(read, makeFor)
  const words = vocabulary(profile)
  const [reading] = readingsFor([profile], [device])
  const texts = (reading?.topics ?? []).map(({ text }) => text.replace(/\{address(?:\.\.\.|!)?\}/, device.address))
  const hidden = (names: ReadonlyArray<string>): boolean => names.some((name) => profile.redact.has(name.toLowerCase()))

  const isOwnTopic = ownTopicsOf(reading)

  const fieldsIn = (message: Message, observations: ReadonlyArray<Observation>): ReadonlyArray<ExplainedField> => {
    const fields = fieldsOf(message.payload)
    if (fields.length === 0) {
      const value = profile.redact.size > 0 && profile.file.payload === "csv" ? "***" : wholeText(message.payload)
      return [{ path: "(payload)", value, makes: observations.map((_, nth) => nth), gives: [], named: true }]
    }
    // Each on a mapping of its own, so that none is heard as the repetition of another.
    const whole = makeFor(profile).normalize(message)
    const said = observations.map(saying)
    const explained = fields.map(({ path, names, value, without }): ExplainedField => {
      const { makes, gives } = difference(whole, makeFor(profile).normalize({ ...message, payload: without }))
      const places = makes.map((nth) => said.indexOf(saying(whole.observations[nth]!))).filter((nth) => nth >= 0)
      const named = words.has(names.at(-1) ?? "")
      return { path, value: hidden(names) ? "***" : value, makes: places, gives, named }
    })
    const unexplained = observations.flatMap((_, nth) =>
      explained.some(({ makes }) => makes.includes(nth)) ? [] : [nth]
    )
    if (unexplained.length === 0) return explained
    // Two fields that say the same: neither is missed when it is left out, and each is enough alone.
    return explained.map((field, index) => {
      const alone = makeFor(profile).normalize({ ...message, payload: fields[index]!.alone })
      const enough = unexplained.filter((nth) => alone.observations.some((seen) => saying(seen) === said[nth]))
      return { ...field, makes: [...field.makes, ...enough] }
    })
  }

  return {
    filters: mapping.filters,
    speaksBy: (message) =>
      isOwnTopic(message.topic) ||
      makeFor(profile)
        .normalize(message)
        .observations.some((seen) => seen._tag !== "Availability" && "device" in seen && seen.device === device.id),
    patterns: (reading?.topics ?? []).map(({ text }) => text),
    topic: texts.find((text) => !/[{}+#]/.test(text)),
    explain: (message) => {
      const { observations, outcome } = mapping.normalize(message)
      return {
        topic: message.topic,
        retained: message.retained,
        outcome,
        own: isOfDevice({ observations }) || isOwnTopic(message.topic),
        fields: fieldsIn(message, observations),
        results: attributed(observations, singles, message)
      }
    }
  }
}
