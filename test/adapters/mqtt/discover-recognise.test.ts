import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { Device } from "../../../gateway/domain/campus.ts"
import { DeviceId, LinkId } from "../../../gateway/domain/ids.ts"
import { readProfileFiles } from "../../../adapters/mqtt/profiles.ts"
import { entitiesIn, readConfig } from "../../../adapters/mqtt/recognise-home-assistant.ts"
import { Recogniser } from "../../../adapters/mqtt/recognise.ts"
import { profilesDirectory } from "./peers.ts"

const profiles = readProfileFiles(profilesDirectory).flatMap(({ profile }) => profile ?? [])

const message = (topic: string, payload: string | Buffer | object, retained = false) => ({
  topic,
  payload:
    typeof payload === "string" || Buffer.isBuffer(payload)
      ? Buffer.from(payload)
      : Buffer.from(JSON.stringify(payload)),
  retained,
  receivedAt: Date.parse("2026-01-15T12:00:00Z")
})

const device = (id: string, profile: string, address: string, more: Partial<Device> = {}): Device => ({
  id: DeviceId.make(id),
  link: LinkId.make("link"),
  profile,
  address,
  ...more
})

const recognise = (messages: ReadonlyArray<ReturnType<typeof message>>, known: ReadonlyArray<Device> = []) => {
  const recogniser = new Recogniser(profiles, known, "UTC")
  for (const one of messages) recogniser.hear(one)
  return recogniser.seen()
}

type Case = (typeof profiles)[number]["file"]["tests"][number]

/** The messages by which a profile tests itself, where its device sets nothing and they say something. */
const casesOf = (profile: string): ReadonlyArray<Case> =>
  (profiles.find(({ name }) => name === profile)?.file.tests ?? []).filter(
    ({ parameters, before, expect: expected, outcome }) =>
      parameters === undefined &&
      before === undefined &&
      outcome !== "unreadable" &&
      expected.some(({ _tag }) => _tag === "Reading" || _tag === "Occurrence")
  )

const sent = ({ topic, payload, bytes, retained }: Case) =>
  message(topic, bytes === undefined ? (payload as string | object) : Buffer.from(bytes, "base64"), retained)

const names = profiles.map(({ name }) => name).filter((name) => casesOf(name).length > 0)

describe("what speaks on a broker", () => {
  test.each(names)("is known as %s by the messages that this profile tests itself with", (profile) => {
    const missed = casesOf(profile).filter((one) => {
      const { devices } = recognise([sent(one)])
      return !devices.some(({ sure, profile: best, others }) => sure && [best, ...others].includes(profile))
    })
    // Topics that any product might use are a profile's only for the devices that are configured.
    const unknown = missed.filter(
      (one) => recognise([sent(one)], [device("it", profile, one.address)]).devices[0]?.configured !== "it"
    )
    expect(unknown.map(({ name, topic }) => ({ name, topic }))).toEqual([])
    expect(missed.length).toBeLessThanOrEqual(["axis", "esp-rfid"].includes(profile) ? 1 : 0)
  })

  test("is the same in whatever order it is heard", () => {
    const messages = names.flatMap((name) => casesOf(name).slice(0, 3).map(sent))
    const named = (order: typeof messages) =>
      recognise(order).devices.map(({ address, profile }) => `${profile} ${address}`)
    const straight = named(messages)
    fc.assert(
      fc.property(fc.shuffledSubarray([...messages], { minLength: messages.length }), (order) => {
        expect(named(order)).toEqual(straight)
      }),
      { numRuns: 10 }
    )
  })

  test("is told by the configuration's id where it is configured, also on topics of its own", () => {
    const known = [device("gate", "zigbee2mqtt", "front"), device("quiet", "zigbee2mqtt", "quiet")]
    const { devices, silent } = recognise([message("zigbee2mqtt/front", { contact: true })], known)
    expect(devices).toMatchObject([{ address: "front", configured: "gate", messages: 1, bridge: "bridge" }])
    expect(silent).toEqual(["quiet"])
    const tele = device("meter", "tasmota", "yard", { parameters: { tele: "t", stat: "s" } })
    const own = recognise(
      [message("t/yard/SENSOR", { Switch1: "ON" }), message("t/gate/SENSOR", { Switch1: "ON" })],
      [tele]
    )
    expect(own.devices).toMatchObject([
      { address: "gate", profile: "tasmota", parameters: { tele: "t", stat: "s" } },
      { address: "yard", profile: "tasmota", configured: "meter" }
    ])
  })

  test("is a guess where only presence was heard, on a topic that many use", () => {
    const { devices } = recognise([message("attic/status", "online")])
    expect(devices).toMatchObject([{ address: "attic", sure: false, availability: "online", points: [] }])
  })

  test("is nobody where a topic only looks like a product's", () => {
    const { devices, unrecognised } = recognise([
      message("plant/line/motor/state", "73"),
      message("plant/line/valve/pressure", "3.1"),
      message("clock", "12:00")
    ])
    expect(devices).toEqual([])
    expect(unrecognised).toEqual([
      { prefix: "plant/line/", topics: 2, messages: 2 },
      { prefix: "clock", topics: 1, messages: 1 }
    ])
  })

  test("keeps whom somebody was to itself", () => {
    const event = { "device-id": 1, "event-id": 1, "event-type": 1, "event-reason": 1, "door-id": 1 }
    const swipe = { ...event, "card-number": 8165538, "access-granted": true, timestamp: "2026-01-15 12:00:00 UTC" }
    const said = recognise([message("uhppoted/gateway/events/live", { message: { event: { event: swipe } } })])
    expect(said.devices).toHaveLength(1)
    expect(JSON.stringify(said)).not.toContain("8165538")
  })

  test("is bounded: what is beyond is counted", () => {
    const recogniser = new Recogniser(profiles, [], "UTC")
    for (let nth = 0; nth < 50_005; nth++) recogniser.hear(message(`plant/${nth}`, "1"))
    const { unrecognised, messages } = recogniser.seen()
    expect(messages).toBe(50_005)
    expect(unrecognised).toContainEqual({ prefix: "(further topics, not looked at)", topics: 0, messages: 5 })
  })
})

