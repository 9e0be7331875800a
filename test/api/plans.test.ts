import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type RunningApi, startApi } from "./memory-gateway.ts"

const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>')

let api: RunningApi
beforeAll(async () => {
  api = await startApi({ drawings: () => new Map([["ground", { svg, digest: "d1" }]]) })
})
afterAll(async () => {
  await api.stop()
})

describe("a plan's drawing", () => {
  test("is a picture that does nothing, and is asked for again", async () => {
    const answer = await api.get("/plans/ground/drawing")
    expect(answer.status).toBe(200)
    expect(await answer.text()).toBe(svg.toString())
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "content-type": "image/svg+xml",
      "x-content-type-options": "nosniff",
      "cache-control": "private, no-cache",
      "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"
    })
    const headers = { authorization: `Bearer ${api.token}`, "if-none-match": '"d1"' }
    const again = await fetch(`${api.origin}/api/v1/plans/ground/drawing`, { headers })
    expect([again.status, await again.text()]).toEqual([304, ""])
  })

  test("that is not there is 404 in words", async () => {
    const answer = await api.get("/plans/attic/drawing")
    expect([answer.status, await answer.json()]).toMatchObject([404, { type: "urn:gatehouse:problem:unknown-plan" }])
  })

  test("is for those who may see the campus: nobody without a token", async () => {
    const answer = await fetch(`${api.origin}/api/v1/plans/ground/drawing`)
    expect(answer.status).toBe(401)
  })
})
