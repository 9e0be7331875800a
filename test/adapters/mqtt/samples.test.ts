/**
 * Messages of real products, recorded elsewhere and not kept here: each is given to the shipped profile for its
 * product, and what comes of it goes through the fold, after the state that the recorders say was known before. What
 * their expectations mean in our words stands in `samples-words.ts`. Name the file in GATEHOUSE_SAMPLES to run it.
 */
import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import type { Message } from "../../../adapters/mqtt/mapping.ts"
import { makeMapping } from "../../../adapters/mqtt/normalize.ts"
import { readProfiles } from "../../../adapters/mqtt/profiles.ts"
import type { Decision } from "../../../gateway/correlation/decision.ts"
import { fold, initial } from "../../../gateway/correlation/fold.ts"
import type { Situation } from "../../../gateway/correlation/situation.ts"
import type { Campus, Device } from "../../../gateway/domain/campus.ts"
import type { DeviceEvent } from "../../../gateway/domain/device-event.ts"
import type { Fact } from "../../../gateway/domain/fact.ts"
import { AreaId, DeviceId, DoorId, LinkId, PointRef, SiteId } from "../../../gateway/domain/ids.ts"
import type { Observation } from "../../../gateway/domain/observation.ts"
import { profilesDirectory } from "./peers.ts"
import { besides, configuredFor, type Expected, pointFor, presenceFor, type Sample, words } from "./samples-words.ts"

const file = process.env["GATEHOUSE_SAMPLES"]
const samples: ReadonlyArray<Sample> =
  file === undefined
    ? []
    : readFileSync(file, "utf8")
        .split("\n")
        .filter((line) => line.trim() !== "")
        .map((line) => JSON.parse(line) as Sample)

const { profiles } = readProfiles(profilesDirectory)
const link = LinkId.make("link")
const receivedAt = Date.parse("2026-10-01T12:00:00Z")

const devicesOf = (sample: Sample): ReadonlyArray<Device> =>
  configuredFor(sample).map(({ id, via, ...device }) => ({
    ...device,
    id: DeviceId.make(id),
    link,
    ...(via === undefined ? {} : { via: DeviceId.make(via) })
  }))

/** A retained publish reaches a living subscription without the mark; only where nothing was known before was it kept. */
const isRetained = (sample: Sample): boolean =>
  sample.mqtt?.retain === true &&
  sample.expect_events.length === 0 &&
  Object.keys(sample.prior_state ?? {}).length === 0

const messageOf = (sample: Sample): Message => ({
  topic: sample.topic,
  payload: Buffer.from(sample.payload, sample.payload_encoding),
  retained: isRetained(sample),
  receivedAt
})

/** Every door that the sample's contacts could be of. */
const campusOf = (devices: ReadonlyArray<Device>, contacts: ReadonlySet<string>): Campus => ({
  site: { id: SiteId.make("site"), name: "Site", timeZone: "UTC" },
  areas: [{ id: AreaId.make("area"), name: "Area", kind: "building" }],
  devices: [...devices],
  doors: [...contacts].map((contact, nth) => ({
    id: DoorId.make(`door-${nth}`),
    name: `Door ${nth}`,
    area: AreaId.make("area"),
    position: PointRef.make(contact)
  })),
  cameras: []
})

const prior = (sample: Sample): ReadonlyArray<Observation> =>
  Object.entries(sample.prior_state ?? {}).flatMap(([name, state]): ReadonlyArray<Observation> => {
    // A state that is a word is one of the recorders' own, of an object or a list of what was seen.
    if (typeof state !== "object" || state === null || Array.isArray(state)) return []
    const device = DeviceId.make(name.includes("/Pibrella") && sample.topic.includes("NDEATH") ? "behind" : "device")
    return Object.entries(state as Record<string, unknown>).flatMap(([field, value]): ReadonlyArray<Observation> => {
      const online = presenceFor(field, value)
      if (online !== undefined) {
        const availability = online ? ("online" as const) : ("offline" as const)
        return [{ _tag: "Availability", device, state: availability, origin: "change", reason: "before", source: "" }]
      }
      const known = pointFor(sample, field, value)
      return known === undefined ? [] : [{ _tag: "Reading", device, ...known, origin: "recovery", source: "" }]
    })
  })

