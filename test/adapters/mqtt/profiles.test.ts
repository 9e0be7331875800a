import { describe, expect, it } from "vitest"
import { makeMapping } from "../../../adapters/mqtt/normalize.ts"
import { parameterProblems } from "../../../adapters/mqtt/profile-parameters.ts"
import { matchTopic, parseTopic } from "../../../adapters/mqtt/profile-topic.ts"
import { readProfile, readProfileFiles } from "../../../adapters/mqtt/profiles.ts"
import type { Device } from "../../../gateway/domain/campus.ts"
import { DeviceId, LinkId } from "../../../gateway/domain/ids.ts"
import { profilesDirectory } from "./peers.ts"

const shipped = readProfileFiles(profilesDirectory).flatMap(({ profile }) => profile ?? [])
const receivedAt = Date.parse("2026-03-02T10:00:00Z")

const device = (profile: string, address: string, rest: Partial<Device> = {}): Device => ({
  id: DeviceId.make(rest.id ?? "device"),
  link: LinkId.make("link"),
  profile,
  address,
  ...rest
})

const profileOf = (text: string) => readProfile("own.yaml", `description: d\n${text}tests: []\n`)

const heard = (text: string, payload: string | Uint8Array, topic = "t/x", rest: Partial<Device> = {}) => {
  const { profile, problems } = profileOf(text)
  expect(problems.map(({ message }) => message)).toEqual([])
  const bytes = typeof payload === "string" ? Buffer.from(payload) : payload
  return makeMapping([profile!], [device("own", "x", rest)], "UTC").normalize({
    topic,
    payload: bytes,
    retained: false,
    receivedAt
  })
}

describe("the shipped profiles", () => {
  const names = shipped.map(({ name }) => name)

  it("are those of every product we name", () => {
    const products = "axis chirpstack dahua-vto esp-rfid esphome frigate generic homie nuki nuki-hub onvif-ej"
    const others =
      "openmqttgateway paradox rtl_433 shelly shelly-blu shelly-gen1 sparkplug tasmota ttn uhppoted unifi-access unifi-protect zigbee2mqtt zwave-js-ui"
    expect([...names].sort()).toEqual(`${products} ${others}`.split(" ").sort())
  })

  it.each(shipped.map(({ name, file }) => [name, file.tests] as const))(
    "%s has tried what it says, and what says nothing or is not known",
    (_, tests) => {
      const said = tests.map(({ expect: expected }) => expected.map((one) => one["_tag"]))
      expect(tests.length).toBeGreaterThanOrEqual(8)
      expect(said.some((tags) => tags.includes("Reading") || tags.includes("Occurrence"))).toBe(true)
      expect(said.some((tags) => tags.length === 0 || tags[0] === "Unreadable" || tags[0] === "UnknownDevice")).toBe(
        true
      )
    }
  )

  it("ask a broker for no more than their devices need", () => {
    const filters = (profile: string, address: string, rest: Partial<Device> = {}) =>
      [...makeMapping(shipped, [device(profile, address, rest)], "UTC").filters].sort()
    expect(filters("axis", "B8A44F00AA11")).toEqual(["+/+/event/#", "+/event/#"])
    expect(filters("uhppoted", "405419896")).toEqual([
      "uhppoted/gateway/events",
      "uhppoted/gateway/events/feed",
      "uhppoted/gateway/events/live",
      "uhppoted/gateway/system"
    ])
    expect(filters("sparkplug", "Plant/Cabinet 1/Doors")).toEqual(["spBv1.0/+/+/#"])
    expect(filters("tasmota", "site/gate")).toContain("tele/site/gate/SENSOR")
    expect(filters("esp-rfid", "dock", { parameters: { root: "acs/doors" } })).toContain("acs/doors/send")
    expect(filters("zigbee2mqtt", "gate", { parameters: { base: "site/z2m" } })).toEqual(["site/z2m/#"])
    for (const { name, file } of shipped)
      for (const { address, parameters } of file.tests)
        expect(filters(name, address, parameters === undefined ? {} : { parameters })).not.toContain("#")
  })
})

