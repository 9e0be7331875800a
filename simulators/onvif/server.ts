import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { createServer as createSecureServer } from "node:https"
import type { AddressInfo, Socket } from "node:net"
import type { CompleteOptions } from "./options.ts"

export type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** An HTTP server that can go down with all its connections and come up again at the same port. */
export class Listener {
  readonly #options: Pick<CompleteOptions, "host" | "port" | "tls">
  readonly #handler: Handler
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined
  #port: number

  constructor(options: Pick<CompleteOptions, "host" | "port" | "tls">, handler: Handler) {
    this.#options = options
    this.#handler = handler
    this.#port = options.port
  }

  /** The port it listens on, or listened on last. */
  get port(): number {
    return this.#port
  }

  get connections(): number {
    return this.#sockets.size
  }

  get listening(): boolean {
    return this.#server !== undefined
  }

  async up(): Promise<void> {
    if (this.#server !== undefined) return
    const { tls, host } = this.#options
    const server = tls === undefined ? createServer(this.#handler) : createSecureServer({ ...tls }, this.#handler)
    // A pull waits as long as it was asked to; nothing else holds a connection.
    server.requestTimeout = 0
    server.headersTimeout = 10_000
    server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket)
      socket.once("close", () => this.#sockets.delete(socket))
    })
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject)
      server.listen(this.#port, host, () => {
        server.off("error", reject)
        resolve()
      })
    })
    this.#server = server
    this.#port = (server.address() as AddressInfo).port
  }

  /** Every connection is cut, and new ones are refused. */
  async down(): Promise<void> {
    const server = this.#server
    if (server === undefined) return
    this.#server = undefined
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }
}
