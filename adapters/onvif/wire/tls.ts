import { Agent, type AgentOptions } from "node:https"
import { isIP } from "node:net"
import type { Duplex } from "node:stream"
import { connect, type ConnectionOptions, type TLSSocket } from "node:tls"
import { Data, Effect } from "effect"
import type { Access } from "./connection.ts"

/** The device shows a certificate that is not to be trusted; nothing was sent to it. */
export class CertificateRefused extends Error {}

/** What a device shows, for whoever enrols it. */
export interface DeviceCertificate {
  /** SHA-256 of the certificate, lower-case hex. */
  readonly fingerprint: string
  readonly subject: string
  readonly issuer: string
  /** As the certificate writes it. */
  readonly validTo: string
}

/** The device's certificate could not be read. */
export class NoCertificate extends Data.TaggedError("NoCertificate")<{ readonly reason: string }> {
  override get message(): string {
    return this.reason
  }
}

/** `AB:CD…` and `abcd…` are one fingerprint. */
const plainHex = (fingerprint: string): string => fingerprint.replace(/[^0-9A-Fa-f]/g, "").toLowerCase()

/** A name asks the device for its certificate (RFC 6066, section 3); an address must not stand there. */
const target = (host: string, port: number): ConnectionOptions => ({
  host,
  port,
  minVersion: "TLSv1.2",
  ...(isIP(host) === 0 ? { servername: host } : {})
})

const fingerprintOf = (socket: TLSSocket): string => plainHex(socket.getPeerCertificate().fingerprint256 ?? "")

/** What Node says of a certificate nobody vouches for. */
const trustErrors: ReadonlySet<string> = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "CERT_UNTRUSTED",
  "CERT_SIGNATURE_FAILURE"
])

const howToEnrol =
  "enrol the device with `npm run gatehouse -- probe <device> --enrol`, which prints the fingerprint to configure"

/** Why a certificate is refused, in words; undefined for an error that is about something else. */
export const distrust = (error: Error & { readonly code?: string }): string | undefined => {
  if (error instanceof CertificateRefused) return error.message
  const code = error.code ?? ""
  if (trustErrors.has(code)) return `nobody we trust vouches for the device's certificate (${code}): ${howToEnrol}`
  if (code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID")
    return `the device's certificate is not valid today (${code}): renew it, or ${howToEnrol}`
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID")
    return `the device's certificate is for another name: use that name as its address, or ${howToEnrol}`
  return undefined
}

/**
 * Connections of one device. With a fingerprint, that certificate and no other is trusted, its dates and names are not
 * looked at; else the authority given, or the system's. Nothing is sent before the certificate has been looked at: a
 * request that is written meanwhile waits in the corked socket.
 */
export class VerifyingAgent extends Agent {
  readonly #tls: NonNullable<Access["tls"]>
  readonly #shown: Access["certificateShown"]

  constructor(options: AgentOptions, { tls, certificateShown }: Pick<Access, "tls" | "certificateShown">) {
    super(options)
    this.#tls = tls ?? {}
    this.#shown = certificateShown
  }

  override createConnection(options: {
    readonly host?: string | null
    readonly port?: number | string | null
  }): Duplex {
    const { ca, fingerprint } = this.#tls
    const socket = connect({
      ...target(options.host ?? "", Number(options.port)),
      rejectUnauthorized: fingerprint === undefined,
      ...(ca === undefined ? {} : { ca })
    })
    socket.cork()
    socket.once("secureConnect", () => {
      if (fingerprint === undefined || fingerprintOf(socket) === plainHex(fingerprint)) {
        const certificate = socket.getPeerX509Certificate()
        if (certificate !== undefined) this.#shown?.(certificate)
        return socket.uncork()
      }
      socket.destroy(
        new CertificateRefused(
          `the device shows another certificate (SHA-256 ${fingerprintOf(socket)}) than the one enrolled: ` +
            `if it was replaced on purpose, ${howToEnrol}; if not, somebody may stand in between`
        )
      )
    })
    return socket
  }
}

const nameOf = (name: object | undefined): string =>
  Object.entries(name ?? {})
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(", ")

/** The certificate that a device shows, whoever signed it: to be looked at by a person, and enrolled. Nothing is sent. */
export const readCertificate = (
  host: string,
  port: number,
  timeoutMs: number
): Effect.Effect<DeviceCertificate, NoCertificate> =>
  Effect.callback<DeviceCertificate, NoCertificate>((resume) => {
    const socket = connect({ ...target(host, port), rejectUnauthorized: false })
    socket.once("secureConnect", () => {
      const certificate = socket.getPeerCertificate()
      socket.destroy()
      resume(
        Effect.succeed({
          fingerprint: plainHex(certificate.fingerprint256 ?? ""),
          subject: nameOf(certificate.subject),
          issuer: nameOf(certificate.issuer),
          validTo: certificate.valid_to ?? ""
        })
      )
    })
    socket.on("error", (error) => resume(Effect.fail(new NoCertificate({ reason: error.message }))))
    return Effect.sync(() => void socket.destroy())
  }).pipe(
    Effect.timeoutOrElse({
      duration: timeoutMs,
      orElse: () => Effect.fail(new NoCertificate({ reason: `no certificate came within ${timeoutMs / 1000} s` }))
    })
  )
