import { describe, expect, it } from "vitest"
import { makeMapping } from "../../../adapters/mqtt/normalize.ts"
import { testProfile } from "../../../adapters/mqtt/profile-tests.ts"
import { readProfile, readProfileFiles, readProfiles } from "../../../adapters/mqtt/profiles.ts"
import type { Device } from "../../../gateway/domain/campus.ts"
import { DeviceId, LinkId } from "../../../gateway/domain/ids.ts"
import { profilesDirectory } from "./peers.ts"

const { profiles } = readProfiles(profilesDirectory)
const receivedAt = Date.parse("2026-03-02T10:00:00Z")

const device = (id: string, profile: string, address = id): Device => ({
  id: DeviceId.make(id),
  link: LinkId.make("link"),
  profile,
  address
})

const normalize = (devices: ReadonlyArray<Device>, topic: string, payload: string | Uint8Array, retained = false) =>
  makeMapping(profiles, devices, "UTC").normalize({
    topic,
    payload: typeof payload === "string" ? Buffer.from(payload) : payload,
    retained,
    receivedAt
  })

const gate = device("gate", "zigbee2mqtt")

describe("every shipped profile", () => {
  it.each(readProfileFiles(profilesDirectory).map((file) => [file.name, file] as const))(
    "%s passes its own tests",
    (_, file) => {
      expect(file.problems).toEqual([])
      const { passed, failures } = testProfile(file.profile!)
      expect(failures).toEqual([])
      expect(passed).toBeGreaterThan(5)
    }
  )
})

describe("a message that cannot be read", () => {
  it.each([
    ["is cut off", '{"contact":fal', "not readable JSON"],
    ["is a list", "[1,2]", "expected a JSON object"],
    ["is no UTF-8", Uint8Array.of(0x7b, 0xff, 0xfe, 0x7d), "not UTF-8"],
    ["is nested without end", '{"a":'.repeat(200) + "1" + "}".repeat(200), "nested more than 64 levels"],
    ["tries to change what objects are", '{"__proto__":{"contact":true}}', '"__proto__" is refused'],
    ["is larger than any device sends", "x".repeat(300_000), "300000 bytes"]
  ])("is kept with the reason when it %s", (_, payload, why) => {
    const { observations, outcome } = normalize([gate], "zigbee2mqtt/gate", payload)
    expect(outcome).toBe("unreadable")
    expect(observations).toMatchObject([{ _tag: "Unreadable", device: "gate", source: "zigbee2mqtt/gate" }])
    expect(JSON.stringify(observations)).toContain(JSON.stringify(why).slice(1, -1))
    expect(JSON.stringify(observations).length).toBeLessThan(10_000)
  })

  it("gives what it does say, and keeps what it does not", () => {
    const { observations } = normalize([gate], "zigbee2mqtt/gate", '{"contact":false,"tamper":"perhaps"}')
    expect(observations).toMatchObject([
      { _tag: "Reading", point: "contact", reading: { value: "open" } },
      { _tag: "Unreadable", why: 'tamper is "perhaps"; expected one of "true", "false"' }
    ])
  })

  it.each([
    ["lacks what it must have", "{}", 'AccessDenied at "reader" lacks its reason'],
    ["has a reason that is none", '{"why":"moody"}', 'AccessDenied at "reader" has the reason "moody", which is none'],
    [
      "has a way that is none",
      '{"why":"Other","way":"up"}',
      'AccessDenied at "reader" has the direction "up", which is'
    ]
  ])("says what an occurrence of it %s", (_, payload, why) => {
    const text = `description: d
topics: ["t/{address}"]
occurrences:
  - { point: reader, word: AccessDenied, fields: { reason: { path: why }, direction: { path: way } } }
tests: []
`
    const { profile } = readProfile("own.yaml", text)
    const mapping = makeMapping([profile!], [device("x", "own")], "UTC")
    const said = mapping.normalize({ topic: "t/x", payload: Buffer.from(payload), retained: false, receivedAt })
    expect(said).toMatchObject({ observations: [{ _tag: "Unreadable" }], outcome: "unreadable" })
    expect(said.observations[0]).toHaveProperty("why", expect.stringContaining(why))
  })

  it("keeps no secret of it", () => {
    const { observations } = normalize([gate], "zigbee2mqtt/gate", '{"contact":"?","user":{"pin_code":"4711"}}')
    expect(JSON.stringify(observations)).not.toContain("4711")
    const said = normalize([gate], "zigbee2mqtt/gate", '{"pin_code":x4711}')
    expect(JSON.stringify(said.observations)).not.toContain("4711")
    const cut = normalize([gate], "zigbee2mqtt/gate", '{"contact":true,"pin_code":"4711"')
    expect(JSON.stringify(cut.observations)).not.toContain("4711")
  })
})

