import { Agent, type ClientRequest, type IncomingMessage, request as httpRequest } from "node:http"
import { request as httpsRequest } from "node:https"
import { Clock, Data, Effect, type Scope } from "effect"
import type { Access, CallFailed } from "./connection.ts"
import { distrust, VerifyingAgent } from "./tls.ts"

/** A device serves few connections at once: one for its long pull, one for everything else. */
const socketsMax = 2

/** An idle connection is closed after so long, before the device closes it just as it is used again (gSOAP: 5 to 10 s). */
const standardIdleMs = 4000

/** A connection taken up again that breaks sooner was closed while it was idle: the device has not seen the request. */
const closedWhileIdleWithinMs = 500

export interface HttpRequest {
  readonly url: URL
  readonly method: "GET" | "POST"
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** A larger answer is cut off and refused. */
  readonly maxBytes: number
  /** What it asks for must not be done twice: it goes out at most once, on a connection that was not idle before. */
  readonly once?: boolean
}

export interface HttpReply {
  readonly status: number
  /** Every value of a header that may come more than once. */
  readonly headers: (name: string) => ReadonlyArray<string>
  readonly bytes: Uint8Array
  /** When it was complete, by our clock, epoch milliseconds. */
  readonly receivedAt: number
  /** From the request's last byte to the answer's first, milliseconds. */
  readonly tookMs: number
}

/** No answer came, or none that could be taken. */
export class ExchangeFailed extends Data.TaggedError("ExchangeFailed")<{
  readonly kind: CallFailed["kind"]
  readonly reason: string
  /** What had come of the answer. */
  readonly partial?: Uint8Array
  readonly status?: number
  readonly closedAfterMs?: number
  /** There was no connection: the device has seen nothing of the request. */
  readonly unsent?: true
}> {}

/** One device's HTTP, one request at a time on each of its few connections. No redirect is followed. */
export interface Exchange {
  readonly send: (request: HttpRequest) => Effect.Effect<HttpReply, ExchangeFailed>
}

type NodeError = Error & { readonly code?: string }

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens at",
  EHOSTUNREACH: "there is no way to",
  ENETUNREACH: "there is no way to",
  EHOSTDOWN: "there is no way to",
  ETIMEDOUT: "nothing answers at",
  ENOTFOUND: "no address is known for",
  EAI_AGAIN: "no address can be found now for"
}

const unreached = (error: NodeError, host: string, connected: boolean): ExchangeFailed => {
  const unsent = connected ? {} : { unsent: true as const }
  const untrusted = distrust(error)
  if (untrusted !== undefined) return new ExchangeFailed({ kind: "unpinned", reason: untrusted, ...unsent })
  const code = error.code ?? ""
  if (code.startsWith("HPE_"))
    return new ExchangeFailed({ kind: "unreadable", reason: `the HTTP of ${host} is malformed (${code})` })
  if (code === "EPROTO" || code.startsWith("ERR_SSL"))
    return new ExchangeFailed({
      kind: "unreachable",
      reason: `${host} does not speak TLS as we do (${error.message.trim()}): check https and the port`,
      ...unsent
    })
  const known = words[code]
  return new ExchangeFailed({
    kind: "unreachable",
    reason: known === undefined ? `${host} cannot be reached (${error.message})` : `${known} ${host}`,
    ...unsent
  })
}

const isClosing = ({ code }: NodeError): boolean => code === "ECONNRESET" || code === "EPIPE"

/** One attempt: what came of it, and whether the request went out on a connection that was already gone. */
interface Attempt {
  readonly request: HttpRequest
  readonly agent: Agent
  readonly now: () => number
  readonly succeed: (reply: HttpReply) => void
  readonly fail: (failure: ExchangeFailed, wasIdle: boolean) => void
}

const readBody = (response: IncomingMessage, tookMs: number, attempt: Attempt): void => {
  const { maxBytes, url } = attempt.request
  const pieces: Array<Buffer> = []
  let length = 0
  const refuse = (reason: string): void => {
    const partial = Buffer.concat(pieces)
    attempt.fail(new ExchangeFailed({ kind: "unreadable", reason, partial, status: response.statusCode ?? 0 }), false)
    response.destroy()
  }
  const tooLong = `${url.host} sends more than the ${maxBytes} bytes that are accepted`
  if (Number(response.headers["content-length"] ?? 0) > maxBytes) return refuse(tooLong)
  response.on("data", (piece: Buffer) => {
    length += piece.length
    if (length > maxBytes) return refuse(tooLong)
    pieces.push(piece)
  })
  response.on("error", () => refuse(`the answer of ${url.host} breaks off after ${length} bytes`))
  response.on("end", () => {
    const reply: HttpReply = {
      status: response.statusCode ?? 0,
      headers: (name) => response.headersDistinct[name] ?? [],
      bytes: Buffer.concat(pieces, length),
      receivedAt: attempt.now(),
      tookMs
    }
    // Node gives the connection back a tick later; whoever asks again at once is to find it.
    process.nextTick(() => attempt.succeed(reply))
  })
}

