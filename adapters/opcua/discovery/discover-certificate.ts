import { X509Certificate } from "node:crypto"
import { Effect, Result } from "effect"
import type { EpochMs } from "../../../gateway/domain/ids.ts"
import { applicationUriOf, type Certificates, listCertificates, thumbprintOf } from "../session/certificates.ts"
import { type Refused, statusIn } from "../session/failures.ts"
import { judgeCertificate } from "../session/server-certificate.ts"

/** The certificate that a server shows. Until it is trusted, all of it is the word of whoever answers there. */
export interface ServerCertificate {
  /** SHA-1 of the whole, hexadecimal: the name by which `certs` and products show it. */
  readonly thumbprint: string
  readonly subject: string
  readonly applicationUri: string | undefined
  /** ISO 8601. */
  readonly validFrom: string
  readonly validTo: string
}

/** What the pki folder says of it. */
export type Judgement =
  | { readonly _tag: "Trusted" }
  /** A person has not decided yet, or has decided against it. */
  | { readonly _tag: "Untrusted" }
  /** No trust could help: it has ended, was revoked, or its issuer is not known. */
  | { readonly _tag: "Unacceptable"; readonly why: string }

/** Reads what a server shows; `undefined` for what is no certificate. */
export const readServerCertificate = (shown: Buffer): ServerCertificate | undefined => {
  try {
    const certificate = new X509Certificate(shown)
    return {
      thumbprint: thumbprintOf(certificate.raw),
      subject: certificate.subject.replaceAll("\n", ", "),
      applicationUri: applicationUriOf(certificate),
      validFrom: new Date(certificate.validFrom).toISOString(),
      validTo: new Date(certificate.validTo).toISOString()
    }
  } catch {
    return undefined
  }
}

/** A certificate that is nobody's yet, and that would be refused all the same once it were trusted. */
const outOfTime = ({ validFrom, validTo }: ServerCertificate, now: EpochMs): string | undefined => {
  if (Date.parse(validTo) <= now)
    return `the server's certificate has ended on ${validTo.slice(0, 10)}: have a new one made there`
  return Date.parse(validFrom) > now
    ? `the server's certificate is not valid before ${validFrom.slice(0, 10)}: set the clocks`
    : undefined
}

/** Judges a server's certificate as a link does. What is not trusted lies in `rejected` of the pki folder afterwards. */
export const judgementOf = (
  certificates: Certificates,
  shown: Buffer,
  now: EpochMs
): Effect.Effect<Judgement, Refused> =>
  Effect.result(judgeCertificate(certificates, shown)).pipe(
    Effect.flatMap((judged) => {
      if (Result.isSuccess(judged)) return Effect.succeed<Judgement>({ _tag: "Trusted" })
      const { failure } = judged
      if (failure._tag === "Refused") return Effect.fail(failure)
      if (statusIn(failure.reason) !== "BadCertificateUntrusted")
        return Effect.succeed<Judgement>({ _tag: "Unacceptable", why: failure.reason })
      const certificate = readServerCertificate(shown)
      const why = certificate === undefined ? "the server's certificate cannot be read" : outOfTime(certificate, now)
      return Effect.succeed<Judgement>(why === undefined ? { _tag: "Untrusted" } : { _tag: "Unacceptable", why })
    })
  )

/** Whether a person has trusted another certificate of the same application before: it may have been renewed, or forged. */
export const replaces = (pki: string, { applicationUri, thumbprint }: ServerCertificate): boolean =>
  applicationUri !== undefined &&
  listCertificates(pki).some(
    (one) => one.trust === "trusted" && one.applicationUri === applicationUri && one.thumbprint !== thumbprint
  )
