import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { createServer as createTlsServer } from "node:https"
import { SMTPServer, type SMTPServerOptions } from "smtp-server"
import { type Serving, serving } from "../road/serving.ts"

/** What a receiver got: the key that stood on it, and all of it. */
export interface Received {
  readonly key: string
  readonly text: string
}

const bodyOf = async (stream: AsyncIterable<unknown>): Promise<string> => {
  const parts: Array<Buffer> = []
  for await (const part of stream) parts.push(part as Buffer)
  return Buffer.concat(parts).toString("utf8")
}

/** A header of a mail, unfolded. */
export const headerOf = (mail: string, name: string): string =>
  new RegExp(`^${name}: *(.*)$`, "im").exec(mail.replaceAll(/\r?\n[ \t]+/g, " "))?.[1]?.trim() ?? ""

/** A real mail server. What `taken` answers decides whether a mail is taken: an error is what it says to it. */
export const startMailServer = async (
  taken: (mail: Received) => Promise<Error | undefined>,
  options: SMTPServerOptions = {}
): Promise<Serving> => {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    logger: false,
    ...options,
    onData: (stream, _session, done) => {
      // Whose sender goes away in the middle of it is not taken.
      void bodyOf(stream).then(
        async (text) => done(await taken({ key: headerOf(text, "Idempotency-Key"), text })),
        (cutOff: Error) => done(cutOff)
      )
    }
  })
  server.on("error", () => {})
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening))
  const { port } = server.server.address() as AddressInfo
  return { port, close: () => new Promise((closed) => server.close(() => closed())) }
}

/** What a hook answers: a status with headers, or nothing at all. */
export type HookAnswer = { readonly status: number; readonly headers?: Readonly<Record<string, string>> } | undefined

/** A real HTTP receiver, with TLS where there is a certificate. */
export const startHook = async (
  taken: (post: Received & { readonly headers: IncomingMessage["headers"] }) => Promise<HookAnswer>,
  tls?: { readonly cert: Buffer; readonly key: Buffer }
): Promise<Serving> => {
  const hear = (request: IncomingMessage, response: ServerResponse): void => {
    const answerTo = async (text: string): Promise<void> => {
      const answer = await taken({ key: String(request.headers["idempotency-key"]), text, headers: request.headers })
      if (answer !== undefined) response.writeHead(answer.status, answer.headers).end()
    }
    // A post that is cut off is not taken, and nobody waits for its answer.
    void bodyOf(request).then(answerTo, () => response.destroy())
  }
  return serving(tls === undefined ? createServer(hear) : createTlsServer(tls, hear))
}
