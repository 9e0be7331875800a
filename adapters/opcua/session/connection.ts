import { randomUUID } from "node:crypto"
import type { OPCUAClient } from "node-opcua"
import { Deferred, Effect, Exit, type Scope } from "effect"
import { CredentialsRejected, LinkLost } from "../../adapter.ts"
import { type Certificates, openCertificates } from "./certificates.ts"
import { acquireClient, askEndpoints, openWithinMs } from "./client.ts"
import { type Attempted, Broken, failureOf, type Refused, refusedBy } from "./failures.ts"
import type { Library } from "./library.ts"
import { judgeCertificate, wantedCertificate } from "./server-certificate.ts"
import type { OpcuaSettings, OpcuaUser } from "../settings.ts"

/** A secure channel to the server, for as long as its scope is open. */
export interface Connection {
  readonly library: Library
  readonly client: OPCUAClient
  /** Unique to this connection. */
  readonly id: string
  readonly certificates: Certificates
  /** The server's, judged; absent where the channel is not secured. */
  readonly certificate: Buffer | undefined
  /** When the server was last heard, on our monotonic clock, milliseconds. */
  readonly heardAt: () => number
  /** Fails when the connection has ended. */
  readonly ended: Effect.Effect<never, Broken>
  readonly attempted: Attempted
}

/** Runs something of the library, within a time. */
export const within = <A>(what: string, withinMs: number, run: () => Promise<A>): Effect.Effect<A, Refused> =>
  Effect.tryPromise({ try: run, catch: (cause) => refusedBy(what, cause) }).pipe(
    Effect.timeoutOrElse({
      duration: withinMs,
      orElse: () => Effect.fail(refusedBy(what, `no answer in time (${withinMs / 1000} s)`))
    })
  )

const userWords = (user: OpcuaUser): string =>
  user === "anonymous" ? "anonymous" : "username" in user ? user.username : `the certificate ${user.certificate}`

const attemptedOf = (settings: OpcuaSettings, certificates: Certificates): Attempted => ({
  endpoint: settings.endpoint,
  securityMode: settings.securityMode,
  securityPolicy: settings.securityPolicy,
  user: userWords(settings.user),
  ourThumbprint: certificates.thumbprint
})

/** The client of a link. `certificate` is the server's; without it the channel is not secured. */
const linkClient = (
  library: Library,
  { securityMode, securityPolicy, sessionTimeoutSeconds }: OpcuaSettings,
  certificates: Certificates,
  certificate: Buffer | undefined
) =>
  acquireClient(library, certificates, {
    keepPendingSessionsOnDisconnect: true,
    requestedSessionTimeout: sessionTimeoutSeconds * 1000,
    ...(certificate === undefined
      ? {}
      : {
          securityMode: library.MessageSecurityMode[securityMode],
          securityPolicy: library.SecurityPolicy[securityPolicy],
          serverCertificate: certificate
        })
  })

/** The certificate that a server showed on an earlier connection. */
export interface KnownServer {
  certificate: Buffer | undefined
}

/** The server's certificate, judged; it is asked for where it is not known. */
const serverCertificate = Effect.fnUntraced(function* (
  library: Library,
  settings: OpcuaSettings,
  certificates: Certificates,
  known: Buffer | undefined
) {
  const certificate =
    known ??
    (yield* Effect.flatMap(askEndpoints(library, certificates, settings.endpoint), (endpoints) =>
      wantedCertificate(library, endpoints, settings)
    ))
  yield* judgeCertificate(certificates, certificate)
  return certificate
})

const firstLine = (text: string | undefined): string => text?.split("\n")[0] ?? "the server closed it"

const watch = (client: OPCUAClient) => {
  const ended = Deferred.makeUnsafe<never, Broken>()
  let heardAt = performance.now()
  client.on("receive_chunk", () => void (heardAt = performance.now()))
  client.on("close", (error) =>
    Deferred.doneUnsafe(ended, Exit.fail(new Broken({ reason: `the connection broke: ${firstLine(error?.message)}` })))
  )
  return { ended: Deferred.await(ended), heardAt: () => heardAt }
}

/** Opens a secure channel. The server's certificate is judged by the pki folder as it is now. */
export const openConnection = Effect.fnUntraced(function* (
  library: Library,
  settings: OpcuaSettings,
  known: KnownServer
): Effect.fn.Return<Connection, LinkLost | CredentialsRejected, Scope.Scope> {
  const certificates = yield* openCertificates(library, settings.pki).pipe(
    Effect.mapError(
      (error) => new CredentialsRejected({ reason: `the folder ${settings.pki} is not usable: ${error.message}` })
    )
  )
  const attempted = attemptedOf(settings, certificates)
  const failed = (error: Refused | CredentialsRejected) =>
    error._tag === "Refused" ? failureOf(error, attempted) : error
  const before = known.certificate
  // What fails with a certificate that was known may do so because the server has another one now.
  known.certificate = undefined
  const certificate =
    settings.securityMode === "None"
      ? undefined
      : yield* serverCertificate(library, settings, certificates, before).pipe(Effect.mapError(failed))
  const client = yield* linkClient(library, settings, certificates, certificate)
  const connection = { library, client, id: randomUUID(), certificates, certificate, ...watch(client), attempted }
  yield* within("the connection", openWithinMs, () => client.connect(settings.endpoint)).pipe(
    Effect.mapError((refused) => {
      const error = failureOf(refused, attempted)
      return before === undefined ? error : new LinkLost({ reason: error.reason })
    })
  )
  known.certificate = certificate
  return connection
})
