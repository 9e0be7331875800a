import { Cause, Effect, Exit } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { problemBody, problemOf } from "../../gateway/api/problem.ts"
import { temporaryDirectory } from "../road/peers.ts"
import { type PanelGateway, startPanelGateway } from "./answerable-panel.ts"

let directory: ReturnType<typeof temporaryDirectory>
const running: Array<PanelGateway> = []
beforeEach(() => {
  directory = temporaryDirectory("notes-shelving")
})
afterEach(async () => {
  for (const gateway of running.splice(0)) await gateway.stop()
  directory.dispose()
})

const start = async (options?: Parameters<typeof startPanelGateway>[1]): Promise<PanelGateway> => {
  const gateway = await startPanelGateway(`${directory.path}/gatehouse.db`, options)
  running.push(gateway)
  return gateway
}

/** A gateway whose panel has told a tampered case, and the id of its alert. */
const tampered = async (options?: Parameters<typeof startPanelGateway>[1]) => {
  const gateway = await start(options)
  await gateway.tells()
  return { gateway, id: (await gateway.alert())?.id ?? "A-none" }
}

const stop = async (gateway: PanelGateway): Promise<void> => {
  running.splice(running.indexOf(gateway), 1)
  await gateway.stop()
}

const comesTo = async (gateway: PanelGateway, ...besides: ReadonlyArray<string>): Promise<void> => {
  await expect.poll(gateway.besides).toEqual(besides)
}

/** The problem that the API would answer with. */
const refusalOf = async (act: Effect.Effect<unknown, unknown>) => {
  const exit = await Effect.runPromiseExit(act)
  return Exit.isFailure(exit) ? problemBody(problemOf(Cause.squash(exit.cause))) : undefined
}

describe("an officer's note", () => {
  it("goes to the panel once, in the officer's name, and is there when the panel tells it", async () => {
    const { gateway, id } = await tampered({ panel: () => Effect.succeed({ outcome: "accepted" }) })
    await Effect.runPromise(gateway.alerts.note(id, "Ada", "guard sent"))
    await expect.poll(gateway.steps).toEqual(["WriteBackSent", "WriteBackAnswered"])
    expect(await gateway.besides()).toEqual(["comment sent"])
    await gateway.tells({ event: "e2", comment: "guard sent (Ada via Gatehouse)" })
    await comesTo(gateway, "comment proved")
    expect(gateway.sent).toEqual([{ condition: { id: "case" }, event: "e1", officer: "Ada", note: "guard sent" }])
  })

  it("is sent by the next process when the one before ended with it", async () => {
    const { gateway: first, id } = await tampered()
    first.cable(false)
    await Effect.runPromise(first.alerts.note(id, "Ada", "guard sent"))
    await stop(first)
    const second = await start({ panel: () => Effect.succeed({ outcome: "accepted" }) })
    await comesTo(second, "comment sent")
    expect(second.sent).toHaveLength(1)
  })
})

describe("shelving", () => {
  it("goes to the panel for what is left of its time, and its end does, too", async () => {
    const { gateway, id } = await tampered()
    await Effect.runPromise(gateway.alerts.shelve(id, "Ada", { minutes: 10 }, "repair"))
    await comesTo(gateway, "shelve proved")
    expect(gateway.sent).toMatchObject([{ condition: { id: "case" }, officer: "Ada", note: "repair" }])
    expect(gateway.sent[0]?.forSeconds).toBeGreaterThan(500)
    expect(gateway.sent[0]?.forSeconds).toBeLessThanOrEqual(600)
    await Effect.runPromise(gateway.alerts.unshelve(id, "Ada", "repaired"))
    await comesTo(gateway, "shelve proved", "unshelve proved")
  })

  it("until it is normal again goes to the panel without a time", async () => {
    const { gateway, id } = await tampered()
    await Effect.runPromise(gateway.alerts.shelve(id, "Ada", { oneShot: true }, "repair"))
    await comesTo(gateway, "shelve proved")
    expect(gateway.sent[0]).not.toHaveProperty("forSeconds")
  })

  it("that ended while no process ran is over with the next one, and the alert is news", async () => {
    const { gateway: first, id } = await tampered()
    await Effect.runPromise(first.alerts.shelve(id, "Ada", { minutes: 1 }, "repair"))
    await stop(first)
    const now = Date.now
    try {
      Date.now = () => now() + 120_000
      const second = await start()
      await expect.poll(async () => (await second.alert())?.shelved).toBeUndefined()
    } finally {
      Date.now = now
    }
  })

  it("is refused in words where it cannot be", async () => {
    const { gateway, id } = await tampered()
    const { shelve, unshelve } = gateway.alerts
    expect(await refusalOf(shelve("A-9", "Ada", { minutes: 5 }, "repair"))).toMatchObject({ status: 404 })
    expect(await refusalOf(shelve(id, "Ada", { minutes: 61 }, "repair"))).toMatchObject({
      status: 422,
      type: "urn:gatehouse:problem:shelving-refused",
      detail: `alert ${id} cannot be shelved: 60 minutes is the longest (alerts.shelveMaxMinutes of the configuration)`
    })
    expect(await refusalOf(unshelve(id, "Ada", "repaired"))).toMatchObject({
      status: 409,
      detail: `alert ${id} is not shelved, or no longer`
    })
    await gateway.tells({ active: false, event: "e2" })
    expect(await refusalOf(shelve(id, "Ada", { oneShot: true }, "repair"))).toMatchObject({
      status: 422,
      detail: `alert ${id} cannot be shelved: it is back to normal already; shelve it for some minutes instead`
    })
    await gateway.close()
    expect(await refusalOf(shelve(id, "Ada", { minutes: 5 }, "repair"))).toMatchObject({ status: 409 })
    expect(await refusalOf(gateway.alerts.note(id, "Ada", "late"))).toMatchObject({ status: 409 })
  })
})
