import { readFileSync } from "node:fs"
import type { X509Certificate } from "node:crypto"
import { createServer, type Server, type Socket } from "node:net"
import { createServer as createTlsServer, TLSSocket } from "node:tls"
import { BrokerReader } from "./broker-reader.ts"
import { type BrokerTls, SecretMissing } from "./settings.ts"

/** More clients than this are not connected at once: a campus has hundreds of devices, not thousands. */
export const clientsMax = 5000

/** A client that has not said who it is by then is cut. */
export const connectWithinMs = 10_000

/** Told of a sender that is cut, in words. */
export type Refused = (who: string, what: string) => void

/** One client's connection as aedes reads it. */
export interface Guarded {
  readonly stream: Socket
  /** What stands between the stream and aedes. */
  readonly reader: BrokerReader
  /** Where it comes from. */
  readonly address: string
  /** Common name of its certificate, when one was asked for and our authority signed it. */
  readonly certificate: string | undefined
  /** That certificate. */
  readonly shown: X509Certificate | undefined
}

const pem = (what: string, file: string): Buffer => {
  try {
    return readFileSync(file)
  } catch (error) {
    throw new SecretMissing(`tls.${what} cannot be read: ${error instanceof Error ? error.message : file}`)
  }
}

const commonNameOf = (socket: Socket): string | undefined => {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined
  const { subject } = socket.getPeerCertificate()
  const name = subject?.CN
  return typeof name === "string" ? name : undefined
}

/** The client's socket, guarded where aedes reads it. */
const guard = (socket: Socket, address: string, refused: Refused): Guarded => {
  const reader = new BrokerReader(socket, (problem) => refused(address, problem))
  socket.on("error", () => socket.destroy())
  const certificate = commonNameOf(socket)
  const shown = certificate !== undefined && socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined
  return { stream: socket, reader, address, certificate, shown }
}

/** An answer does not wait until the network has acknowledged the one before. */
const noDelay = true

const listenerOf = (tls: BrokerTls | undefined, connected: (socket: Socket) => void): Server => {
  if (tls === undefined) return createServer({ noDelay }, connected)
  const options = {
    noDelay,
    cert: pem("cert", tls.cert),
    key: pem("key", tls.key),
    minVersion: "TLSv1.2" as const,
    handshakeTimeout: connectWithinMs,
    ...(tls.ca === undefined ? {} : { ca: pem("ca", tls.ca), requestCert: true, rejectUnauthorized: true })
  }
  const server = createTlsServer(options, connected)
  server.on("tlsClientError", (_, socket) => socket.destroy())
  return server
}

/**
 * The embedded broker's socket: guarded, counted, and closed whole. `connected` gets each client. Throws `SecretMissing`
 * when a certificate cannot be read.
 */
export const makeBrokerSocket = (
  tls: BrokerTls | undefined,
  refused: Refused,
  connected: (client: Guarded) => void
): { readonly server: Server; readonly destroy: () => void } => {
  const sockets = new Set<Socket>()
  const server = listenerOf(tls, (socket) => {
    const address = socket.remoteAddress ?? "unknown address"
    if (sockets.size >= clientsMax) {
      refused(address, `was turned away: ${clientsMax} clients are connected`)
      return void socket.destroy()
    }
    sockets.add(socket)
    socket.once("close", () => sockets.delete(socket))
    connected(guard(socket, address, refused))
  })
  return {
    server,
    destroy: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    }
  }
}
