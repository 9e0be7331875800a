import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { objects, run } from "../cli/run.ts"
import { type CommandApi, startCommandApi } from "./commandable-api.ts"

let api: CommandApi
beforeAll(async () => {
  api = await startCommandApi()
})
afterAll(() => api.stop())

const post = (path: string, body: object) =>
  api.call(path, { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } })

const bodyOf = async (response: Promise<Response>): Promise<unknown> => (await response).json()

const cli = (...args: ReadonlyArray<string>) =>
  run([...args, "--url", api.origin], { env: { GATEHOUSE_TOKEN: api.token, NO_COLOR: "1" } })

describe("an area", () => {
  test("is armed against its schedule for a time, and given back to it, each a fact with who and why", async () => {
    const armed = await post("/areas/hall/override", { state: "armed", minutes: 90, reason: "a key was lost" })
    expect(armed.status).toBe(200)
    expect(await armed.json()).toMatchObject({
      id: "hall",
      state: "armed",
      because: "first-token: a key was lost",
      override: { by: "first-token", reason: "a key was lost", until: expect.stringMatching(/^20.*Z$/) as string }
    })
    expect(await api.get("/areas")).toMatchObject({ items: [{ id: "hall", state: "armed" }] })
    const fact = await api.gateway.fact("AreaArmingOverridden")
    expect(fact.until - fact.at).toBeLessThanOrEqual(90 * 60_000)
    const ended = await post("/areas/hall/end-override", { reason: "it was found" })
    expect(await ended.json()).toMatchObject({ state: "disarmed", because: "no schedule says when it is armed" })
    expect(await bodyOf(post("/areas/hall/end-override", { reason: "again" }))).toMatchObject({
      status: 409,
      detail: "area hall is not overridden, or no longer"
    })
  })

  test.each([
    ["that is not there", "cellar", { state: "armed", minutes: 5, reason: "r" }, 404, "there is no area cellar"],
    ["for longer than allowed", "hall", { state: "disarmed", minutes: 721, reason: "r" }, 422, "12 h is the longest"],
    ["without an end", "hall", { state: "disarmed", reason: "r" }, 400, "minutes"],
    ["without a reason", "hall", { state: "disarmed", minutes: 5 }, 400, "reason"]
  ])("%s is not overridden", async (_, area, body, status, told) => {
    const response = await post(`/areas/${area}/override`, body)
    expect(response.status).toBe(status)
    expect(await response.text()).toContain(told)
  })
})

test("the threat level is set for a time, and only to one that the site has", async () => {
  expect(await api.get("/threat-level")).toEqual({ level: "normal", levels: ["normal", "elevated", "high"] })
  const set = await post("/threat-level", { level: "high", minutes: 30, reason: "a call to the office" })
  expect(await set.json()).toMatchObject({ level: "high", by: "first-token", reason: "a call to the office" })
  expect(await bodyOf(post("/threat-level", { level: "purple", reason: "r" }))).toMatchObject({
    status: 422,
    detail: 'there is no threat level "purple"; this site has normal, elevated, high'
  })
})

test("the command line shows areas and the threat level, and says what an officer wants of them", async () => {
  const disarmed = await cli("area", "hall", "disarm", "--for", "2h", "--reason", "parents' evening")
  expect(disarmed.out).toMatch(/^○ disarmed {2}hall {2}Hall {2}first-token: parents' evening until 20\S+Z\n$/)
  const unsaid = await cli("area", "hall", "arm", "--reason", "r")
  expect([unsaid.code, unsaid.err]).toEqual([
    2,
    expect.stringContaining("an override has an end: add --for\n→ npm run")
  ])
  const level = await cli("threat", "elevated", "--reason", "a storm", "--json")
  expect(objects(level.out)).toMatchObject([{ level: "elevated", reason: "a storm" }])
  expect((await cli("threat")).out).toBe("threat level elevated, set by first-token: a storm\n")
})

test("the rules that are on are told, and forget what an officer forgives, with who and why", async () => {
  expect(await api.get("/rules")).toMatchObject({
    items: [
      { id: "access.denied-burst", kind: "count", condition: "DeniedBurst", priority: 3, watching: 0, active: [] }
    ]
  })
  const forgive = { key: "reader:panel/in", reason: "a new badge" }
  expect(await bodyOf(post("/rules/access.denied-burst/forgive", forgive))).toMatchObject({
    status: 404,
    detail: "access.denied-burst remembers nothing of reader:panel/in"
  })
  await api.gateway.denied()
  expect((await post("/rules/access.denied-burst/forgive", forgive)).status).toBe(200)
  expect(await api.gateway.fact("RuleForgiven")).toMatchObject({
    ...forgive,
    rule: "access.denied-burst",
    by: "first-token"
  })
  expect(await bodyOf(post("/rules/access.denied/forgive", forgive))).toMatchObject({ status: 404 })
  expect((await cli("rules")).out).toBe("access.denied-burst  count  DeniedBurst (priority 3)  watches 0\n")
  const unsaid = await cli("rules", "access.denied-burst", "--forgive", "reader:panel/in")
  expect([unsaid.code, unsaid.err]).toEqual([2, expect.stringContaining("kept with its reason: add --reason")])
  const misspelt = await cli("rules", "access.denied-burst", "--forgive", "reader:panel/inn", "--reason", "a new badge")
  expect([misspelt.code, misspelt.err]).toEqual([1, expect.stringContaining("remembers nothing of reader:panel/inn")])
})

test("what does not fit is told on the command line with what was expected of it", async () => {
  const { code, err } = await cli("area", "hall", "arm", "--for", "2000h", "--reason", "the holidays")
  expect([code, err]).toEqual([2, expect.stringMatching(/does not fit; see errors\.\n {2}\S*minutes/)])
})
