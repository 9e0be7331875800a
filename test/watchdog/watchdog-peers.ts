import { createServer, type IncomingMessage, request } from "node:http"
import { serving } from "../road/serving.ts"

/** One call that a watchdog made. */
export interface Called {
  readonly headers: IncomingMessage["headers"]
  readonly raw: Buffer
  readonly body: Readonly<Record<string, unknown>>
}

/** Somebody whom a watchdog calls, over a real socket. */
export const startReceiver = async (statusOf: (nth: number) => number = () => 204) => {
  const calls: Array<Called> = []
  const waiting = new Set<() => void>()
  const server = createServer((incoming, response) => {
    const chunks: Array<Buffer> = []
    incoming.on("data", (chunk: Buffer) => void chunks.push(chunk))
    incoming.on("end", () => {
      // A port is anybody's once its owner has gone: who means somebody else is not heard.
      if (incoming.url !== "/alarm") return void response.writeHead(404).end()
      const raw = Buffer.concat(chunks)
      calls.push({ headers: incoming.headers, raw, body: JSON.parse(raw.toString()) as Called["body"] })
      response.writeHead(statusOf(calls.length)).end()
      for (const look of waiting) look()
    })
  })
  const { port, close } = await serving(server)
  return {
    url: `http://127.0.0.1:${port}/alarm`,
    calls,
    /** Completes with the first call that is so. */
    until: (wanted: (call: Called) => boolean): Promise<Called> =>
      new Promise((done) => {
        const look = (): void => {
          const found = calls.find(wanted)
          if (found === undefined) return
          waiting.delete(look)
          done(found)
        }
        waiting.add(look)
        look()
      }),
    close
  }
}

/** Stands between a watchdog and a gateway; from `hold` on, nothing of the stream comes through any more. */
export const startHolding = async (to: string) => {
  let holds = false
  const server = createServer((incoming, response) => {
    const onward = request(new URL(incoming.url ?? "/", to), { method: incoming.method, headers: incoming.headers })
    onward.on("response", (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers).flushHeaders()
      answer.on("data", (chunk: Buffer) => {
        if (!(holds && incoming.url?.startsWith("/api/v1/stream"))) response.write(chunk)
      })
      answer.on("end", () => response.end())
      answer.on("error", () => response.destroy())
    })
    onward.on("error", () => response.destroy())
    response.on("close", () => onward.destroy())
    incoming.pipe(onward)
  })
  const { port, close } = await serving(server)
  return {
    url: `http://127.0.0.1:${port}`,
    hold: () => void (holds = true),
    release: () => void (holds = false),
    close
  }
}
