/**
 * Whatever comes, normalize answers: it never throws, never takes long, and never says more than a bounded amount.
 * Valid messages of every shipped profile (those of its own tests) are broken in the ways that networks, firmware and
 * people who mean harm break them. The seed is fixed: a failure is a fault in the code and never in the weather.
 */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Message } from "../../../adapters/mqtt/mapping.ts"
import { makeMapping } from "../../../adapters/mqtt/normalize.ts"
import { readProfileFiles } from "../../../adapters/mqtt/profiles.ts"
import type { Device } from "../../../gateway/domain/campus.ts"
import { DeviceId, LinkId } from "../../../gateway/domain/ids.ts"
import { profilesDirectory } from "./peers.ts"

const profiles = readProfileFiles(profilesDirectory).flatMap(({ profile }) => profile ?? [])

/** Milliseconds that this thread has computed: what else the machine does is not in it. */
const computedMs = (): number => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

const receivedAt = Date.parse("2026-03-02T10:00:00Z")

interface Seed {
  readonly profile: string
  readonly topic: string
  readonly payload: Buffer
}

const seeds: ReadonlyArray<Seed> = profiles.flatMap(({ name, file }) =>
  file.tests
    .flatMap((test) => [test, ...(test.before ?? [])])
    .map(({ topic, payload, bytes }) => ({
      profile: name,
      topic,
      payload:
        bytes === undefined
          ? Buffer.from(typeof payload === "string" ? payload : JSON.stringify(payload ?? ""))
          : Buffer.from(bytes, "base64")
    }))
)

/** One device for each address and set of parameters that the profiles' own tests name. */
const devices: ReadonlyArray<Device> = profiles.flatMap(({ name, file }) =>
  file.tests.map(({ address, parameters }, nth) => ({
    id: DeviceId.make(`${name}-${nth}`),
    link: LinkId.make("link"),
    profile: name,
    address,
    ...(parameters === undefined ? {} : { parameters })
  }))
)

const nasty = fc.constantFrom<unknown>(
  null,
  true,
  false,
  0,
  -1,
  1e308,
  12345678901234567890n,
  "",
  "0",
  "\u0000",
  "\ud800",
  "x".repeat(5000),
  [],
  [[[[]]]],
  {},
  { SimpleItem: [] },
  { SimpleItem: [null, 1, { Name: 7 }] },
  Array.from({ length: 50 }, () => ({}))
)

const toJson = (value: unknown): string =>
  JSON.stringify(value, (_, member: unknown) => (typeof member === "bigint" ? Number(member) : member))

/** Puts `value` in the place of the `nth` member, counting through the whole. */
const swapped = (whole: unknown, nth: number, value: unknown): unknown => {
  let left = nth
  const walk = (at: unknown): unknown => {
    if (left-- === 0) return value
    if (Array.isArray(at)) return at.map(walk)
    if (typeof at !== "object" || at === null) return at
    return Object.fromEntries(Object.entries(at).map(([key, member]) => [key, walk(member)]))
  }
  return walk(whole)
}

const swappedIn = (payload: Buffer, nth: number, value: unknown): Buffer => {
  try {
    return Buffer.from(toJson(swapped(JSON.parse(payload.toString()), nth, value)))
  } catch {
    return Buffer.from(toJson(value) ?? "")
  }
}

const flipped = (payload: Buffer, at: number, byte: number): Buffer => {
  const broken = Buffer.from(payload)
  if (broken.length > 0) broken[at % broken.length] = byte
  return broken
}

const mutation = fc.oneof(
  fc.nat(400).map((length) => (payload: Buffer) => payload.subarray(0, length % (payload.length + 1))),
  fc.tuple(fc.nat(400), fc.nat(255)).map(
    ([at, byte]) =>
      (payload: Buffer) =>
        flipped(payload, at, byte)
  ),
  fc.tuple(fc.nat(40), nasty).map(
    ([nth, value]) =>
      (payload: Buffer) =>
        swappedIn(payload, nth, value)
  ),
  fc.uint8Array({ maxLength: 300 }).map((noise) => () => Buffer.from(noise)),
  fc.string({ maxLength: 200, unit: "binary" }).map((text) => () => Buffer.from(text, "utf16le")),
  fc.nat(200).map((depth) => () => Buffer.from(`${'{"a":['.repeat(depth)}1${"]}".repeat(depth)}`)),
  fc.nat(3).map((times) => (payload: Buffer) => Buffer.concat(Array.from({ length: times + 1 }, () => payload))),
  fc.constant((payload: Buffer) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), payload, Buffer.from([0])])),
  fc
    .constantFrom("-", ".", "e", "")
    .map(
      (sign) => (payload: Buffer) =>
        Buffer.from(payload.toString().replace(/\d+/g, (digits) => `${digits}${sign}${digits.repeat(40)}`))
    )
)

