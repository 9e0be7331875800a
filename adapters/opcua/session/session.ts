import { X509Certificate } from "node:crypto"
import { readFileSync } from "node:fs"
import type { ClientSession, OPCUAClient, UserIdentityInfo } from "node-opcua"
import { Effect, type Scope } from "effect"
import { CredentialsRejected, type LinkLost } from "../../adapter.ts"
import { readSecret, SecretMissing } from "../../secret.ts"
import { applicationUriOf } from "./certificates.ts"
import { answerWithinMs, closeWithinMs, openWithinMs } from "./client.ts"
import { type Connection, within } from "./connection.ts"
import { failureOf, type Refused } from "./failures.ts"
import { type Library, neverParked } from "./library.ts"
import type { OpcuaSettings, OpcuaUser } from "../settings.ts"

/** A session on a connection. */
export interface Live {
  readonly connection: Connection
  readonly library: Library
  readonly session: ClientSession
  /** The server's namespaces by index, now. */
  readonly namespaces: ReadonlyArray<string>
  /** Runs a service. It goes out now or fails, and fails when there is no answer in time. */
  readonly ask: <A>(
    what: string,
    run: (session: ClientSession) => Promise<A>,
    withinMs?: number
  ) => Effect.Effect<A, Refused>
}

const certificateOf = (client: OPCUAClient): X509Certificate | undefined => {
  const certificate = client.serverCertificate
  const [leaf] = Array.isArray(certificate) ? certificate : [certificate]
  return leaf === undefined ? undefined : new X509Certificate(leaf)
}

const identityOf = (library: Library, user: OpcuaUser): Effect.Effect<UserIdentityInfo, CredentialsRejected> =>
  Effect.try({
    try: (): UserIdentityInfo => {
      const { UserTokenType } = library
      if (user === "anonymous") return { type: UserTokenType.Anonymous }
      if ("username" in user) {
        return { type: UserTokenType.UserName, userName: user.username, password: readSecret(user.password) }
      }
      const certificateData = new X509Certificate(readFileSync(user.certificate)).raw
      return { type: UserTokenType.Certificate, certificateData, privateKey: readFileSync(user.key, "utf8") }
    },
    catch: (cause) =>
      new CredentialsRejected({
        reason:
          cause instanceof SecretMissing
            ? cause.message
            : `user cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`
      })
  })

/** Another server than the one that is configured gets neither user nor password of ours. */
const checkServer = (
  { client, attempted }: Connection,
  { applicationUri }: OpcuaSettings,
  endpoints: ReadonlyArray<{ readonly server: { readonly applicationUri: string | null } }>
): Effect.Effect<void, CredentialsRejected> => {
  if (applicationUri === undefined) return Effect.void
  const certificate = certificateOf(client)
  const shown = certificate === undefined ? endpoints[0]?.server.applicationUri : applicationUriOf(certificate)
  if (shown === applicationUri) return Effect.void
  const reason = `${attempted.endpoint} is ${shown ?? "a server without a name"}, not ${applicationUri}: check endpoint and applicationUri`
  return Effect.fail(new CredentialsRejected({ reason }))
}

interface OfferedEndpoint {
  readonly securityMode: number
  readonly securityPolicyUri: string | null
  readonly userIdentityTokens: ReadonlyArray<{
    readonly tokenType: number
    readonly securityPolicyUri: string | null
  }> | null
}