const start = (attempt: Attempt): ClientRequest => {
  const { url, method, headers, body } = attempt.request
  const make = url.protocol === "https:" ? httpsRequest : httpRequest
  // Devices end lines with LF alone, tell a length beside chunks and write control characters into headers.
  const request = make(url, {
    method,
    agent: attempt.agent,
    headers: { ...headers, "Accept-Encoding": "identity" },
    insecureHTTPParser: true
  })
  let sentAt: number | undefined
  let connected = false
  request.on("socket", (socket) => {
    if (request.reusedSocket || !socket.connecting) connected = true
    else socket.once(url.protocol === "https:" ? "secureConnect" : "connect", () => (connected = true))
  })
  request.on("finish", () => (sentAt = performance.now()))
  request.on("response", (response) => readBody(response, performance.now() - (sentAt ?? performance.now()), attempt))
  request.on("error", (error: NodeError) => {
    if (!isClosing(error)) return attempt.fail(unreached(error, url.host, connected), false)
    if (!connected) {
      const reason = `${url.host} closed the connection before anything was asked`
      return attempt.fail(new ExchangeFailed({ kind: "unreachable", reason, unsent: true }), false)
    }
    const closedAfterMs = Math.round(performance.now() - (sentAt ?? performance.now()))
    const reason = `${url.host} closed the connection without an answer, after ${closedAfterMs} ms`
    const wasIdle = request.reusedSocket && closedAfterMs < closedWhileIdleWithinMs
    attempt.fail(new ExchangeFailed({ kind: "unreachable", reason, closedAfterMs }), wasIdle)
  })
  // In bytes: Node would send the headers of a text body in UTF-8 with it, and they are Latin-1.
  request.end(Buffer.from(body, "utf8"))
  return request
}

/** When each idle connection became so, by `performance.now()`. */
type IdleSince = WeakMap<object, number>

/** Lets go of connections that have been idle for too long: while our own loop stood still, nobody saw their time run out. */
const dropStale = (agent: Agent, idleSince: IdleSince, mostMs: number): void => {
  const before = performance.now() - mostMs
  for (const socket of Object.values(agent.freeSockets).flatMap((sockets) => sockets ?? []))
    if ((idleSince.get(socket) ?? before) <= before) socket.destroy()
}

/** The agents of one device; once they are closed, nothing is sent any more. */
interface Agents {
  readonly plain: Agent
  readonly secure: Agent
  /** One for a single request: its connection is new, and closed after the answer. */
  readonly single: (secure: boolean) => Agent
  readonly idleSince: IdleSince
  readonly idleMs: number
  closed: boolean
}

const agentFor = (agents: Agents, { url, once }: HttpRequest): Agent => {
  const secure = url.protocol === "https:"
  if (once === true) return agents.single(secure)
  const agent = secure ? agents.secure : agents.plain
  dropStale(agent, agents.idleSince, agents.idleMs)
  return agent
}

/** What of an access is for the connection itself. */
type Secured = Pick<Access, "tls" | "certificateShown">

const openAgents = (access: Secured, idleMs: number): Agents => {
  const options = { keepAlive: true, maxSockets: socketsMax, maxFreeSockets: 1, timeout: idleMs }
  const idleSince: IdleSince = new WeakMap()
  const plain = new Agent(options)
  const secure = new VerifyingAgent(options, access)
  for (const agent of [plain, secure])
    agent.on("free", (socket: object) => void idleSince.set(socket, performance.now()))
  return {
    plain,
    secure,
    single: (encrypted) =>
      encrypted ? new VerifyingAgent({ keepAlive: false }, access) : new Agent({ keepAlive: false }),
    idleSince,
    idleMs,
    closed: false
  }
}

const sendBy = (agents: Agents, request: HttpRequest, now: () => number): Effect.Effect<HttpReply, ExchangeFailed> =>
  Effect.callback<HttpReply, ExchangeFailed>((resume) => {
    let stopped = false
    let running: ClientRequest
    const fail = (failure: ExchangeFailed): void => resume(Effect.fail(failure))
    const attempt: Attempt = {
      request,
      agent: agentFor(agents, request),
      now,
      succeed: (reply) => resume(Effect.succeed(reply)),
      fail: (failure, wasIdle) => {
        if (wasIdle && request.once !== true && !stopped && !agents.closed) running = start({ ...attempt, fail })
        else fail(failure)
      }
    }
    running = start(attempt)
    return Effect.sync(() => {
      stopped = true
      running.destroy()
    })
  })

/**
 * HTTP with one device. An interrupted request's socket is closed at once, every socket when the scope closes. A request
 * is sent a second time only where an idle connection turns out to have been closed by the device, and never where it
 * must not be done twice: the device may have done it before it closed.
 */
export const makeExchange = (
  access: Secured,
  idleMs: number = standardIdleMs
): Effect.Effect<Exchange, never, Scope.Scope> =>
  Effect.gen(function* () {
    const agents = yield* Effect.acquireRelease(
      Effect.sync(() => openAgents(access, idleMs)),
      (opened) =>
        Effect.sync(() => {
          opened.closed = true
          opened.plain.destroy()
          opened.secure.destroy()
        })
    )
    const clock = yield* Clock.Clock
    return { send: (request) => sendBy(agents, request, () => clock.currentTimeMillisUnsafe()) }
  })
