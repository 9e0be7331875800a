import { expect, it } from "vitest"
import { outboxRun } from "./outbox-kill.ts"

it("loses no notification when it is killed between sending and marking; every copy has the same key", async () => {
  const run = await outboxRun({ kills: 20, seed: 20_26 })
  expect(run.kills).toBe(20)
  expect(run.handedOver).toEqual(run.owed)
  expect([...run.received.keys()].sort()).toEqual(run.owed)
  // What was sent and not marked was sent again: that is what a kill costs, and all that it costs.
  expect([...run.received.values()].some((times) => times > 1)).toBe(true)
  for (const ids of run.mailIds.values()) expect(ids.size).toBe(1)
}, 400_000)
