import { expect, test } from "vitest"
import { startCallingGateway } from "./calling-gateway.ts"

test(
  "a test alert goes the whole road of a gateway: fact, fold, outbox, channel and back",
  { timeout: 60_000 },
  async () => {
    const gateway = await startCallingGateway()
    try {
      await expect.poll(() => gateway.facts("TestAlertReturned"), { timeout: 45_000, interval: 500 }).toHaveLength(1)
      const [raised] = await gateway.facts("TestAlertSent")
      expect((await gateway.facts("TestAlertReturned"))[0]?.["raised"]).toBe(raised?.["raised"])
      // That nobody has registered a phone yet is told; the test itself is nobody's alert.
      const conditions = (await gateway.alerts()).map(({ condition }) => String(condition))
      expect(conditions.filter((condition) => !["AddressRefused", "ChannelBroken"].includes(condition))).toEqual([])
    } finally {
      await gateway.stop()
    }
  }
)
