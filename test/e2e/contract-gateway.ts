import { readFile } from "node:fs/promises"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo, Socket } from "node:net"
import { extname, join } from "node:path"

/** What the console's browser test needs of a gateway: this stand-in speaks the API's contract, a real one may replace it. */
export interface GatewayUnderTest {
  readonly url: string
  readonly token: string
  /** Makes a door be forced, as a simulated person would. */
  readonly forceDoor: () => Promise<void>
  /** Cuts every stream and answers no new one. */
  readonly cutStream: () => Promise<void>
  /** Has the store refuse, and says so in a heartbeat. */
  readonly refuse: () => Promise<void>
  readonly restoreStream: () => Promise<void>
  readonly stop: () => Promise<void>
}

const dist = join(import.meta.dirname, "../../gateway/console/dist")
const mime: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml"
}
const csp = "default-src 'self'; script-src 'self'; style-src 'self'; object-src 'none'; frame-ancestors 'none'"
const token = "ghs_end-to-end-test-token"

const campus = {
  site: { id: "north", name: "North Campus", timeZone: "Europe/Berlin" },
  areas: [
    { id: "science", name: "Science Hall", kind: "building" },
    { id: "science-1", name: "1st floor", kind: "floor", in: "science" },
    { id: "library", name: "Library", kind: "building" }
  ],
  doors: [
    { id: "S1-E1", name: "East exit", area: "science-1" },
    { id: "S1-L2", name: "Chemistry lab", area: "science-1" },
    { id: "S0-M", name: "Main entrance", area: "science" },
    { id: "L-M", name: "Main entrance", area: "library" },
    { id: "L-D", name: "Loading dock", area: "library" }
  ],
  devices: [],
  cameras: []
}

const iso = (agoSeconds: number): string => new Date(Date.now() - agoSeconds * 1000).toISOString()

const alertOf = (id: string, title: string, about: object, agoSeconds: number) => ({
  id,
  condition: "DoorForcedOpen",
  key: `door:${id}`,
  priority: 2 as number,
  validationLevel: 1,
  title,
  active: true,
  acknowledged: false,
  closed: false,
  resolvedByLateEvidence: false,
  count: 1,
  occurredAt: iso(agoSeconds),
  raisedAt: iso(agoSeconds),
  updatedAt: iso(agoSeconds),
  raisedBy: 1,
  rule: "door",
  configVersion: "1",
  why: [
    { seq: 41, at: iso(agoSeconds), text: "Contact of the door opened" },
    { at: iso(agoSeconds), text: "No grant and no request to exit in the 8 s before" }
  ],
  ...about
})

type WireAlert = ReturnType<typeof alertOf> & Record<string, unknown>

const atFirst = (): ReadonlyArray<WireAlert> => [
  alertOf(
    "A-12",
    "Door held open",
    { condition: "DoorOpenTooLong", priority: 3, door: "L-D", active: false, count: 3 },
    340
  ),
  alertOf(
    "A-9",
    "Device offline",
    { condition: "DeviceOffline", priority: 4, device: "dock-contact", area: "library" },
    1500
  ),
  alertOf(
    "A-7",
    "Door tampered",
    { priority: 2, door: "S1-L2", acknowledged: true, acknowledgedBy: "R. Meyer", acknowledgedAt: iso(4000) },
    4200
  ),
  alertOf(
    "A-3",
    "Panic button pressed",
    { condition: "PanicPressed", priority: 1, door: "S0-M", acknowledged: true },
    9000
  )
]

const json = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))
}

const bodyOf = async (request: IncomingMessage): Promise<Record<string, string>> => {
  const chunks: Array<Buffer> = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return JSON.parse(Buffer.concat(chunks).toString("utf8")) as Record<string, string>
}

