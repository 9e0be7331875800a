import { Effect, HashMap } from "effect"
import { describe, expect, test } from "vitest"
import { makeConsoles } from "../../gateway/api/consoles.ts"
import { Alert } from "../../gateway/domain/alert.ts"
import type { Intake } from "../../gateway/intake/intake.ts"
import { startCommandApi } from "./commandable-api.ts"
import { alertRaisedBy, startApi } from "./memory-gateway.ts"

describe("what consoles tell of themselves", () => {
  test("is written down: silence with its end, the volume, and whether anybody looks", async () => {
    const api = await startCommandApi()
    const post = (path: string, body: object) =>
      api.call(path, { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } })
    const silence = await post("/consoles/c-1/silence", {})
    expect(await silence.json()).toMatchObject({ until: expect.stringMatching(/^\d{4}-.*Z$/) as string })
    await post("/consoles/c-1/volume", { percent: 30 })
    await post("/consoles/c-1/watch", { unwatched: "hidden" })
    await post("/consoles/c-1/watch", {})
    const { items } = (await api.get("/log?kind=Fact&limit=4")) as { items: ReadonlyArray<{ fact: { _tag: string } }> }
    expect(items.map(({ fact }) => fact._tag)).toEqual([
      "ConsoleWatched",
      "ConsoleUnwatched",
      "AlarmVolumeSet",
      "AlarmSilenced"
    ])
    await api.stop()
  })

  test("is refused where it would be a mute: no volume of nothing, no other names", async () => {
    const api = await startApi()
    expect((await api.post("/consoles/c-1/volume", { percent: 0 })).status).toBe(400)
    expect((await api.post(`/consoles/${encodeURIComponent("a b")}/silence`, {})).status).toBe(400)
    await api.stop()
  })
})

describe("a console that has left the stream", () => {
  const alone = (alert: typeof Alert.Type | undefined) => {
    const entered: Array<unknown> = []
    let now = 0
    const situation = {
      alerts: alert === undefined ? HashMap.empty() : HashMap.make([alert.id, alert]),
      consoles: []
    }
    const intake = {
      situation: () => situation,
      enter: (fact: unknown) => Effect.sync(() => void entered.push(fact))
    } as unknown as Intake["Service"]
    const consoles = makeConsoles(
      intake,
      () => now,
      (entering) => Effect.runSync(entering)
    )
    return { consoles, entered, pass: (ms: number) => void (now += ms) }
  }

  test("is missed after 30 s while a critical alert waits", () => {
    const { consoles, entered, pass } = alone(alertRaisedBy(1))
    const leave = consoles.follow("c-1", "R. Alvarez")
    leave()
    pass(29_999)
    consoles.tick()
    expect(entered).toEqual([])
    pass(1)
    consoles.tick()
    consoles.tick()
    expect(entered).toEqual([{ _tag: "ConsoleUnwatched", console: "c-1", by: "R. Alvarez", why: "gone" }])
  })

  test("is not missed when it is back in time, when another stream of it goes on, or when nothing waits", () => {
    const { consoles, entered, pass } = alone(alertRaisedBy(1))
    const [first, second] = [consoles.follow("c-1", "A"), consoles.follow("c-1", "A")]
    first()
    pass(60_000)
    consoles.tick()
    second()
    pass(10_000)
    consoles.follow("c-1", "A")
    pass(60_000)
    consoles.tick()
    const quiet = alone(undefined)
    quiet.consoles.follow("c-2", "B")()
    quiet.pass(60_000)
    quiet.consoles.tick()
    expect([...entered, ...quiet.entered]).toEqual([])
  })
})
