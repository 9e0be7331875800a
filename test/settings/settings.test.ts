import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { Schema } from "effect"
import { describe, expect, onTestFinished, test } from "vitest"
import { parse } from "yaml"
import { adapters } from "../../adapters/adapters.ts"
import { renderProblem } from "../../gateway/settings/problem.ts"
import { canonicalJson } from "../../gateway/settings/canonical-json.ts"
import { checkSettings, type Installed, loadSettings } from "../../gateway/settings/load-settings.ts"
import { SettingsRefused } from "../../gateway/settings/settings-refused.ts"
import { temporaryDirectory } from "../road/peers.ts"
import { installed } from "./installed.ts"

const here = import.meta.dirname
const whole = join(here, "whole.yaml")
const broken = readdirSync(join(here, "broken")).map((name) => join(here, "broken", name))

/** A directory that goes with its test. */
const ownDirectory = (): string => {
  const { path, dispose } = temporaryDirectory("settings")
  onTestFinished(dispose)
  return path
}

describe("a configuration that breaks one rule is refused, at the right place:", () => {
  test.each(broken.map((file) => [basename(file, ".yaml").replaceAll("-", " "), file] as const))("%s", (_, file) => {
    const expected = readFileSync(file, "utf8")
      .split("\n")[0]!
      .replace(/^# expect /, "")
    const { settings, problems } = checkSettings([file], installed)
    expect(settings).toBeUndefined()
    const told = problems.map(({ place, message }) => `${place.line}:${place.column} ${message}`)
    expect(
      told.some((line) => line.startsWith(expected)),
      `expected ${expected}\ngot ${told.join("\n    ")}`
    ).toBe(true)
  })
})

test("a type of day that the calendar does not have is told, and refuses nothing: this year there may be none", () => {
  const file = join(ownDirectory(), "site.yaml")
  const plan = "schedules: [{ id: school, calendar: year, onDays: { half-day: [] } }]"
  writeFileSync(
    file,
    `${readFileSync(whole, "utf8").split("schedules:")[0]}calendars: [{ id: year, days: [] }]\n${plan}\n`
  )
  const { settings, problems } = checkSettings([file], installed)
  expect(problems.map(({ severity, message }) => `${severity} ${message}`)).toEqual([
    'warning calendar "year" has no day of type "half-day" (there is "holiday")'
  ])
  expect(settings?.campus.schedules).toHaveLength(1)
})

test("people of whom none can invite another are told, and start all the same", () => {
  const file = join(ownDirectory(), "site.yaml")
  const rosa = "people: [{ id: rosa, name: Rosa, role: officer }]"
  writeFileSync(file, `${readFileSync(whole, "utf8").split("schedules:")[0]}${rosa}\n`)
  const { settings, problems } = checkSettings([file], installed)
  expect(problems.map(({ severity, message }) => `${severity} ${message}`)).toEqual([
    "warning none of them is an administrator: only a machine's token can invite anybody"
  ])
  expect(settings?.campus.people).toHaveLength(1)
})

describe("a link that its settings leave weak", () => {
  test("is told where it stands, and started all the same", () => {
    const weak: Installed = {
      ...installed,
      adapters: installed.adapters.map((adapter) => ({ ...adapter, weaknesses: () => ["it has no TLS"] }))
    }
    const { settings, problems } = checkSettings([whole], weak)
    expect(problems.map(({ severity, place, message }) => [severity, place.column, message])).toEqual([
      ["warning", 3, 'link "mqtt" is not wholly protected: it has no TLS']
    ])
    expect(settings?.links[0]?.weaknesses).toEqual(["it has no TLS"])
  })

  test.each([
    ["an outside broker in clear", "url: mqtt://broker.example:1883", 1],
    ["an outside broker with TLS", "url: mqtts://broker.example:8883", 0],
    ["a broker on this machine", "url: mqtt://127.0.0.1:1883", 0],
    ["a broker on this machine by its other address", 'url: "mqtt://[::1]:1883"', 0]
  ])("of MQTT: %s", (_, url, count) => {
    const mqtt = adapters["mqtt"]!
    const { broker } = parse(`broker: { ${url}, clientId: gatehouse }`) as { broker: unknown }
    const decoded = Schema.decodeUnknownSync(mqtt.Settings)({ broker })
    expect(mqtt.weaknesses?.(decoded)).toHaveLength(count)
  })

  test("of MQTT: an embedded broker that others reach in clear", () => {
    const mqtt = adapters["mqtt"]!
    const users = [{ name: "panel", password: { env: "P" }, publish: ["#"] }]
    const decode = Schema.decodeUnknownSync(mqtt.Settings)
    expect(mqtt.weaknesses?.(decode({ host: "0.0.0.0", users }))).toEqual([
      expect.stringContaining("its broker on 0.0.0.0 has no TLS")
    ])
    expect(mqtt.weaknesses?.(decode({ host: "0.0.0.0", users, tls: { cert: "c.pem", key: "k.pem" } }))).toEqual([])
    expect(mqtt.weaknesses?.(decode({}))).toEqual([])
  })
})

describe("a whole configuration", () => {
  test("is decoded with its defaults", () => {
    const settings = loadSettings([whole], installed)
    expect(settings.api).toEqual({ host: "127.0.0.1", port: 8443 })
    expect(settings.profilesDirectory).toBe("config/profiles")
    expect(settings.campus.doors[0]?.times).toEqual({ heldOpenSeconds: 45, debounceMs: 400 })
    expect(settings.links).toEqual([
      { id: "mqtt", adapter: "mqtt", settings: { broker: { url: "mqtt://127.0.0.1", clientId: "gatehouse" } } }
    ])
    expect(settings.configVersion).toMatch(/^[0-9a-f]{12}$/)
  })

  test("may be spread over the files of a directory, and is the same configuration", () => {
    const directory = ownDirectory()
    const text = readFileSync(whole, "utf8")
    const cut = text.indexOf("devices:")
    writeFileSync(join(directory, "campus.yaml"), text.slice(0, cut))
    writeFileSync(join(directory, "doors.yaml"), text.slice(cut))
    mkdirSync(join(directory, "profiles"))
    const settings = loadSettings([directory], installed)
    expect(settings.configVersion).toBe(loadSettings([whole], installed).configVersion)
  })

  test("tells the file of a fault when it is spread over several", () => {
    const directory = ownDirectory()
    writeFileSync(join(directory, "a.yaml"), readFileSync(whole, "utf8"))
    writeFileSync(join(directory, "b.yaml"), "areas:\n  - { id: hall, name: Other, kind: room }\n")
    const { problems } = checkSettings([directory], installed)
    expect(problems.map(({ place, message }) => [basename(place.file), place.line, place.column, message])).toEqual([
      ["b.yaml", 2, 11, 'area "hall" is there twice; each id must be unique']
    ])
  })

  test("has a version that does not depend on the order of keys", () => {
    expect(canonicalJson({ b: 1, a: [{ d: 2, c: 3 }] })).toBe(canonicalJson({ a: [{ c: 3, d: 2 }], b: 1 }))
  })
})

test("every fault of a file is told at once, not the first alone", () => {
  const directory = ownDirectory()
  const file = join(directory, "two.yaml")
  writeFileSync(
    file,
    readFileSync(whole, "utf8")
      .replace("name: East door", "nam: East door")
      .replace("profile: generic", "profile: genric")
  )
  expect(checkSettings([file], installed).problems.map((problem) => problem.message)).toEqual([
    'there is no profile "genric" — did you mean "generic"?',
    'doors[0] has no "name"; it is required',
    'doors[0] has unknown key "nam" — did you mean "name"?'
  ])
})

test("a path that does not exist is a problem, not a crash", () => {
  expect(() => loadSettings([join(here, "nowhere.yaml")], installed)).toThrow(SettingsRefused)
  expect(checkSettings([join(here, "nowhere.yaml")], installed).problems[0]?.message).toBe(
    "there is no such file or directory"
  )
})

test("a problem is shown with its line and a caret under the fault", () => {
  const [problem] = checkSettings([join(here, "broken/unknown-key.yaml")], installed).problems.filter((p) =>
    p.message.includes('nam"')
  )
  const lines = renderProblem(problem!, (_, text) => text).split("\n")
  expect(lines.slice(1)).toEqual(["  16 |   - id: east", "  17 |     nam: East door", "     |     ^^^"])
})

test("an empty file among others is an error: somebody is writing it, or has lost it; one of comments is none", () => {
  const directory = ownDirectory()
  writeFileSync(join(directory, "a.yaml"), readFileSync(whole))
  writeFileSync(join(directory, "b.yaml"), "# nothing here yet\n")
  expect(checkSettings([directory], installed).problems).toEqual([])
  writeFileSync(join(directory, "b.yaml"), " \n")
  expect(checkSettings([directory], installed).problems).toMatchObject([
    { place: { line: 1 }, message: "the file is empty: write its sections, or remove the file" }
  ])
})

test("a secret's value is never shown, neither in the message nor with its line", () => {
  const { problems } = checkSettings([join(here, "broken/password-in-the-file.yaml")], installed)
  expect(problems.map((problem) => renderProblem(problem, (_, text) => text)).join("\n")).not.toContain("hunter2")
})
