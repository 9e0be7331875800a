import type {
  ClientSession,
  ClientSessionPublishService,
  CreateMonitoredItemsRequestOptions,
  CreateMonitoredItemsResponse,
  CreateSubscriptionRequestOptions,
  CreateSubscriptionResponse,
  DeleteMonitoredItemsRequestOptions,
  DeleteMonitoredItemsResponse,
  DeleteSubscriptionsRequestOptions,
  DeleteSubscriptionsResponse,
  OPCUAClient,
  PublishResponse,
  RepublishResponse,
  TransferSubscriptionsRequestOptions,
  TransferSubscriptionsResponse
} from "node-opcua"
import { Effect } from "effect"
import { type Refused, refusedBy } from "./failures.ts"

/**
 * All that depends on how node-opcua works inside stands in this file; its version is pinned, and
 * test/adapters/opcua/library.test.ts fails where one of these things has changed.
 *
 * Of the library we use the wire, the secure channel and the session. Its own subscriptions, publish engine and
 * reconnection are not used: as of 2.186.4 they take a keep-alive's number for a message's, ask for missing messages from
 * the wrong one on, publish before they have asked, and acknowledge what nobody has stored (client_publish_engine.js,
 * client_subscription_impl.js, reconnection.js).
 */
export type Library = typeof import("node-opcua")

let loaded: Promise<Library> | undefined

const load = async (): Promise<Library> => {
  const library = await import("node-opcua")
  // It writes to the console, certificates in base64 included. What matters comes back to us as an error.
  const silent = () => {}
  library.setWarningLogger(silent)
  library.setErrorLogger(silent)
  library.setDebugLogger(silent)
  return library
}

/** The library, once: importing it takes most of a second and 100 MB, which only gateways with such a link are to pay. */
export const loadLibrary: Effect.Effect<Library> = Effect.promise(() => (loaded ??= load()))

/** What a session has inside beside its public face. */
interface SessionInside {
  _client: unknown
  performMessageTransaction: (request: unknown, done: unknown) => void
  readonly _performMessageTransaction: (request: unknown, done: unknown) => void
}

/**
 * Has each request of the session go out now or fail. Otherwise a request that is made while the connection is away is
 * parked, and one that finds the session gone makes a new session and is sent again there: an officer's answer would take
 * effect long after it was said to have failed.
 */
export const neverParked = (session: ClientSession): ClientSession => {
  const inside = session as unknown as SessionInside
  if (typeof inside._performMessageTransaction !== "function") {
    throw new TypeError("this node-opcua sends its requests otherwise: pin a version that is known")
  }
  inside.performMessageTransaction = inside._performMessageTransaction.bind(inside)
  return session
}

/** The services of subscriptions as they are on the wire (OPC 10000-4, 5.13 and 5.14): every session has them. */
export interface SubscriptionServices extends ClientSessionPublishService {
  readonly createSubscription: (request: CreateSubscriptionRequestOptions) => Promise<CreateSubscriptionResponse>
  readonly createMonitoredItems: (request: CreateMonitoredItemsRequestOptions) => Promise<CreateMonitoredItemsResponse>
  readonly deleteMonitoredItems: (request: DeleteMonitoredItemsRequestOptions) => Promise<DeleteMonitoredItemsResponse>
  readonly deleteSubscriptions: (request: DeleteSubscriptionsRequestOptions) => Promise<DeleteSubscriptionsResponse>
  readonly transferSubscriptions: (
    request: TransferSubscriptionsRequestOptions
  ) => Promise<TransferSubscriptionsResponse>
}

const servicesNeeded = [
  "createSubscription",
  "createMonitoredItems",
  "deleteMonitoredItems",
  "deleteSubscriptions",
  "transferSubscriptions",
  "publish",
  "republish"
] as const

/** A session's services that its public face leaves out. */
export const subscriptionServices = (session: ClientSession): SubscriptionServices => {
  const inside = session as unknown as SubscriptionServices
  for (const service of servicesNeeded) {
    if (typeof inside[service] === "function") continue
    throw new TypeError(`this node-opcua has no ${service}: pin a version that is known`)
  }
  return inside
}

/**
 * Lets go of a client, and of its connection if there is one, but keeps the server's session: `reactivateSession` of
 * another client can take it over (the client must have been made with `keepPendingSessionsOnDisconnect`).
 */
export const letGo = (client: OPCUAClient): Promise<void> => client.disconnect()

/**
 * One Publish request (OPC 10000-4, 5.14.5), with our own acknowledgements. It is answered when the server has something
 * to say, so it waits as long as `withinMs`; never before this has returned, so that who asks again for each answer asks
 * no more of a connection that has gone than of one that holds.
 */
export const publish = (
  library: Library,
  session: ClientSession,
  subscriptionAcknowledgements: ReadonlyArray<{ readonly subscriptionId: number; readonly sequenceNumber: number }>,
  withinMs: number,
  done: (error: Error | null, response?: PublishResponse) => void
): void => {
  const request = new library.PublishRequest({
    requestHeader: { timeoutHint: withinMs },
    subscriptionAcknowledgements: [...subscriptionAcknowledgements]
  })
  let asking = true
  // Requests that cannot go out any more are answered at once, by a throw in some cases.
  try {
    subscriptionServices(session).publish(request, (error, response) => {
      if (asking) setImmediate(done, error, response)
      else done(error, response)
    })
  } catch (error) {
    setImmediate(done, error instanceof Error ? error : new Error(String(error)))
  }
  asking = false
}

/** Asks for one message again (OPC 10000-4, 5.14.6). */
export const republish = (
  library: Library,
  session: ClientSession,
  subscriptionId: number,
  retransmitSequenceNumber: number
): Effect.Effect<RepublishResponse, Refused> =>
  Effect.callback<RepublishResponse, Refused>((resume) => {
    const request = new library.RepublishRequest({ subscriptionId, retransmitSequenceNumber })
    subscriptionServices(session).republish(request, (error, response) =>
      resume(
        error === null && response !== undefined
          ? Effect.succeed(response)
          : Effect.fail(refusedBy("a missing message was asked for", error ?? "no answer"))
      )
    )
  })
