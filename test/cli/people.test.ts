import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { codeIn, passwords, startPeopled } from "../api/peopled-gateway.ts"
import { run } from "./run.ts"

let gateway: Awaited<ReturnType<typeof startPeopled>>
beforeAll(async () => {
  gateway = await startPeopled()
})
afterAll(() => gateway.stop())

const runs = (args: ReadonlyArray<string>, token: string = gateway.token) =>
  run([...args, "--url", gateway.url], { env: { GATEHOUSE_TOKEN: token } })

describe("gatehouse people and tokens", () => {
  test("list who there is, make an enrolment link, and sign somebody out", async () => {
    const made = await runs(["people", "enrol", "rosa"])
    expect(made).toMatchObject({ code: 0 })
    const rosa = gateway.browser()
    const code = codeIn(made.out.trim())
    expect(await rosa.status("POST", "/enrolment", { code, password: passwords.rosa })).toBe(204)
    const listed = await runs(["people"])
    expect(listed.out).toContain("rosa  Rosa Alvarez    officer        has a password")
    expect(listed.out).toContain("sam   Sam Okafor      supervisor     not enrolled")
    expect(await runs(["people", "sign-out", "rosa"])).toMatchObject({ code: 0 })
    expect(await rosa.status("GET", "/session")).toBe(401)
    expect(await runs(["people", "enrol", "nobody"])).toMatchObject({ code: 1 })
  })

  test("make a token that may only what its role may, and say who may what is refused", async () => {
    const made = await runs(["tokens", "make", "board", "--role", "viewer"])
    expect(made).toMatchObject({ code: 0 })
    expect((await runs(["tokens", "make", "visitor", "--role", "viewer", "--days", "2"])).err).toContain("good until")
    const lines = (await runs(["tokens"])).out
    expect(lines).toMatch(
      /^first-token\s+administrator\s+used \d+ s ago\nboard\s+viewer\s+not used yet\nvisitor\s+viewer\s+not used yet\s+until 2\S+Z$/m
    )
    const refused = await runs(["tokens"], made.out.trim())
    expect(refused.code).toBe(4)
    expect(refused.err).toContain("board (viewer) may not invite people")
    expect(refused.err).toContain("which have: administrator")
    expect(await runs(["tokens", "revoke", "board"])).toMatchObject({ code: 0 })
    expect(await runs(["people"], made.out.trim())).toMatchObject({ code: 4 })
  })
})

describe("gatehouse shift", () => {
  test("tells who works and what would be handed over, with the same words as the printed page", async () => {
    await gateway.dana.ask("POST", "/shift/begin", { sound: "not-heard" })
    await gateway.dana.ask("POST", "/shift/notes", { note: "Plumber in the cellar" })
    expect((await runs(["shift"])).out).toMatch(/^Dana Whitfield {2}since \S+ {2}alarm not-heard {2}0 in hand$/m)
    const { out, code } = await runs(["shift", "report"])
    expect(code).toBe(0)
    expect(out).toContain("0 alerts raised")
    expect(out).toMatch(/Dana Whitfield {2}signed on, alarm NOT heard/)
    expect(out).toContain("Plumber in the cellar")
    const { handOver } = (await gateway.dana.told("POST", "/shift/hand-over", {})) as { handOver: { id: string } }
    const signed = await runs(["shift", "report", handOver.id, "--json"])
    expect(JSON.parse(signed.out)).toMatchObject({ notes: [{ by: "Dana Whitfield", note: "Plumber in the cellar" }] })
  })
})
