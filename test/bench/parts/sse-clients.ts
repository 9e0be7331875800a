import { connect } from "node:net"

/** What the clients' process tells: how many could not connect, and when each entry came to whom, epoch ms. */
export interface Arrivals {
  readonly missed: number
  readonly arrivals: ReadonlyArray<readonly [seq: number, times: ReadonlyArray<number>]>
}

/** So many connections are opened at once: a server's backlog is bounded. */
const opening = 100

const [origin = "", token = "", count = "0"] = process.argv.slice(2)
const { hostname, port } = new URL(origin)
const arrivals = new Map<number, Array<number>>()

const head = `GET /api/v1/stream HTTP/1.1\r\nHost: ${hostname}:${port}\r\nAuthorization: Bearer ${token}\r\n\r\n`

/** Completes with whether the stream has begun. */
const open = (): Promise<boolean> =>
  new Promise((done) => {
    const socket = connect({ host: hostname, port: Number(port) })
    socket.on("error", () => done(false))
    socket.on("connect", () => socket.write(head))
    let begun = false
    let rest = ""
    socket.on("data", (chunk: Buffer) => {
      const at = performance.timeOrigin + performance.now()
      rest += chunk.toString("latin1")
      if (!begun) {
        begun = true
        done(rest.startsWith("HTTP/1.1 200"))
      }
      for (const [, seq] of rest.matchAll(/^id: (\d+)$/gm)) {
        const known = arrivals.get(Number(seq))
        if (known === undefined) arrivals.set(Number(seq), [at])
        else known.push(at)
      }
      rest = rest.slice(rest.lastIndexOf("\n") + 1)
    })
  })

let missed = 0
for (let done = 0; done < Number(count); done += opening) {
  const batch = Array.from({ length: Math.min(opening, Number(count) - done) }, open)
  missed += (await Promise.all(batch)).filter((is) => !is).length
}
process.send?.({ missed, arrivals: [] } satisfies Arrivals)
process.on("message", () => process.send?.({ missed, arrivals: [...arrivals] } satisfies Arrivals))
