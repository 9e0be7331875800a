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
      // The test itself is nobody's alert, and neither is that nobody has registered a phone yet: that is a gap.
      const keys = (await gateway.alerts()).map(({ key }) => String(key))
      expect(keys.filter((key) => key !== "channel:sms")).toEqual([])
      const { items } = (await gateway.get("/gaps")) as { items: ReadonlyArray<{ readonly id: string }> }
      expect(items.map(({ id }) => id)).toContain("nobody-registered:push")
    } finally {
      await gateway.stop()
    }
  }
)
