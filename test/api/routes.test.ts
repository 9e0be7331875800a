import { connect } from "node:net"
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { alertRaisedBy, type RunningApi, startApi } from "./memory-gateway.ts"

let api: RunningApi
beforeEach(async () => {
  api = await startApi()
})
afterEach(() => api.stop())

interface Problem {
  readonly type: string
  readonly status: number
  readonly detail: string
  readonly errors?: ReadonlyArray<{ readonly path: string; readonly message: string }>
}

const problemIn = async (answer: Promise<Response>): Promise<Problem> => {
  const response = await answer
  expect(response.headers.get("content-type")).toContain("application/problem+json")
  const problem = (await response.json()) as Problem
  expect(problem.status).toBe(response.status)
  return problem
}

describe("the campus", () => {
  test("is told as configured, and a door stands where an officer would look for it", async () => {
    expect(await (await api.get("/campus")).json()).toMatchObject({ site: { id: "north" } })
    expect(await (await api.get("/doors")).json()).toEqual({
      items: [
        {
          id: "east",
          name: "East exit",
          area: "science-0",
          where: "Science Hall · Ground floor · East exit",
          standing: "Forced",
          position: "Open",
          lock: "Locked",
          mode: "Locked",
          since: "2026-01-05T12:00:00.000Z",
          commands: [],
          noCommands: "it has no mode point and no lock point"
        }
      ]
    })
  })

  test("a device never heard is unknown, not offline", async () => {
    const { items } = (await (await api.get("/devices")).json()) as { items: ReadonlyArray<object> }
    expect(items).toMatchObject([{ id: "contact", availability: "unknown", since: null, lastHeardAt: null }])
  })

  test("links tell their state with its reason", async () => {
    expect(await (await api.get("/links")).json()).toEqual({
      items: [{ id: "mqtt", state: { _tag: "Offline", reason: "connection refused" } }]
    })
  })

  test("links tell what their settings leave unprotected, and what was granted to them", async () => {
    const weak = await startApi({ weaknesses: () => new Map([["mqtt", ["it has no TLS"]]]) })
    try {
      const granted = new Map([["mqtt", { event_queue: 100 }]])
      Object.assign(weak.gateway.faces.links, { granted: () => granted })
      expect(await (await weak.get("/links")).json()).toMatchObject({
        items: [{ id: "mqtt", weaknesses: ["it has no TLS"], granted: { event_queue: 100 } }]
      })
      const metrics = await (await weak.call("/metrics")).text()
      expect(metrics).toContain('gatehouse_link_granted{link="mqtt",name="event_queue"} 100\n')
      expect(metrics).toContain('gatehouse_link_weaknesses{link="mqtt"} 1\n')
    } finally {
      await weak.stop()
    }
  })
})

describe("an alert", () => {
  test("is listed, acknowledged by who called, explained, closed, and then no longer among the open ones", async () => {
    api.gateway.raise(alertRaisedBy(1))
    const listed = (await (await api.get("/alerts")).json()) as { items: ReadonlyArray<object>; next: unknown }
    expect(listed).toMatchObject({
      items: [{ id: "A-1", where: "Science Hall · Ground floor · East exit" }],
      next: null
    })
    expect(await (await api.post("/alerts/A-1/acknowledge", { note: "on my way" })).json()).toMatchObject({
      acknowledged: true,
      acknowledgedBy: "first-token",
      acknowledgedAt: "2026-01-05T12:00:00.001Z"
    })
    expect(await (await api.get("/alerts/A-1/timeline")).json()).toMatchObject({
      alert: { id: "A-1" },
      reasons: [{ seq: 1, at: "2026-01-05T12:00:00.000Z" }],
      timeline: [{ seq: 1, recordedAt: "2026-01-05T12:00:00.000Z" }]
    })
    const closed = await api.post("/alerts/A-1/close", { outcome: "nuisance-user", reason: "a delivery" })
    expect(await closed.json()).toMatchObject({ closed: true, outcome: "nuisance-user" })
    expect(await (await api.get("/alerts")).json()).toMatchObject({ items: [] })
    expect(await (await api.get("/alerts?state=closed")).json()).toMatchObject({ items: [{ id: "A-1" }] })
    expect(await problemIn(api.post("/alerts/A-1/acknowledge", {}))).toMatchObject({ status: 409 })
  })

  test("takes a note, is shelved for a time or until it is normal, and taken back", async () => {
    api.gateway.raise(alertRaisedBy(1))
    expect((await api.post("/alerts/A-1/notes", { note: "guard sent" })).status).toBe(200)
    const shelved = await (await api.post("/alerts/A-1/shelve", { minutes: 5, reason: "repair" })).json()
    expect(shelved).toMatchObject({ shelved: { by: "first-token", until: "2026-01-05T12:05:00.000Z", meanwhile: 0 } })
    expect(await (await api.get("/alerts")).json()).toMatchObject({
      items: [{ id: "A-1", shelved: { reason: "repair" } }]
    })
    expect((await api.post("/alerts/A-1/shelve", { oneShot: true, reason: "repair" })).status).toBe(200)
    expect(await (await api.call("/metrics")).text()).toContain("gatehouse_alerts_shelved 1\n")
    expect(await (await api.post("/alerts/A-1/unshelve", { reason: "repaired" })).json()).not.toHaveProperty("shelved")
    for (const act of ["notes", "shelve", "unshelve"]) {
      const body = { note: "n", minutes: 5, reason: "r" }
      const { status } = await problemIn(
        api.post(
          `/alerts/A-9/${act}`,
          act === "notes" ? { note: body.note } : act === "shelve" ? { minutes: 5, reason: "r" } : { reason: "r" }
        )
      )
      expect(status).toBe(404)
    }
  })

  test("can be acknowledged without a body", async () => {
    api.gateway.raise(alertRaisedBy(1))
    expect((await api.call("/api/v1/alerts/A-1/acknowledge", { method: "POST" })).status).toBe(200)
  })

  test("raised with others by one fact is never lost between two pages", async () => {
    for (const alert of [
      alertRaisedBy(9),
      alertRaisedBy(5),
      alertRaisedBy(5, ".2"),
      alertRaisedBy(5, ".3"),
      alertRaisedBy(2)
    ]) {
      api.gateway.raise(alert)
    }
    const seen: Array<string> = []
    let next: string | null = ""
    while (next !== null) {
      const before: string = next === "" ? "" : `&before=${next}`
      const page = (await (await api.get(`/alerts?limit=2${before}`)).json()) as {
        items: ReadonlyArray<{ id: string }>
        next: string | null
      }
      seen.push(...page.items.map((alert) => alert.id))
      next = page.next
    }
    expect(seen).toEqual(["A-9", "A-5", "A-5.2", "A-5.3", "A-2"])
  })
})