const topicMutation = fc.oneof(
  { weight: 6, arbitrary: fc.constant((topic: string) => topic) },
  { weight: 1, arbitrary: fc.nat(9).map((nth) => (topic: string) => topic.split("/").toSpliced(nth, 1).join("/")) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.nat(9), fc.string({ maxLength: 300 })).map(
      ([nth, level]) =>
        (topic: string) =>
          topic.split("/").toSpliced(nth, 1, level).join("/")
    )
  }
)

const message = fc
  .tuple(fc.constantFrom(...seeds), fc.array(mutation, { maxLength: 3 }), topicMutation, fc.boolean())
  .map(([{ topic, payload }, mutations, place, retained]): Message => ({
    topic: place(topic),
    payload: mutations.reduce((broken, mutate) => mutate(broken), payload),
    retained,
    receivedAt
  }))

describe("normalize, given any message", () => {
  const mapping = makeMapping(profiles, devices, "Europe/Berlin")

  it("answers, within bounds of time and size", () => {
    let slowestMs = 0
    fc.assert(
      fc.property(message, (broken) => {
        const from = computedMs()
        const { observations, outcome } = mapping.normalize(broken)
        slowestMs = Math.max(slowestMs, computedMs() - from)
        expect(["mapped", "ignored", "unreadable", "unknown-device", "unknown-topic"]).toContain(outcome)
        expect(observations.length).toBeLessThanOrEqual(200)
        expect(JSON.stringify(observations).length).toBeLessThan(150_000)
      }),
      { seed: 20_260_302, numRuns: 6000 }
    )
    // A message must not hold up the gateway's own thread; the bound leaves room for a slow machine.
    expect(slowestMs).toBeLessThan(200)
  })

  it("gives the same for the same messages in the same order", () => {
    fc.assert(
      fc.property(fc.array(message, { minLength: 2, maxLength: 12 }), (messages) => {
        const play = () => {
          const anew = makeMapping(profiles, devices, "UTC")
          return JSON.stringify(messages.map((one) => anew.normalize(one).observations))
        }
        expect(play()).toBe(play())
      }),
      { seed: 20_260_303, numRuns: 15 }
    )
  })

  it.each([
    [
      "JSON of nothing but items",
      "uhppoted/gateway/events",
      `{"message":{"event":{"event":[${"{},".repeat(80_000)}{}]}}}`
    ],
    [
      "a list where an event should be",
      "shellyplus1-0a1b2c3d4e5f/events/rpc",
      `{"params":{"events":[${"{},".repeat(80_000)}{}]}}`
    ],
    [
      "members without end",
      "tele/north-gate/SENSOR",
      `{${Array.from({ length: 15_000 }, (_, n) => `"Switch${n}":"ON"`).join(",")}}`
    ],
    ["one long text", "zigbee2mqtt/gate", `{"contact":"${"x".repeat(250_000)}"}`],
    [
      "a card without end",
      "uhppoted/gateway/events",
      `{"message":{"event":{"event":{"event-type":1,"access-granted":true,"device-id":303986753,"door-id":1,"card-number":"${"9".repeat(200_000)}"}}}}`
    ]
  ])("takes %s in time, and tells little of it", (_, topic, text) => {
    const from = computedMs()
    const { observations } = mapping.normalize({ topic, payload: Buffer.from(text), retained: false, receivedAt })
    expect(computedMs() - from).toBeLessThan(400)
    expect(observations.length).toBeLessThanOrEqual(5001)
    expect(JSON.stringify(observations).length).toBeLessThan(1_500_000)
  })

  it("takes a metrics list without end, and a topic of nothing but levels", () => {
    const metric = Buffer.from([0x12, 0x02, 0x10, 0x05])
    const flood = Buffer.concat(Array.from({ length: 60_000 }, () => metric))
    const from = computedMs()
    const topic = "spBv1.0/Plant/DDATA/Cabinet 1/Doors"
    const { observations } = mapping.normalize({ topic, payload: flood, retained: false, receivedAt })
    expect(JSON.stringify(observations).length).toBeLessThan(20_000)
    const deep = Array.from({ length: 60_000 }, () => "onvif-ej").join("/")
    expect(mapping.normalize({ topic: deep, payload: Buffer.from("{}"), retained: false, receivedAt }).outcome).toBe(
      "unknown-topic"
    )
    const levels = Array.from({ length: 60 }, () => "onvif-ej").join("/")
    mapping.normalize({ topic: levels, payload: Buffer.from("{}"), retained: false, receivedAt })
    expect(computedMs() - from).toBeLessThan(400)
  })
})
