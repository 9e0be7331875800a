/**
 * How fast and how heavily the stream goes out to many consoles: `node test/bench/sse.ts [clients …]`, 1,000 and 9,000 when
 * nothing is said. Beside it the floor: a bare server of Node's http that writes the same bytes to as many responses.
 * Clients live in a process of their own; both clocks are this machine's. More than some thousand clients need as many open
 * files twice over (`ulimit -n`).
 */
import { fork } from "node:child_process"
import { createServer, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { wireJson } from "../../gateway/domain/wire.ts"
import { startApi } from "../api/memory-gateway.ts"
import type { Arrivals } from "./parts/sse-clients.ts"

const rounds = 30
/** Between two entries, so that one has gone out before the next: what is measured is one broadcast, not a queue of them. */
const betweenMs = 400

interface Served {
  readonly origin: string
  readonly token: string
  /** Sends one entry to all; answers its seq. */
  readonly send: () => number
  readonly stop: () => Promise<void>
}

const gateway = async (): Promise<Served> => {
  const api = await startApi()
  return {
    origin: api.origin,
    token: api.token,
    send: () => {
      api.gateway.commit(1)
      return api.gateway.entries.length
    },
    stop: api.stop
  }
}

/** What no stream can be faster than: the same frame, made once, written to every response. */
const bare = async (): Promise<Served> => {
  const api = await startApi()
  const responses = new Set<ServerResponse>()
  const server = createServer((_request, response) => {
    response.writeHead(200, { "Content-Type": "text/event-stream" }).flushHeaders()
    responses.add(response)
    response.on("close", () => responses.delete(response))
  })
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token: "",
    send: () => {
      api.gateway.commit(1)
      const entry = api.gateway.entries.at(-1)
      const frame = `id: ${entry?.seq}\nevent: entry\ndata: ${wireJson(entry)}\n\n`
      for (const response of responses) response.write(frame)
      return entry?.seq ?? 0
    },
    stop: async () => {
      server.closeAllConnections()
      server.close()
      await api.stop()
    }
  }
}

const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MB`

const measure = async (name: string, start: () => Promise<Served>, clients: number): Promise<void> => {
  const served = await start()
  const before = process.memoryUsage().rss
  const child = fork(join(import.meta.dirname, "parts/sse-clients.ts"), [served.origin, served.token, String(clients)])
  const told = (): Promise<Arrivals> => new Promise((done) => child.once("message", (m) => done(m as Arrivals)))
  const connected = await told()
  if (connected.missed > 0) console.log(`${name}: ${connected.missed} of ${clients} clients could not connect`)
  const sentAt = new Map<number, number>()
  for (let round = 0; round < rounds; round++) {
    const at = performance.timeOrigin + performance.now()
    sentAt.set(served.send(), at)
    await new Promise((done) => setTimeout(done, betweenMs))
  }
  const rss = process.memoryUsage().rss
  child.send("report")
  const { arrivals } = await told()
  const delays = arrivals
    .flatMap(([seq, times]) => times.map((at) => at - (sentAt.get(seq) ?? at)))
    .sort((a, b) => a - b)
  const at = (share: number): string => `${(delays[Math.floor((delays.length - 1) * share)] ?? 0).toFixed(1)} ms`
  const whole = `${delays.length} of ${(clients - connected.missed) * rounds}`
  console.log(
    `${name.padEnd(8)} ${String(clients).padStart(5)} clients: p50 ${at(0.5)}, p99 ${at(0.99)}, last ${at(1)}; ` +
      `${whole} arrived; RSS ${megabytes(before)} → ${megabytes(rss)}`
  )
  child.kill()
  await served.stop()
}

const asked = process.argv.slice(2).map(Number)
for (const clients of asked.length === 0 ? [1_000, 9_000] : asked) {
  await measure("floor", bare, clients)
  await measure("gateway", gateway, clients)
}
process.exit()
