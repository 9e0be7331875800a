import { Effect, Exit, Layer, Scope } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { Replays } from "../../gateway/replay/replays.ts"
import { replayInThreads } from "../../gateway/replay/threads.ts"
import { campusOf, door, heldLonger, passes, recordedBy } from "../replay/campus.ts"
import { dawn, Recording } from "../replay/recording.ts"
import { type RunningApi, startApi } from "./memory-gateway.ts"

const hour = { from: new Date(dawn - 3_600_000).toISOString(), to: new Date(dawn + 3_600_000).toISOString() }

let api: RunningApi
let recording: Recording
let scope: Scope.Closeable
/** Each completes once its replay has come to an end, however it did. */
let ends: Array<Promise<void>>

/** How the newest replay ended. */
const over = async (id: string): Promise<Readonly<Record<string, unknown>>> => {
  await ends.at(-1)
  return (await (await api.get(`/replays/${id}`)).json()) as Readonly<Record<string, unknown>>
}

beforeEach(async () => {
  recording = passes(recordedBy(campusOf(door("east"), door("west"))), "east", 10, 40).at(300)
  scope = Scope.makeUnsafe()
  ends = []
  const layer = Replays.layer({
    file: recording.file,
    check: (change) =>
      change === "wrong"
        ? { problems: [{ file: "change", line: 1, column: 1, message: "expected sections such as doors" }] }
        : { campus: heldLonger, version: "changed" },
    replay: (options) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      ends.push(promise)
      return replayInThreads(options).pipe(Effect.onExit(() => Effect.sync(resolve)))
    }
  })
  const context = await Effect.runPromise(Layer.build(layer).pipe(Scope.provide(scope)))
  const replays = await Effect.runPromise(Effect.provideContext(Replays, context))
  api = await startApi({}, { replays })
})

afterEach(async () => {
  await api.stop()
  await Effect.runPromise(Scope.close(scope, Exit.void))
  recording.dispose()
})

describe("replays over the API", () => {
  it("run beside the gateway and answer what the change would have made of the log", async () => {
    const started = await api.post("/replays", { ...hour, change: "doors: []" })
    expect(started.status).toBe(202)
    expect(await started.json()).toMatchObject({ id: "R-1", state: "running" })
    const done = await over("R-1")
    expect(done).toMatchObject({
      state: "done",
      result: { agreement: { recorded: 1, agreeing: 1 }, difference: { removed: 1, added: 0, unchanged: 0 } }
    })
    const { items } = (await (await api.get("/replays")).json()) as { readonly items: ReadonlyArray<object> }
    expect(items).toHaveLength(1)
    expect(items[0]).not.toHaveProperty("result")
  })

  it("run one at a time, and can be cancelled", async () => {
    await api.post("/replays", { ...hour, change: "doors: []" })
    const second = await api.post("/replays", { ...hour, change: "doors: []" })
    expect([second.status, ((await second.json()) as { type: string }).type]).toEqual([
      409,
      "urn:gatehouse:problem:replay-running"
    ])
    expect((await api.call("/api/v1/replays/R-1", { method: "DELETE" })).status).toBe(204)
    expect((await over("R-1"))["state"]).toMatch(/cancelled|done/)
    expect((await api.post("/replays", { ...hour, change: "doors: []" })).status).toBe(202)
  })

  it("refuse a change that is wrong with its lines, and a span that ends before it begins", async () => {
    const wrong = await api.post("/replays", { ...hour, change: "wrong" })
    expect([wrong.status, await wrong.json()]).toMatchObject([422, { errors: [{ path: "change:1:1" }] }])
    const backwards = await api.post("/replays", { from: hour.to, to: hour.from, change: "doors: []" })
    expect([backwards.status, await backwards.json()]).toMatchObject([400, { errors: [{ path: "to" }] }])
    expect((await api.get("/replays/R-9")).status).toBe(404)
  })
})
