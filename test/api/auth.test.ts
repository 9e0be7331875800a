import { mkdtempSync, readFileSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import type { Request } from "express"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { makeGuard } from "../../gateway/api/guard.ts"
import { makeSessions, openSessions } from "../../gateway/api/sessions.ts"
import { openTokens } from "../../gateway/api/tokens.ts"
import { makeTries } from "../../gateway/api/tries.ts"
import { alertRaisedBy, type RunningApi, startApi } from "./memory-gateway.ts"

let api: RunningApi
beforeEach(async () => {
  api = await startApi()
})
afterEach(() => api.stop())

const signIn = (name: string, headers: Record<string, string> = {}, token = api.token) =>
  fetch(`${api.origin}/api/v1/session`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ token, name })
  })

const cookieOf = (response: Response): string => response.headers.getSetCookie()[0]?.split(";")[0] ?? ""

/** Where somebody comes in who is not in yet. */
const open = new Set([
  "get /api/v1/sign-in",
  "post /api/v1/session",
  "post /api/v1/enrolment",
  "post /api/v1/enrolment/look",
  // These prove themselves: by a signature, or by what came with a message.
  "post /api/v1/inbound/{source}",
  "post /api/v1/inbound/receipts",
  "get /api/v1/inbound/receipts"
])

describe("a token", () => {
  test("whose time is over opens nothing more, and that is no wrong try", async () => {
    let now = Date.parse("2026-11-27T12:00:00Z")
    const tokens = await Effect.runPromise(openTokens(api.dataDir, () => now))
    const secret = tokens.make({ name: "visitor", role: "viewer", until: now + 60_000 })
    const tries = makeTries(() => now)
    const guard = makeGuard({ tokens, sessions: makeSessions(() => now), tries, people: () => [], now: () => now })
    const request = { headers: {}, socket: { remoteAddress: "10.0.0.7" } } as unknown as Request
    expect(guard.tryToken(request, secret)).toMatchObject({ name: "visitor" })
    now += 60_000
    for (let nth = 0; nth < 20; nth++)
      expect(() => guard.tryToken(request, secret)).toThrow("The time of the token visitor is over.")
    expect(tries.blockedFor("10.0.0.7")).toBeUndefined()
  })

  test("tells after a restart when it was last used, to within the hour, and writes that no more often", async () => {
    let now = Date.parse("2026-11-27T12:00:00Z")
    const opened = () => Effect.runPromise(openTokens(api.dataDir, () => now))
    const tokens = await opened()
    const feed = { name: "feed", role: "viewer" } as const
    tokens.make(feed)
    const first = now
    tokens.used(feed)
    now += 59 * 60_000
    tokens.used(feed)
    const usedAt = async () => (await opened()).all().find(({ name }) => name === "feed")?.usedAt
    expect([tokens.all().at(-1)?.usedAt, await usedAt()]).toEqual([now, first])
    now += 60_000
    tokens.used(feed)
    expect(await usedAt()).toBe(now)
  })
})

