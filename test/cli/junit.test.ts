import { readFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { junitXml } from "../../gateway/cli/junit.ts"
import { temporaryDirectory } from "../road/peers.ts"
import { run } from "./run.ts"

const entry = resolve(import.meta.dirname, "../scenarios/playing-gateway.ts")

let directory: ReturnType<typeof temporaryDirectory>
beforeAll(() => {
  directory = temporaryDirectory("junit")
})
afterAll(() => directory.dispose())

describe("gatehouse test --junit", () => {
  test("writes a test case for each scenario beside what a person reads", async () => {
    const file = join(directory.path, "passed.xml")
    const { code, out } = await run(["test", "config/scenarios/forced.yaml", "--junit", file], { entry })
    expect(out).toBe("✔ A door that nobody was let through is forced\n")
    expect(readFileSync(file, "utf8")).toBe(
      [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<testsuites tests="1" failures="0" errors="0" time="0">',
        '  <testsuite name="gatehouse test" tests="1" failures="0" errors="0" time="0">',
        '    <testcase classname="config/scenarios/forced.yaml" name="A door that nobody was let through is forced" file="config/scenarios/forced.yaml" time="0"/>',
        "  </testsuite>",
        "</testsuites>",
        ""
      ].join("\n")
    )
    expect(code).toBe(0)
  })

  test("tells a file that cannot be played as a failure, and ends with 1", async () => {
    const file = join(directory.path, "broken.xml")
    const { code } = await run(["test", "test/scenarios/broken/unknown-door.yaml", "--junit", file], { entry })
    const xml = readFileSync(file, "utf8")
    expect(xml).toContain('tests="1" failures="1"')
    expect(xml).toContain("there is no door &quot;rof-hatch&quot;")
    expect(code).toBe(1)
  })

  test("says so when the report cannot be written", async () => {
    const { code, err, last } = await run(["test", "config/scenarios/forced.yaml", "--junit", "/nowhere/at/all.xml"], {
      entry
    })
    expect(err).toContain("the report was not written: ENOENT")
    expect(last).toBe("→ npm run gatehouse -- test --junit <file in a directory that is there>")
    expect(code).toBe(1)
  })

  test("escapes what XML gives a meaning, and what it cannot hold", () => {
    const xml = junitXml([
      { file: "a.yaml", name: 'a <door> & "more"', passed: false, problems: ["first\nline", "bell \u0007"] }
    ])
    expect(xml).toContain('name="a &lt;door&gt; &amp; &quot;more&quot;"')
    expect(xml).toContain('<failure message="first">first&#10;line&#10;bell \uFFFD</failure>')
  })
})