/** Serves the built console and speaks the contract of the API, with a small campus of its own. */
export const startContractGateway = async (): Promise<GatewayUnderTest> => {
  const alerts = new Map<string, WireAlert>(atFirst().map((alert) => [alert.id, alert]))
  const streams = new Set<ServerResponse>()
  const sockets = new Set<Socket>()
  let cut = false
  let seq = 100
  let officer = ""
  let forced = false
  const emit = (entry: object): void => {
    seq += 1
    const data = JSON.stringify({ seq, site: "north", recordedAt: iso(0), ...entry })
    for (const stream of streams) stream.write(`id: ${seq}\nevent: entry\ndata: ${data}\n\n`)
  }
  const change = (alert: WireAlert, transition: string, by: string): void => {
    alerts.set(alert.id, alert)
    emit({ _tag: "Alert", cause: seq, alert: alert.id, change: { transition, at: iso(0), by, why: alert.why, alert } })
  }
  const doors = () =>
    campus.doors.map((door) => ({
      ...door,
      standing: door.id === "S1-E1" && forced ? "Forced" : door.id === "L-D" ? "Unknown" : "Secure",
      where: door.name,
      position: "Closed",
      lock: "Locked",
      mode: "Locked",
      since: iso(60)
    }))
  const act = async (request: IncomingMessage, response: ServerResponse, id: string, verb: string): Promise<void> => {
    const alert = alerts.get(id)
    if (alert === undefined) return json(response, 404, { title: "No such alert" })
    if (verb === "explain") {
      const timeline = [
        {
          _tag: "Event",
          seq: 41,
          cause: 40,
          recordedAt: iso(4),
          event: { _tag: "PointChanged", name: "DoorOpened", at: iso(4) }
        },
        {
          _tag: "Alert",
          seq: 42,
          cause: 41,
          recordedAt: iso(3),
          change: { transition: "raised", at: iso(3), by: "door", why: [], alert }
        }
      ]
      return json(response, 200, { alert, reasons: alert.why, timeline })
    }
    const body = await bodyOf(request)
    const changed =
      verb === "acknowledge"
        ? { ...alert, acknowledged: true, acknowledgedBy: officer, acknowledgedAt: iso(0) }
        : { ...alert, closed: true, outcome: body["outcome"], closedBy: officer, closedAt: iso(0) }
    change(changed, verb === "acknowledge" ? "acknowledged" : "closed", officer)
    json(response, 200, changed)
  }
  const lists: Record<string, () => unknown> = {
    campus: () => campus,
    doors: () => ({ items: doors() }),
    devices: () => ({
      items: [
        {
          id: "east-contact",
          name: "East contact",
          link: "mqtt",
          availability: "online",
          reason: "heard",
          since: null
        },
        { id: "dock-contact", link: "mqtt", availability: "offline", reason: "no heartbeat for 90 s", since: null }
      ]
    }),
    links: () => ({ items: [{ id: "mqtt", state: { _tag: "Online" } }] }),
    alerts: () => ({ items: [...alerts.values()].filter((alert) => !alert.closed), next: null })
  }
  const stream = (response: ServerResponse): void => {
    if (cut) {
      response.socket?.destroy()
      return
    }
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" })
    response.write(`event: heartbeat\ndata: ${JSON.stringify({ at: iso(0), head: seq, accepting: true })}\n\n`)
    streams.add(response)
    response.on("close", () => streams.delete(response))
  }
  const session = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method === "GET") return json(response, 200, { name: officer })
    const body = await bodyOf(request)
    if (body["token"] !== token) return json(response, 401, { title: "The token is not known" })
    officer = body["name"] ?? ""
    response.writeHead(204, { "set-cookie": "gatehouse=1; HttpOnly; SameSite=Strict; Path=/" }).end()
  }
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname } = new URL(request.url ?? "/", "http://gateway")
    if (!pathname.startsWith("/api/v1/")) {
      const file = pathname === "/" ? "/index.html" : pathname
      const bytes = await readFile(join(dist, file)).catch(() => undefined)
      if (bytes === undefined) return void response.writeHead(404).end()
      response.writeHead(200, { "content-type": mime[extname(file)] ?? "text/plain", "content-security-policy": csp })
      return void response.end(bytes)
    }
    const [first = "", id = "", verb = ""] = pathname.slice("/api/v1/".length).split("/")
    const signedIn = request.headers.cookie?.includes("gatehouse=1") === true
    if (!signedIn && !(first === "session" && request.method === "POST"))
      return json(response, 401, { title: "Sign in" })
    if (first === "session") return session(request, response)
    if (first === "stream") return stream(response)
    if (verb !== "") return act(request, response, id, verb)
    json(response, 200, lists[first]?.())
  }
  const server = createServer((request, response) => void answer(request, response))
  server.on("connection", (socket) => {
    sockets.add(socket)
    socket.on("close", () => sockets.delete(socket))
  })
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token,
    forceDoor: async () => {
      forced = true
      const alert = alertOf("A-101", "Door forced open", { priority: 1, door: "S1-E1", area: "science-1" }, 0)
      emit({
        _tag: "Event",
        cause: seq,
        event: { _tag: "DoorStandingChanged", at: iso(0), to: "Forced" },
        door: "S1-E1"
      })
      change(alert, "raised", "door")
    },
    cutStream: async () => {
      cut = true
      for (const open of streams) open.socket?.destroy()
    },
    refuse: async () => {
      const data = JSON.stringify({ at: iso(0), head: seq, accepting: false })
      for (const stream of streams) stream.write(`event: heartbeat\ndata: ${data}\n\n`)
    },
    restoreStream: async () => {
      cut = false
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((closed) => server.close(() => closed()))
    }
  }
}
