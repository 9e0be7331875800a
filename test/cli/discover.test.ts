import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { freePort, hasMosquitto, temporaryDirectory } from "../road/peers.ts"
import { type MqttSite, mqttSite, withUsers } from "./mqtt-site.ts"
import { type Ended, objects, run, type RunOptions } from "./run.ts"

const wires = {
  kept: [
    ["zigbee2mqtt/bridge/state", '{"state":"online"}'],
    ["zigbee2mqtt/east/availability", '{"state":"online"}'],
    [
      "homeassistant/binary_sensor/0x01/contact/config",
      '{"device_class":"door","payload_on":false,"payload_off":true,"state_topic":"zigbee2mqtt/silent","value_template":"{{ value_json.contact }}"}'
    ],
    [
      "homeassistant/binary_sensor/shed/door/config",
      '{"~":"shed/door","dev_cla":"door","stat_t":"~/state","pl_on":"1","pl_off":"0","dev":{"name":"Shed","mf":"Acme","mdl":"D1"}}'
    ],
    [
      "homeassistant/binary_sensor/shed/lid/config",
      '{"device_class":"opening","state_topic":"shed/lid","value_template":"{{ \'ON\' if value_json.a > 3 }}"}'
    ]
  ],
  live: [
    ["zigbee2mqtt/east", '{"contact":true,"tamper":false,"battery_low":false,"linkquality":12}'],
    ["zigbee2mqtt/east", '{"contact":false,"tamper":false,"battery_low":false,"linkquality":12}'],
    ["zigbee2mqtt/Science Hall/West exit", '{"occupancy":true}'],
    ["zigbee2mqtt/odd", '{"contact":"\\u001B[2Jmaybe"}'],
    [
      "shellyplus1-0a1b2c3d4e5f/events/rpc",
      '{"method":"NotifyStatus","params":{"ts":1,"input:0":{"id":0,"state":true}}}'
    ],
    ["home/kitchen/temperature", "21"],
    ["home/kitchen/humidity", "40"],
    ["home/garden/soil", "dry"]
  ]
} as const

let site: MqttSite

/** Discovers, and lets the devices speak once it listens. */
const discover = (args: ReadonlyArray<string>, options: RunOptions = {}, speak = site): Promise<Ended> => {
  let spoken: Promise<void> | undefined
  return run(["discover", "mqtt", ...args], {
    ...options,
    onErr: (err) => {
      if (spoken === undefined && err.includes("listening at")) spoken = speak.say(wires.live)
    }
  })
}

