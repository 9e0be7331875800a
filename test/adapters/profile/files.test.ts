import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { profileForms } from "../../../adapters/adapters.ts"
import { mqttProfileForm } from "../../../adapters/mqtt/profiles.ts"
import { readProfile, readProfileFiles, readProfileTexts } from "../../../adapters/profile/files.ts"
import { isPerhapsOf } from "../../../adapters/profile/texts.ts"

const barrier = `description: a barrier
topics: ["barrier/{address}"]
readings: [{ point: boom, kind: position, path: state, values: { up: open, down: closed } }]
tests: []
`

const problemsOf = (text: string) =>
  readProfile(profileForms, "barrier.yaml", text).problems.map(
    ({ line, column, message }) => `${line}:${column} ${message}`
  )

describe("the protocol of a profile", () => {
  test("is MQTT where the file names none", () => {
    const { protocol, profile, problems } = readProfile(profileForms, "barrier.yaml", barrier)
    expect(problems).toEqual([])
    expect([protocol, profile?.protocol]).toEqual(["mqtt", "mqtt"])
  })

  test("is told with its place when nobody speaks it", () => {
    expect(problemsOf(`protocol: modbus\n${barrier}`)).toEqual([
      '1:11 protocol: "modbus" is no protocol; known are mqtt, onvif, opcua'
    ])
  })

  test("decides which keys a file may have", () => {
    expect(problemsOf(`${barrier}retention: 3\n`)).toEqual(["5:12 retention: a profile has no such key here"])
  })

  test("keeps a file from an adapter that speaks another, a broken file from nobody", () => {
    const directory = mkdtempSync(join(tmpdir(), "profiles-"))
    try {
      writeFileSync(join(directory, "barrier.yaml"), barrier)
      writeFileSync(join(directory, "camera.yaml"), "protocol: onvif\n")
      writeFileSync(join(directory, "torn.yaml"), "description: [\n")
      const read = readProfileFiles([mqttProfileForm], directory)
      expect(read.map(({ name, problems }) => [name, problems.length])).toEqual([
        ["barrier", 0],
        ["torn", 1]
      ])
    } finally {
      rmSync(directory, { recursive: true })
    }
  })

  test("is found without a parser in most files; a mention elsewhere is none, a quoted or merged key may be", () => {
    const isPerhapsOnvif = (text: string) => isPerhapsOf({ name: "x", file: "x.yaml", text }, ["onvif"])
    expect(
      ["protocol: onvif # here\n", '"protocol": onvif\n', "<<: *other\n", "  protocol: onvif\n"].map(isPerhapsOnvif)
    ).toEqual([true, true, true, true])
    const mentioned = 'device: { address: "{protocol}/{id}" }\ntests: [{ payload: { protocol: 1 } }]\n'
    expect(["protocol: mqtt\n", barrier, mentioned].map(isPerhapsOnvif)).toEqual([false, false, false])
  })
})

test("the tests of a profile that is wanted untested are not looked into; all of it is told where anything else is wrong", () => {
  const problemsOf = (text: string) => {
    const [read] = readProfileTexts(profileForms, [{ name: "own", file: "own.yaml", text }], { untested: true })
    return read?.problems.map(({ line, message }) => `${line} ${message}`)
  }
  const tested = barrier.replace("tests: []", "tests:\n# what it sends\n- { topics: 1 }")
  expect(problemsOf(tested)).toEqual([])
  const key = "retention: a profile has no such key here"
  const whole = readProfile(profileForms, "own.yaml", `retention: 3\n${tested}`).problems
  expect(problemsOf(`retention: 3\n${tested}`)).toEqual(whole.map(({ line, message }) => `${line} ${message}`))
  expect(problemsOf(`retention: 3\n${tested}`)).toContain(`1 ${key}`)
  expect(problemsOf(`${tested}retention: 3\n`)).toContain(`7 ${key}`)
})

test("only the profiles that are wanted are looked into, and those that they build on, told with what is wrong there", () => {
  const file = (name: string, text: string) => ({ name, file: `${name}.yaml`, text })
  const onvif = "description: d\nprotocol: onvif\ntests: []\n"
  const texts = [
    file("also", `${onvif}extends: nobody\n`),
    file("base", `${onvif}also: [also]\n`),
    file("own", `${onvif}extends: base\n`),
    file("torn", "description: [\n")
  ]
  const read = readProfileTexts(profileForms, texts, { names: ["own"] })
  expect(read.map(({ name, profile, problems }) => [name, profile !== undefined, problems.length])).toEqual([
    ["also", false, 1],
    ["base", true, 0],
    ["own", true, 0]
  ])
  expect(readProfileTexts(profileForms, texts).map(({ name }) => name)).toEqual(["also", "base", "own", "torn"])
})