interface Told {
  readonly situation: Situation
  readonly events: ReadonlyArray<DeviceEvent>
  readonly alerts: ReadonlyArray<string>
}

const raisedBy = (decisions: ReadonlyArray<Decision>): ReadonlyArray<string> =>
  decisions.flatMap((decision) =>
    decision._tag === "Alert" && decision.change.transition === "raised" ? [decision.change.alert.condition] : []
  )

/** What is told of what was so before, or as a test, is no news. */
const isNews = (observation: Observation, { _tag }: DeviceEvent): boolean => {
  const live = !("origin" in observation) || observation.origin === "change"
  const test = "test" in observation && observation.test === true
  return live && !test && _tag !== "StateRecovered" && _tag !== "StateLost" && _tag !== "DoorStandingChanged"
}

const play = (situation: Situation, observations: ReadonlyArray<Observation>, at: number): Told => {
  let told = situation
  const alerts: Array<string> = []
  const events: Array<DeviceEvent> = []
  for (const observation of observations) {
    const fact: Fact = { _tag: "Observed", at, link, observation, receivedAt: at, occurredAt: at }
    const folded = fold(told, told.seq + 100, fact)
    told = folded.situation
    alerts.push(...raisedBy(folded.decisions))
    for (const decision of folded.decisions) {
      if (decision._tag === "Event" && isNews(observation, decision.event)) events.push(decision.event)
    }
  }
  return { situation: told, events, alerts }
}

/** What is concluded only when nothing more comes: an opening that no grant explains is forced after 1.5 s. */
const raisedLater = (situation: Situation): ReadonlyArray<string> =>
  raisedBy(fold(situation, situation.seq + 100, { _tag: "TimePassed", at: receivedAt + 5000 }).decisions)

const started = (sample: Sample, observations: ReadonlyArray<Observation>): Situation => {
  const devices = devicesOf(sample)
  const isDoor = sample.expect_events.some(({ type }) => type.startsWith("door."))
  const contacts = observations.flatMap((observation) =>
    observation._tag === "Reading" &&
    (observation.reading.kind === "position" || (isDoor && observation.reading.kind === "input"))
      ? [`${observation.device}/${observation.point}`]
      : []
  )
  const campus = campusOf(devices, new Set(contacts))
  const applied = fold(initial, 1, { _tag: "ConfigApplied", at: receivedAt - 3000, version: "1", campus, by: "test" })
  const there = devices.map(({ id }): Observation => ({
    _tag: "Availability",
    device: id,
    state: "online",
    origin: "change",
    reason: "before",
    source: ""
  }))
  return play(applied.situation, [...there, ...prior(sample)], receivedAt - 2000).situation
}

/** Our events that stand for what was expected; each is used once. */
const matched = (sample: Sample, events: ReadonlyArray<DeviceEvent>, observations: ReadonlyArray<Observation>) => {
  const left = [...events]
  const missing: Array<Expected> = []
  for (const expected of sample.expect_events) {
    const word = words[expected.type]
    if (word === undefined) throw new Error(`nobody says what "${expected.type}" is in our words`)
    const at = left.findIndex((event) => word(event, { ...expected, ...lowerCased(expected) }))
    if (at >= 0) left.splice(at, 1)
    else if (!(expected.late === true && isHistory(expected, observations))) missing.push(expected)
  }
  const extra = left.filter((event) => !sample.expect_events.some(({ type }) => besides[type]?.(event) === true))
  return { missing, extra }
}

const lowerCased = ({ action }: Expected) => (action === undefined ? {} : { action: action.toLowerCase() })

/** History changes nothing that is known by now: it is a reading of its own time. */
const isHistory = ({ time }: Expected, observations: ReadonlyArray<Observation>): boolean =>
  observations.some(
    (observation) =>
      observation._tag === "Reading" &&
      observation.origin === "replayed" &&
      observation.deviceTime === Date.parse(time ?? "")
  )

