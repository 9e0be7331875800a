import { describe, expect, it } from "vitest"
import { hasMosquitto } from "./peers.ts"
import { killRun } from "./kill.ts"

describe.skipIf(!hasMosquitto())("a gateway killed at random under load, behind a real Mosquitto", () => {
  it("has every message the broker accepted in its log, exactly once", async () => {
    const run = await killRun({ kills: 6, messages: 1500, seed: 20_26 })
    expect(run.inLog).toEqual(run.accepted)
    expect(run.kills).toBeGreaterThan(0)
  }, 120_000)
})
