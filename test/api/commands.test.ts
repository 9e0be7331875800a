import { Result, Schema } from "effect"
import { afterEach, describe, expect, test } from "vitest"
import { CommandRecord } from "../../gateway/domain/command-record.ts"
import { silent } from "../commands/commandable-door.ts"
import { type CommandApi, startCommandApi } from "./commandable-api.ts"

const running: Array<CommandApi> = []
afterEach(async () => {
  for (const api of running.splice(0)) await api.stop()
})

const start = async (options?: Parameters<typeof startCommandApi>[0]): Promise<CommandApi> => {
  const api = await startCommandApi(options)
  running.push(api)
  return api
}

interface Told {
  readonly id: string
  readonly state: string
}

const problem = async (answer: Promise<Response>) => {
  const response = await answer
  expect(response.headers.get("content-type")).toContain("application/problem+json")
  const { type, status, detail } = (await response.json()) as { type: string; status: number; detail: string }
  expect(status).toBe(response.status)
  return { status, kind: type.replace("urn:gatehouse:problem:", ""), detail }
}

const commandsOf = async (api: CommandApi, door = "east") =>
  ((await api.get(`/doors/${door}/commands`)) as { items: ReadonlyArray<Told> }).items

const doorOf = async (api: CommandApi, id: string) => {
  const { items } = (await api.get("/doors")) as { items: ReadonlyArray<{ id: string }> }
  return items.find((door) => door.id === id)
}

describe("a command by the API", () => {
  test("is answered with 202 and its record once it is on disk, and its course can be followed", async () => {
    const api = await start()
    const answer = await api.command("east", { command: "LockDown", reason: "drill" })
    expect(answer.status).toBe(202)
    const given = (await answer.json()) as Told
    expect(given).toMatchObject({ door: "east", command: "LockDown", by: "first-token", reason: "drill" })
    await expect.poll(() => commandsOf(api)).toMatchObject([{ id: given.id, state: "accepted" }])
    await api.gateway.shows("LockedDown")
    const [proved] = await commandsOf(api)
    expect(proved).toMatchObject({ id: given.id, state: "proved", proof: { mode: "LockedDown", position: "Unknown" } })
    expect(JSON.stringify(proved)).toMatch(/"at":"\d{4}-\d\d-\d\dT/)
  })

  test("is told as its schema says, and nothing besides", async () => {
    const api = await start()
    await api.command("east", { command: "Lock" }, { "idempotency-key": "k1" })
    const [item] = await commandsOf(api)
    const inside = JSON.parse(JSON.stringify(item), (name, value: unknown) =>
      name === "at" && typeof value === "string" ? Date.parse(value) : value
    ) as unknown
    const decoded = Schema.decodeUnknownResult(CommandRecord, { onExcessProperty: "error" })(inside)
    expect(Result.isSuccess(decoded), String(decoded)).toBe(true)
  })

  test("with the same Idempotency-Key again is the same command, sent once", async () => {
    const api = await start()
    const again = async () =>
      ((await (await api.command("east", { command: "Lock" }, { "idempotency-key": "a-1" })).json()) as Told).id
    const ids = [await again(), await again(), await again()]
    expect(new Set(ids).size).toBe(1)
    expect(await commandsOf(api)).toHaveLength(1)
    expect(await problem(api.command("east", { command: "Unlock" }, { "idempotency-key": "a-1" }))).toMatchObject({
      status: 422,
      kind: "idempotency-key-reused"
    })
  })

  test("with a key that is none is refused, at the header", async () => {
    const api = await start()
    for (const key of ["two words", "x".repeat(129)]) {
      const answer = await api.command("east", { command: "Lock" }, { "idempotency-key": key })
      expect(answer.status).toBe(400)
      expect(await answer.json()).toMatchObject({ errors: [{ path: "Idempotency-Key" }] })
    }
    expect(api.gateway.sent).toEqual([])
  })

  test("that is no command, or with a blank reason, is refused at the body", async () => {
    const api = await start()
    expect(await problem(api.command("east", { command: "Explode" }))).toMatchObject({ status: 400 })
    expect(await problem(api.command("east", { command: "Lock", reason: " " }))).toMatchObject({ status: 400 })
    expect(await problem(api.command("east", { command: "Lock", colour: "red" }))).toMatchObject({ status: 400 })
    expect(api.gateway.sent).toEqual([])
  })

  test("to a door that there is not is 404, to read and to command", async () => {
    const api = await start()
    expect(await problem(api.command("west", { command: "Lock" }))).toMatchObject({ status: 404, kind: "unknown-door" })
    expect(await problem(api.call("/doors/west/commands"))).toMatchObject({ status: 404, kind: "unknown-door" })
  })

  test("to a door that takes none is 422, and says why", async () => {
    const api = await start()
    expect(await problem(api.command("gate", { command: "Lock" }))).toEqual({
      status: 422,
      kind: "door-takes-no-command",
      detail: "door gate cannot be told so: it has no mode point and no lock point"
    })
  })

  test("over a link that does not hold, or to a door that is busy, is 409", async () => {
    const api = await start({ controller: silent })
    expect((await api.command("east", { command: "Lock" })).status).toBe(202)
    expect(await problem(api.command("east", { command: "Unlock" }))).toMatchObject({ status: 409, kind: "door-busy" })
    api.gateway.cut()
    await expect.poll(() => api.gateway.links.states().get("doors")?._tag).toBe("Offline")
    expect(await problem(api.command("north", { command: "Lock" }))).toMatchObject({
      status: 409,
      kind: "door-out-of-reach"
    })
  })

  test("needs a caller: none is 401, and a page of another origin is 403", async () => {
    const api = await start()
    const body = JSON.stringify({ command: "Lock" })
    const post = (headers: Record<string, string>) =>
      fetch(`${api.origin}/api/v1/doors/east/commands`, {
        method: "POST",
        body,
        headers: { "content-type": "application/json", ...headers }
      })
    expect((await post({})).status).toBe(401)
    const session = await fetch(`${api.origin}/api/v1/session`, {
      method: "POST",
      body: JSON.stringify({ token: api.token, name: "Ada" }),
      headers: { "content-type": "application/json" }
    })
    const cookie = (session.headers.get("set-cookie") ?? "").split(";")[0] ?? ""
    expect((await post({ cookie, origin: "https://evil.example" })).status).toBe(403)
    expect(api.gateway.sent).toEqual([])
    const own = await post({ cookie, origin: api.origin })
    expect([own.status, ((await own.json()) as { by: string }).by]).toEqual([202, "Ada"])
  })
})

describe("a door in the list", () => {
  test("says what it can be told now, and how far its last command has come", async () => {
    const api = await start()
    await api.gateway.shows("Blocked")
    expect(await doorOf(api, "east")).toMatchObject({
      mode: "Blocked",
      commands: ["Lock", "Unlock", "Block", "LockDown", "LockOpen", "DoubleLock"]
    })
    await api.command("east", { command: "Lock" })
    await expect.poll(() => doorOf(api, "east")).toMatchObject({ lastCommand: { command: "Lock", state: "accepted" } })
  })

  test("that can be told nothing says why", async () => {
    const api = await start()
    expect(await doorOf(api, "shed")).toMatchObject({
      commands: [],
      noCommands: "its device sensor takes no commands by way of the gateway"
    })
  })
})
