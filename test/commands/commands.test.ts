import { Effect, Exit, Fiber } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { AnswerLost } from "../../adapters/adapter.ts"
import type { Order } from "../../gateway/commands/commands.ts"
import type { CommandState } from "../../gateway/domain/command-record.ts"
import { temporaryDirectory } from "../road/peers.ts"
import { campus, type Commandable, refuses, silent, startCommands } from "./commandable-door.ts"

let directory: ReturnType<typeof temporaryDirectory>
const running: Array<Commandable> = []
beforeEach(() => {
  directory = temporaryDirectory("commands")
})
afterEach(async () => {
  for (const gateway of running.splice(0)) await gateway.stop()
  directory.dispose()
})

const start = async (options?: Parameters<typeof startCommands>[1]): Promise<Commandable> => {
  const gateway = await startCommands(`${directory.path}/gatehouse.db`, options)
  running.push(gateway)
  await gateway.online()
  return gateway
}

const stop = async (gateway: Commandable): Promise<void> => {
  running.splice(running.indexOf(gateway), 1)
  await gateway.stop()
}

const lock: Order = { door: "east", command: "Lock", by: "Ada" }

/** Why an order is not sent. */
const refusal = async (gateway: Commandable, order: Order): Promise<string> => {
  const exit = await Effect.runPromiseExit(Effect.flip(gateway.commands.send(order)))
  return Exit.isSuccess(exit) ? `${exit.value._tag}: ${exit.value.message}` : "it was sent"
}

const send = (gateway: Commandable, order: Order = lock): Promise<string> =>
  Effect.runPromise(gateway.commands.send(order))

const latest = async (gateway: Commandable, door = "east") => Effect.runPromise(gateway.commands.latest(door))

/** Waits until a command has come so far. */
const comesTo = async (gateway: Commandable, id: string, state: CommandState): Promise<void> => {
  await expect.poll(async () => (await latest(gateway)).find((one) => one.id === id)?.state).toBe(state)
}

describe("a command", () => {
  it("is on disk before its device hears of it", async () => {
    const gateway = await start()
    let onDisk: ReadonlyArray<unknown> = []
    gateway.does(() =>
      Effect.gen(function* () {
        onDisk = yield* Effect.orDie(gateway.log.entries({ door: "east", limit: 10 }))
      })
    )
    const id = await send(gateway, { ...lock, reason: "end of lectures" })
    await gateway.fact("DoorCommandAnswered")
    expect(onDisk).toMatchObject([
      {
        _tag: "Fact",
        door: "east",
        fact: { _tag: "DoorCommanded", command: "Lock", by: "Ada", reason: "end of lectures" }
      }
    ])
    expect(id).toBe(`C-${(onDisk[0] as { seq: number }).seq}`)
    expect(gateway.sent).toEqual(["Lock east.mode"])
  })

  it("goes to the door's mode point, or where it has none to its lock", async () => {
    const gateway = await start()
    await send(gateway)
    await send(gateway, { ...lock, door: "north" })
    await expect.poll(() => gateway.sent).toEqual(["Lock east.mode", "Lock north.lock"])
  })

  it("is accepted, then proved by the reading that its device sends", async () => {
    const gateway = await start()
    const id = await send(gateway)
    await comesTo(gateway, id, "accepted")
    await gateway.shows("Locked")
    await comesTo(gateway, id, "proved")
    expect(await latest(gateway)).toMatchObject([{ id, by: "Ada", state: "proved", proof: { mode: "Locked" } }])
  })

  it("that nothing proves becomes an alert, by itself and in time", async () => {
    const gateway = await start()
    await send(gateway, { ...lock, door: "hasty" })
    const alert = await gateway.comes((entry) => (entry._tag === "Alert" ? entry.change.alert : undefined))
    expect(alert).toMatchObject({ condition: "CommandNotProved", door: "hasty", title: "Lock not proved: hasty door" })
    expect(await latest(gateway, "hasty")).toMatchObject([{ state: "not-proved" }])
  })

  it("that its device refuses is refused, in the device's own words", async () => {
    const gateway = await start({ controller: refuses("door is\nin lockdown") })
    const id = await send(gateway)
    await comesTo(gateway, id, "refused")
    expect((await latest(gateway))[0]?.answer?.detail).toBe("door is\uFFFDin lockdown")
  })

  it("that its device does not answer in time is unknown, and may still be proved", async () => {
    const gateway = await start({ controller: silent, answerMs: 50 })
    const id = await send(gateway)
    await comesTo(gateway, id, "unknown")
    expect((await latest(gateway))[0]?.answer?.detail).toBe("no answer within 0.05 s")
    await gateway.shows("Locked")
    await comesTo(gateway, id, "proved")
  })

  it("whose answer was lost is unknown, not refused, and may still be proved", async () => {
    const gateway = await start({ controller: () => Effect.fail(new AnswerLost({ reason: "the answer\nbreaks off" })) })
    const id = await send(gateway)
    await comesTo(gateway, id, "unknown")
    expect((await latest(gateway))[0]?.answer?.detail).toBe("the answer\uFFFDbreaks off")
    await gateway.shows("Locked")
    await comesTo(gateway, id, "proved")
  })

  it("that fails by a bug of its adapter is unknown, and the next one is sent", async () => {
    const gateway = await start({ controller: () => Effect.die(new TypeError("a bug")) })
    await comesTo(gateway, await send(gateway), "unknown")
    expect((await latest(gateway))[0]?.answer?.detail).toBe("a fault: TypeError: a bug")
    gateway.does(() => Effect.void)
    await comesTo(gateway, await send(gateway), "accepted")
  })

  it("is sent and answered though the one who gave it has left", async () => {
    const gateway = await start()
    const fiber = Effect.runFork(gateway.commands.send(lock))
    await Effect.runPromise(Fiber.interrupt(fiber))
    expect(await gateway.fact("DoorCommandAnswered")).toMatchObject({ outcome: "accepted" })
    expect(gateway.sent).toEqual(["Lock east.mode"])
  })
})

