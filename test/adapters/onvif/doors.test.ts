import { Effect, Result } from "effect"
import { afterEach, beforeEach, describe, expect, it, test } from "vitest"
import type { AnswerLost, Unable } from "../../../adapters/adapter.ts"
import type { DoorCommand } from "../../../gateway/domain/command.ts"
import type { Observation } from "../../../gateway/domain/observation.ts"
import type { OnvifDeviceOptions } from "../../../simulators/onvif/options.ts"
import type { Spoiling } from "../../../simulators/onvif/spoil.ts"
import { changedTo, controller, listen, openDevice, type OnvifPeer, reading, until } from "./peers.ts"

const vault = { token: "vault/1 B", name: "Vault", capabilities: { access: false, lockDown: false, doubleLock: true } }

const twoDoors: OnvifDeviceOptions = { ...controller, doors: [...(controller.doors ?? []), vault] }

describe("a command to a door", () => {
  let peer: OnvifPeer
  let link: ReturnType<typeof listen>
  beforeEach(async () => {
    peer = await openDevice(twoDoors)
    link = listen(peer)
    await link.online()
  })
  afterEach(async () => {
    await link.stop()
    await peer.stop()
  })

  const command = (point: string, word: DoorCommand): Promise<Result.Result<void, Unable | AnswerLost>> => {
    const able = link.abilities.get("device")?.command
    if (able === undefined) throw new Error("the device takes no commands")
    return Effect.runPromise(Effect.result(able(point, word)))
  }

  const reasonOf = async (outcome: Promise<Result.Result<void, Unable | AnswerLost>>): Promise<string> => {
    const result = await outcome
    return Result.isFailure(result) ? result.failure.reason : "it was done"
  }

  const proofs: ReadonlyArray<readonly [DoorCommand, string]> = [
    ["Access", "Accessed"],
    ["Unlock", "Unlocked"],
    ["Lock", "Locked"],
    ["Block", "Blocked"],
    ["LockDown", "LockedDown"],
    ["LockOpen", "LockedOpen"]
  ]
  test.each(proofs)("%s is carried out, and its mode is reported", async (word, mode) => {
    expect(Result.isSuccess(await command("door-door-1.mode", word))).toBe(true)
    await link.hear(changedTo("door-door-1.mode", mode))
    expect(peer.device.doorState("door-1")?.mode).toBe(mode)
  })

  test.each([
    ["LockDown", "LockDownRelease"],
    ["LockOpen", "LockOpenRelease"]
  ] as const)("%s is released by %s", async (word, release) => {
    await command("door-door-1.lock", word)
    expect(Result.isSuccess(await command("door-door-1.lock", release))).toBe(true)
    expect(peer.device.doorState("door-1")?.mode).toBe("Locked")
  })

  it("is told as done by the controller itself when no event tells it", async () => {
    peer.device.setFaults({ silent: true })
    await command("door-door-1.mode", "Unlock")
    const told = await link.hear(changedTo("door-door-1.mode", "Unlocked"))
    expect(told.source).toBe("GetDoorState")
  })

  it("reaches a door whose token is no name of a point", async () => {
    const { point } = await link.hear(
      (one): one is Extract<typeof one, { _tag: "Reading" }> =>
        one._tag === "Reading" && one.reading.kind === "mode" && one.point.includes("vault")
    )
    expect(Result.isSuccess(await command(point, "DoubleLock"))).toBe(true)
    expect(peer.device.doorState(vault.token)?.mode).toBe("DoubleLocked")
  })

  it("that the controller says the door cannot do never leaves the gateway", async () => {
    expect(await reasonOf(command("door-door-1.mode", "DoubleLock"))).toBe(
      'door "Main entrance" cannot DoubleLock: its controller lists no DoubleLock for it'
    )
    expect(peer.device.counters.requests("DoubleLockDoor")).toBe(0)
    expect(link.abilities.get("device")?.takes?.("door-door-1.mode")).not.toContain("DoubleLock")
    expect(link.abilities.get("device")?.takes?.("door-door-1.mode")).toContain("LockDown")
  })

  it("that the controller refuses is refused in its words", async () => {
    await command("door-door-1.mode", "LockDown")
    const reason = await reasonOf(command("door-door-1.mode", "Unlock"))
    expect(reason).toMatch(/^door "Main entrance" did not Unlock: the device refuses: /)
    expect(peer.device.doorState("door-1")?.mode).toBe("LockedDown")
  })

  it("to a point that is no door's lock or mode is refused", async () => {
    const wrong = ["door-door-1.position", "door-door-2.mode", "reader-in"]
    for (const point of wrong)
      expect(await reasonOf(command(point, "Lock"))).toContain(`no door whose lock or mode is ${point}`)
  })

  it("goes out while a pull waits, and the pull goes on", async () => {
    await link.hear(reading("door-door-1.position", "closed"))
    const pulls = peer.device.counters.requests("PullMessages")
    expect(Result.isSuccess(await command("door-door-1.mode", "Unlock"))).toBe(true)
    expect(link.counts["pulls_failed"]).toBeUndefined()
    expect(peer.device.counters.requests("PullMessages")).toBeGreaterThanOrEqual(pulls)
  })

  it("is refused, and takes no longer than an officer waits, when the controller is gone", async () => {
    const able = link.abilities.get("device")?.command
    await Effect.runPromise(peer.device.stop)
    const outcome = await Effect.runPromise(Effect.result(able?.("door-door-1.mode", "Lock") ?? Effect.void))
    expect(Result.isFailure(outcome) && outcome.failure._tag).toBe("Unable")
  })
})