describe("the log", () => {
  test("pages backwards from the newest entry and forwards behind a known one", async () => {
    api.gateway.commit(5)
    const seqs = async (path: string) => {
      const page = (await (await api.get(path)).json()) as {
        items: ReadonlyArray<{ seq: number }>
        next: string | null
      }
      return [page.items.map((entry) => entry.seq), page.next]
    }
    expect(await seqs("/log?limit=2")).toEqual([[5, 4], "4"])
    expect(await seqs("/log?limit=3&before=4")).toEqual([[3, 2, 1], null])
    expect(await seqs("/log?limit=2&after=1")).toEqual([[2, 3], "3"])
    expect(await seqs("/events")).toEqual([[], null])
    expect(await (await api.get("/log/3")).json()).toMatchObject({ seq: 3, fact: { at: "2026-01-05T12:00:00.002Z" } })
  })
})

describe("a bad request", () => {
  test("names every fault of a body with its path", async () => {
    api.gateway.raise(alertRaisedBy(1))
    const problem = await problemIn(api.post("/alerts/A-1/close", { outcome: "fine", reason: "  ", extra: 1 }))
    expect(problem.status).toBe(400)
    expect(problem.errors?.map((fault) => fault.path).toSorted()).toEqual(["extra", "outcome", "reason"])
  })

  test.each([
    ["notes", {}, "note"],
    ["notes", { note: " \n " }, "note"],
    ["notes", { note: "x".repeat(2001) }, "note"],
    ["shelve", { reason: "repair" }, ""],
    ["shelve", { minutes: 5, oneShot: true, reason: "repair" }, ""],
    ["shelve", { oneShot: false, reason: "repair" }, "oneShot"],
    ["shelve", { minutes: 0, reason: "repair" }, "minutes"],
    ["shelve", { minutes: 1.5, reason: "repair" }, "minutes"],
    ["shelve", { minutes: 1441, reason: "repair" }, "minutes"],
    ["shelve", { minutes: 5 }, "reason"],
    ["unshelve", {}, "reason"]
  ])("to %s with %j names the fault", async (act, body, path) => {
    api.gateway.raise(alertRaisedBy(1))
    const problem = await problemIn(api.post(`/alerts/A-1/${act}`, body))
    expect(problem).toMatchObject({ status: 400, errors: [{ path }] })
  })

  test("names the fault of a query", async () => {
    for (const [query, path] of [
      ["limit=0", "limit"],
      ["limit=many", "limit"],
      ["limit=1.5", "limit"],
      ["befor=3", "befor"],
      ["door=a&door=b", "door"],
      ["kind=Rumour", "kind"],
      ["after=1&before=3", "before"]
    ] as const) {
      const problem = await problemIn(api.get(`/log?${query}`))
      expect([query, problem.status, problem.errors?.[0]?.path]).toEqual([query, 400, path])
    }
  })

  test.each([
    ["malformed JSON", "{oops", "application/json", 400, "malformed-json"],
    ["a bare value", "7", "application/json", 400, "malformed-json"],
    ["64 KiB and more", JSON.stringify({ reason: "x".repeat(70_000) }), "application/json", 413, "too-large"],
    ["a form", "a=b", "application/x-www-form-urlencoded", 415, "unsupported-media-type"]
  ])("of %s has its own problem", async (_what, body, contentType, status, kind) => {
    const problem = await problemIn(api.post("/alerts/A-1/close", body, { "content-type": contentType }))
    expect([problem.status, problem.type]).toEqual([status, `urn:gatehouse:problem:${kind}`])
  })

  test("to something unknown is not found, and a wrong method names the right one", async () => {
    expect(await problemIn(api.get("/nothing"))).toMatchObject({ status: 404 })
    expect(await problemIn(api.get("/alerts/A-77"))).toMatchObject({ status: 404 })
    expect(await problemIn(api.get("/log/77"))).toMatchObject({ status: 404 })
    expect(await problemIn(api.get("/log/x"))).toMatchObject({ status: 404 })
    expect(await problemIn(api.get("/alerts/%E0%A4%A"))).toMatchObject({ status: 400 })
    const wrong = await api.call("/api/v1/campus", { method: "DELETE" })
    expect([wrong.status, wrong.headers.get("allow")]).toEqual([405, "GET"])
  })

  test("that trips over a fault in the gateway learns nothing of it", async () => {
    Object.assign(api.gateway.faces.log, {
      head: () => {
        throw new Error("secret path /var/lib")
      }
    })
    const problem = await problemIn(api.call("/metrics"))
    expect(problem.status).toBe(500)
    expect(JSON.stringify(problem)).not.toContain("secret")
  })
})

