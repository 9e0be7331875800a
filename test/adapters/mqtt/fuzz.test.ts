import { describe, expect, it } from "vitest"
import { hasMosquitto } from "../../road/peers.ts"
import { fuzzClients } from "./fuzz-clients.ts"
import { fuzzPayloads } from "./fuzz-payloads.ts"
import { fuzzSessions } from "./fuzz-sessions.ts"

/** Sockets and timers that belong to the test runner come and go; what leaks, leaks with every session. */
const aFew = 5

describe("malformed payloads, by all profiles", () => {
  it.skipIf(!hasMosquitto()).each(["embedded", "mosquitto"] as const)(
    "are each answered and never stall the gateway, through %s",
    async (through) => {
      const run = await fuzzPayloads({ count: 4000, seed: 7, through })
      expect(run.answered).toBe(run.sent)
      expect(run.states).toEqual(["Connecting", "Online"])
      // What this thread did itself: the other tests share the machine.
      expect(run.busyMs).toBeLessThan(200)
      const [before, after] = run.heapMb
      expect(after - before).toBeLessThan(50)
      expect(run.logEntries).toBeLessThan(run.sent * 1.5)
    },
    60_000
  )
})

describe("mutated sessions", () => {
  it("of a broker end the link, never the process, and the next attempt works", async () => {
    const run = await fuzzSessions({ count: 2000, seed: 7 })
    expect(run.uncaught).toEqual([])
    expect((run.ended["LinkLost"] ?? 0) + (run.ended["CredentialsRejected"] ?? 0)).toBe(run.sessions)
    expect(run.failedAfter).toBe(0)
    expect(run.resources[1]).toBeLessThan(run.resources[0] + aFew)
    const [before, after] = run.heapMb
    expect(after - before).toBeLessThan(20)
  }, 60_000)

  it("of devices disturb neither the embedded broker nor another device", async () => {
    const run = await fuzzClients({ count: 1000, seed: 7 })
    expect(run.uncaught).toEqual([])
    expect(run.answered).toBe(run.clients)
    expect(run.states).toEqual(["Connecting", "Online"])
    expect(run.resources[1]).toBeLessThan(run.resources[0] + aFew)
  }, 60_000)
})
