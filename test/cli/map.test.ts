import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { hasMosquitto } from "../road/peers.ts"
import { type MqttSite, mqttSite } from "./mqtt-site.ts"
import { objects, run, type RunOptions } from "./run.ts"

let site: MqttSite

const map = (device: string, args: ReadonlyArray<string> = [], options: RunOptions = {}) =>
  run(["map", device, "--config", site.config, ...args], options)

/** Maps a message that a file holds. */
const mapped = (device: string, text: string, ...args: ReadonlyArray<string>) =>
  map(device, ["--sample", sample("sample", text), ...args])

const sample = (name: string, text: string | Buffer): string => {
  const file = join(site.directory, name)
  writeFileSync(file, text)
  return file
}

/** The lines behind the first, without the places in the profile, which move when the profile does. */
const rows = (out: string) =>
  out
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line) =>
      line
        .replace(/ {2,}[\w-]+\.yaml:\d+ .*$/, "")
        .replace(/ +/g, " ")
        .trim()
    )

const gate = {
  contact: false,
  tamper: false,
  battery: 80,
  linkquality: 3,
  last_seen: "2026-01-15T12:00:00Z",
  pin_code: "4711"
}

describe.runIf(hasMosquitto())("gatehouse map", () => {
  beforeAll(async () => {
    site = await mqttSite()
    site.configure([
      "{ id: gate, link: field, profile: zigbee2mqtt, address: front-gate }",
      "{ id: stub, link: field, profile: esphome, address: lobby, disabled: true }",
      '{ id: panel, link: field, profile: uhppoted, address: "405419896" }'
    ])
  })
  afterAll(() => site.stop())

  test("shows each field beside what it makes, and flags what nothing reads; no secret is shown", async () => {
    const file = sample("gate.json", JSON.stringify({ ...gate, battery: null }))
    const { code, out, err, last } = await map("gate", ["--sample", file])
    expect(out.split("\n")[0]).toBe("zigbee2mqtt/front-gate  mapped")
    expect(rows(out)).toEqual([
      "contact false → 1 contact (position) open at 2026-01-15T12:00:00.000Z",
      "tamper false → 2 tamper off at 2026-01-15T12:00:00.000Z",
      "battery null → says nothing here",
      "linkquality 3 → unmapped",
      "last_seen 2026-01-15T12:00:00Z → the device's time",
      "pin_code *** → unmapped"
    ])
    expect(out).toMatch(/contact \(position\) open at \S+ {2}zigbee2mqtt\.yaml:\d+ readings\[\d+\]/)
    expect(`${out}${err}`).not.toContain("4711")
    expect(err).toContain("unmapped: linkquality, pin_code")
    expect(last).toBe(`next: npm run gatehouse -- check ${site.config}`)
    expect(code).toBe(0)
  })

  test("names the mapping where it stands in the profile, for programs", async () => {
    const { out } = await mapped("gate", JSON.stringify(gate), "--json")
    const [told] = objects(out)
    expect(told).toMatchObject({
      topic: "zigbee2mqtt/front-gate",
      retained: false,
      outcome: "mapped",
      results: [
        {
          observation: { _tag: "Reading", device: "gate", point: "contact" },
          mapping: expect.stringMatching(/^readings/)
        },
        { observation: { point: "tamper" }, line: expect.any(Number) },
        { observation: { point: "battery", reading: { value: "ok" } } }
      ]
    })
    const fields = told?.["fields"] as ReadonlyArray<object>
    expect(fields).toContainEqual({ path: "contact", value: "false", makes: [0], gives: [], named: true })
    expect(fields).toContainEqual({ path: "linkquality", value: "3", makes: [], gives: [], named: false })
  })

  test("finds both of two fields that say the same", async () => {
    const { out } = await mapped("gate", JSON.stringify({ battery: 8, battery_low: true }))
    expect(rows(out)).toEqual(["battery 8 → 1 battery low", "battery_low true → 1"])
  })

  test("tells a field that names the device, its own key and its time from those that make an observation", async () => {
    const event = {
      "device-id": 405419896,
      "door-id": 4,
      "event-id": 84,
      "event-reason": 24,
      "event-type": 2,
      "event-type-text": "door",
      timestamp: "2019-07-31 20:04:00 PDT"
    }
    const line = JSON.stringify({ topic: "uhppoted/gateway/events/live", payload: { message: { event: { event } } } })
    const { out } = await mapped("panel", line)
    expect(rows(out).map((row) => row.replace("message.event.event.", ""))).toEqual([
      "device-id 405419896 → the device's address",
      "door-id 4 → 1 door-4.position (position) closed at 2019-08-01T03:04:00.000Z",
      "event-id 84 → its own key",
      "event-reason 24 → 1",
      "event-type 2 → 1",
      "event-type-text door → unmapped",
      "timestamp 2019-07-31 20:04:00 PDT → the device's time"
    ])
  })

  test("keeps every digit of a number that a double would round", async () => {
    const number = "12345678901234567890"
    const { out } = await mapped("gate", `{"contact":true,"serial":${number}}`)
    expect(rows(out)).toContain(`serial ${number} → unmapped`)
  })

  test("takes lines of messages, retained ones too, and leaves out those of others", async () => {
    const lines = [
      { topic: "zigbee2mqtt/front-gate", payload: gate, retained: true },
      { topic: "zigbee2mqtt/elsewhere", payload: gate },
      { topic: "home/kitchen", payload: "21" },
      { topic: "zigbee2mqtt/front-gate/availability", payload: { state: "offline" } }
    ]
    const file = sample("messages.jsonl", lines.map((line) => JSON.stringify(line)).join("\n"))
    const { code, out, err } = await map("gate", ["--sample", file])
    expect(out).toContain("zigbee2mqtt/front-gate  retained  mapped")
    expect(out).toContain("contact (position) open, recovery")
    expect(out).toContain("offline: zigbee2mqtt/front-gate/availability says offline")
    expect(out).not.toContain("elsewhere")
    expect(err).toContain("2 messages of others left out")
    expect(code).toBe(0)
  })

  test("reads a plain text, of a disabled device, on the topic that is named", async () => {
    const topic = "lobby/binary_sensor/front_door/state"
    const { out } = await map("stub", ["--sample", "-", "--topic", topic], { input: "ON\n" })
    expect(rows(out)).toEqual(["(payload) ON → 1 front_door (input) on"])
  })

  test("asks for the topic where the profile reads more than one", async () => {
    const { code, err, last } = await map("stub", ["--sample", "-"], { input: "ON" })
    expect(err).toContain("on which topic does it come? the profile reads {address...}/{component}/{object}/state")
    expect(last).toBe(`→ npm run gatehouse -- map stub --config ${site.config} --sample - --topic <topic>`)
    expect(code).toBe(2)
  })

  test("ends with 1 and says why when the message cannot be read", async () => {
    const { code, out, err, last } = await mapped("gate", '{"contact":"maybe","tamper":true}')
    expect(rows(out)).toEqual([
      'contact maybe → 2 unreadable: contact is "maybe"; expected one of "true", "false", "ON", "OFF"',
      "tamper true → 1 tamper on"
    ])
    expect(err).toContain("1 of 1 message could not be read")
    expect(last).toMatch(/^→ \$\{EDITOR:-vi\} .*\/zigbee2mqtt\.yaml {3}# then: npm run gatehouse -- check /)
    expect(code).toBe(1)
    const broken = await mapped("gate", "{not json")
    expect(broken.out).toContain("unreadable: the payload is not readable JSON")
    expect(broken.code).toBe(1)
  })

  test("ends with 1 when the sample is of another device, and says of which", async () => {
    const { code, out, err } = await mapped("gate", '{"contact":true}', "--topic", "zigbee2mqtt/other")
    expect(out).toBe("")
    expect(err).toContain('the sample is of the device at address "other", and this device\'s address is "front-gate"')
    expect(code).toBe(1)
  })

  test("waits on the broker for the device's next message", async () => {
    let spoken: Promise<void> | undefined
    const { code, out, err } = await map("gate", ["--for", "20s"], {
      onErr: (text) => {
        if (spoken !== undefined || !text.includes("waiting up to")) return
        // It asks for the device's topics once it is connected: said more than once, it is heard.
        const speak = async (): Promise<void> => {
          for (let nth = 0; nth < 20; nth++) {
            await site.say([
              ["zigbee2mqtt/stranger", '{"contact":false}'],
              ["zigbee2mqtt/front-gate", '{"contact":true}']
            ])
            await new Promise((done) => setTimeout(done, 100))
          }
        }
        spoken = speak()
      }
    })
    await spoken
    expect(err).toContain("waiting up to 20 s for a message of gate; nothing is sent to it")
    expect(rows(out)).toEqual(["contact true → 1 contact (position) closed"])
    expect(code).toBe(0)
  })

  test("ends with 3 when the device says nothing, or the broker is not there", async () => {
    const silent = await map("gate", ["--for", "400ms"])
    expect(silent.err).toContain("gate said nothing for 0.4 s on zigbee2mqtt/{address...}")
    expect(silent.last).toBe(`→ npm run gatehouse -- map gate --config ${site.config} --sample <file with a message>`)
    expect(silent.code).toBe(3)
  })

  test("says what to do where the gateway itself is the broker", async () => {
    const { code, err, last } = await run(["map", "dock-input", "--config", "config/demo"])
    expect(err).toContain('the gateway itself is the broker of link "mqtt", and nobody else hears its devices')
    expect(last).toBe(
      "→ npm run gatehouse -- map dock-input --config config/demo --sample <file, or - for standard input>"
    )
    expect(code).toBe(2)
  })

  test("helps with a slip of the fingers in the device's name", async () => {
    const { code, err } = await map("gat")
    expect(err).toContain('there is no device "gat" — did you mean "gate"?')
    expect(code).toBe(2)
  })
})
