import { describe, expect, it } from "vitest"
import { embeddedKillRun } from "./embedded-kill.ts"
import { countOf, differenceOf } from "./kill.ts"

const short = { kills: 3, devices: 5, messages: 6000, seed: 20_26 }

/** For those that answer late: the devices send again one message after the other. */
const few = { kills: 2, devices: 20, messages: 1500, seed: 20_26 }

describe("a gateway that is its devices' broker, under load", () => {
  it.each([
    ["product", short],
    ["late", few]
  ] as const)(
    "and is killed at random has what it answered exactly once: %s",
    async (which, options) => {
      const run = await embeddedKillRun({ ...options, which })
      expect(countOf(run.accepted)).toBe(options.messages)
      expect(run.inLog).toEqual(run.accepted)
    },
    120_000
  )

  it("would have lost some, had it answered before it kept", async () => {
    const run = await embeddedKillRun({ ...short, which: "careless" })
    expect(differenceOf(run).lost).toBeGreaterThan(0)
  }, 120_000)

  it("would have some twice, did it not know what a device sends again", async () => {
    const run = await embeddedKillRun({ ...few, which: "forgetful" })
    expect(differenceOf(run)).toMatchObject({ lost: 0 })
    expect(differenceOf(run).duplicated).toBeGreaterThan(0)
  }, 120_000)
})
