import { createHash } from "node:crypto"
import { Effect } from "effect"
import { type LinkContext, LinkLost } from "../../adapter.ts"
import type { Live } from "../session/session.ts"
import type { Refused } from "../session/failures.ts"
import { addItems, type SourceProblem, watchNodes } from "./items.ts"
import { tellGranted } from "./granted.ts"
import { subscriptionServices } from "../session/library.ts"
import type { Remembered } from "./remembered.ts"
import { keepGap } from "./reporting.ts"
import type { OpcuaSettings } from "../settings.ts"
import type { Mapping, Sources } from "../sources.ts"
import { type GrantedTimes, Subscription } from "./subscription.ts"
import type { TypeChains } from "../nodes/type-chains.ts"

/** The server shows that it and the subscription are there by a keep-alive this often at least. */
const keepAliveMs = 2000

/** One message brings no more: a slow line is not held by a long one, and a lost one costs less. */
const notificationsMax = 1000

/** All that a link is made of. */
export interface Linked {
  readonly settings: OpcuaSettings
  readonly mapping: Mapping
  readonly context: LinkContext
  readonly remembered: Remembered
}

/** A subscription on a session. */
export interface Subscribed {
  readonly subscription: Subscription
  /** It is new: the first values come by themselves, and what was before them is not known. */
  readonly fresh: boolean
  readonly problems: ReadonlyArray<SourceProblem>
}

const lostBy = (refused: Refused): LinkLost => new LinkLost({ reason: refused.message })

/** Of all that makes a subscription what it is. */
const fingerprintOf = ({ mapping, settings }: Linked): string => {
  const { publishingIntervalMs, queueSize, subscriptionLifetimeSeconds } = settings
  const asked = [mapping.sources, publishingIntervalMs, queueSize, subscriptionLifetimeSeconds]
  return createHash("sha1").update(JSON.stringify(asked)).digest("base64")
}

/** Deletes a subscription of ours that nobody wants any more. Whether the server does is its own affair. */
export const deleteSubscription = (live: Live, id: number): Effect.Effect<void> =>
  live
    .ask("a subscription", (session) => subscriptionServices(session).deleteSubscriptions({ subscriptionIds: [id] }))
    .pipe(Effect.ignore)

/** Takes a subscription over into the session (OPC 10000-4, 5.14.7). Answers why that could not be. */
const transfer = (live: Live, { id }: Subscription): Effect.Effect<string | undefined, LinkLost> =>
  live
    .ask("the subscription", (session) =>
      subscriptionServices(session).transferSubscriptions({ subscriptionIds: [id], sendInitialValues: false })
    )
    .pipe(
      Effect.map(({ results }) => {
        const status = results?.[0]?.statusCode
        return status?.isGood() === true ? undefined : (status?.name ?? "no answer")
      }),
      Effect.catch((refused) =>
        refused.status === undefined ? Effect.fail(lostBy(refused)) : Effect.succeed(refused.status)
      )
    )

const hasSources = ({ values, events }: Sources): boolean => values.length + events.length > 0

/** Says which sources are not watched. */
export const keepProblems = (
  { context }: Pick<Linked, "context">,
  problems: ReadonlyArray<SourceProblem>
): Effect.Effect<void> =>
  Effect.forEach(
    problems,
    ({ device, why }) =>
      keepGap(context, "SubscriptionRefused", why, device === undefined ? {} : { devices: [device] }),
    { discard: true }
  )

/** A subscription that the server has made, and what it made of what was asked for. */
export interface Created {
  readonly id: number
  readonly keepAliveMs: number
  readonly granted: GrantedTimes
}

/** Has the server make a subscription as the settings want it, with nothing in it. */
export const createSubscription = (
  live: Live,
  { publishingIntervalMs, subscriptionLifetimeSeconds }: OpcuaSettings
): Effect.Effect<Created, Refused> =>
  live
    .ask("a subscription", (session) =>
      subscriptionServices(session).createSubscription({
        requestedPublishingInterval: publishingIntervalMs,
        requestedMaxKeepAliveCount: Math.max(1, Math.round(keepAliveMs / publishingIntervalMs)),
        requestedLifetimeCount: Math.ceil((subscriptionLifetimeSeconds * 1000) / publishingIntervalMs),
        maxNotificationsPerPublish: notificationsMax,
        publishingEnabled: true,
        priority: 0
      })
    )
    .pipe(
      Effect.map(
        ({ subscriptionId, revisedPublishingInterval, revisedMaxKeepAliveCount, revisedLifetimeCount }): Created => ({
          id: subscriptionId,
          keepAliveMs: revisedPublishingInterval * revisedMaxKeepAliveCount,
          granted: {
            publishingMs: revisedPublishingInterval,
            lifetimeMs: revisedPublishingInterval * revisedLifetimeCount
          }
        })
      )
    )