describe("Home Assistant discovery", () => {
  const announced = (topic: string, config: object) => entitiesIn(topic, readConfig(JSON.stringify(config)))

  test("finds a device that has not spoken, and the point that its profile will read", () => {
    const { devices, proposals } = recognise([
      message(
        "homeassistant/binary_sensor/0x00158d0004470a44/contact/config",
        {
          device_class: "door",
          payload_off: true,
          payload_on: false,
          state_topic: "zigbee2mqtt/porte",
          value_template: "{{ value_json.contact }}"
        },
        true
      )
    ])
    expect(devices).toMatchObject([
      { address: "porte", profile: "zigbee2mqtt", messages: 0, points: [{ point: "contact", kind: "position" }] }
    ])
    expect(proposals).toEqual([])
  })

  test("is taken back by an empty message, and is no topic of anybody else", () => {
    const topic = "homeassistant/binary_sensor/a/b/config"
    const seen = recognise([
      message(topic, { device_class: "door", state_topic: "shed/door" }, true),
      message(topic, ""),
      message("homeassistant/status", "online")
    ])
    expect([seen.devices, seen.proposals, seen.unrecognised]).toEqual([[], [], []])
  })

  test.each([
    ["a door", { device_class: "door" }, "position", { ON: "open", OFF: "closed", None: "unknown" }],
    [
      "a lock's sensor, on when it is unlocked",
      { device_class: "lock" },
      "lock",
      { ON: "unlocked", OFF: "locked", None: "unknown" }
    ],
    ["a battery, on when it is low", { device_class: "battery" }, "battery", { ON: "low", OFF: "ok", None: "unknown" }],
    [
      "motion",
      { device_class: "occupancy", payload_on: 1, payload_off: 0 },
      "motion",
      { "1": "on", "0": "off", None: "unknown" }
    ],
    [
      "Jinja's True of a JSON value",
      { device_class: "tamper", payload_on: "True", payload_off: "False", value_template: "{{value_json.tamper}}" },
      "tamper",
      { true: "on", false: "off" }
    ]
  ])("reads %s", (_, config, kind, values) => {
    const [entity] = announced("homeassistant/binary_sensor/node/thing/config", { state_topic: "x/y", ...config })
    expect(entity?.kind).toBe(kind)
    expect(Object.fromEntries((entity?.values ?? []).map(({ text, word }) => [text, word]))).toEqual(values)
  })

  test("reads abbreviations, a base topic, a lock, a garage door, and a whole device at once", () => {
    expect(announced("homeassistant/lock/front/config", { "~": "a/b", stat_t: "~/state" })).toMatchObject([
      { topic: "a/b/state", kind: "lock", point: "front" }
    ])
    expect(announced("homeassistant/cover/g/config", { device_class: "garage", state_topic: "g" })).toMatchObject([
      { kind: "position" }
    ])
    const whole = announced("homeassistant/device/hub/config", {
      dev: { mf: "Acme", mdl: "Hub", name: "Cellar" },
      stat_t: "hub/state",
      cmps: {
        door: { p: "binary_sensor", dev_cla: "door", val_tpl: "{{ value_json.door.open }}" },
        warmth: { p: "sensor", dev_cla: "temperature" }
      }
    })
    expect(whole).toMatchObject([{ topic: "hub/state", path: "door.open", point: "door", device: "Cellar (Acme Hub)" }])
  })

  test("proposes what a gate that tells only how far it is open, and a reader of tags, say", () => {
    const propose = (topic: string, config: object) =>
      recognise([message(`homeassistant/${topic}/config`, config, true)]).proposals[0]
    expect(propose("cover/gate", { dev_cla: "gate", pos_t: "shed/gate/pos" })).toMatchObject({
      topic: "shed/gate/pos",
      mapping: {
        point: "gate",
        kind: "position",
        ranges: [
          { from: 0, to: 0, word: "closed" },
          { from: 0.01, to: 100, word: "open" }
        ]
      }
    })
    const turned = { dev_cla: "garage", pos_t: "shed/pos", pos_tpl: "{{ value_json.p }}", pos_open: 0, pos_clsd: 255 }
    expect(propose("cover/ramp", turned)?.mapping).toEqual({
      point: "ramp",
      kind: "position",
      path: "p",
      ranges: [
        { from: 255, to: 255, word: "closed" },
        { from: 0, to: 254.99, word: "open" }
      ]
    })
    const tag = { t: "shed/reader", val_tpl: "{{ value_json.PN532.UID }}" }
    expect(propose("tag/0A1B2C", tag)).toMatchObject({
      topic: "shed/reader",
      mapping: {
        point: "0A1B2C",
        word: "CredentialPresented",
        when: "has(payload.PN532) && has(payload.PN532.UID)",
        fields: { credential: { path: "PN532.UID" }, method: { is: "card" } }
      }
    })
  })

  test("proposes what a jammed lock, a gate on its way, a battery in per cent and what tells no end say", () => {
    const propose = (topic: string, config: object) =>
      recognise([message(`homeassistant/${topic}/config`, { state_topic: "shed/x", ...config }, true)]).proposals[0]
        ?.mapping
    expect(propose("lock/front", { stat_jam: "stuck", pl_rst: "?" })).toEqual({
      point: "front",
      kind: "lock",
      values: { LOCKED: "locked", UNLOCKED: "unlocked", OPEN: "unlocked", stuck: "fault", "?": "unknown" },
      silent: ["LOCKING", "UNLOCKING", "OPENING"]
    })
    expect(propose("cover/gate", { dev_cla: "gate", val_tpl: "{{ value_json.s }}", stat_closing: "down" })).toEqual({
      point: "gate",
      kind: "position",
      path: "s",
      values: { open: "open", closed: "closed", opening: "open", down: "open", stopped: "unknown" }
    })
    expect(propose("sensor/cell", { dev_cla: "battery", unit_of_meas: "%" })).toMatchObject({
      kind: "battery",
      ranges: [{ word: "low" }, { from: 10 }, { word: "ok" }]
    })
    expect(propose("binary_sensor/pir", { dev_cla: "motion", off_dly: 30, pl_on: "1f" })).toEqual({
      point: "pir",
      word: "MotionDetected",
      match: { payload: ["1f"] }
    })
    expect(propose("alarm_control_panel/house", {})).toMatchObject({
      point: "house",
      kind: "input",
      values: { triggered: "on", disarmed: "off", armed_away: "off", pending: "off", None: "unknown" }
    })
    expect(propose("event/bell", { dev_cla: "doorbell", evt_typ: ["press"] })).toEqual({
      point: "bell",
      word: "DoorbellPressed"
    })
    expect(propose("event/key", { dev_cla: "button", val_tpl: "{{ value_json.key }}" })).toEqual({
      point: "key",
      word: "ButtonPressed",
      fields: { action: { path: "key.event_type" } }
    })
    const read = { dev_cla: "motion", off_delay: 30, stat_t: "zigbee2mqtt/hall", val_tpl: "{{ value_json.occupancy }}" }
    expect(recognise([message("homeassistant/binary_sensor/x/config", { ...read, pl_on: true }, true)])).toMatchObject({
      devices: [{ address: "hall" }],
      proposals: []
    })
  })

  test.each([
    ["{{value_json['POWER']}}", "POWER"],
    ['{{ value_json["contact"] }}', "contact"],
    ["{{ value_json.open | is_defined }}", "open"],
    ["{{ value_json['door'].open }}", "door.open"],
    ["{{- value_json.door['is open'] -}}", "door.is open"]
  ])("finds the place that %s names", (value_template, path) => {
    const config = { device_class: "door", state_topic: "x", value_template }
    expect(announced("homeassistant/binary_sensor/a/config", config)).toMatchObject([{ path }])
  })

  test.each([
    "{{ value_json.contact | lower }}",
    "{{ value_json['contact'] | lower }}",
    "{{ value_json[0] }}",
    "{{ value_json[contact] }}",
    "{% if value_json.a %}ON{% endif %}",
    "{{ value_json.a }}{{ value_json.b }}",
    "{{ states('lock.front') }}"
  ])("runs no template, such as %s", (template) => {
    const [entity] = announced("homeassistant/binary_sensor/a/config", {
      device_class: "door",
      state_topic: "x",
      value_template: template
    })
    expect(entity).toMatchObject({ template })
    expect(entity).not.toHaveProperty("path")
  })

  test("never throws, whatever is announced", () => {
    const components = fc.constantFrom("binary_sensor", "lock", "cover", "device", "")
    const announce = (value: unknown, component: string) =>
      entitiesIn(`homeassistant/${component}/a/config`, readConfig(JSON.stringify(value)))
    fc.assert(fc.property(fc.jsonValue(), components, (value, component) => Array.isArray(announce(value, component))))
    expect(entitiesIn("homeassistant", readConfig("{"))).toEqual([])
  })
})
