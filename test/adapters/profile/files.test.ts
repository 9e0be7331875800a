import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { profileForms } from "../../../adapters/adapters.ts"
import { mqttProfileForm } from "../../../adapters/mqtt/profiles.ts"
import { readProfile, readProfileFiles } from "../../../adapters/profile/files.ts"

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
})
