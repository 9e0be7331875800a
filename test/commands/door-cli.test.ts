import { Effect } from "effect"
import { afterEach, describe, expect, test } from "vitest"
import { type CommandApi, startCommandApi } from "../api/commandable-api.ts"
import { objects, run, type RunOptions } from "../cli/run.ts"
import { refuses } from "./commandable-door.ts"

const running: Array<CommandApi> = []
afterEach(async () => {
  for (const api of running.splice(0)) await api.stop()
})

const start = async (options?: Parameters<typeof startCommandApi>[0]): Promise<CommandApi> => {
  const api = await startCommandApi(options)
  running.push(api)
  return api
}

const door = ({ origin, token }: CommandApi, args: ReadonlyArray<string>, options: RunOptions = {}) =>
  run(["door", ...args, "--url", origin], { env: { GATEHOUSE_TOKEN: token }, ...options })

/** A controller that does as it is told, and says so. */
const obedient = async (): Promise<CommandApi> => {
  const api = await start()
  api.gateway.does((_point, command) =>
    Effect.sync(() => void setImmediate(() => void api.gateway.shows(command === "LockDown" ? "LockedDown" : "Locked")))
  )
  return api
}

describe("gatehouse door", () => {
  test("tells a door what to do, waits for the proof, and ends with 0", async () => {
    const api = await obedient()
    const { code, out, err } = await door(api, ["east", "lock-down", "--reason", "drill"])
    expect(out).toBe("✔ east: LockDown is proved: the door's mode is LockedDown\n")
    expect(err).toMatch(/^C-\d+: LockDown sent to east\n/)
    expect(code).toBe(0)
    expect(await api.get("/doors/east/commands")).toMatchObject({
      items: [{ command: "LockDown", by: "first-token", reason: "drill", state: "proved" }]
    })
  })

  test("tells programs the whole record", async () => {
    const { code, out } = await door(await obedient(), ["east", "Lock", "--json"])
    expect(objects(out)).toMatchObject([
      { door: "east", command: "Lock", state: "proved", answer: { outcome: "accepted" }, proof: { mode: "Locked" } }
    ])
    expect(code).toBe(0)
  })

  test("ends with 1 when the door's device refuses, in the device's words", async () => {
    const { code, out, err, last } = await door(await start({ controller: refuses("no such \u001b[31mlock") }), [
      "east",
      "Lock"
    ])
    expect([code, out]).toEqual([1, ""])
    expect(err).toContain("east: Lock was refused: no such \uFFFD[31mlock\n")
    expect(last).toBe("→ npm run gatehouse -- door east")
  })

  test("ends with 1 when nothing proves it", async () => {
    const { code, err } = await door(await start(), ["hasty", "Lock"])
    expect(err).toContain(": accepted\n")
    expect(err).toContain("hasty: Lock is NOT proved")
    expect(code).toBe(1)
  })

  test("ends with 1 when another command overtakes it", async () => {
    const api = await start()
    let overtaken = false
    const { code, err } = await door(api, ["east", "Lock"], {
      onErr: (said) => {
        if (overtaken || !said.includes(": accepted\n")) return
        overtaken = true
        void api.command("east", { command: "LockDown" })
      }
    })
    expect(err).toContain("east: Lock was overtaken by a later command before it was proved")
    expect(code).toBe(1)
  })

  test("ends with 1 when it is not sent at all, and says why", async () => {
    const api = await start()
    const gate = await door(api, ["gate", "Lock"])
    expect(gate.err).toContain("door gate cannot be told so: it has no mode point and no lock point")
    expect([gate.code, gate.last]).toEqual([1, "→ npm run gatehouse -- door gate"])
    const west = await door(api, ["west", "Lock"])
    expect([west.code, west.err]).toEqual([1, "there is no door west\n→ npm run gatehouse -- status\n"])
  })

  test("ends with 2 for a word that is no command, and lists them", async () => {
    const { code, err } = await door(await start(), ["east", "explode"])
    expect(code).toBe(2)
    expect(err).toContain('a command, not "explode": one of Access, Lock, Unlock')
  })

  test("ends with 3 when nobody answers, and with 4 when the token is refused", async () => {
    expect((await run(["door", "east", "Lock", "--url", "http://127.0.0.1:1"])).code).toBe(3)
    const api = await start()
    const { code } = await run(["door", "east", "Lock", "--url", api.origin], { env: { GATEHOUSE_TOKEN: "wrong" } })
    expect(code).toBe(4)
    expect(api.gateway.sent).toEqual([])
  })

  test("ends with 3 when the gateway goes while it waits, and says that the command was sent", async () => {
    const api = await start()
    const { code, err, last } = await door(api, ["east", "Lock"], {
      onErr: (said) => {
        if (said.includes(": accepted\n") && running.length > 0) void running.splice(0)[0]?.stop()
      }
    })
    expect(err).toMatch(/C-\d+ was sent; what became of it is not known here: /)
    expect([code, last]).toEqual([3, "→ npm run gatehouse -- door east"])
  })

  test("without a command shows where the door stands, what it can be told, and its newest commands", async () => {
    const api = await start()
    await api.gateway.shows("LockedDown")
    await api.command("east", { command: "LockDownRelease" })
    await api.gateway.fact("DoorCommandAnswered")
    const { code, out } = await door(api, ["east"])
    expect(out.split("\n")[0]).toBe("Hall · east door: Unknown, door Unknown, lock Unknown, mode LockedDown")
    expect(out.split("\n")[1]).toBe("can be told: LockDownRelease")
    expect(out).toContain("first-token  LockDownRelease was accepted and is not proved yet")
    expect(code).toBe(0)
    expect(objects((await door(api, ["gate", "--json"])).out)).toMatchObject([
      { id: "gate", commands: [], noCommands: "it has no mode point and no lock point", latest: [] }
    ])
  })
})
