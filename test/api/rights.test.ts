import { createHash } from "node:crypto"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { type Caller, may, type Right, rights, rightsOf, rolesWith } from "../../gateway/api/rights.ts"
import { Role } from "../../gateway/domain/person.ts"
import { temporaryDirectory } from "../road/peers.ts"
import { type RunningApi, startApi } from "./memory-gateway.ts"

const roles = Role.literals
const secretOf = (name: string): string => `the secret of ${name}`.replaceAll(" ", "-")

const keptToken = (name: string, role?: string, only?: ReadonlyArray<string>) => ({
  name,
  sha256: createHash("sha256").update(secretOf(name)).digest("hex"),
  ...(role === undefined ? {} : { role }),
  ...(only === undefined ? {} : { only })
})

let api: RunningApi
beforeEach(async () => {
  // It goes when the API stops.
  const { path: dataDir } = temporaryDirectory("rights")
  const tokens = [
    ...roles.map((role) => keptToken(role, role)),
    keptToken("siren", "officer", ["raise-emergency"]),
    keptToken("of-before")
  ]
  writeFileSync(join(dataDir, "tokens.json"), JSON.stringify({ tokens }))
  api = await startApi({ dataDir })
})
afterEach(() => api.stop())

const asks = async (as: string, method: string, path: string) => {
  const hangUp = new AbortController()
  const response = await fetch(api.origin + path, {
    method,
    headers: { authorization: `Bearer ${secretOf(as)}` },
    signal: hangUp.signal
  })
  const streams = response.headers.get("content-type")?.startsWith("text/event-stream") === true
  const body: unknown = streams || response.status === 204 ? undefined : await response.text()
  hangUp.abort()
  return { status: response.status, body: typeof body === "string" ? body : "" }
}

interface Operation {
  readonly "x-right"?: Right
  readonly security?: ReadonlyArray<unknown>
}

const operations = async () => {
  const answer = await api.call("/api/v1/openapi.json", {
    headers: { authorization: `Bearer ${secretOf("viewer")}` }
  })
  const document = (await answer.json()) as { readonly paths: Record<string, Record<string, Operation>> }
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      path: path.replaceAll(/\{\w+\}/g, "1"),
      method: method.toUpperCase(),
      right: operation["x-right"],
      open: operation.security?.length === 0
    }))
  )
}

describe("who may do what", () => {
  test("every route of the API is open to exactly the roles that have its right, and tells the others who has it", async () => {
    const all = await operations()
    expect(all.length).toBeGreaterThan(30)
    for (const { path, method, right, open } of all) {
      expect(open, `${method} ${path}`).toBe(right === undefined)
      if (right === undefined) continue
      for (const role of roles) {
        const { status, body } = await asks(role, method, path)
        const allowed = may({ role }, right)
        const refused = { type: "urn:gatehouse:problem:not-allowed", right, roles: rolesWith(right) }
        expect(status === 401 || status === 403, `${method} ${path} as ${role}`).toBe(!allowed)
        expect(allowed ? refused : JSON.parse(body), `${method} ${path} as ${role}`).toMatchObject(refused)
      }
    }
  })

  test("an administrator may everything, and a viewer may see", () => {
    for (const right of Object.keys(rights) as ReadonlyArray<Right>) {
      expect(rolesWith(right), right).toContain("administrator")
      expect(may({ role: "viewer" }, right), right).toBe(right === "see" || right === "own-session")
    }
  })

  test("a supervisor may all that an officer may", () => {
    expect(rightsOf({ role: "supervisor" })).toEqual(expect.arrayContaining([...rightsOf({ role: "officer" })]))
  })

  test("an integrator wires the site and commands none of its doors", () => {
    const integrator: Pick<Caller, "role"> = { role: "integrator" }
    expect(may(integrator, "configure")).toBe(true)
    expect(may(integrator, "command-doors")).toBe(false)
    expect(may(integrator, "close")).toBe(false)
  })

  test("a door is taken out of service by who answers for it, and only an administrator invites people", () => {
    expect(rolesWith("take-out-of-service")).toEqual(["supervisor", "integrator", "administrator"])
    expect(rolesWith("manage-people")).toEqual(["administrator"])
  })
})

describe("a machine's token", () => {
  test("is for no more than it was made for, whatever its role", async () => {
    expect((await asks("siren", "GET", "/api/v1/campus")).status).toBe(403)
    expect(JSON.parse((await asks("siren", "GET", "/api/v1/campus")).body)).toMatchObject({
      right: "see",
      detail: expect.stringContaining("siren (officer, only for raise-emergency) may not see how the site stands")
    })
    expect((await asks("siren", "GET", "/api/v1/session")).status).toBe(200)
  })

  test("of before there were roles may everything, as it could then", async () => {
    const { body } = await asks("of-before", "GET", "/api/v1/session")
    expect(JSON.parse(body)).toMatchObject({ name: "of-before", role: "administrator", rights: Object.keys(rights) })
  })

  test("that may not see reads neither the stream nor the metrics", async () => {
    expect((await asks("siren", "GET", "/api/v1/stream")).status).toBe(403)
    expect((await asks("siren", "GET", "/metrics")).status).toBe(403)
    expect((await asks("viewer", "GET", "/api/v1/stream")).status).toBe(200)
    expect((await asks("viewer", "GET", "/metrics")).status).toBe(200)
  })
})
