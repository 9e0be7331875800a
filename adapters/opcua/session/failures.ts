import { Data } from "effect"
import { CredentialsRejected, LinkLost } from "../../adapter.ts"

/** A service that the server did not carry out, or did not answer. */
export class Refused extends Data.TaggedError("Refused")<{
  readonly what: string
  /** The status code's name, where the server gave one, such as BadSessionIdInvalid. */
  readonly status: string | undefined
  /** The first line of it. */
  readonly reason: string
  readonly text: string
}> {
  override get message(): string {
    return `${this.what}: ${this.reason}`
  }
}

/** What was there a moment ago is there no longer; it may be back at once, and nothing need be lost by it. */
export class Broken extends Data.TaggedError("Broken")<{ readonly reason: string }> {
  override get message(): string {
    return this.reason
  }
}

/** The name of the status code that a text speaks of. */
export const statusIn = (text: string): string | undefined => /\b(?:Bad|Uncertain)[A-Z][A-Za-z]+\b/.exec(text)?.[0]

const firstLine = (text: string): string => text.trim().split("\n")[0]?.trim() ?? ""

export const refusedBy = (what: string, cause: unknown): Refused => {
  const text = cause instanceof Error ? cause.message : String(cause)
  return new Refused({ what, status: statusIn(text), reason: firstLine(text), text })
}

/** Where the link goes to, and who we are there, for the words of a failure. */
export interface Attempted {
  readonly endpoint: string
  readonly securityMode: string
  readonly securityPolicy: string
  readonly user: string
  /** SHA-1 of our own certificate, hexadecimal. */
  readonly ourThumbprint: string
}

type Words = (attempted: Attempted) => string

/** What the server says, or the library of it, that a person must act upon. The first that matches speaks. */
const forAPerson: ReadonlyArray<readonly [RegExp, Words]> = [
  [
    /BadSecurityChecksFailed|BadCertificateUntrusted|BadCertificateInvalid/,
    ({ ourThumbprint }) =>
      `the server does not trust the gateway's certificate: approve it there (thumbprint ${ourThumbprint})`
  ],
  [
    /BadCertificate(TimeInvalid|UriInvalid|UseNotAllowed|Revoked|PolicyCheckFailed)/,
    ({ ourThumbprint }) => `the server does not take the gateway's certificate (thumbprint ${ourThumbprint})`
  ],
  [
    /Cannot find ANONYMOUS user token policy/i,
    () => "the server takes nobody without a user: set username and password, or a certificate, in user"
  ],
  [
    /Cannot find USERNAME user token policy/i,
    () => "the server takes no user names: set user to anonymous or to a certificate"
  ],
  [
    /Cannot find Certificate \(X509\) user token policy/i,
    () => "the server takes no certificate as a user: set username and password, or anonymous, in user"
  ],
  [
    /BadUserAccessDenied|BadIdentityTokenRejected|BadIdentityTokenInvalid|BadUserSignatureInvalid/,
    ({ user }) => `the server refuses the user (${user}): check user`
  ],
  [
    /Cannot find an Endpoint matching|End ?point must exist/i,
    ({ securityMode, securityPolicy }) =>
      `the server has no endpoint with ${securityMode} and ${securityPolicy}: set securityMode and securityPolicy to what it offers`
  ]
]

/** Where connections end that were never there, or that fell silent. */
const away: ReadonlyArray<readonly [RegExp, string]> = [
  [/ECONNREFUSED/, "nobody listens there"],
  [/ENOTFOUND|EAI_AGAIN/, "its name is not known"],
  [/EHOSTUNREACH|ENETUNREACH/, "there is no way to it"],
  [/ETIMEDOUT|[Tt]imeout|timed out/, "no answer came in time"],
  [/BadTooManySessions/, "it has too many sessions already"],
  [/BadTcpServerTooBusy|BadServerTooBusy|BadTooManyOperations/, "it is too busy"],
  [/BadServerHalted|BadShutdown/, "it is shutting down"]
]

/** What it means that a connection or session could not be opened: whether trying again can help, and in which words. */
export const failureOf = ({ reason, status, text }: Refused, attempted: Attempted): LinkLost | CredentialsRejected => {
  for (const [pattern, words] of forAPerson) {
    if (!pattern.test(text)) continue
    return new CredentialsRejected({ reason: `${words(attempted)}${status === undefined ? "" : ` (${status})`}` })
  }
  const [, why] = away.find(([pattern]) => pattern.test(text)) ?? []
  return new LinkLost({ reason: `${attempted.endpoint} cannot be reached: ${why ?? reason}` })
}
