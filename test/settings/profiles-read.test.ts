import { cpSync, rmSync, writeFileSync } from "node:fs"
import { basename, join, resolve } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { checks, installed } from "../../gateway/installed.ts"
import { checkSettings, loadSettings } from "../../gateway/settings/load-settings.ts"
import { temporaryDirectory } from "../road/peers.ts"

const { path, dispose } = temporaryDirectory("profiles-read")
const profiles = join(path, "profiles")
const profile = (name: string): string => join(profiles, `${name}.yaml`)

/** A campus with one camera of a profile. */
const campusOf = (name: string): string => {
  const file = join(path, `campus-${name}.yaml`)
  writeFileSync(
    file,
    `site: { id: north, name: North, timeZone: UTC }
links: { cameras: { adapter: onvif, settings: {} } }
devices: [{ id: cam, link: cameras, profile: ${name}, address: 127.0.0.1 }]
profilesDirectory: ${profiles}
`
  )
  return file
}

const errorsOf = ({ problems }: Pick<ReturnType<typeof checkSettings>, "problems">) =>
  problems
    .filter(({ severity }) => severity === "error")
    .map(({ place, message }) => `${basename(place.file)}:${place.line} ${message}`)

beforeAll(() => {
  for (const shipped of ["generic", "onvif-ej"]) cpSync(resolve(`config/profiles/${shipped}.yaml`), profile(shipped))
  const head = "description: d\nprotocol: onvif\n"
  writeFileSync(profile("base"), `${head}tests: []\n`)
  writeFileSync(profile("camera"), `${head}extends: base\ntests: []\n`)
  writeFileSync(profile("torn"), "description: [\n")
  writeFileSync(profile("slip"), `${head}readings: [{ topic: D, point: p, kind: motions, path: x }]\ntests: []\n`)
  writeFileSync(profile("on-slip"), `${head}extends: slip\ntests: []\n`)
})
afterAll(dispose)

describe("a profile that cannot be used", () => {
  test("hinders no start where no device uses it", () => {
    expect(errorsOf(checkSettings([campusOf("camera")], installed))).toEqual([])
  })

  test("is told by check all the same, at its line", () => {
    const told = errorsOf(checks.settings([campusOf("camera")]))
    expect(told.map((line) => line.split(" ")[0])).toEqual(["on-slip.yaml:3", "slip.yaml:3", "torn.yaml:2"])
  })

  test("refuses the start of a device that uses it, and so does one that it builds on", () => {
    expect(errorsOf(checkSettings([campusOf("torn")], installed))).toEqual([expect.stringMatching(/^torn\.yaml:2 /)])
    expect(errorsOf(checkSettings([campusOf("on-slip")], installed))).toEqual([
      'on-slip.yaml:3 extends: this protocol has no usable profile "slip"',
      expect.stringMatching(/^slip\.yaml:3 readings\[0\]\.kind: /)
    ])
  })
})

test("a device that names no profile of the directory is told of all that are there, also of those nobody uses", () => {
  const [told] = errorsOf(checkSettings([campusOf("camra")], installed))
  expect(told).toContain('there is no profile "camra" — did you mean "camera"?')
})

describe("what a configuration knows of its profiles", () => {
  test("does not depend on who uses them", () => {
    const [one, other] = [campusOf("camera"), campusOf("base")].map((file) => loadSettings([file], installed))
    expect(one?.profileDigests).toEqual(other?.profileDigests)
    expect([...(one?.profileDigests?.keys() ?? [])]).toEqual([
      "base",
      "camera",
      "generic",
      "on-slip",
      "onvif-ej",
      "slip",
      "torn"
    ])
  })

  test("changes with a profile that nobody uses; of the others only those that may build on it are others then", () => {
    const before = loadSettings([campusOf("camera")], installed)
    writeFileSync(profile("new"), "description: d\nprotocol: onvif\ntests: []\n")
    const after = loadSettings([campusOf("camera")], installed)
    rmSync(profile("new"))
    expect(after.configVersion).not.toBe(before.configVersion)
    const changed = [...(before.profileDigests ?? [])].filter(
      ([name, digest]) => after.profileDigests?.get(name) !== digest
    )
    expect(changed.map(([name]) => name)).toEqual(["base", "camera", "on-slip", "slip"])
  })
})