describe("doors whose tokens are written alike", () => {
  const alike = (...tokens: ReadonlyArray<string>) =>
    openDevice({
      ...controller,
      authentication: "none",
      doors: tokens.map((token) => ({ token, name: `Door ${token}` })),
      accessPoints: []
    })

  const isMode = (one: Observation): one is Extract<Observation, { _tag: "Reading" }> =>
    one._tag === "Reading" && one.reading.kind === "mode"

  it.each([
    ["D-1", "D 1", "door-D-x20-1.mode"],
    ["D.1", "D/1", "door-D-x2f-1.mode"]
  ])("%s and %s have points of their own, and a command goes to the one that is meant", async (one, other, point) => {
    const peer = await alike(one, other)
    const link = listen(peer)
    await link.hear(isMode, 2)
    expect(link.heard.filter(isMode).map((told) => told.point)).toEqual([`door-${one}.mode`, point])
    await Effect.runPromise(link.abilities.get("device")?.command?.(point, "Unlock") ?? Effect.die("no commands"))
    expect([one, other].map((token) => peer.device.doorState(token)?.mode)).toEqual(["Locked", "Unlocked"])
    await link.stop()
    await peer.stop()
  })

  it("and come to one name all the same get no command, and the second is not heard as the first", async () => {
    const peer = await alike("D 1", "D-x20-1")
    const link = listen(peer)
    await link.hear(isMode)
    await until(peer, () => peer.device.counters.requests("PullMessages") > 1)
    expect(link.heard.filter(isMode)).toHaveLength(1)
    const command = link.abilities.get("device")?.command?.("door-D-x20-1.mode", "Unlock")
    const failure = await Effect.runPromise(Effect.flip(command ?? Effect.die("no commands")))
    expect(failure.reason).toContain('either of the doors "D 1" and "D-x20-1"')
    expect(peer.device.counters.requests("UnlockDoor")).toBe(0)
    await link.stop()
    await peer.stop()
  })
})

describe("a controller that does not list its doors when it is asked first", () => {
  const notYet = {
    answers: { GetDoorInfoList: { _tag: "Fault", code: "Receiver", subcode: "Action", status: 500 } }
  } as const

  it("is asked again, until it does", async () => {
    const peer = await openDevice(
      { ...controller, authentication: "none" },
      {
        answers: { GetDoorInfoList: { ...notYet.answers.GetDoorInfoList, times: 2 } }
      }
    )
    const link = listen(peer)
    await link.online()
    expect(link.abilities.get("device")?.takes?.("door-door-1.mode")).toEqual([])
    await until(peer, () => peer.device.counters.requests("GetDoorInfoList") === 3)
    await expect.poll(() => link.abilities.get("device")?.takes?.("door-door-1.mode")).toContain("Unlock")
    await link.stop()
    await peer.stop()
  })

  it("is asked when a command finds no door, and the command goes out", async () => {
    const peer = await openDevice({ ...controller, authentication: "none" }, notYet)
    const link = listen(peer)
    await link.online()
    peer.device.setFaults({ answers: {} })
    await Effect.runPromise(link.abilities.get("device")?.command?.("door-door-1.mode", "Unlock") ?? Effect.die("none"))
    expect(peer.device.doorState("door-1")?.mode).toBe("Unlocked")
    await link.stop()
    await peer.stop()
  })
})

describe("a command whose answer is lost", () => {
  test.each<readonly [string, Spoiling]>([
    ["the connection is closed", { _tag: "Close" }],
    ["the answer breaks off", { _tag: "Reset" }],
    ["the answer is empty", { _tag: "Empty", status: 200 }],
    ["the answer is an error of the server", { _tag: "Html", status: 500 }],
    ["the answer is unreadable", { _tag: "BadXml" }]
  ])("when %s, was carried out once and is not sent again; the mode that it led to is told", async (_, spoilt) => {
    const peer = await openDevice({ ...controller, authentication: "none" })
    const link = listen(peer)
    await link.hear(reading("door-door-1.position", "closed"))
    peer.device.setFaults({ answers: { UnlockDoor: spoilt }, silent: true })
    const command = link.abilities.get("device")?.command?.("door-door-1.mode", "Unlock") ?? Effect.void
    const outcome = await Effect.runPromise(Effect.result(command))
    expect(Result.isFailure(outcome) && outcome.failure._tag).toBe("AnswerLost")
    expect(peer.device.counters.requests("UnlockDoor")).toBe(1)
    expect((await link.hear(changedTo("door-door-1.mode", "Unlocked"))).source).toBe("GetDoorState")
    await link.stop()
    await peer.stop()
  })
})