describe.runIf(hasMosquitto())("gatehouse discover mqtt", () => {
  beforeAll(async () => {
    site = await mqttSite()
    await site.say(wires.kept.map(([topic, payload]) => [topic, payload, { retain: true }] as const))
    site.configure([
      "{ id: east-contact, link: field, profile: zigbee2mqtt, address: east }",
      "{ id: off, link: field, profile: shelly, address: shellyplus1-0a1b2c3d4e5f, disabled: true }",
      "{ id: nobody, link: field, profile: zigbee2mqtt, address: nobody }"
    ])
  })
  afterAll(() => site.stop())

  test("prints who speaks there, by which profile, with points, messages and whether it is configured", async () => {
    const { code, out, err, last } = await discover(["--config", site.config, "--link", "field", "--for", "1500ms"])
    expect(out.split("\n\n")[0]).toBe(
      [
        "ADDRESS                   PROFILE      MESSAGES  CONFIGURED     POINTS",
        "shellyplus1-0a1b2c3d4e5f  shelly              1  off, disabled  input-0 (input) on",
        "bridge                    zigbee2mqtt         1  no             online",
        "east                      zigbee2mqtt         3  east-contact   online, battery ok, contact (position) open, tamper off",
        'odd                       zigbee2mqtt         1  no             nothing that the profile reads; 1 unreadable: contact is "\uFFFD[2Jmaybe"; expected one of "true", "false", "ON", "OFF"',
        "Science Hall/West exit    zigbee2mqtt         1  no             motion on",
        "silent                    zigbee2mqtt         0  no             contact (position) announced"
      ].join("\n")
    )
    expect(err).toContain(`listening at ${site.url} for 1.5 s; nothing is sent to it`)
    expect(err).toContain("6 devices, 2 configured; 13 messages; configured and not heard: nobody")
    expect(last).toBe(`next: npm run gatehouse -- discover mqtt --link field --config ${site.config} --write`)
    expect(code).toBe(0)
  })

  test("proposes a mapping for what Home Assistant discovery announces, and runs no template", async () => {
    const { out } = await discover([site.url, "--for", "1500ms"])
    const section = out.split("\n\n")[1]?.split("\n")
    expect(section?.[0]).toMatch(/^Announced by Home Assistant discovery, read by no profile/)
    expect(section?.[1]).toBe(
      'shed/door/state  Shed (Acme D1)  - { point: door, kind: position, values: { "0": closed, "1": open, None: unknown } }'
    )
    expect(section?.[2]).toMatch(/^shed\/lid +a template that is not translated: \{\{ 'ON' if value_json\.a > 3 \}\}$/)
  })

  test("sums up by prefix what nobody recognises, and lets nothing that a device sent command the terminal", async () => {
    const { out } = await discover([site.url, "--for", "1500ms"])
    expect(out.split("\n\n")[2]).toBe(
      ["Read by no profile:", "home/kitchen/…  2 topics  2 messages", "home/garden/…   1 topic   1 message", ""].join(
        "\n"
      )
    )
    expect(out).not.toContain("\u001B")
  })

  test("gives programs one object a line", async () => {
    const { out } = await discover(["--config", site.config, "--for", "1500ms", "--json"])
    const lines = objects(out)
    expect(lines.find(({ address }) => address === "east")).toMatchObject({
      event: "device",
      profile: "zigbee2mqtt",
      configured: { id: "east-contact", disabled: false },
      availability: "online",
      points: [
        { point: "battery", kind: "battery", value: "ok" },
        { point: "contact", kind: "position", value: "open" },
        { point: "tamper", kind: "tamper", value: "off" }
      ]
    })
    expect(lines.find(({ address }) => address === "odd")).toMatchObject({ configured: null, unreadable: 1 })
    expect(lines.filter(({ event }) => event === "proposal")).toHaveLength(2)
    expect(lines.filter(({ event }) => event === "silent")).toEqual([{ event: "silent", device: "nobody" }])
  })

  test("says that there is no device, and ends with 0 all the same", async () => {
    const empty = await mqttSite()
    try {
      const { code, out, last } = await run(["discover", "mqtt", `127.0.0.1:${empty.port}`, "--for", "300ms"])
      expect(out).toBe("no device was recognised\n")
      expect(last).toBe(`next: npm run gatehouse -- discover mqtt ${empty.url} --for 1m`)
      expect(code).toBe(0)
    } finally {
      await empty.stop()
    }
  })

  test("shows what it has heard until then when a person has seen enough", async () => {
    let spoken: Promise<void> | undefined
    const { code, out } = await run(["discover", "mqtt", site.url, "--for", "1m"], {
      onErr: (err, kill) => {
        if (spoken === undefined && err.includes("listening at"))
          spoken = site
            .say(wires.live)
            .then(() => new Promise((done) => setTimeout(done, 300)))
            .then(() => kill("SIGINT"))
      }
    })
    expect(out).toMatch(/Science Hall\/West exit +zigbee2mqtt/)
    expect(code).toBe(130)
  })

  test("says what the broker does not let it hear, and goes on with what a profile asks for", async () => {
    const directory = temporaryDirectory("acl")
    const mosquitto = await mqttSite([
      ...withUsers(directory.path, {
        reader: { password: "right", may: ["read zigbee2mqtt/#"] },
        device: { password: "device", may: ["readwrite #"] }
      })
    ])
    const speaking = {
      ...mosquitto,
      say: (messages: Parameters<MqttSite["say"]>[0]) =>
        mosquitto.say(messages, { username: "device", password: "device" })
    }
    try {
      const listening = ["discover", "mqtt", mosquitto.url, "--for", "1500ms", "--username", "reader"]
      const { code, out } = await discover(
        listening.slice(2),
        { env: { GATEHOUSE_BROKER_PASSWORD: "right" } },
        speaking
      )
      expect(out).toContain("east                    zigbee2mqtt")
      expect(out).not.toContain("shelly")
      expect(code).toBe(0)
      const wrong = await run(listening, { env: { GATEHOUSE_BROKER_PASSWORD: "wrong" } })
      expect(wrong.err).toContain(`${mosquitto.url}: the broker refuses us (Connection refused: Not authorized)`)
      expect(wrong.last).toBe(
        `→ GATEHOUSE_BROKER_PASSWORD=<password> npm run gatehouse -- discover mqtt ${mosquitto.url} --username <user>`
      )
      expect(wrong.code).toBe(4)
    } finally {
      await mosquitto.stop()
      directory.dispose()
    }
  })

  test("ends with 3 when nobody listens there", async () => {
    const url = `mqtt://127.0.0.1:${await freePort()}`
    const { code, out, err, last } = await run(["discover", "mqtt", url])
    expect(out).toBe("")
    expect(err).toContain(`${url} cannot be reached: connect ECONNREFUSED`)
    expect(last).toBe(`→ npm run gatehouse -- discover mqtt ${url}`)
    expect(code).toBe(3)
  })

  test.each([
    [["ftp://x"], "ftp://x is not the address of a broker, such as mqtt://broker.example:1883"],
    [
      ["mqtt://me:secret@x"],
      "the address must hold no user: give --username, and the password as GATEHOUSE_BROKER_PASSWORD"
    ],
    [["mqtt://x", "mqtt://y"], "one broker and one file at most are understood, not mqtt://x mqtt://y"],
    [["mqtt://x", "--ca", "/no/such.pem"], "there is no file /no/such.pem"]
  ])("refuses %j", async (args, said) => {
    const { code, err, last } = await run(["discover", "mqtt", ...args])
    expect(err).toContain(said)
    expect(last).toBe("→ npm run gatehouse -- discover mqtt --help")
    expect(code).toBe(2)
  })

  test("names the links there are when the one that is asked for is not there", async () => {
    const { code, err } = await run(["discover", "mqtt", "--config", site.config, "--link", "feld"])
    expect(err).toContain('there is no MQTT link "feld" in the configuration; it has field')
    expect(code).toBe(2)
  })
})