/** OPC 10000-4, 7.41: a password is encrypted by the token's own policy, or else the channel's. */
export const checkPassword = (
  library: Pick<Library, "MessageSecurityMode" | "UserTokenType">,
  { securityMode, user }: Pick<OpcuaSettings, "securityMode" | "user">,
  endpoints: ReadonlyArray<OfferedEndpoint>
): Effect.Effect<void, CredentialsRejected> => {
  if (securityMode !== "None" || user === "anonymous" || !("username" in user)) return Effect.void
  const clear = (policy: string | null): boolean => policy === null || policy === "" || policy.endsWith("#None")
  const tokens = endpoints
    .filter((endpoint) => endpoint.securityMode === library.MessageSecurityMode.None)
    .flatMap(({ userIdentityTokens }) => userIdentityTokens ?? [])
    .filter(({ tokenType }) => tokenType === library.UserTokenType.UserName)
  if (tokens.length === 0 || tokens.some(({ securityPolicyUri }) => !clear(securityPolicyUri))) return Effect.void
  const reason = "the password would go to the server in clear: take a securityMode other than None"
  return Effect.fail(new CredentialsRejected({ reason }))
}

const openSession = Effect.fnUntraced(function* (connection: Connection, settings: OpcuaSettings) {
  const { client, library } = connection
  const failed = Effect.mapError((refused: Refused) => failureOf(refused, connection.attempted))
  const endpoints = yield* within("the endpoints", answerWithinMs, () => client.getEndpoints()).pipe(failed)
  yield* checkServer(connection, settings, endpoints)
  yield* checkPassword(library, settings, endpoints)
  const identity = yield* identityOf(library, settings.user)
  return yield* within("the session", openWithinMs, () => client.createSession(identity)).pipe(failed)
})

/** Takes over the session that an earlier connection left at the server (OPC 10000-4, 5.7.3). */
const takeOver = ({ client }: Connection, session: ClientSession): Effect.Effect<void, Refused> =>
  within("the session", answerWithinMs, () => client.reactivateSession(session))

/** What an earlier connection of the same process has left at the server. */
export interface LeftSession {
  session: ClientSession | undefined
}

/** A session, and whether it is the one that was left: then the server has kept its subscription in it. */
export const openLive = Effect.fnUntraced(function* (
  connection: Connection,
  settings: OpcuaSettings,
  left: LeftSession
): Effect.fn.Return<{ readonly live: Live; readonly resumed: boolean }, LinkLost | CredentialsRejected> {
  const before = left.session
  const resumed =
    before !== undefined &&
    (yield* takeOver(connection, before).pipe(
      Effect.as(true),
      // Only the server's own word ends a session: one whose answer was lost on the way is tried again.
      Effect.catch((refused) =>
        refused.status === undefined ? Effect.fail(failureOf(refused, connection.attempted)) : Effect.succeed(false)
      )
    ))
  if (!resumed) left.session = undefined
  const session = before !== undefined && resumed ? before : yield* openSession(connection, settings)
  left.session = neverParked(session)
  const ask: Live["ask"] = (what, run, withinMs = answerWithinMs) => within(what, withinMs, () => run(session))
  const namespaces = yield* ask("the namespaces", (known) => known.readNamespaceArray()).pipe(
    Effect.mapError((refused) => failureOf(refused, connection.attempted))
  )
  return { live: { connection, library: connection.library, session, namespaces, ask }, resumed }
})

/** Closes the session for good; its subscriptions may be left to be taken over by the next process. */
export const closeSession = (left: LeftSession, leaveSubscriptions: boolean): Effect.Effect<void> =>
  Effect.suspend(() => {
    const { session } = left
    left.session = undefined
    if (session === undefined) return Effect.void
    return Effect.promise(() => session.close(!leaveSubscriptions).catch(() => undefined)).pipe(
      Effect.timeoutOption(closeWithinMs),
      Effect.asVoid
    )
  })

/** A session of its own, that is given back when the scope closes: nothing is left at the server. */
export const openBriefly = Effect.fnUntraced(function* (
  connection: Connection,
  settings: OpcuaSettings
): Effect.fn.Return<Live, LinkLost | CredentialsRejected, Scope.Scope> {
  const left: LeftSession = { session: undefined }
  yield* Effect.addFinalizer(() => closeSession(left, false))
  const { live } = yield* openLive(connection, settings, left)
  return live
})
