import { createHash } from "node:crypto"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { createServer as createTlsServer } from "node:https"
import type { AddressInfo, Socket } from "node:net"
import { Effect, type Scope } from "effect"
import type { Access, Answer, Call, CallFailed, Connection, Fetched } from "../../../adapters/onvif/wire/connection.ts"
import { openConnection } from "../../../adapters/onvif/wire/open-connection.ts"

/** A request as the device got it. */
export interface Asked {
  readonly method: string
  readonly path: string
  readonly contentType: string
  readonly authorization: string | undefined
  readonly body: string
  /** The connection it came on. */
  readonly socket: Socket
}

/** A device on loopback that answers as the test says, and remembers what it was asked. */
export interface WireDevice {
  readonly url: string
  readonly asked: Array<Asked>
  /** Connections that are open now. */
  readonly sockets: Set<Socket>
  /** Resolves once it has been asked so many times. */
  readonly askedTimes: (times: number) => Promise<Asked>
  readonly close: () => Promise<void>
}

export type Answering = (asked: Asked, response: ServerResponse, nth: number) => void

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const pieces: Array<Buffer> = []
  for await (const piece of request) pieces.push(piece as Buffer)
  return Buffer.concat(pieces).toString("utf8")
}

/** Starts a device; with a key and certificate it speaks TLS. */
export const startDevice = async (
  answer: Answering,
  tls?: { readonly key: Buffer; readonly cert: Buffer }
): Promise<WireDevice> => {
  const asked: Array<Asked> = []
  const sockets = new Set<Socket>()
  const waiting: Array<() => void> = []
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    const take = async (): Promise<void> => {
      const body = await bodyOf(request)
      const now: Asked = {
        method: request.method ?? "",
        path: request.url ?? "",
        contentType: request.headers["content-type"] ?? "",
        authorization: request.headers.authorization,
        body,
        socket: request.socket
      }
      asked.push(now)
      answer(now, response, asked.length)
      for (const wake of waiting.splice(0)) wake()
    }
    // A client that goes away while it sends is no failure of the device.
    take().catch(() => response.destroy())
  }
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener)
  server.on(tls === undefined ? "connection" : "secureConnection", (socket: Socket) => {
    sockets.add(socket)
    socket.on("error", () => socket.destroy())
    socket.once("close", () => {
      sockets.delete(socket)
      for (const wake of waiting.splice(0)) wake()
    })
  })
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  const { port } = server.address() as AddressInfo
  return {
    url: `http${tls === undefined ? "" : "s"}://127.0.0.1:${port}/onvif/service`,
    asked,
    sockets,
    askedTimes: async (times) => {
      while (asked.length < times) await new Promise<void>((wake) => waiting.push(wake))
      return asked[times - 1]!
    },
    close: async () => {
      const closed = new Promise<void>((done) => server.close(() => done()))
      server.closeAllConnections()
      for (const socket of sockets) socket.destroy()
      await closed
    }
  }
}

export const soap12 = "http://www.w3.org/2003/05/soap-envelope"

export const envelope = (body: string, header = ""): string =>
  `<?xml version="1.0"?><s:Envelope xmlns:s="${soap12}" xmlns:ter="http://www.onvif.org/ver10/error">` +
  `<s:Header>${header}</s:Header><s:Body>${body}</s:Body></s:Envelope>`

export const faultOf = (code: string, subcode: string, reason: string): string =>
  envelope(
    `<s:Fault><s:Code><s:Value>s:${code}</s:Value><s:Subcode><s:Value>ter:${subcode}</s:Value></s:Subcode></s:Code>` +
      `<s:Reason><s:Text xml:lang="en">${reason}</s:Text></s:Reason></s:Fault>`
  )

export const say = (
  response: ServerResponse,
  status: number,
  text: string | Uint8Array,
  headers: Record<string, string | ReadonlyArray<string>> = {}
): void => {
  response.writeHead(status, { "Content-Type": "application/soap+xml; charset=utf-8", ...headers })
  response.end(text)
}

/** The answer of a device that is content. */
export const done = (response: ServerResponse, headers: Record<string, string> = {}): void =>
  say(response, 200, envelope('<d:Done xmlns:d="urn:done">yes</d:Done>'), headers)

export const notAuthorized = faultOf("Sender", "NotAuthorized", "Sender not authorized")

export const tokenIn = ({ body }: Asked): { readonly nonce: string; readonly created: string } | undefined => {
  const nonce = /<wsse:Nonce[^>]*>([^<]+)</.exec(body)?.[1]
  const created = /<wsu:Created>([^<]+)</.exec(body)?.[1]
  return nonce === undefined || created === undefined ? undefined : { nonce, created }
}

/** Whether a request carries the WS-UsernameToken that the password makes. */
export const tokenProves = (asked: Asked, password: string): boolean => {
  const token = tokenIn(asked)
  const digest = /#PasswordDigest">([^<]+)</.exec(asked.body)?.[1]
  if (token === undefined) return false
  const nonce = Buffer.from(token.nonce, "base64")
  return createHash("sha1").update(nonce).update(token.created).update(password).digest("base64") === digest
}

export const parametersOf = (authorization: string | undefined): Record<string, string> =>
  Object.fromEntries(
    [...(authorization ?? "").matchAll(/(\w+)=(?:"([^"]*)"|([^\s,]+))/g)].map((match) => [
      match[1],
      match[2] ?? match[3] ?? ""
    ])
  ) as Record<string, string>

/** Whether an Authorization header is the MD5 digest (qop=auth) that user, password and realm make. */
export const digestProves = (asked: Asked, username: string, password: string): boolean => {
  const given = parametersOf(asked.authorization)
  const md5 = (text: string) => createHash("md5").update(text).digest("hex")
  const key = md5(`${username}:${given["realm"]}:${password}`)
  const a2 = md5(`${asked.method}:${asked.path}`)
  const response = md5(`${key}:${given["nonce"]}:${given["nc"]}:${given["cnonce"]}:${given["qop"]}:${a2}`)
  return given["username"] === username && given["uri"] === asked.path && given["response"] === response
}

export const access: Access = { username: "admin", password: "camera-pass", authentication: "auto" }

/** Runs what a test does with a connection; everything is closed afterwards. */
export const withConnection = <A, E>(
  who: Access,
  use: (connection: Connection) => Effect.Effect<A, E, Scope.Scope>
): Promise<A> => Effect.runPromise(Effect.scoped(openConnection(who).pipe(Effect.flatMap(use))))

export const callOf = (url: string, more: Partial<Call> = {}): Call => ({
  url,
  action: "http://www.onvif.org/ver10/device/wsdl/GetDeviceInformation",
  body: '<tds:GetDeviceInformation xmlns:tds="http://www.onvif.org/ver10/device/wsdl"/>',
  timeoutMs: 20_000,
  ...more
})

/** One call on a connection of its own. */
export const callOnce = (url: string, who: Access = access, more: Partial<Call> = {}): Promise<Answer> =>
  withConnection(who, (connection) => connection.call(callOf(url, more)))

/** The failure of one call. */
export const failureOf = (url: string, who: Access = access, more: Partial<Call> = {}): Promise<CallFailed> =>
  withConnection(who, (connection) => Effect.flip(connection.call(callOf(url, more))))

export const fetchOf = (url: string, who: Access = access, maxBytes = 100_000): Effect.Effect<Fetched, CallFailed> =>
  Effect.scoped(
    openConnection(who).pipe(Effect.flatMap((connection) => connection.fetch({ url, timeoutMs: 20_000, maxBytes })))
  )