const expectTimes = (sample: Sample, observations: ReadonlyArray<Observation>): void => {
  const times = observations.map((observation) => ("deviceTime" in observation ? observation.deviceTime : undefined))
  for (const { type, time } of sample.expect_events) {
    // A gap has no time of the device's.
    if (time === undefined || type === "device.events_lost") continue
    const near = times.some((at) => at !== undefined && Math.abs(at - Date.parse(time)) <= 1)
    expect(near, `${type} at ${time}: ${JSON.stringify(observations)}`).toBe(true)
  }
}

/** What the recorders say is so afterwards, beside what is so here. */
const stateOf = (sample: Sample, situation: Situation) =>
  Object.values(sample.expect_state ?? {}).flatMap((fields) =>
    Object.entries(fields).map(([field, value]) => {
      const online = presenceFor(field, value)
      const point = pointFor(sample, field, value)
      if (online !== undefined) {
        const device = situation.devices.get("device")!
        return { expected: online, known: device.availability === "online" }
      }
      const known = situation.points.get(`device/${point!.point}`)!
      return { expected: point!.reading, known: known.reading }
    })
  )

/** The keys of the same payload's other sample: the same happening on another topic. */
const keysOfTwin = (sample: Sample): ReadonlyArray<unknown> => {
  const twin = samples.find((one) => one.id !== sample.id && one.payload === sample.payload)!
  return keysOf(makeMapping(profiles, devicesOf(twin), "UTC").normalize(messageOf(twin)).observations)
}

const keysOf = (observations: ReadonlyArray<Observation>): ReadonlyArray<unknown> =>
  observations.map((one) => ("nativeKey" in one ? one.nativeKey : undefined))

const isSeen = (sample: Sample): boolean => Array.isArray(sample.prior_state?.["seen"])

/** Of these the recorders expect no event, and we have no decoder: the bytes of a simulated device of an unknown model. */
const undecoded = new Set(["ttn-01"])

describe.skipIf(file === undefined)("recorded messages (set GATEHOUSE_SAMPLES to their file)", () => {
  it("are there", () => {
    expect(samples).not.toEqual([])
  })

  it.each(samples.map((sample) => [sample.id, sample] as const))("%s can be read", (id, sample) => {
    const { observations, outcome } = makeMapping(profiles, devicesOf(sample), "UTC").normalize(messageOf(sample))
    const tags = observations.map(({ _tag }) => _tag)
    expect(outcome === "unreadable", JSON.stringify(observations)).toBe(undecoded.has(id))
    expect(tags).not.toContain("UnknownDevice")
  })

  const told = samples.filter((sample) => !undecoded.has(sample.id) && !isSeen(sample))

  it.each(told.map((sample) => [sample.id, sample] as const))("%s means what it should", (_, sample) => {
    const { observations } = makeMapping(profiles, devicesOf(sample), "UTC").normalize(messageOf(sample))
    const { situation, events, alerts } = play(started(sample, observations), observations, receivedAt)
    const shown = JSON.stringify({ observations, events })
    expect(matched(sample, events, observations), shown).toEqual({ missing: [], extra: [] })
    expectTimes(sample, observations)
    const silent = sample.expect_events.length === 0
    expect(silent ? [...alerts, ...raisedLater(situation)] : []).toEqual([])
    for (const { expected, known } of stateOf(sample, situation)) expect(known).toEqual(expected)
  })

  it.each(samples.filter(isSeen).map((sample) => [sample.id, sample] as const))(
    "%s has the key of what was heard on another topic, by which intake drops it",
    (_, sample) => {
      const { observations } = makeMapping(profiles, devicesOf(sample), "UTC").normalize(messageOf(sample))
      expect(keysOf(observations)).toEqual(keysOfTwin(sample))
      expect(keysOf(observations)).not.toContain(undefined)
    }
  )
})
