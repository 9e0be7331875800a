import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { describe, expect, onTestFinished, test } from "vitest"
import { checks } from "../../gateway/installed.ts"
import { temporaryDirectory } from "../road/peers.ts"

const yamlIn = (directory: string): ReadonlyArray<string> =>
  readdirSync(directory)
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => join(directory, name))

/** What an editor is told in the first line of a file. */
const schemaOf = (file: string): string | undefined =>
  /^# yaml-language-server: \$schema=(\S+)\n/.exec(readFileSync(file, "utf8"))?.[1]

describe("a shipped file", () => {
  test.each([
    ...yamlIn("config/rules").map((file) => [file, "rules"] as const),
    ...yamlIn("config/demo").map((file) => [file, "config"] as const),
    ["config/scenarios/ruled-campus/campus.yaml", "config"] as const
  ])("%s names the schema that it is completed by, and that is there", (file, kind) => {
    const named = schemaOf(file) ?? ""
    const schema = resolve(dirname(file), named)
    expect(schema).toBe(resolve(`.gatehouse/${kind}.schema.json`))
    expect(existsSync(schema), "npm ci writes it, and npm run schemas").toBe(true)
    expect((JSON.parse(readFileSync(schema, "utf8")) as { $schema?: string }).$schema).toContain("json-schema.org")
  })
})

describe("check", () => {
  test("warns of a calendar that has run out, at its line", () => {
    const { path, dispose } = temporaryDirectory("calendar")
    onTestFinished(dispose)
    const file = join(path, "campus.yaml")
    writeFileSync(
      file,
      `site: { id: north, name: North, timeZone: Europe/Berlin }
links: {}
schedules: [{ id: school, calendar: old, periods: [{ from: 07:30, to: 16:00 }] }]
calendars:
  - { id: old, days: [{ name: Summer, from: 2021-07-01, to: 2021-08-31 }] }
  - { id: unused, days: [{ name: Summer, from: 2021-07-01 }] }
  - { id: later, days: [{ name: Summer, from: 2099-07-01 }] }
`
    )
    const { problems } = checks.settings([file])
    const told = problems.filter(({ message }) => message.includes("calendar"))
    expect(told.map(({ severity, place, message }) => [severity, place.line, message])).toEqual([
      ["warning", 5, 'calendar "old" has run out: its last entry was 2021-08-31, and school knows no holidays any more']
    ])
  })
})
