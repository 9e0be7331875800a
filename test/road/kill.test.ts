import { describe, expect, it } from "vitest"
import { hasMosquitto } from "./peers.ts"
import { countOf, killRun } from "./kill.ts"

const short = { kills: 6, messages: 1500, seed: 20_26 }

describe.skipIf(!hasMosquitto())("a gateway killed at random under load, behind a real Mosquitto", () => {
  it("has every message the broker accepted in its log, exactly once", async () => {
    const run = await killRun(short)
    expect(run.kills).toBe(short.kills)
    expect(run.inLog).toEqual(run.accepted)
  }, 120_000)

  it("would have lost some, had it acknowledged before it kept", async () => {
    const run = await killRun({ ...short, which: "control" })
    expect(countOf(run.accepted)).toBe(short.messages)
    expect(countOf(run.inLog)).toBeLessThan(short.messages)
  }, 120_000)
})
