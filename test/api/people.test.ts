import { mkdirSync, readFileSync, rmdirSync, statSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { invitationMs, openCredentials } from "../../gateway/api/credentials.ts"
import { hashPassword, isPassword, passwordFault } from "../../gateway/api/passwords.ts"
import { PersonId } from "../../gateway/domain/ids.ts"
import { temporaryDirectory } from "../road/peers.ts"
import { type Browser, codeIn, passwords, startPeopled } from "./peopled-gateway.ts"

let gateway: Awaited<ReturnType<typeof startPeopled>>
beforeAll(async () => {
  gateway = await startPeopled()
})
afterAll(() => gateway.stop())

const untilEnd = async (reader: { readonly read: () => Promise<{ readonly done: boolean }> }): Promise<void> => {
  for (;;) if ((await reader.read().catch(() => ({ done: true }))).done) return
}

/** Opens the stream; `ended` completes when the gateway ends it. */
const streaming = async (browser: Browser): Promise<{ readonly ended: Promise<void> }> => {
  const response = await browser.ask("GET", "/stream")
  const reader = response.body!.getReader()
  await reader.read()
  return { ended: untilEnd(reader) }
}

describe("somebody of the configuration", () => {
  test("enrols by a link, once, and is then signed in as themselves", async () => {
    expect(await gateway.dana.told("GET", "/session")).toMatchObject({
      name: "Dana Whitfield",
      role: "administrator",
      person: "dana"
    })
    const again = { code: codeIn(gateway.firstLink), password: "another one altogether" }
    expect(await gateway.browser().told("POST", "/enrolment", again)).toMatchObject({ status: 404 })
    expect(gateway.facts("PasswordSet")).toMatchObject([{ by: "Dana Whitfield", person: "dana", how: "enrolment" }])
    const { body } = await gateway.call("/log?kind=Fact&limit=100")
    const invited = { _tag: "PersonInvited", by: "start of the gateway", person: "dana" }
    expect(body["items"]).toContainEqual(expect.objectContaining({ fact: expect.objectContaining(invited) }))
  })

  test("signs in by name or id and password, whatever the letters' case, and the log says who", async () => {
    const before = gateway.mark()
    expect(await gateway.browser().signIn("dana whitfield", passwords.dana)).toBe(204)
    expect(await gateway.browser().signIn("dana", passwords.dana)).toBe(204)
    expect(await gateway.fact("SignedIn", before)).toMatchObject({ by: "Dana Whitfield", how: "password" })
  })

  test("has their password kept as a hash only, in a file that nobody else reads", () => {
    const file = join(gateway.dataDir, "people.json")
    expect(readFileSync(file, "utf8")).toContain("$argon2id$v=19$m=19456,t=2,p=1$")
    expect(readFileSync(file, "utf8")).not.toContain(passwords.dana)
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  test("is not told whether the name or the password was wrong", async () => {
    const wrong = await gateway.browser().told("POST", "/session", { who: "dana", password: "not this one at all" })
    const nobody = await gateway.browser().told("POST", "/session", { who: "nobody", password: "not this one at all" })
    const without = await gateway.browser().told("POST", "/session", { who: "rosa", password: "not this one at all" })
    expect(wrong).toMatchObject({ status: 401, type: "urn:gatehouse:problem:wrong-password" })
    expect([nobody, without]).toEqual([wrong, wrong])
  })

  test("does not sign in by a token any more, and is told how; programs go on", async () => {
    const refused = await gateway.browser().told("POST", "/session", { token: gateway.token, name: "Ada" })
    expect(refused).toMatchObject({ status: 403, type: "urn:gatehouse:problem:token-sign-in-off" })
    expect((await gateway.call("/campus")).status).toBe(200)
    expect(await gateway.browser().told("GET", "/sign-in")).toEqual({ by: "password" })
  })

  test("is invited by an administrator, by nobody else, and not with a password that others would guess", async () => {
    const { link } = await gateway.dana.told("POST", "/people/rosa/invitation")
    const code = codeIn(link)
    const rosa = gateway.browser()
    expect(await rosa.told("POST", "/enrolment/look", { code })).toEqual({ name: "Rosa Alvarez" })
    for (const password of ["too short", "aaaaaaaaaaaaaaaaaaa", "Rosa Alvarez 1234567"]) {
      expect(await rosa.status("POST", "/enrolment", { code, password }), password).toBe(400)
    }
    expect(await rosa.status("POST", "/enrolment", { code, password: passwords.rosa })).toBe(204)
    expect(await rosa.told("POST", "/people/sam/invitation")).toMatchObject({
      status: 403,
      right: "manage-people",
      roles: ["administrator"]
    })
  })

  test("changes their password, which ends their sessions elsewhere, and only by knowing the one before", async () => {
    const [here, elsewhere] = [await gateway.enrolled("sam"), gateway.browser()]
    await elsewhere.signIn("sam", passwords.sam)
    const wanted = "a wholly new password"
    expect(await here.status("POST", "/session/password", { current: "not that one", password: wanted })).toBe(400)
    expect(await elsewhere.status("GET", "/session")).toBe(200)
    expect(await here.status("POST", "/session/password", { current: passwords.sam, password: wanted })).toBe(204)
    expect([await here.status("GET", "/session"), await elsewhere.status("GET", "/session")]).toEqual([200, 401])
    expect(await elsewhere.signIn("sam", wanted)).toBe(204)
  })

  test("signs out everywhere, or is signed out everywhere, and what they look at ends", async () => {
    const [rosa, sam] = [await gateway.enrolled("rosa"), await gateway.enrolled("sam")]
    const streams = [await streaming(rosa), await streaming(sam)]
    const before = gateway.mark()
    expect(await rosa.status("DELETE", "/sessions")).toBe(204)
    expect(await gateway.fact("SignedOut", before)).toMatchObject({ by: "Rosa Alvarez", everywhere: true })
    expect(await gateway.dana.status("DELETE", "/people/sam/sessions")).toBe(204)
    await Promise.all(streams.map(({ ended }) => ended))
    expect([await rosa.status("GET", "/session"), await sam.status("GET", "/session")]).toEqual([401, 401])
  })
})

describe("a changed configuration", () => {
  test("puts out at once who is disabled in it, streams included, and does not let them back by the old session", async () => {
    const rosa = await gateway.enrolled("rosa")
    const { ended } = await streaming(rosa)
    await gateway.staffedWith({ rosa: "role: officer, disabled: true" })
    await ended
    expect(await rosa.status("GET", "/session")).toBe(401)
    expect(await gateway.browser().signIn("rosa", passwords.rosa)).toBe(401)
    await gateway.staffedWith({})
    expect(await rosa.status("GET", "/session")).toBe(401)
    expect(await rosa.signIn("rosa", passwords.rosa)).toBe(204)
  })

  test("gives somebody another role at once", async () => {
    const rosa = await gateway.enrolled("rosa")
    const tries = { level: "high", reason: "a call" }
    await gateway.staffedWith({ rosa: "role: viewer" })
    expect(await rosa.told("POST", "/threat-level", tries)).toMatchObject({ status: 403, right: "arm" })
    await gateway.staffedWith({})
    expect(await rosa.status("POST", "/threat-level", tries)).not.toBe(403)
  })
})

describe("who tries and fails", () => {
  test("is not heard for a while after ten wrong passwords of a name, which the log tells once; others come in", async () => {
    const sam = await gateway.enrolled("sam")
    const before = gateway.mark()
    const tries = await Promise.all(
      Array.from({ length: 14 }, () => gateway.browser().signIn("Sam Okafor", "guessed and guessed again"))
    )
    expect(tries.filter((status) => status === 401).length).toBe(10)
    expect(tries.filter((status) => status === 429).length).toBe(4)
    expect(await gateway.browser().signIn("Sam Okafor", passwords.sam)).toBe(429)
    expect(await gateway.fact("SignInRefused", before)).toMatchObject({ who: "Sam Okafor", tries: 10 })
    expect(gateway.facts("SignInRefused").length).toBe(1)
    expect(await sam.status("GET", "/session")).toBe(200)
    expect(await gateway.browser().signIn("dana", passwords.dana)).toBe(204)
  })
})

describe("the people page", () => {
  test("tells who there is, and sessions only to who manages people", async () => {
    const rosa = await gateway.enrolled("rosa")
    const { items } = (await rosa.told("GET", "/people")) as { items: ReadonlyArray<Record<string, unknown>> }
    expect(items.map(({ id, role, enrolled }) => [id, role, enrolled])).toEqual([
      ["dana", "administrator", true],
      ["rosa", "officer", true],
      ["sam", "supervisor", true]
    ])
    expect(items[1]).not.toHaveProperty("sessions")
    const seen = (await gateway.dana.told("GET", "/people")) as { items: ReadonlyArray<{ sessions?: number }> }
    expect(seen.items[1]?.sessions).toBeGreaterThan(0)
  })
})

describe("a machine's token", () => {
  test("is made with a role, for no more than it needs, and opens nothing once it is revoked", async () => {
    const made = await gateway.dana.told("POST", "/tokens", { name: "board", role: "viewer" })
    const headers = { authorization: `Bearer ${String(made["token"])}` }
    const asks = async (path: string) => (await fetch(`${gateway.url}/api/v1${path}`, { headers })).status
    expect([await asks("/campus"), await asks("/tokens")]).toEqual([200, 403])
    const stream = await fetch(`${gateway.url}/api/v1/stream`, { headers })
    const reader = stream.body!.getReader()
    await reader.read()
    expect(await gateway.dana.told("POST", "/tokens", { name: "board", role: "viewer" })).toMatchObject({ status: 409 })
    expect(await gateway.dana.status("DELETE", "/tokens/board")).toBe(204)
    // What was sent before may still be on its way; then the stream is over.
    await expect(untilEnd(reader)).resolves.toBeUndefined()
    expect(await asks("/campus")).toBe(401)
    expect(gateway.facts("TokenMade")).toMatchObject([{ by: "Dana Whitfield", token: "board", role: "viewer" }])
    expect(gateway.facts("TokenRevoked")).toMatchObject([{ by: "Dana Whitfield", token: "board" }])
  })

  test("is neither made nor revoked while the disk keeps nothing, and can be once it does again", async () => {
    await gateway.dana.told("POST", "/tokens", { name: "lamp", role: "viewer" })
    const names = async () => {
      const { items } = (await gateway.dana.told("GET", "/tokens")) as { items: ReadonlyArray<{ name: string }> }
      return items.map(({ name }) => name)
    }
    const before = await names()
    // What stands where the new file is written first keeps it from being written.
    const inTheWay = join(gateway.dataDir, `tokens.json.${process.pid}.new`)
    mkdirSync(inTheWay)
    expect(await gateway.dana.status("POST", "/tokens", { name: "siren", role: "viewer" })).toBe(503)
    expect(await gateway.dana.status("DELETE", "/tokens/lamp")).toBe(503)
    expect(await names()).toEqual(before)
    expect(gateway.facts("TokenRevoked")).not.toContainEqual(expect.objectContaining({ token: "lamp" }))
    rmdirSync(inTheWay)
    expect(await gateway.dana.status("DELETE", "/tokens/lamp")).toBe(204)
    expect(await gateway.dana.status("POST", "/tokens", { name: "siren", role: "viewer" })).toBe(200)
  })

  test("tells when it was made, last used and ends, and nothing that opens anything", async () => {
    const before = Date.now()
    const made = await gateway.dana.told("POST", "/tokens", { name: "visitor", role: "viewer", days: 30 })
    const item = async () => {
      const { items } = (await gateway.dana.told("GET", "/tokens")) as { items: ReadonlyArray<Record<string, string>> }
      return items.find(({ name }) => name === "visitor")
    }
    const untouched = await item()
    expect(Object.keys(untouched ?? {}).sort()).toEqual(["madeAt", "name", "role", "until"])
    expect(Date.parse(untouched?.["madeAt"] ?? "")).toBeGreaterThanOrEqual(before)
    expect(Date.parse(String(made["until"]))).toBeGreaterThanOrEqual(before + 30 * 86_400_000)
    await fetch(`${gateway.url}/api/v1/campus`, { headers: { authorization: `Bearer ${String(made["token"])}` } })
    expect(Date.parse((await item())?.["usedAt"] ?? "")).toBeGreaterThanOrEqual(before)
    expect(gateway.facts("TokenMade").at(-1)).toMatchObject({
      token: "visitor",
      until: Date.parse(String(made["until"]))
    })
    expect(await gateway.dana.status("POST", "/tokens", { name: "brief", role: "viewer", days: 0 })).toBe(400)
  })

  test("of the only administrator is not revoked", async () => {
    expect(await gateway.dana.told("DELETE", "/tokens/first-token")).toMatchObject({
      status: 409,
      type: "urn:gatehouse:problem:last-administrator"
    })
  })
})

describe("an enrolment link", () => {
  const ada = PersonId.make("ada")
  test("is good for a day, and the one before is not good any more", async () => {
    const { path: dataDir, dispose } = temporaryDirectory("credentials")
    let now = Date.parse("2026-03-02T10:00:00Z")
    const credentials = await Effect.runPromise(openCredentials(dataDir, () => now))
    const [first, second] = [credentials.invite(ada), credentials.invite(ada)]
    expect([credentials.invited(first.code), credentials.invited(second.code)]).toEqual([undefined, ada])
    const after = await Effect.runPromise(openCredentials(dataDir, () => now))
    expect(after.invited(second.code)).toBe(ada)
    now += invitationMs
    expect(after.invited(second.code)).toBeUndefined()
    dispose()
  })
})

describe("a password", () => {
  test("is the same however its letters are composed, and of nobody it never is", async () => {
    const hash = await hashPassword("caf\u00e9 au lait, s'il vous plait")
    expect(await isPassword("cafe\u0301 au lait, s'il vous plait", hash)).toBe(true)
    expect(await isPassword("cafe au lait, s'il vous plait", hash)).toBe(false)
    expect(await isPassword("", undefined)).toBe(false)
  })

  test("is long and not the name; nothing else is asked of it", () => {
    expect(passwordFault("four common words", "Ada")).toBeUndefined()
    expect(passwordFault("fourteen chars", "Ada")).toContain("at least 15")
    expect(passwordFault("x".repeat(129), "Ada")).toContain("at most 128")
    expect(passwordFault("abababababababababab", "Ada")).toContain("same few")
    expect(passwordFault("Rosa Alvarez 2026!", "Rosa Alvarez")).toContain("your name")
  })
})