describe("a topic's pattern", () => {
  const match = (pattern: string, topic: string, parameters = {}) => {
    const parsed = parseTopic(pattern, parameters)
    return typeof parsed === "object" ? matchTopic(parsed, topic.split("/")) : parsed
  }

  it.each([
    ["{address}/input:{n}", "a/input:3", { address: "a", n: "3" }],
    ["{address}/{component}:{n}", "a/switch:0", { address: "a", component: "switch", n: "0" }],
    ["{address...}/x/{rest...}", "a/b/x/c/d", { address: "a/b", rest: "c/d" }],
    ["{address...}/e/{event...}/&{source...}", "a/e/b/c/&1/2/f", { address: "a", event: "b/c", source: "1/2/f" }],
    ["{address...}/send", "/rfid/send", { address: "/rfid" }]
  ])("%s reads %s", (pattern, topic, captures) => {
    expect(match(pattern, topic)).toEqual(captures)
  })

  it.each([
    ["{address}/input:{n}", "a/input:"],
    ["{address}/{component}:{n}", "a/sys"],
    ["{address...}/x/{rest...}", "a/x"],
    ["{address}/b", "a/b/c"]
  ])("%s does not read %s", (pattern, topic) => {
    expect(match(pattern, topic)).toBeUndefined()
  })

  it("takes parameters in, an empty one with its level", () => {
    expect(match("{base}/{address}/x", "site/z2m/gate/x", { base: "site/z2m" })).toEqual({ address: "gate" })
    expect(match("{base}/{address}/x", "gate/x", { base: "" })).toEqual({ address: "gate" })
    expect(parseTopic("{topic}", { topic: "" })).toBeUndefined()
  })

  it.each(["{a...}/{b...}", "a{b", "{a}{b}", "+x", "{1}"])("%s is refused", (pattern) => {
    expect(typeof parseTopic(pattern)).toBe("string")
  })
})

describe("a parameter", () => {
  const omg = shipped.find(({ name }) => name === "openmqttgateway")!
  const z2m = shipped.find(({ name }) => name === "zigbee2mqtt")!

  it("that the profile does not have is told, with those it has", () => {
    const [problem] = parameterProblems(z2m, device("zigbee2mqtt", "x", { parameters: { bsae: "z" } }))
    expect(problem?.message).toBe('the profile "zigbee2mqtt" has no parameter "bsae"; it has base')
  })

  it("that cannot stand in a topic is told, and left aside", () => {
    const odd = device("zigbee2mqtt", "gate", { parameters: { base: "z/#" } })
    expect(parameterProblems(z2m, odd)).toHaveLength(1)
    expect(makeMapping([z2m], [odd], "UTC").filters).toEqual(["zigbee2mqtt/#"])
  })

  it("sets one device apart from another of the same profile", () => {
    const north = device("zigbee2mqtt", "gate", { id: DeviceId.make("north"), parameters: { base: "north" } })
    const south = device("zigbee2mqtt", "gate", { id: DeviceId.make("south"), parameters: { base: "south" } })
    const mapping = makeMapping([z2m], [north, south], "UTC")
    const say = (topic: string) =>
      mapping.normalize({ topic, payload: Buffer.from('{"contact":true}'), retained: false, receivedAt }).observations
    expect(say("north/gate")).toMatchObject([{ device: "north" }])
    expect(say("south/gate")).toMatchObject([{ device: "south" }])
    expect(
      mapping.normalize({ topic: "zigbee2mqtt/gate", payload: Buffer.from("{}"), retained: false, receivedAt }).outcome
    ).toBe("unknown-topic")
  })

  it("of a sensor bound to one gateway keeps another gateway's will from it", () => {
    const bound = device("openmqttgateway", "1", { parameters: { gateway: "dock", open: "1" } })
    const mapping = makeMapping([omg], [bound], "UTC")
    const say = (topic: string, text: string) =>
      mapping.normalize({ topic, payload: Buffer.from(text), retained: false, receivedAt }).observations
    expect(say("home/attic/LWT", "offline")).toEqual([])
    expect(say("home/dock/LWT", "offline")).toMatchObject([{ state: "unknown" }])
    expect(say("home/attic/433toMQTT", '{"value":1}')).toEqual([])
  })
})

