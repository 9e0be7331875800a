import type { EndpointDescription, OPCUAClient, OPCUAClientOptions } from "node-opcua"
import { Effect, type Scope } from "effect"
import type { Certificates } from "./certificates.ts"
import { type Refused, refusedBy } from "./failures.ts"
import { letGo, type Library } from "./library.ts"

/** A server that has not let us in by then is not reachable: discovery, channel and session are three exchanges. */
export const openWithinMs = 10_000

/** One service is answered by then, or not at all. */
export const answerWithinMs = 5000

/** A connection that is let go is closed in good order, but not at any cost. */
export const closeWithinMs = 1000

/** A client that is let go, with its connection, when the scope closes. Without more options it secures nothing. */
export const acquireClient = (
  library: Library,
  { manager, applicationUri }: Certificates,
  more: OPCUAClientOptions = {}
): Effect.Effect<OPCUAClient, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() =>
      library.OPCUAClient.create({
        applicationName: "Gatehouse",
        applicationUri,
        clientName: "Gatehouse",
        clientCertificateManager: manager,
        // Behind a proxy or NAT the server calls itself otherwise than we call it.
        endpointMustExist: false,
        // One attempt: what is tried again is decided by the link and by the supervisor.
        connectionStrategy: { maxRetry: 0, initialDelay: 100, maxDelay: 100 },
        keepSessionAlive: false,
        transportTimeout: answerWithinMs,
        defaultTransactionTimeout: answerWithinMs,
        ...more
      })
    ),
    (made) => Effect.promise(() => letGo(made).catch(() => undefined)).pipe(Effect.timeoutOption(closeWithinMs))
  )

/** Asks a server, before anything is secured, which endpoints it offers. Neither user nor password is sent. */
export const askEndpoints = (
  library: Library,
  certificates: Certificates,
  endpoint: string
): Effect.Effect<ReadonlyArray<EndpointDescription>, Refused> =>
  Effect.scoped(
    Effect.flatMap(acquireClient(library, certificates), (client) =>
      Effect.tryPromise({
        try: async () => {
          await client.connect(endpoint)
          return client.getEndpoints()
        },
        catch: (cause) => refusedBy("what the server offers", cause)
      })
    )
  ).pipe(
    Effect.timeoutOrElse({
      duration: openWithinMs,
      orElse: () => Effect.fail(refusedBy("what the server offers", "no answer came in time: timed out"))
    })
  )
