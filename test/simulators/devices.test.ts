import { Effect, Exit, Scope } from "effect"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import type { Action } from "../../simulators/campus/action.ts"
import { stepWorld, type World, worldAtRest } from "../../simulators/campus/world.ts"
import { type Devices, simulateDevices } from "../../simulators/mqtt/devices.ts"
import { queueMax } from "../../simulators/mqtt/line.ts"
import { speakersOf } from "../../simulators/mqtt/speakers.ts"
import { read } from "../scenarios/stage.ts"
import { ListeningBroker } from "./listening-broker.ts"

const { campus } = read(["config/demo"])
const dock = "shellyplus1-a8032ab10001"
const at = Date.parse("2026-03-02T14:00:00Z")

let broker: ListeningBroker
let scope: Scope.Closeable
let world: World

const open = (): Promise<Devices> =>
  Effect.runPromise(
    simulateDevices({ url: broker.url, speakers: speakersOf(campus), world: () => world, now: () => at }).pipe(
      Scope.provide(scope)
    )
  )

const act = (devices: Devices, action: Action): Promise<void> => {
  const stepped = stepWorld(world, action)
  world = stepped.world
  return Effect.runPromise(devices.say(stepped.signals, at))
}

beforeEach(async () => {
  broker = await ListeningBroker.start()
  scope = await Effect.runPromise(Scope.make())
  world = worldAtRest(campus)
})

afterEach(async () => {
  await Effect.runPromise(Scope.close(scope, Exit.void))
  await broker.go()
})

describe("a simulated device on a real socket", () => {
  test("greets: its presence is retained, and the state of every door is told", async () => {
    const devices = await open()
    await Effect.runPromise(devices.greeted)
    expect(broker.on("zigbee2mqtt/bridge/state")).toEqual(['{"state":"online"}'])
    expect(broker.on("zigbee2mqtt/roof-contact").map((text) => JSON.parse(text))).toMatchObject([{ contact: true }])
    expect(broker.on(`${dock}/online`)).toEqual(["true"])
    expect(broker.heard.find(({ topic }) => topic === `${dock}/online`)?.retain).toBe(true)
    expect(new Set(broker.heard.map(({ client }) => client))).toEqual(
      new Set([
        "gatehouse-sim-zigbee2mqtt-zigbee",
        `gatehouse-sim-${dock}`,
        "gatehouse-sim-shellyplus1-a8032ab10002",
        "gatehouse-sim-uhppoted"
      ])
    )
    expect(devices.trouble()).toBeUndefined()
  })

  test("is done saying only when the broker has acknowledged", async () => {
    const devices = await open()
    await Effect.runPromise(devices.greeted)
    broker.withhold()
    const before = broker.heard.length
    let done = false
    const said = act(devices, { _tag: "Open", door: "roof-hatch" }).then(() => void (done = true))
    await broker.until(() => broker.withheld === 1)
    expect(done).toBe(false)
    expect(broker.heard).toHaveLength(before)
    broker.release()
    await said
    expect(broker.on("zigbee2mqtt/roof-contact").at(-1)).toContain('"contact":false')
  })

  test("that is cut off leaves its will, and greets when it is back", async () => {
    const devices = await open()
    await Effect.runPromise(devices.greeted)
    await act(devices, { _tag: "Offline", device: "dock-input" })
    await broker.until(() => broker.on(`${dock}/online`).at(-1) === "false")
    await act(devices, { _tag: "Open", door: "loading-dock" })
    expect(broker.on(`${dock}/events/rpc`)).toHaveLength(1)
    await act(devices, { _tag: "Online", device: "dock-input" })
    expect(broker.on(`${dock}/online`)).toEqual(["true", "false", "true"])
    expect(JSON.parse(broker.on(`${dock}/events/rpc`).at(-1) ?? "")).toMatchObject({
      method: "NotifyFullStatus",
      params: { "input:0": { state: true } }
    })
  })

  test("behind a bridge goes offline alone", async () => {
    const devices = await open()
    await Effect.runPromise(devices.greeted)
    await act(devices, { _tag: "Offline", device: "roof-contact" })
    expect(broker.on("zigbee2mqtt/roof-contact/availability").at(-1)).toBe('{"state":"offline"}')
    expect(broker.on("zigbee2mqtt/bridge/state")).toEqual(['{"state":"online"}'])
  })

  test("keeps what it said while the broker was away, and says it in order before it greets again", async () => {
    const devices = await open()
    await Effect.runPromise(devices.greeted)
    await broker.go()
    const said = [
      act(devices, { _tag: "Open", door: "loading-dock" }),
      act(devices, { _tag: "Close", door: "loading-dock" }),
      act(devices, { _tag: "Open", door: "loading-dock" })
    ]
    broker.heard.length = 0
    await broker.come()
    await Promise.all(said)
    await broker.until(() => broker.on(`${dock}/events/rpc`).length >= 4)
    const told = broker.on(`${dock}/events/rpc`).map((text) => {
      const { method, params } = JSON.parse(text) as { method: string; params: Record<string, { state: boolean }> }
      return [method, params["input:0"]?.state]
    })
    expect(told).toEqual([
      ["NotifyStatus", true],
      ["NotifyStatus", false],
      ["NotifyStatus", true],
      ["NotifyFullStatus", true]
    ])
    expect(devices.lost()).toBe(0)
  })

  test("counts what it loses when the broker is away too long", async () => {
    const devices = await open()
    await Effect.runPromise(devices.greeted)
    await broker.go()
    const said = Array.from({ length: queueMax + 5 }, () => act(devices, { _tag: "Open", door: "boiler-room" }))
    // One may be under way when the broker goes.
    expect([4, 5]).toContain(devices.lost())
    await broker.come()
    await Promise.all(said)
    const kept = broker.on("shellyplus1-a8032ab10002/events/rpc").filter((text) => text.includes("NotifyStatus"))
    expect(kept.length + devices.lost()).toBe(queueMax + 5)
  })

  test("leaves in order: no will, no socket, no timer", async () => {
    const before = process.getActiveResourcesInfo().filter((name) => name !== "Immediate").length
    const devices = await open()
    await Effect.runPromise(devices.greeted)
    expect(broker.connected).toBe(4)
    await Effect.runPromise(Scope.close(scope, Exit.void))
    await broker.until(() => broker.connected === 0)
    expect(broker.on(`${dock}/online`)).toEqual(["true"])
    expect(broker.on("zigbee2mqtt/bridge/state")).toEqual(['{"state":"online"}'])
    const after = process.getActiveResourcesInfo().filter((name) => name !== "Immediate")
    expect(after.length, after.join(" ")).toBeLessThanOrEqual(before)
  })

  test("that never reached a broker leaves no socket and no timer either", async () => {
    await broker.go()
    const busy = (): ReadonlyArray<string> =>
      process.getActiveResourcesInfo().filter((name) => /^TCP|^Timeout/.test(name))
    const before = busy()
    const devices = await open()
    await Effect.runPromise(Scope.close(scope, Exit.void))
    // A socket that was destroyed is gone once the event loop has turned.
    await new Promise((resolve) => setImmediate(resolve))
    await new Promise((resolve) => setImmediate(resolve))
    expect(busy()).toEqual(before)
    expect(devices.lost()).toBe(0)
  })
})