const create = Effect.fnUntraced(function* (
  live: Live,
  chains: TypeChains,
  linked: Linked
): Effect.fn.Return<Subscribed, LinkLost> {
  const { context, mapping, remembered, settings } = linked
  const created = yield* createSubscription(live, settings).pipe(Effect.mapError(lostBy))
  const subscription = new Subscription({ ...created, fingerprint: fingerprintOf(linked), next: 1 })
  const problems = yield* addItems(live, chains, subscription, mapping.sources, settings.queueSize).pipe(
    Effect.mapError(lostBy)
  )
  const [first] = problems
  if (subscription.items.size === 0 && first !== undefined && hasSources(mapping.sources)) {
    yield* deleteSubscription(live, subscription.id)
    yield* keepProblems(linked, problems)
    return yield* new LinkLost({ reason: `nothing of what is configured is at the server: ${first.why}` })
  }
  yield* watchNodes(live, subscription).pipe(Effect.mapError(lostBy))
  subscription.lookedAt = performance.now()
  yield* tellGranted(linked, subscription)
  remembered.subscription = subscription
  context.count("subscriptions")
  return { subscription, fresh: true, problems }
})

/** Tells that nobody listened from when the server was last heard until now. */
const keepSessionLost = ({ context, remembered }: Linked, why: string): Effect.Effect<void> => {
  const { heardAt } = remembered
  const span = heardAt === undefined ? {} : { from: heardAt, to: context.now() }
  return keepGap(context, "SessionLost", why, span)
}

/** Completes when nothing of a subscription waits for the disk. */
const settled = (subscription: Subscription): Effect.Effect<void> =>
  Effect.callback<void>((resume) => {
    const forget = subscription.whenIdle(() => resume(Effect.void))
    return Effect.sync(forget)
  })

/**
 * Goes on with the subscription that there is, in this session or taken over into it; otherwise makes a new one and tells
 * the gap. A message that was not put on disk is asked for again.
 */
export const subscribe = Effect.fnUntraced(function* (
  live: Live,
  chains: TypeChains,
  linked: Linked,
  sessionResumed: boolean
): Effect.fn.Return<Subscribed, LinkLost> {
  const { remembered } = linked
  const before = remembered.subscription
  let why = "this is the first time that the server is listened to: what came before is not known"
  if (before !== undefined) {
    if (before.refused) yield* settled(before)
    before.rewind()
    const refusal = sessionResumed ? undefined : yield* transfer(live, before)
    const wanted = before.fingerprint === fingerprintOf(linked)
    if (refusal === undefined && wanted) {
      // The same subscription in the same process has told it already.
      if (!sessionResumed) yield* tellGranted(linked, before)
      return { subscription: before, fresh: false, problems: [] }
    }
    if (refusal === undefined) yield* deleteSubscription(live, before.id)
    remembered.subscription = undefined
    why =
      refusal === undefined
        ? "what is asked of the server has changed: what came in between is lost"
        : `the server has our subscription no longer (${refusal}): what came meanwhile is lost`
  } else if (remembered.heardAt !== undefined) {
    why = "the server lost our subscription: what came meanwhile is lost"
  }
  const subscribed = yield* create(live, chains, linked)
  yield* keepSessionLost(linked, why)
  remembered.heardAt = linked.context.now()
  remembered.write()
  if (remembered.unwritten !== undefined) {
    const { context, settings } = linked
    yield* Effect.logWarning(
      `link ${context.link}: what a restarted gateway goes on from cannot be kept in ${settings.state}: ${remembered.unwritten}`
    )
  }
  yield* keepProblems(linked, subscribed.problems)
  return subscribed
})