describe("a command is refused at once, and nothing of it is kept", () => {
  it.each([
    ["of a door that there is not", { door: "west" }, "UnknownDoor: there is no door west"],
    [
      "of a door with neither mode nor lock",
      { door: "gate" },
      "DoorTakesNoCommand: door gate cannot be told so: it has no mode point and no lock point"
    ],
    [
      "of a device that takes none",
      { door: "shed" },
      "DoorTakesNoCommand: door shed cannot be told so: its device sensor takes no commands by way of the gateway"
    ],
    [
      "of a device out of service",
      { door: "cellar" },
      "DoorTakesNoCommand: door cellar cannot be told so: its device spare is disabled"
    ],
    [
      "that a lock alone cannot prove",
      { door: "north", command: "LockDown" },
      "DoorTakesNoCommand: door north cannot be told so: it has no mode point, and its lock cannot show LockDown"
    ]
  ] as const)("%s", async (_, order, expected) => {
    const gateway = await start()
    const head = gateway.log.head()
    expect(await refusal(gateway, { ...lock, ...order })).toBe(expected)
    expect(gateway.log.head()).toBe(head)
    expect(gateway.sent).toEqual([])
  })

  it("while the link does not hold; when it is back nothing is sent that was asked meanwhile", async () => {
    const gateway = await start()
    gateway.cut()
    await expect.poll(() => gateway.links.states().get("doors")?._tag).toBe("Offline")
    expect(await refusal(gateway, lock)).toBe(
      "DoorOutOfReach: door east cannot be reached: its link doors is Offline: cable pulled. Nothing was sent"
    )
    expect(await latest(gateway)).toEqual([])
    expect(gateway.sent).toEqual([])
  })

  it("while the door has not answered the one before, and no longer once it has", async () => {
    const gateway = await start({ controller: silent, answerMs: 200 })
    const first = await send(gateway)
    expect(await refusal(gateway, { ...lock, command: "LockDown" })).toBe(
      `DoorBusy: door east has not answered the command before (${first}). Nothing was sent`
    )
    await comesTo(gateway, first, "unknown")
    gateway.does(() => Effect.void)
    await comesTo(gateway, await send(gateway, { ...lock, command: "LockDown" }), "accepted")
  })

  it("when two come at the same moment, one of them", async () => {
    const gateway = await start({ controller: silent })
    const both = ["Lock", "Unlock"].map((command) => refusal(gateway, { ...lock, command } as Order))
    const told = await Promise.all(both)
    expect(told.filter((one) => one === "it was sent")).toHaveLength(1)
    expect(gateway.sent).toHaveLength(1)
  })
})

