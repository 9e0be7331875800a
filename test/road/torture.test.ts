import { describe, expect, it } from "vitest"
import { countOf, differenceOf, killRun } from "./kill.ts"
import { hasMosquitto } from "./peers.ts"

const short = { kills: 3, messages: 2000, seed: 20_26 }

describe.skipIf(!hasMosquitto())("a gateway behind a real Mosquitto, under load", () => {
  it.each([
    [5, "late"],
    [4, "product"]
  ] as const)(
    "that is killed and cut off at random, the broker restarted too, has what was accepted exactly once: MQTT version %i, %s",
    async (version, which) => {
      const run = await killRun({ ...short, cuts: 2, restarts: 1, version, which })
      expect(run).toMatchObject({ kills: 3, cuts: 2, restarts: 1 })
      expect(run.inLog).toEqual(run.accepted)
    },
    120_000
  )

  it("would have lost some, had it acknowledged before it kept", async () => {
    const run = await killRun({ ...short, kills: 2, messages: 6000, which: "careless" })
    expect(countOf(run.accepted)).toBe(6000)
    expect(differenceOf(run).lost).toBeGreaterThan(0)
  }, 120_000)

  it("would have some twice, did it not know what the broker sends again", async () => {
    const run = await killRun({ ...short, kills: 2, messages: 6000, which: "forgetful" })
    expect(differenceOf(run)).toMatchObject({ lost: 0 })
    expect(differenceOf(run).duplicated).toBeGreaterThan(0)
  }, 120_000)
})
