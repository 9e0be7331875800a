import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { afterEach, describe, expect, test } from "vitest"
import { alertRaisedBy, type RunningApi, startApi } from "../api/memory-gateway.ts"
import { objects, run } from "./run.ts"

const stops: Array<() => unknown> = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

const api = async (): Promise<RunningApi> => {
  const running = await startApi()
  stops.push(() => running.stop())
  return running
}

const status = ({ origin, token }: RunningApi, ...flags: ReadonlyArray<string>) =>
  run(["status", "--url", origin, ...flags], { env: { GATEHOUSE_TOKEN: token } })

const device = (id: string, availability: string, more: object = {}) => ({
  id,
  availability,
  reason: `${id} is ${availability}`,
  since: "2026-01-01T10:00:00.000Z",
  lastHeardAt: null,
  ...more
})

const alert = (id: string, priority: number, acknowledged: boolean) => ({
  id,
  title: `Alert ${id}`,
  where: "Hall",
  priority,
  active: true,
  acknowledged,
  occurredAt: "2026-01-01T10:00:00.000Z"
})

interface Answers {
  readonly accepting?: boolean
  readonly refused?: object | null
  readonly links?: ReadonlyArray<object>
  readonly devices?: ReadonlyArray<object>
  readonly doors?: ReadonlyArray<object>
  readonly alerts?: ReadonlyArray<object>
  readonly areas?: ReadonlyArray<object>
  readonly threat?: object
  readonly channels?: ReadonlyArray<object>
}