describe("a message", () => {
  it("of an unknown topic says nothing and is no error", () => {
    expect(normalize([gate], "weather/today", "{}")).toEqual({ observations: [], outcome: "unknown-topic" })
  })

  it("of a device nobody configured is told with its address", () => {
    const { observations, outcome } = normalize([gate], "zigbee2mqtt/stranger", '{"contact":false}')
    expect(outcome).toBe("unknown-device")
    expect(observations).toMatchObject([{ _tag: "UnknownDevice", address: "stranger", profile: "zigbee2mqtt" }])
  })

  it("that is empty clears what the broker kept, and says nothing of the door", () => {
    expect(normalize([gate], "zigbee2mqtt/gate", "", true)).toEqual({ observations: [], outcome: "ignored" })
  })

  it("keeps every digit of a card number that no double can hold", () => {
    const panel = device("panel", "uhppoted", "7")
    const event = {
      "event-type": 1,
      "event-reason": 1,
      "access-granted": true,
      "device-id": 7,
      "door-id": 1,
      "event-id": 1
    }
    const text = JSON.stringify({ message: { event: { event: { ...event, "card-number": 0 } } } })
    const payload = text.replace('"card-number":0', '"card-number":12345678901234567890')
    expect(normalize([panel], "uhppoted/gateway/events", payload).observations).toMatchObject([
      { occurrence: { _tag: "AccessGranted", credential: "12345678901234567890" } }
    ])
  })

  it("gives each of its observations a native key of its own, and the same again when it is repeated", () => {
    const text = `description: d
topics: ["t/{address}"]
nativeKey: "{id}"
readings:
  - { point: a, kind: input, path: a }
  - { point: b, kind: input, path: b }
tests: []
`
    const { profile } = readProfile("twice.yaml", text)
    const mapping = makeMapping([profile!], [device("x", "twice")], "UTC")
    const say = () =>
      mapping
        .normalize({ topic: "t/x", payload: Buffer.from('{"id":9,"a":"on","b":"off"}'), retained: false, receivedAt })
        .observations.map((observation) => ("nativeKey" in observation ? observation.nativeKey : undefined))
    expect(say()).toEqual(["9", "9#1"])
    expect(say()).toEqual(["9", "9#1"])
  })
})

describe("the bridge of a Zigbee network", () => {
  const state = (devices: ReadonlyArray<Device>, word: string) =>
    normalize(devices, "zigbee2mqtt/bridge/state", JSON.stringify({ state: word })).observations

  it("is a device when it is configured", () => {
    const bridge = device("bridge", "zigbee2mqtt", "bridge")
    const behind = { ...gate, via: bridge.id }
    expect(state([behind, bridge], "offline")).toMatchObject([{ device: "bridge", state: "offline" }])
    expect(state([behind, bridge], "offline")).toHaveLength(1)
  })

  it("takes along a device of the profile that nobody has put behind it", () => {
    const bridge = device("bridge", "zigbee2mqtt", "bridge")
    expect(state([gate, bridge], "offline")).toMatchObject([
      { device: "bridge", state: "offline" },
      { device: "gate", state: "unknown" }
    ])
  })

  it("takes every device of the profile along when nobody configured it, and brings none back", () => {
    const other = device("other", "zigbee2mqtt")
    expect(state([gate, other], "offline")).toMatchObject([
      { device: "gate", state: "unknown" },
      { device: "other", state: "unknown" }
    ])
    expect(state([gate, other], "online")).toEqual([])
  })
})