describe("who may ask", () => {
  test("every route of the document but those of coming in refuses a caller without token", async () => {
    const document = (await (await api.get("/openapi.json")).json()) as { paths: Record<string, object> }
    const refused: Array<string> = []
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const method of Object.keys(methods)) {
        if (open.has(`${method} ${path}`)) continue
        const response = await fetch(api.origin + path.replace(/\{\w+\}/, "1"), { method: method.toUpperCase() })
        expect(response.status, `${method} ${path}`).toBe(401)
        expect(response.headers.get("content-type")).toContain("application/problem+json")
        refused.push(path)
      }
    }
    const all = Object.values(document.paths).flatMap((methods) => Object.keys(methods))
    expect(refused.length).toBe(all.length - open.size)
    expect(refused.length).toBeGreaterThan(20)
    for (const path of ["/metrics", "/api/v1/openapi.json", "/api/v1/nothing", "/api/nothing"]) {
      expect((await fetch(api.origin + path)).status, path).toBe(401)
    }
  })

  test("health and the console's page need no token", async () => {
    for (const path of ["/healthz", "/readyz", "/", "/alerts/A-1"]) {
      expect((await fetch(api.origin + path, { headers: { accept: "text/html" } })).status, path).toBe(200)
    }
  })

  test("the token is kept only as a hash, in a file that nobody else reads", async () => {
    const file = join(api.dataDir, "tokens.json")
    expect(readFileSync(file, "utf8")).not.toContain(api.token)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const again = await Effect.runPromise(openTokens(api.dataDir, Date.now))
    expect(again.created).toBeUndefined()
    expect(again.tokenOf(api.token)).toBeDefined()
    expect(again.tokenOf(`${api.token}x`)).toBeUndefined()
  })

  test("an officer is still signed in when the gateway has started again, and signed out after signing out", async () => {
    const directory = mkdtempSync(join(tmpdir(), "gatehouse-sessions-"))
    const open = () => Effect.runPromise(openSessions(directory, Date.now))
    const first = await open()
    const secret = first.begin("Ada", { token: "first-token" })
    expect(readFileSync(join(directory, "sessions.json"), "utf8")).not.toContain(secret)
    expect(statSync(join(directory, "sessions.json")).mode & 0o777).toBe(0o600)
    const second = await open()
    expect(second.one(secret)?.name).toBe("Ada")
    second.end(secret)
    expect((await open()).one(secret)).toBeUndefined()
    expect((await Effect.runPromise(openSessions(directory, () => Date.now() + 13 * 3_600_000))).one(secret)).toBe(
      undefined
    )
  })

  test("the eleventh wrong token is turned away for a while, and locks nobody out who has the right one", async () => {
    for (let n = 0; n < 10; n++) expect((await signIn("Ada", {}, "wrong")).status).toBe(401)
    const refused = await signIn("Ada", {}, "wrong")
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0)
    expect((await api.get("/campus")).status).toBe(200)
    expect((await signIn("Ada")).status).toBe(204)
  })
})

describe("an officer's session", () => {
  test("begins with a token, carries the officer's name, and ends", async () => {
    const begun = await signIn("Ada Lovelace")
    expect(begun.status).toBe(204)
    expect(begun.headers.getSetCookie()[0]).toMatch(/HttpOnly.*SameSite=Strict/)
    const cookie = cookieOf(begun)
    const who = await fetch(`${api.origin}/api/v1/session`, { headers: { cookie } })
    expect(await who.json()).toMatchObject({ name: "Ada Lovelace", role: "administrator" })
    const headers = { cookie, origin: api.origin }
    expect((await fetch(`${api.origin}/api/v1/session`, { method: "DELETE", headers })).status).toBe(204)
    expect((await fetch(`${api.origin}/api/v1/session`, { headers: { cookie } })).status).toBe(401)
  })

  test("acts only from the gateway's own pages", async () => {
    api.gateway.raise(alertRaisedBy(1))
    const cookie = cookieOf(await signIn("Ada"))
    const acknowledge = (headers: Record<string, string>) =>
      fetch(`${api.origin}/api/v1/alerts/A-1/acknowledge`, { method: "POST", headers: { cookie, ...headers } })
    expect((await acknowledge({})).status).toBe(403)
    expect((await acknowledge({ origin: "http://evil.example" })).status).toBe(403)
    expect((await acknowledge({ "sec-fetch-site": "same-site" })).status).toBe(403)
    expect((await acknowledge({ "sec-fetch-site": "same-origin" })).status).toBe(200)
  })

  test("is not begun by a page of another origin, nor under a name that cannot be read", async () => {
    expect((await signIn("Ada", { origin: "http://evil.example" })).status).toBe(403)
    for (const name of ["", "   ", "a".repeat(81), "Ada\u0007"]) expect((await signIn(name)).status).toBe(400)
    expect((await signIn("é".repeat(80))).status).toBe(204)
  })
})
