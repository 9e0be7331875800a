import { Effect } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { WriteBackState } from "../../gateway/domain/panel-condition.ts"
import { temporaryDirectory } from "../road/peers.ts"
import { type Panel, type PanelGateway, startPanelGateway } from "./answerable-panel.ts"

let directory: ReturnType<typeof temporaryDirectory>
const running: Array<PanelGateway> = []
beforeEach(() => {
  directory = temporaryDirectory("acknowledgements")
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

const stop = async (gateway: PanelGateway): Promise<void> => {
  running.splice(running.indexOf(gateway), 1)
  await gateway.stop()
}

/** A gateway whose panel has told a tampered case. */
const tampered = async (options?: Parameters<typeof startPanelGateway>[1]): Promise<PanelGateway> => {
  const gateway = await start(options)
  await gateway.tells()
  return gateway
}

const comesTo = async (gateway: PanelGateway, state: WriteBackState): Promise<void> => {
  await expect.poll(gateway.state).toBe(state)
}

const silent: Panel = () => Effect.never

describe("an officer's acknowledgement", () => {
  it("is on disk before its panel hears of it, goes there in the officer's name, and is proved by the panel", async () => {
    const gateway = await tampered()
    let before: ReadonlyArray<string> = []
    gateway.does(() =>
      Effect.promise(async () => {
        before = await gateway.steps()
        return { outcome: "proved" }
      })
    )
    await gateway.acknowledge("guard sent")
    await comesTo(gateway, "proved")
    expect(before).toEqual(["WriteBackSent"])
    expect(await gateway.steps()).toEqual(["WriteBackSent", "WriteBackAnswered"])
    expect(gateway.sent).toEqual([{ condition: { id: "case" }, event: "e1", officer: "Ada", note: "guard sent" }])
    expect(await gateway.alert()).toMatchObject({ panelConditions: [{ acked: true }] })
  })

  it("waits while the panel is away, and goes there once it is back", async () => {
    const gateway = await tampered()
    gateway.cable(false)
    await gateway.acknowledge()
    await comesTo(gateway, "owed")
    expect(gateway.sent).toEqual([])
    gateway.cable(true)
    await comesTo(gateway, "proved")
    expect(gateway.sent).toHaveLength(1)
  })

  it("is given up when the panel was away for too long, and is never sent after that", async () => {
    const gateway = await tampered()
    gateway.cable(false)
    await gateway.acknowledge()
    // A gateway that was down for so long meanwhile finds it overdue.
    await stop(gateway)
    const now = Date.now
    try {
      Date.now = () => now() + 120_000
      const later = await start({ unplugged: true })
      await expect.poll(later.state).toBe("not-written-back")
      later.cable(true)
      await later.tells({ origin: "recovery" })
      await later.acknowledge("again")
      await comesTo(later, "proved")
      expect(later.sent).toEqual([{ condition: { id: "case" }, event: "e1", officer: "Ada", note: "again" }])
    } finally {
      Date.now = now
    }
  }, 20_000)

  it("that finds nobody there waits on, and is sent when the panel answers", async () => {
    let tries = 0
    const gateway = await tampered({
      panel: () => Effect.succeed(++tries < 3 ? { outcome: "away", detail: "nobody answers" } : { outcome: "proved" })
    })
    await gateway.acknowledge()
    await comesTo(gateway, "proved")
    expect(tries).toBe(3)
  })

  it("of a state that has changed is told to the officer, who may look and acknowledge again", async () => {
    const gateway = await tampered({
      panel: ({ event }) =>
        Effect.succeed(
          event === "e2" ? { outcome: "proved" } : { outcome: "stale", detail: "its state has\nchanged: look again" }
        )
    })
    await gateway.acknowledge()
    await comesTo(gateway, "stale")
    expect((await gateway.alert())?.panelConditions?.[0]?.writeBack?.detail).toBe(
      "its state has\uFFFDchanged: look again"
    )
    await gateway.tells({ event: "e2" })
    await gateway.acknowledge()
    await comesTo(gateway, "proved")
    expect(gateway.sent.map(({ event }) => event)).toEqual(["e1", "e2"])
  })

  it("that nobody answers in time is unknown, and done once the panel shows it", async () => {
    const gateway = await tampered({ panel: silent, answerMs: 50 })
    await gateway.acknowledge()
    await comesTo(gateway, "unknown")
    expect((await gateway.alert())?.panelConditions?.[0]?.writeBack?.detail).toBe("no answer within 0.05 s")
    await gateway.tells({ acked: true, event: "e2" })
    await comesTo(gateway, "proved")
    expect(gateway.sent).toHaveLength(1)
  })

  it("that fails by a bug of its adapter is unknown, and sent once more when the panel has not heard of it", async () => {
    const gateway = await tampered({ panel: () => Effect.die(new TypeError("a bug")) })
    await gateway.acknowledge()
    await comesTo(gateway, "unknown")
    gateway.does(() => Effect.succeed({ outcome: "proved" }))
    await gateway.tells({ origin: "recovery" })
    await comesTo(gateway, "proved")
    expect(gateway.sent).toHaveLength(2)
  })

  it("goes to the panel though the alert was closed right behind it", async () => {
    const gateway = await tampered()
    gateway.cable(false)
    await gateway.acknowledge()
    await gateway.close()
    gateway.cable(true)
    await comesTo(gateway, "proved")
    expect(gateway.sent).toHaveLength(1)
  })

  it("is sent by the next process when the one before ended with it", async () => {
    const first = await tampered()
    first.cable(false)
    await first.acknowledge("guard sent")
    await stop(first)
    const second = await start()
    await comesTo(second, "proved")
    expect(second.sent).toMatchObject([{ officer: "Ada", note: "guard sent" }])
  })
})

describe("a process that ends before the answer", () => {
  /** One that has sent it and was killed then: the next process knows no more than the log. */
  const cutShort = async (): Promise<PanelGateway> => {
    const first = await tampered({ panel: silent })
    await first.acknowledge()
    await comesTo(first, "sent")
    await stop(first)
    const second = await start()
    await comesTo(second, "unknown")
    return second
  }

  it("sends nothing again, and is told by the panel that it was heard", async () => {
    const second = await cutShort()
    await second.tells({ acked: true, event: "e2", origin: "recovery", comment: "Ada via Gatehouse" })
    await comesTo(second, "proved")
    expect(second.sent).toEqual([])
  })

  it("sends it once more when the panel shows that it was not heard", async () => {
    const second = await cutShort()
    await second.tells({ origin: "recovery" })
    await comesTo(second, "proved")
    expect(second.sent).toHaveLength(1)
  })

  it("sends nothing when the panel shows another state than the officer saw", async () => {
    const second = await cutShort()
    await second.tells({ event: "e9", origin: "recovery" })
    await comesTo(second, "stale")
    expect(second.sent).toEqual([])
  })
})