describe("a store that refuses", () => {
  test("answers 503 with a time to try again, says so in readiness, and recovers by itself", async () => {
    api.gateway.raise(alertRaisedBy(1))
    api.gateway.refuse(true)
    for (const answer of [await api.get("/log"), await api.post("/alerts/A-1/acknowledge", {})]) {
      expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "5"])
      expect(await answer.text()).not.toContain("/var/lib")
    }
    expect((await fetch(`${api.origin}/readyz`)).status).toBe(503)
    expect((await fetch(`${api.origin}/healthz`)).status).toBe(200)
    api.gateway.refuse(false)
    expect((await api.get("/log")).status).toBe(200)
    expect(await (await fetch(`${api.origin}/readyz`)).json()).toMatchObject({
      ready: true,
      store: { accepting: true },
      links: { Offline: 1 },
      outbox: { owed: 0 }
    })
  })
})

test("metrics count what came in and what links count", async () => {
  api.gateway.commit(3)
  const text = await (await api.call("/metrics")).text()
  expect(text).toContain("gatehouse_log_head 3\n")
  expect(text).toContain('gatehouse_link_events_total{link="mqtt",name="messages"} 7\n')
  expect(text).toContain('gatehouse_links{state="Offline"} 1\n')
})

describe("the console", () => {
  test("that is not built says how to build it, under a policy that allows only our own origin", async () => {
    const response = await fetch(`${api.origin}/`, { headers: { accept: "text/html" } })
    expect(await response.text()).toContain("npm run build:console")
    expect(response.headers.get("content-security-policy")).toContain("default-src 'self'")
  })

  test("answers every address that a browser opens, but none of a program's", async () => {
    const consoleDir = mkdtempSync(join(tmpdir(), "gatehouse-console-"))
    mkdirSync(join(consoleDir, "assets"))
    writeFileSync(join(consoleDir, "index.html"), "<title>Console</title>")
    writeFileSync(join(consoleDir, "assets", "a.js"), "1")
    const built = await startApi({ consoleDir })
    const text = async (path: string) => {
      const response = await fetch(built.origin + path, { headers: { accept: "text/html" } })
      return [response.status, (await response.text()).includes("Console")]
    }
    expect(await text("/")).toEqual([200, true])
    expect(await text("/alerts/A-1")).toEqual([200, true])
    expect(await text("/assets/a.js")).toEqual([200, false])
    expect(await text("/assets/gone.js")).toEqual([404, false])
    expect(await text("/api/v1/nothing")).toEqual([401, false])
    await built.stop()
  })
})

test("a stopped gateway takes no connection", async () => {
  const other = await startApi()
  await other.stop()
  const refused = await new Promise<boolean>((resolve) => {
    const socket = connect(Number(new URL(other.origin).port), "127.0.0.1")
    socket.once("error", () => resolve(true)).once("connect", () => resolve(false))
  })
  expect(refused).toBe(true)
})