describe.runIf(hasMosquitto())("gatehouse discover mqtt --write", () => {
  const devices = ["{ id: gate, link: field, profile: zigbee2mqtt, address: east }"]
  let other: MqttSite
  beforeAll(async () => {
    other = await mqttSite()
    await other.say(wires.kept.map(([topic, payload]) => [topic, payload, { retain: true }] as const))
    other.configure(devices)
  })
  afterAll(() => other.stop())

  const write = (...more: ReadonlyArray<string>) =>
    discover(["--config", other.config, "--for", "1500ms", "--write", ...more], {}, other)

  test("adds disabled stubs beside the configuration, which check accepts, and nothing the second time", async () => {
    const { code, err, last } = await write()
    expect(err).toContain(`5 devices added to ${join(other.config, "discovered.yaml")}, disabled`)
    expect(last).toBe(`next: npm run gatehouse -- check ${other.config}`)
    expect(code).toBe(0)
    const text = other.read("discovered.yaml")
    expect(text).toContain(
      [
        `  # seen on zigbee2mqtt/Science Hall/West exit at ${other.url}; motion on`,
        "  - { id: Science-Hall-West-exit, link: field, profile: zigbee2mqtt, address: Science Hall/West exit, via: bridge, disabled: true }"
      ].join("\n")
    )
    expect(text).toContain(`  # announced at ${other.url}; contact (position) announced\n  - { id: silent, `)
    const checked = await run(["check", other.config])
    expect([checked.code, checked.out]).toEqual([0, expect.stringMatching(/^✔ 0 doors, 6 devices, 1 links /m)])
    const again = await write()
    expect(again.err).toContain(`nothing to add to ${join(other.config, "discovered.yaml")}`)
    expect(other.read("discovered.yaml")).toBe(text)
  })

  test("leaves every character of a file that a person has changed, and gives no id twice", async () => {
    const file = join(other.config, "discovered.yaml")
    const mine = [
      "# mine",
      "devices:",
      "    # the old lodge",
      "    - id: bridge   # not the one of Zigbee2MQTT",
      "      link: field",
      "      profile: generic",
      "      address: lodge",
      "",
      "# a last word",
      ""
    ].join("\n")
    writeFileSync(file, mine)
    await write()
    const text = readFileSync(file, "utf8")
    expect(text.startsWith(mine.slice(0, mine.indexOf("\n\n")))).toBe(true)
    expect(text).toContain("# a last word")
    expect(text).toContain("    - { id: bridge-2, link: field, profile: zigbee2mqtt, address: bridge, disabled: true }")
    expect(text).toContain("via: bridge-2")
    expect((await run(["check", other.config])).code).toBe(0)
  })

  test("writes to the file that is named, and refuses one that it would have to rewrite", async () => {
    rmSync(join(other.config, "discovered.yaml"))
    const file = join(other.directory, "elsewhere.yaml")
    const { err, last } = await write(file)
    expect(err).toContain(`added to ${file}, disabled`)
    expect(last).toBe(`next: npm run gatehouse -- check ${other.config} ${file}`)
    writeFileSync(file, "devices: []\n")
    const refused = await write(file)
    expect(refused.err).toContain(`nothing was written to ${file}: its "devices" is not a list with one "- …" a line`)
    expect(refused.code).toBe(1)
    expect(readFileSync(file, "utf8")).toBe("devices: []\n")
  })

  test("prints the stubs alone, as YAML, when the configuration is one file", async () => {
    const alone = join(other.directory, "alone")
    mkdirSync(alone, { recursive: true })
    const config = join(alone, "gatehouse.yaml")
    writeFileSync(config, other.read("gatehouse.yaml"))
    const { code, out, err } = await discover(["--config", config, "--for", "1500ms", "--write"], {}, other)
    expect(out).toMatch(/^# Found by `gatehouse discover mqtt`\./)
    expect(out).not.toContain("ADDRESS")
    expect(err).toContain("ADDRESS")
    expect(existsSync(join(alone, "discovered.yaml"))).toBe(false)
    writeFileSync(join(alone, "added.yaml"), out)
    expect((await run(["check", alone])).code).toBe(0)
    expect(code).toBe(0)
  })

  test("does not guess which link a broker belongs to", async () => {
    const stranger = await mqttSite()
    try {
      const args = [stranger.url, "--config", other.config, "--for", "300ms", "--write"]
      const { code, err, last } = await run(["discover", "mqtt", ...args])
      expect(err).toContain(
        `nothing was written: no link of the configuration goes to ${stranger.url}; it has field (${other.url})`
      )
      expect(last).toBe("→ npm run gatehouse -- discover mqtt --link <id> --write")
      expect(code).toBe(1)
    } finally {
      await stranger.stop()
    }
  })
})
