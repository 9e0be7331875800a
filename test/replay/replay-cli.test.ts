import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { installed } from "../../gateway/installed.ts"
import { loadSettings } from "../../gateway/settings/load-settings.ts"
import { run } from "../cli/run.ts"
import { Recording } from "./recording.ts"

let recording: Recording
let changed: string

const gym = "panel-1/door-4"

/** Two long openings of the gymnasium's entrance, one of them a real incident. */
beforeAll(() => {
  recording = new Recording(loadSettings(["config/demo"], installed).campus)
  recording.contact(`${gym}.position`, "closed")
  for (const [second, outcome] of [
    [10, "real"],
    [1000, "nuisance-user"]
  ] as const) {
    recording.at(second).grants(`${gym}.reader`).contact(`${gym}.position`, "open")
    recording.at(second + 70).contact(`${gym}.position`, "closed")
    recording.at(second + 80).closes("DoorOpenTooLong", "door:gym-entrance", outcome)
  }
  recording.at(2000).close()
  changed = join(recording.directory, "changed.yaml")
  writeFileSync(changed, "doors:\n  - { id: gym-entrance, times: { heldOpenSeconds: 90 } }\n")
})

afterAll(() => recording.dispose())

const replays = (...args: ReadonlyArray<string>) =>
  run(["replay", "--config", "config/demo", "--rules", changed, "--data", recording.directory, ...args])

describe("gatehouse replay", () => {
  it("tells a missed real incident before everything else, and ends with a code of its own", async () => {
    const { code, out, last } = await replays("--from", "2026-03-01")
    expect(out.split("\n").find((line) => line.startsWith("✖"))).toMatch(/1 REAL INCIDENT MISSED/)
    expect(out.indexOf("REAL INCIDENT")).toBeLessThan(out.indexOf("calls for an officer"))
    expect(out).toMatch(/0 added, 2 removed, 0 moved, 0 unchanged/)
    expect(out).toMatch(/nuisance saved: 1 /)
    expect(code).toBe(6)
    expect(last).toMatch(/^→ npm run gatehouse -- explain alert A-\d+ --data \S+$/)
  })

  it("ends otherwise where calls differ and no real incident is missed, and tells programs all of it", async () => {
    const { code, out } = await replays("--from", "2026-03-02T10:10:00Z", "--json")
    expect(JSON.parse(out)).toMatchObject({ from: "2026-03-02T10:10:00.000Z", difference: { removed: 1 } })
    expect(code).toBe(5)
  })

  it("fails for a time of which nothing is recorded, and says what the log holds", async () => {
    const { code, err } = await replays("--from", "2025-01-01", "--to", "2025-02-01")
    expect(err).toMatch(/nothing is recorded from 2025-01-01 .*: the log goes from 2026-03-02 03:58:00 to 2026-03-02 /)
    expect(code).toBe(2)
  })

  it("says what could have been written for a time that is none", async () => {
    const { code, err } = await replays("--from", "last week")
    expect(err).toMatch(/"last week" is no time: write 2026-11-03/)
    expect(code).toBe(2)
  })
})
