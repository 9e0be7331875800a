import { spawnSync } from "node:child_process"
import { join, resolve } from "node:path"
import { describe, expect, test } from "vitest"
import { freePort } from "../road/peers.ts"

const root = resolve(import.meta.dirname, "../..")

const gatehouse = (...words: ReadonlyArray<string>) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(import.meta.dirname, "playing-gateway.ts"), ...words],
    { cwd: root, encoding: "utf8" }
  )
  return { status, stdout, stderr, last: stderr.trimEnd().split("\n").at(-1) }
}

describe("gatehouse test", () => {
  test("names each scenario that passed, and what to do next", () => {
    const { status, stdout, stderr } = gatehouse("test", "config/scenarios/forced.yaml")
    expect(stdout).toBe("✔ A door that nobody was let through is forced\n")
    expect(stderr).toContain("1 passed\nnext: npm run gatehouse -- simulate config/scenarios/forced.yaml")
    expect(status).toBe(0)
  })

  test("takes the shipped scenarios when none is named", () => {
    const { status, stdout } = gatehouse("test", "--json")
    const outcomes = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { readonly file: string; readonly passed: boolean })
    expect(outcomes.length).toBeGreaterThan(30)
    expect(outcomes.filter(({ passed }) => !passed)).toEqual([])
    expect(status).toBe(0)
  })

  test("ends with 1 and a line to paste when the file is wrong", () => {
    const { status, stdout, last } = gatehouse("test", "test/scenarios/broken/unknown-door.yaml")
    expect(stdout).toContain('unknown-door.yaml:4:21  error  there is no door "rof-hatch" — did you mean "roof-hatch"?')
    expect(last).toBe("→ npm run gatehouse -- test test/scenarios/broken/unknown-door.yaml")
    expect(status).toBe(1)
  })

  test("plays the others when one of them cannot be played", () => {
    const [broken, sound] = ["test/scenarios/broken/unknown-door.yaml", "config/scenarios/forced.yaml"]
    const { status, stdout, stderr } = gatehouse("test", broken, sound)
    expect(stdout).toMatch(/^✖ test\/scenarios\/broken\/unknown-door.yaml\n/)
    expect(stdout).toContain("✔ A door that nobody was let through is forced\n")
    expect(stderr).toContain(`1 passed, 1 failed\n→ npm run gatehouse -- test ${broken}`)
    expect(status).toBe(1)
  })
})

describe("gatehouse simulate", () => {
  test("ends with 3 when nobody listens there", async () => {
    const url = `mqtt://127.0.0.1:${await freePort()}`
    const { status, stderr, last } = gatehouse("simulate", "config/scenarios/panic.yaml", "--url", url)
    expect(stderr).toContain(`there is no broker at ${url}: connect ECONNREFUSED`)
    expect(last).toBe("→ npm run gatehouse -- serve --config config/demo")
    expect(status).toBe(3)
  })

  test("ends with 1 when the scenario is wrong", () => {
    expect(gatehouse("simulate", "test/scenarios/broken/unknown-door.yaml").status).toBe(1)
  })
})