describe("the language of profiles", () => {
  const topics = 'topics: ["t/{address}"]\n'

  it("reads fields with commas between, and leaves absent what is not there", () => {
    const text = `${topics}payload: csv\ncolumns: [door, lock]\nreadings:\n  - { point: d, kind: position, path: door }\n  - { point: l, kind: lock, path: lock }\n`
    expect(heard(text, "open, locked").observations).toMatchObject([
      { point: "d", reading: { value: "open" } },
      { point: "l", reading: { value: "locked" } }
    ])
    expect(heard(text, "open").observations).toHaveLength(1)
  })

  it("gives a number the word of its range, and none between the ranges' words", () => {
    const text = `${topics}readings:\n  - { point: b, kind: battery, path: v, ranges: [{ from: 0, to: 9, word: low }, { from: 9, to: 20 }, { from: 20, to: 100, word: ok }] }\n`
    expect(heard(text, '{"v":9}').observations).toMatchObject([{ reading: { value: "low" } }])
    expect(heard(text, '{"v":"12.5"}')).toEqual({ observations: [], outcome: "ignored" })
    expect(heard(text, '{"v":101}').observations).toMatchObject([{ _tag: "Unreadable" }])
    expect(heard(text, '{"v":""}').observations).toMatchObject([{ _tag: "Unreadable" }])
  })

  it("takes the first of several places that has a value", () => {
    const text = `${topics}readings:\n  - { point: p, kind: input, path: [a.b, c] }\n`
    expect(heard(text, '{"a":{"b":null},"c":"on"}').observations).toMatchObject([{ reading: { value: "on" } }])
  })

  it("knows an empty payload where it means something, and only there", () => {
    const text = `${topics}payload: text\nreadings:\n  - { point: p, kind: fault, is: "on", empty: "off" }\n`
    expect(heard(text, "").observations).toMatchObject([{ reading: { value: "off" } }])
    expect(heard(text, "too hot").observations).toMatchObject([{ reading: { value: "on" } }])
  })

  it("reads times in whatever unit they come", () => {
    const text = `${topics}deviceTime: { path: at, format: auto }\nreadings:\n  - { point: p, kind: input, path: p }\n`
    const at = (time: string) => heard(text, `{"p":"on","at":${time}}`).observations[0]
    for (const time of [
      "1772445600",
      '"1772445600.5"',
      "1772445600000",
      "1772445600000000",
      '"2026-03-02 10:00:00"',
      '"2026-03-02T11:00:00.000000001+01:00"'
    ])
      expect(Math.floor((at(time) as { deviceTime: number }).deviceTime / 1000)).toBe(1_772_445_600)
    for (const unset of ["1.61", "23852", "0", '"@0.2s"', '"1970-01-01T00:00:09"', "null", '"soon"', "1e300"])
      expect(at(unset)).not.toHaveProperty("deviceTime")
  })

  it("has a native key only where what it is made of is there", () => {
    const text = `${topics}nativeKey: ["{session}:{count}", "{at}"]\noccurrences:\n  - { point: p, word: PanicPressed }\n`
    const key = (payload: string) => (heard(text, payload).observations[0] as { nativeKey?: string }).nativeKey
    expect(key('{"session":"s","count":3,"at":"t"}')).toBe("s:3")
    expect(key('{"session":"s","at":"t"}')).toBe("t")
    expect(key("{}")).toBeUndefined()
    expect(key(`{"at":"${"x".repeat(300)}"}`)).toMatch(/^sha256:[0-9a-f]{64}$/)
  })

  it("tells openings that a counter shows and nobody heard, without doubting what is so now", () => {
    const text = `${topics}gaps:\n  - { counter: n, detail: "missed" }\nreadings:\n  - { point: p, kind: position, path: p }\n`
    const { profile } = profileOf(text)
    const mapping = makeMapping([profile!], [device("own", "x")], "UTC")
    const say = (n: number) =>
      mapping.normalize({ topic: "t/x", payload: Buffer.from(`{"n":${n},"p":"open"}`), retained: false, receivedAt })
        .observations
    expect(say(7)).toHaveLength(1)
    expect(say(8)).toHaveLength(1)
    expect(say(11)).toMatchObject([{ _tag: "Gap", count: 2, devices: [] }, { _tag: "Reading" }])
    // It began anew: the sensor got new batteries.
    expect(say(1)).toHaveLength(1)
  })

  it("names points in any script, each its own", () => {
    const text = `${topics}readings:\n  - { point: "{name}", kind: input, path: p }\n`
    const point = (name: string) =>
      (heard(text, JSON.stringify({ name, p: "on" })).observations[0] as { point?: string }).point
    expect(point("Doors/East wing")).toBe("Doors.East-wing")
    expect(point("Вход")).toBe("x412-x445-x43e-x434")
    expect(point("Выход")).not.toBe(point("Вход"))
    expect(point("")).toBeUndefined()
    expect(point("///")).toBeUndefined()
  })

  it.each([
    [
      "a field that the word does not have",
      "occurrences:\n  - { point: p, word: PanicPressed, fields: { credential: { path: c } } }\n",
      "PanicPressed has no such field"
    ],
    [
      "a word that needs a field it lacks",
      "occurrences:\n  - { point: p, word: FaceRecognised }\n",
      "FaceRecognised needs fields.person"
    ],
    [
      "both a table and a constant",
      'readings:\n  - { point: p, kind: rex, values: { "1": "on" }, is: "on" }\n',
      "exclude one another"
    ],
    [
      "a constant that the kind does not have",
      "readings:\n  - { point: p, kind: rex, is: open }\n",
      'is: "open" is not a word of the kind "rex"'
    ],
    ["columns without csv", "columns: [a]\n", "a csv payload needs columns"],
    ["codes that are no parameters", "device: { codes: [open] }\n", '"open" is not among the profile\'s parameters'],
    ["presence without a state", "availability:\n  - { match: { a: b } }\n", "it needs either values or is"],
    ["a condition of the whole that does not compile", "simulated: payload.x +\n", "simulated: "]
  ])("refuses %s", (_, text, message) => {
    expect(
      profileOf(`${topics}${text}`)
        .problems.map((problem) => problem.message)
        .join("\n")
    ).toContain(message)
  })
})

