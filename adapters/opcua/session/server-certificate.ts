import type { EndpointDescription } from "node-opcua"
import { Effect } from "effect"
import { CredentialsRejected } from "../../adapter.ts"
import { type Certificates, thumbprintOf } from "./certificates.ts"
import { type Refused, refusedBy } from "./failures.ts"
import type { Library } from "./library.ts"
import type { OpcuaSettings } from "../settings.ts"

/** What is wrong with a server's certificate, by what the pki folder says of it (OPC 10000-4, 6.1.3). */
const problems: Readonly<Record<string, (thumbprint: string) => string>> = {
  BadCertificateUntrusted: (thumbprint) =>
    `the server's certificate is not trusted (thumbprint ${thumbprint}): compare it with the one that the server itself ` +
    "shows, then run gatehouse certs trust",
  BadCertificateTimeInvalid: (thumbprint) =>
    `the server's certificate (thumbprint ${thumbprint}) has expired or is not valid yet: renew it there, or set the clock`,
  BadCertificateIssuerTimeInvalid: () => "the certificate of the server's issuer has expired or is not valid yet",
  BadCertificateRevoked: (thumbprint) =>
    `the server's certificate (thumbprint ${thumbprint}) was revoked: have a new one issued`,
  BadCertificateChainIncomplete: () =>
    "the issuer of the server's certificate is not known: put it into issuers/certs of the pki folder",
  BadCertificateRevocationUnknown: () =>
    "there is no revocation list of the server certificate's issuer: put it into issuers/crl of the pki folder",
  BadCertificateIssuerRevocationUnknown: () =>
    "there is no revocation list of the issuer above the server's: put it into issuers/crl of the pki folder"
}

/** Judges a server's certificate by the pki folder. What is not trusted lies in `rejected` afterwards. */
export const judgeCertificate = (
  { manager }: Certificates,
  certificate: Buffer
): Effect.Effect<void, CredentialsRejected | Refused> =>
  Effect.tryPromise({
    try: () => manager.checkCertificate(certificate),
    catch: (cause) => refusedBy("the server's certificate", cause)
  }).pipe(
    Effect.flatMap((status) => {
      if (status.isGood()) return Effect.void
      const thumbprint = thumbprintOf(certificate)
      const words =
        problems[status.name]?.(thumbprint) ?? `the server's certificate (thumbprint ${thumbprint}) is not acceptable`
      return Effect.fail(new CredentialsRejected({ reason: `${words} (${status.name})` }))
    })
  )

const policyName = (uri: string | null): string => uri?.split("#")[1] ?? "no policy"

/** The certificate of the endpoint that is wanted, among those that a server offers. */
export const wantedCertificate = (
  library: Library,
  endpoints: ReadonlyArray<EndpointDescription>,
  { securityMode, securityPolicy }: OpcuaSettings
): Effect.Effect<Buffer, CredentialsRejected> => {
  const isWanted = (one: EndpointDescription): boolean =>
    one.securityMode === library.MessageSecurityMode[securityMode] &&
    one.securityPolicyUri === library.SecurityPolicy[securityPolicy]
  const certificate = endpoints.find(isWanted)?.serverCertificate
  if (Buffer.isBuffer(certificate) && certificate.length > 0) return Effect.succeed(certificate)
  const offered = new Set(
    endpoints.map((one) => `${library.MessageSecurityMode[one.securityMode]} with ${policyName(one.securityPolicyUri)}`)
  )
  const reason = `the server has no endpoint with ${securityMode} and ${securityPolicy}: it offers ${[...offered].join(", ")}`
  return Effect.fail(new CredentialsRejected({ reason }))
}
