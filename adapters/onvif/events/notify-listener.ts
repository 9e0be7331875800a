import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { Effect, type Scope } from "effect"
import { LinkLost } from "../../adapter.ts"
import type { PushListener } from "../settings.ts"
import { xmlMaxBytes } from "../wire/xml.ts"

/** One notification as it came. `answer` is to be called once, with the HTTP status that tells what became of it. */
export interface Notified {
  readonly bytes: Uint8Array
  readonly charset: string | undefined
  readonly answer: (status: number) => void
}

/** Whose notifications come at one path. */
export interface Consumer {
  /** Whether this address may send; the listener has no other proof of who it is than the path itself. */
  readonly admits: (remoteAddress: string) => boolean
  /** False when there is no room: the sender is told to come again. */
  readonly deliver: (notified: Notified) => boolean
  readonly turnedAway: (who: string, why: string) => void
}

/** A small HTTP server that devices send their events to, shared by the devices of a link. */
export interface NotifyListener {
  /** How devices reach it, without a path. */
  readonly address: string
  /** Lets notifications in at a path of its own, until the scope closes. The name must be unguessable. */
  readonly admit: (name: string, consumer: Consumer) => Effect.Effect<void, never, Scope.Scope>
}

const pathPrefix = "/onvif/notify/"

/** Where a consumer of that name is reached. */
export const consumerUrl = (listener: NotifyListener, name: string): string =>
  `${listener.address.replace(/\/$/, "")}${pathPrefix}${name}`

/** Devices keep one connection each; strangers shall not take all of them. */
const connectionsMax = 512

/** A notification is a few kilobytes: whoever takes longer holds a connection for its own sake. */
const requestMs = 15_000

const end = (response: ServerResponse, status: number): void => {
  if (response.writableEnded || response.destroyed) return
  // What was not read of a request that is refused would be taken for the next one.
  if (status >= 400) response.setHeader("connection", "close")
  response.writeHead(status, { "content-length": 0 }).end()
}

const charsetIn = (request: IncomingMessage): string | undefined =>
  /;\s*charset\s*=\s*"?([\w.:-]{1,40})/i.exec(request.headers["content-type"] ?? "")?.[1]

/** IPv4 in the form that a socket of both kinds shows it in, and in its own, is one address. */
export const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, "")

const receive = (request: IncomingMessage, response: ServerResponse, consumer: Consumer): void => {
  const pieces: Array<Buffer> = []
  let length = 0
  const tooLarge = (): void => {
    consumer.turnedAway(plainAddress(request.socket.remoteAddress ?? ""), "its notification is too large")
    end(response, 413)
    request.destroy()
  }
  if (Number(request.headers["content-length"] ?? 0) > xmlMaxBytes) return tooLarge()
  request.on("data", (piece: Buffer) => {
    length += piece.length
    if (length > xmlMaxBytes) return tooLarge()
    pieces.push(piece)
  })
  request.on("error", () => {})
  request.on("end", () => {
    const answer = (status: number): void => end(response, status)
    const taken = consumer.deliver({ bytes: Buffer.concat(pieces, length), charset: charsetIn(request), answer })
    if (!taken) answer(503)
  })
}

const handlerFor =
  (consumers: ReadonlyMap<string, Consumer>) =>
  (request: IncomingMessage, response: ServerResponse): void => {
    const path = request.url ?? ""
    const consumer = path.startsWith(pathPrefix) ? consumers.get(path.slice(pathPrefix.length)) : undefined
    if (consumer === undefined) return end(response, 404)
    const from = plainAddress(request.socket.remoteAddress ?? "")
    if (!consumer.admits(from)) {
      consumer.turnedAway(from, "it sends notifications in a device's name from another address")
      return end(response, 403)
    }
    if (request.method !== "POST") return end(response, 405)
    receive(request, response, consumer)
  }

interface Shared {
  readonly server: Server
  readonly consumers: Map<string, Consumer>
  readonly up: Promise<void>
  users: number
}

/** By the settings of their link, which live as long as it does. */
const running = new WeakMap<PushListener, Shared>()
const closing = new WeakMap<PushListener, Promise<void>>()

const startServer = ({ host, port }: PushListener): Shared => {
  const consumers = new Map<string, Consumer>()
  const server = createServer({ requestTimeout: requestMs, headersTimeout: requestMs }, handlerFor(consumers))
  server.maxConnections = connectionsMax
  const up = new Promise<void>((resolve, reject) => {
    server.once("error", reject)
    server.listen(port, host, resolve)
  })
  return { server, consumers, up, users: 0 }
}

const use = async (settings: PushListener): Promise<Shared> => {
  await closing.get(settings)
  const shared = running.get(settings) ?? startServer(settings)
  running.set(settings, shared)
  shared.users++
  try {
    await shared.up
  } catch (error) {
    await leave(settings, shared)
    throw error
  }
  return shared
}

const leave = async (settings: PushListener, shared: Shared): Promise<void> => {
  shared.users--
  if (shared.users > 0) return
  if (running.get(settings) === shared) running.delete(settings)
  const closed = new Promise<void>((resolve) => shared.server.close(() => resolve()))
  closing.set(settings, closed)
  shared.server.closeAllConnections()
  await closed
  closing.delete(settings)
}

const addressOf = ({ host, address }: PushListener, server: Server): string => {
  const { port } = server.address() as AddressInfo
  return address ?? `http://${host.includes(":") ? `[${host}]` : host}:${port}`
}

/** The listener of a link, from the first device that needs it to the last. */
export const notifyListener = (settings: PushListener): Effect.Effect<NotifyListener, LinkLost, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.tryPromise({
      try: () => use(settings),
      catch: (cause) =>
        new LinkLost({
          reason: `nothing can be heard at ${settings.host}:${settings.port}: ${cause instanceof Error ? cause.message : String(cause)}`
        })
    }),
    (shared) => Effect.promise(() => leave(settings, shared))
  ).pipe(
    Effect.map(({ server, consumers }) => ({
      address: addressOf(settings, server),
      admit: (name, consumer) =>
        Effect.acquireRelease(
          Effect.sync(() => void consumers.set(name, consumer)),
          () => Effect.sync(() => void consumers.delete(name))
        )
    }))
  )