describe("the subscriptions", () => {
  it("ask for no more than the configured devices' profiles read, and nothing twice", () => {
    const { filters } = makeMapping(profiles, [gate, device("s", "shelly", "shellyplus1-a")], "UTC")
    expect([...filters].sort()).toEqual(["+/events/rpc", "+/online", "+/status/+", "zigbee2mqtt/#"])
  })
})

describe("a profile with a fault", () => {
  const problemsOf = (text: string) =>
    readProfile("faulty.yaml", text).problems.map(({ line, column, message }) => `${line}:${column} ${message}`)

  it.each([
    ["is no YAML", "description: [", /^1:\d+ /],
    [
      "misspells a key",
      'description: d\ntopics: ["t/{address}"]\nreadngs: []\ntests: []\n',
      /^3:\d+ readngs: a profile has no such key here/
    ],
    [
      "maps to a word that the kind does not have",
      'description: d\ntopics: ["t/{address}"]\nreadings:\n  - { point: p, kind: position, path: p, values: { "1": ajar } }\ntests: []\n',
      /^4:\d+ readings\[0\].values.1: "ajar" is not a word of the kind "position"/
    ],
    [
      "asks about a variable that does not exist",
      'description: d\ntopics: ["t/{address}"]\nreadings:\n  - { point: p, kind: rex, path: p, when: payloud.x == 1 }\ntests: []\n',
      /^4:\d+ readings\[0\].when: Unknown variable: payloud/
    ],
    [
      "uses a regular expression that may never end",
      `description: d\ntopics: ["t/{address}"]\nreadings:\n  - { point: p, kind: rex, path: p, when: 'payload.x.matches("(a+)+")' }\ntests: []\n`,
      /^4:\d+ readings\[0\].when: matches\(\) is not allowed/
    ],
    [
      "does not say whose message it is",
      "description: d\ntopics: [t/x]\ntests: []\n",
      /^2:\d+ topics\[0\]: a topic needs "\{address\}"/
    ],
    [
      "denies without a reason",
      'description: d\ntopics: ["t/{address}"]\noccurrences:\n  - { point: p, word: AccessDenied }\ntests: []\n',
      /^4:\d+ occurrences\[0\]: AccessDenied needs fields.reason/
    ]
  ])("that %s is refused, at its place", (_, text, expected) => {
    expect(problemsOf(text).join("\n")).toMatch(expected)
  })

  it("fails its own test in words that show what came instead", () => {
    const text = `description: d
topics: ["t/{address}"]
readings: [{ point: p, kind: input, path: p }]
tests:
  - { name: wrong on purpose, topic: t/x, address: x, payload: { p: "on" }, expect: [{ reading: { value: "off" } }] }
`
    const file = readProfile("wrong.yaml", text)
    const { failures } = testProfile(file.profile!)
    expect(file.problemAt(failures[0]!)).toMatchObject({ line: 5 })
    expect(failures[0]?.message).toMatch(/"wrong on purpose" fails: observation 0 is .*"value":"on"/)
  })
})

it("a condition that a message cannot answer is told, not taken for no", () => {
  const text = `description: d
topics: ["t/{address}"]
readings: [{ point: p, kind: input, path: p, when: payload.contcat == true }]
tests: []
`
  const { profile } = readProfile("strict.yaml", text)
  const { observations } = makeMapping([profile!], [device("x", "strict")], "UTC").normalize({
    topic: "t/x",
    payload: Buffer.from('{"contact":true,"p":"on"}'),
    retained: false,
    receivedAt
  })
  expect(observations).toMatchObject([{ _tag: "Unreadable", why: expect.stringContaining("No such key: contcat") }])
})