describe("a message that several profiles read", () => {
  it("is of the device that is known, whichever profile is first", () => {
    const node = device("esphome", "gate")
    const relay = device("shelly", "relay", { id: DeviceId.make("relay") })
    const mapping = makeMapping(shipped, [node, relay], "UTC")
    const say = (topic: string, text: string) =>
      mapping.normalize({ topic, payload: Buffer.from(text), retained: false, receivedAt })
    expect(say("gate/status", "offline").observations).toMatchObject([{ device: "device", state: "offline" }])
    expect(say("relay/online", "false").observations).toMatchObject([{ device: "relay", state: "offline" }])
    expect(say("stranger/status", "offline")).toEqual({ observations: [], outcome: "ignored" })
  })
})

describe("an edge node whose alias nobody knows", () => {
  it("is asked for its births, once, and only where somebody configured it", () => {
    const asked = (address: string) => {
      const mapping = makeMapping(shipped, [device("sparkplug", address)], "UTC")
      const message = { topic: "spBv1.0/Plant/DDATA/Cabinet 1/Doors", retained: false, receivedAt }
      const bytes = Buffer.from("CJi0m4y8MxILEAsYmLSbjLwzcAEYAg==", "base64")
      return [mapping.normalize({ ...message, payload: bytes }), mapping.normalize({ ...message, payload: bytes })]
    }
    const [first, second] = asked("Plant/Cabinet 1/Doors")
    expect(first?.asks?.map(({ topic }) => topic)).toEqual(["spBv1.0/Plant/NCMD/Cabinet 1"])
    expect(second?.asks).toBeUndefined()
    expect(second?.outcome).toBe("unreadable")
    const [stranger] = asked("Plant/Cabinet 2/Doors")
    expect(stranger).toMatchObject({ outcome: "unknown-device", observations: [{ address: "Plant/Cabinet 1/Doors" }] })
    expect(stranger?.asks).toBeUndefined()
  })
})
