import { describe, expect, it } from "vitest"
import { faultsOf } from "./opcua-faults.ts"
import { opcuaRun } from "./opcua-run.ts"

describe("a gateway behind a panel that is an OPC UA server, under load", () => {
  it("that is cut off and killed at random, the panel restarted and killed too, has what it was told exactly once, and tells the rest as gaps", async () => {
    const run = await opcuaRun({ cuts: 4, kills: 1, alarms: 2, rate: 100, outageSeconds: 0, seed: 20_26 })
    expect(faultsOf(run)).toEqual([])
    expect(run.parts.every(({ told }) => told > 0)).toBe(true)
    expect(run.parts.filter(({ forgets }) => forgets).every(({ lost }) => lost > 0)).toBe(true)
    expect(run.forced.map(({ accepted }) => accepted)).toEqual([1, 1])
  }, 180_000)
})