describe("the same request again", () => {
  const keyed: Order = { ...lock, idempotencyKey: "shift-7" }

  it("is the same command, sent once, however often and at whatever moment it comes", async () => {
    const gateway = await start()
    const ids = await Promise.all([send(gateway, keyed), send(gateway, keyed), send(gateway, keyed)])
    await gateway.fact("DoorCommandAnswered")
    ids.push(await send(gateway, keyed))
    expect(new Set(ids).size).toBe(1)
    expect(gateway.sent).toEqual(["Lock east.mode"])
  })

  it("is known after a restart", async () => {
    const first = await start()
    const id = await send(first, keyed)
    await comesTo(first, id, "accepted")
    await stop(first)
    const second = await start()
    expect(await send(second, keyed)).toBe(id)
    expect(second.sent).toEqual([])
  })

  it("is another command when it is another's, and is refused for another command", async () => {
    const gateway = await start()
    const id = await send(gateway, keyed)
    await comesTo(gateway, id, "accepted")
    expect(await send(gateway, { ...keyed, by: "Ben" })).not.toBe(id)
    expect(await refusal(gateway, { ...keyed, command: "Unlock" })).toContain(
      `KeyReused: this Idempotency-Key was used`
    )
  })
})

describe("a process that ends before the answer", () => {
  it("in order, writes down that nobody knows, and sends nothing again", async () => {
    const first = await start({ controller: silent })
    const id = await send(first)
    await expect.poll(() => first.sent).toEqual(["Lock east.mode"])
    await stop(first)
    const second = await start()
    const facts = await Effect.runPromise(second.log.entries({ kind: "Fact", after: 0, limit: 100 }))
    const order = facts.map((entry) => (entry._tag === "Fact" ? entry.fact._tag : ""))
    expect(order.indexOf("DoorCommandAnswered")).toBeGreaterThan(order.indexOf("DoorCommanded"))
    expect(order.indexOf("DoorCommandAnswered")).toBeLessThan(order.indexOf("GatewayStopped"))
    expect((await latest(second)).find((one) => one.id === id)?.answer).toMatchObject({
      outcome: "unknown",
      detail: "the gateway stopped before the answer"
    })
    expect(second.sent).toEqual([])
  })

  it("by a kill, is answered by the next one, and sends nothing again", async () => {
    // What a killed process leaves: the fact, and nothing behind it.
    const first = await start()
    const { seq } = await Effect.runPromise(
      first.intake.enter({ _tag: "DoorCommanded", door: campus.doors[0]!.id, command: "LockDown", by: "Ada" })
    )
    await stop(first)
    const second = await start()
    const answer = await second.fact("DoorCommandAnswered")
    expect(answer).toMatchObject({
      commandId: `C-${seq}`,
      outcome: "unknown",
      detail: "the gateway stopped before the answer"
    })
    expect(second.sent).toEqual([])
    await second.shows("LockedDown")
    await comesTo(second, `C-${seq}`, "proved")
  })
})

describe("what a door can be told", () => {
  const choices = (gateway: Commandable, id: string) =>
    gateway.commands.choices(campus.doors.find((door) => door.id === id)!)

  it("follows from its mode: in a lockdown only the release, blocked no access", async () => {
    const gateway = await start()
    expect(choices(gateway, "east").commands).toHaveLength(9)
    await gateway.shows("Locked")
    expect(choices(gateway, "east").commands).toEqual([
      "Access",
      "Lock",
      "Unlock",
      "Block",
      "LockDown",
      "LockOpen",
      "DoubleLock"
    ])
    await gateway.shows("LockedDown")
    expect(choices(gateway, "east").commands).toEqual(["LockDownRelease"])
    await gateway.shows("LockedOpen")
    expect(choices(gateway, "east").commands).toEqual(["LockOpenRelease"])
    await gateway.shows("Blocked")
    expect(choices(gateway, "east").commands).not.toContain("Access")
  })

  it("is what its lock can show where it has no mode", async () => {
    expect(choices(await start(), "north").commands).toEqual(["Access", "Lock", "Unlock"])
  })

  it("is no more than what its device says that it takes", async () => {
    const gateway = await start({ takes: (point) => (point === "east.mode" ? ["Lock", "Unlock", "LockDown"] : []) })
    await gateway.shows("Locked")
    expect(choices(gateway, "east").commands).toEqual(["Lock", "Unlock", "LockDown"])
    expect(choices(gateway, "north").commands).toEqual([])
  })

  it("is nothing, with the reason, where nobody takes it", async () => {
    const gateway = await start()
    expect(choices(gateway, "gate")).toEqual({ commands: [], why: "it has no mode point and no lock point" })
    gateway.cut()
    await expect
      .poll(() => choices(gateway, "east"))
      .toEqual({
        commands: [],
        why: "its link doors is Offline: cable pulled"
      })
  })
})