/** What a gateway's API answers, as told. */
const gateway = async ({
  accepting = true,
  refused = null,
  links = [],
  devices = [],
  doors = [],
  alerts = [],
  areas = [],
  threat = { level: "normal", levels: ["normal", "high"] },
  channels = []
}: Answers) => {
  const answers: Record<string, unknown> = {
    "/readyz": { store: { accepting, ...(accepting ? {} : { since: "2026-01-01T10:00:00.000Z" }) } },
    "/api/v1/config": { version: "v1", refused },
    "/api/v1/links": { items: links },
    "/api/v1/devices": { items: devices },
    "/api/v1/doors": { items: doors },
    "/api/v1/areas": { items: areas },
    "/api/v1/threat-level": threat,
    "/api/v1/channels": { items: channels },
    "/api/v1/alerts": { items: alerts, next: null }
  }
  const server = createServer((request, response) => {
    const path = (request.url ?? "").split("?")[0] ?? ""
    response.writeHead(path === "/readyz" && !accepting ? 503 : 200, { "content-type": "application/json" })
    response.end(JSON.stringify(answers[path] ?? null))
  })
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  stops.push(() => (server.closeAllConnections(), server.close()))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const online = { id: "mqtt", state: { _tag: "Online" } }
const secure = { id: "east", where: "Hall · East exit", standing: "Secure", since: null }

describe("gatehouse status", () => {
  test("reads a real gateway's API and ends with 1, worst first, when a link is away and a device is not heard", async () => {
    const running = await api()
    running.gateway.raise(alertRaisedBy(7))
    const { code, out, last } = await status(running)
    const lines = out.trimEnd().split("\n")
    expect(lines[0]).toMatch(/^✖ alert +A-7 +priority 1, unacknowledged +for \d+ d +Door forced open; Science Hall; /)
    expect(lines[1]).toMatch(/^✖ link +mqtt +Offline +connection refused$/)
    expect(lines[2]).toMatch(/^✖ device +contact +unknown +not heard since the log began$/)
    expect(lines[3]).toMatch(/^! door +east +Forced +for \d+ d +Science Hall · Ground floor · East exit$/)
    expect(lines[4]).toBe(
      "1 door, 0 secure · 1 device, 0 online · 1 link, 0 online · 1 open alert (1 of priority 1) · threat level normal"
    )
    expect(last).toBe(`→ xdg-open ${running.origin}   # acknowledge it in the console`)
    expect(code).toBe(1)
  })

  test("tells a channel to people that takes nothing, with how much waits for it", async () => {
    const channels = [
      { id: "mail", kind: "email", standing: { state: "working", since: "2026-01-01T10:00:00.000Z" }, waiting: 0 },
      {
        id: "hook",
        kind: "webhook",
        standing: { state: "broken", since: "2026-01-01T10:00:00.000Z", detail: "HTTP 401" },
        waiting: 2
      }
    ]
    const url = await gateway({ links: [online], doors: [secure], channels })
    const { code, out } = await run(["status", "--url", url])
    expect(out).toMatch(/^✖ channel +hook +broken +for .* +webhook: HTTP 401; 2 wait\n/)
    expect(out).toContain("2 channels, 1 proved")
    expect(code).toBe(1)
  })

  test("puts a store that refuses before everything else", async () => {
    const running = await api()
    running.gateway.refuse(true)
    const { code, out, last } = await status(running)
    expect(out).toMatch(/^✖ store +log +refuses .*nothing that devices say is kept\n/)
    expect(last).toMatch(/^→ df -h /)
    expect(code).toBe(1)
  })

  test("takes an open alert past its first page into account", async () => {
    const running = await api()
    for (let seq = 1; seq <= 501; seq++) running.gateway.raise({ ...alertRaisedBy(seq), priority: 4 })
    const { out } = await status(running, "--json")
    expect(objects(out)[0]).toMatchObject({ counts: { alerts: { open: 501, byPriority: { "4": 501 } } } })
  })

  test("ends with 0 and counts what there is when all is well", async () => {
    const url = await gateway({
      links: [online],
      devices: [device("a", "online"), device("stub", "unknown", { disabled: true })],
      doors: [secure],
      alerts: [alert("A-1", 3, false), alert("A-2", 1, true)]
    })
    const { code, out, last } = await run(["status", "--url", url])
    expect(out).toContain("! alert  A-1  priority 3, unacknowledged")
    expect(out.trimEnd().split("\n").at(-1)).toBe(
      "✔ 1 door, 1 secure · 1 device, 1 online, 1 disabled besides · 1 link, 1 online · 2 open alerts (1 of priority 1, 1 of priority 3) · threat level normal"
    )
    expect(last).toBe("next: npm run gatehouse -- watch")
    expect(code).toBe(0)
  })

  test("tells a raised threat level, and areas that officers hold against their schedule, with who said so", async () => {
    const at = "2026-01-01T10:00:00.000Z"
    const override = { by: "Kim", reason: "the play", at, until: "2026-01-01T23:00:00.000Z" }
    const url = await gateway({
      links: [online],
      doors: [secure],
      areas: [
        { id: "hall", where: "Hall", state: "disarmed", because: "Kim: the play", override },
        { id: "store", where: "Store", state: "armed", because: "during after-hours" }
      ],
      threat: { level: "high", levels: ["normal", "high"], since: at, by: "Ada", reason: "a call to the office" }
    })
    const { code, out } = await run(["status", "--url", url])
    const lines = out.trimEnd().split("\n")
    expect(lines[0]).toMatch(/^! threat +site +high +for \d+ d +set by Ada: a call to the office$/)
    expect(lines[1]).toMatch(/^! area +hall +disarmed +for \d+ d +Hall, by Kim \(the play\), until 2026-01-01T23:00/)
    expect(lines[2]).toMatch(/1 of 2 areas armed · threat level high$/)
    expect(code).toBe(0)
  })

  test("is well with a shelved alert, says why and until when, and counts it apart", async () => {
    const until = "2026-01-01T11:00:00.000Z"
    const shelved = { by: "Ada", reason: "the latch is being repaired", until, meanwhile: 2 }
    const url = await gateway({
      links: [online],
      doors: [secure],
      alerts: [
        { ...alert("A-1", 2, false), shelved },
        { ...alert("A-2", 2, true), shelved: { ...shelved, oneShot: true } }
      ]
    })
    const { code, out } = await run(["status", "--url", url])
    expect(out).toMatch(/^! alert +A-1 +priority 2, shelved, unacknowledged /)
    expect(out).toContain(`; shelved by Ada until ${until}: the latch is being repaired`)
    expect(out).toContain(`; shelved by Ada until normal, or ${until}: the latch is being repaired`)
    expect(out.trimEnd().split("\n").at(-1)).toContain("· 0 open alerts, 2 shelved besides")
    expect(code).toBe(0)
  })

  test("is well with an alert of what is worked on, says of which work, and counts it apart", async () => {
    const outOfService = { key: "door:east", by: "Ada", reason: "new closer", until: "2026-01-01T11:00:00.000Z" }
    const url = await gateway({
      links: [online],
      doors: [secure],
      alerts: [{ ...alert("A-1", 1, false), outOfService }]
    })
    const { code, out } = await run(["status", "--url", url])
    expect(out).toMatch(/^! alert +A-1 +priority 1, out of service, unacknowledged /)
    expect(out).toContain("; door:east is in maintenance by Ada until 2026-01-01T11:00:00.000Z: new closer")
    expect(out.trimEnd().split("\n").at(-1)).toContain("· 0 open alerts, 1 out of service besides")
    expect(code).toBe(0)
  })

  test("sorts by how bad it is, then by how long it has been so", async () => {
    const url = await gateway({
      links: [online, { id: "west", state: { _tag: "Rejected", reason: "wrong password" } }],
      devices: [
        device("u", "unknown"),
        device("late", "offline", { since: "2026-01-02T10:00:00.000Z" }),
        device("early", "offline")
      ],
      doors: [
        { ...secure, id: "held", standing: "Held" },
        { ...secure, id: "forced", standing: "Forced" }
      ],
      alerts: [alert("A-1", 2, false), alert("A-2", 1, false), alert("A-3", 1, true)]
    })
    const { out } = await run(["status", "--json", "--url", url])
    const [report] = objects(out)
    const findings = report?.["findings"] as ReadonlyArray<{ readonly id: string; readonly weight: string }>
    expect(report?.["healthy"]).toBe(false)
    expect(findings.map(({ id }) => id)).toEqual(["A-2", "A-1", "west", "early", "late", "u", "forced", "held", "A-3"])
    expect(findings.map(({ weight }) => weight)).toEqual([...Array(6).fill("bad"), "odd", "odd", "odd"])
  })

  test("tells what links leave unprotected without being unhealthy, and what was granted to them where it is asked for", async () => {
    const granted = { event_queue: 100, publishing_ms: 250, lifetime_s: 3600 }
    const url = await gateway({
      links: [online, { id: "panel", state: { _tag: "Online" }, weaknesses: ["it has no user"], granted }],
      doors: [secure]
    })
    const short = await run(["status", "--url", url])
    expect(short.out).toMatch(/^! link +panel +not protected +it has no user$/m)
    expect(short.out).toContain("2 links, 2 online, 1 not wholly protected")
    expect(short.out).not.toContain("queues")
    expect(short.code).toBe(0)
    const { out } = await run(["status", "--verbose", "--url", url])
    expect(out).toContain(
      "· link panel: its server queues 100 events of each source, which covers 10 s at 10 events a second"
    )
    expect(out).toContain("publishes every 250 ms; keeps the subscription for 3600 s without us")
  })

  test.each([
    ["a link that is not online", { links: [{ id: "mqtt", state: { _tag: "Connecting" } }] }],
    ["a device that is offline", { devices: [device("a", "offline")] }],
    ["a device of which nothing is known", { devices: [device("a", "unknown")] }],
    ["an unacknowledged alert of priority 2", { alerts: [alert("A-1", 2, false)] }],
    [
      "a configuration that was refused",
      {
        refused: {
          since: "2026-01-01T10:00:00.000Z",
          by: "configuration file",
          problems: [{ file: "doors.yaml", line: 3, column: 5, message: "there is no area" }]
        }
      }
    ],
    ["a store that refuses", { accepting: false }]
  ])("is unhealthy for %s", async (_, answers) => {
    const { code, err } = await run(["status", "--url", await gateway(answers)])
    expect(err).toContain("the gateway is not healthy: 1 thing to see to")
    expect(code).toBe(1)
  })

  test("ends with 4 when the token is refused, and never shows it", async () => {
    const running = await api()
    const { code, out, err, last } = await run(["status", "--url", running.origin], {
      env: { GATEHOUSE_TOKEN: "wrong-token" }
    })
    expect([code, out]).toEqual([4, ""])
    expect(err).toContain("the gateway refuses the token")
    expect(err).not.toContain("wrong-token")
    expect(last).toBe(
      `→ GATEHOUSE_TOKEN=<the token shown at the first start> npm run gatehouse -- status --url ${running.origin}`
    )
  })

  test("ends with 3 when nobody answers, or somebody else does", async () => {
    const nobody = await run(["status", "--url", "http://127.0.0.1:1"])
    expect(nobody.err).toContain("http://127.0.0.1:1 cannot be reached: ")
    expect([nobody.code, nobody.last]).toEqual([3, "→ npm run gatehouse -- serve"])
    const other = createServer((_, response) => void response.end("<html>hello</html>"))
    await new Promise<void>((done) => other.listen(0, "127.0.0.1", done))
    stops.push(() => other.close())
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`
    const stranger = await run(["status", "--url", url])
    expect(stranger.err).toContain(`${url} cannot be reached: /readyz answers 200 and no JSON`)
    expect(stranger.code).toBe(3)
  })
})
