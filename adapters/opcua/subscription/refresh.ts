import { Effect } from "effect"
import { LinkLost, type NotKept } from "../../adapter.ts"
import { askRefresh } from "./condition-refresh.ts"
import { conditionItems, readKnownConditions } from "./condition-states.ts"
import { Broken } from "../session/failures.ts"
import { devicesOf, type Hearing, heardValue, observationsOf } from "./hearing.ts"
import { addItems, dropItems, type SourceProblem, tellsOfNodes, unwatched, vanished, watchNodes } from "./items.ts"
import { nodeIdOf } from "../nodes/node-names.ts"
import { readAttributes } from "../nodes/nodes.ts"
import { keep, keepGap } from "./reporting.ts"
import type { HeardCondition, Sources } from "../sources.ts"
import { keepProblems, type Linked } from "./subscribe.ts"
import type { Item } from "./subscription.ts"

/** OPC 10000-9, 5.5.7: the last refresh goes on still. */
const refreshUnderWay = "BadRefreshInProgress"

/** What the server is asked for again is not asked for more often, whatever runs over. */
const atMostEveryMs = 1000

/**
 * What the server did not have is looked for again this often: it may have started before its panel. After a new connection
 * all is looked at, but no more often.
 */
const lookAgainEveryMs = 60_000

/** Has the server say again what is so. */
export interface Refresh {
  /** Something was lost: what is so must be said again. */
  readonly isDue: () => void
  /** The server says that nodes came or went. */
  readonly nodesChanged: () => void
  /** To be run when nothing more waits at the server. */
  readonly ifDue: Effect.Effect<void, Broken | LinkLost>
}

/** The values as they are now, and reports them as what has been so. */
const readValues = Effect.fnUntraced(function* ({ context, mapping }: Linked, { live, subscription }: Hearing) {
  const items = [...subscription.items.values()].flatMap((item) => {
    const node = item.kind === "value" ? nodeIdOf(live.library, live.namespaces, { nodeId: item.node }) : "no value"
    return typeof node === "string" ? [] : [{ item, node }]
  })
  const { Value } = live.library.AttributeIds
  const values = yield* readAttributes(
    live,
    items.map(({ node }) => ({ nodeId: node, attributeId: Value }))
  )
  const heard = items.flatMap(({ item }, nth) => {
    const value = values[nth]
    return value === undefined ? [] : [heardValue(item, value, live.namespaces, "recovery")]
  })
  yield* keep(context, observationsOf(mapping, heard).observations)
})

/** Has the server repeat its conditions. Answers its status where it does not. */
const refreshConditions = ({ context }: Linked, { live, subscription }: Hearing) =>
  askRefresh(live, subscription.id).pipe(
    Effect.map((status) => (status.isGood() ? undefined : status.name)),
    Effect.catch((refused) =>
      refused.status === undefined ? Effect.fail(refused) : Effect.succeed<string | undefined>(refused.status)
    ),
    Effect.tap((status) => {
      if (status === undefined) return Effect.void
      context.count("refresh_refused")
      return Effect.logDebug(`link ${context.link}: the server does not refresh conditions (${status})`)
    })
  )

/**
 * Something was lost, and the server does not repeat its conditions: those that are known are read where they are nodes.
 * Which others are active is not known; that is told, and no point of theirs is taken for normal. Answers what was read,
 * to be reported after everything that the gap puts in doubt.
 */
const makeUpForRefresh = Effect.fnUntraced(function* (linked: Linked, hearing: Hearing, status: string) {
  const items = yield* conditionItems(hearing)
  // Of a source that tells no conditions there is nothing to repeat.
  if (items.length === 0) return undefined
  const read = yield* readKnownConditions(hearing)
  const devices = devicesOf(items)
  const known = read.length === 0 ? "" : `${read.length} known ${read.length === 1 ? "one was" : "ones were"} read; `
  yield* keepGap(
    linked.context,
    "SubscriptionRefused",
    `the server does not repeat its alarms (${status}): ${known}which others are active is not known until they change`,
    devices === undefined ? {} : { devices }
  )
  return read
})

/** Reports how conditions stand, as what has been so. */
const keepConditions = (
  { context, mapping, remembered }: Linked,
  read: ReadonlyArray<HeardCondition>
): Effect.Effect<void, NotKept> =>
  Effect.suspend(() => {
    for (const heard of read) remembered.conditionHeard(heard)
    return keep(context, observationsOf(mapping, read).observations)
  })

/** Says of what was watched that it is there no longer: doors were taken off the panel, or renamed. */
const keepVanished = ({ context }: Linked, gone: ReadonlyArray<Item>): Effect.Effect<void> => {
  const nodes = [...new Set(gone.map(({ node }) => node))]
  const others = nodes.length - 3
  const more = others > 0 ? ` and ${others} ${others === 1 ? "other" : "others"}` : ""
  const devices = devicesOf(gone)
  return keepGap(
    context,
    "SubscriptionRefused",
    `${nodes.slice(0, 3).join(", ")}${more} ${nodes.length === 1 ? "is" : "are"} not at the server any more`,
    devices === undefined ? {} : { devices }
  )
}

/**
 * After each connection, and whenever something was lost, the server says again what is so: values are read, conditions
 * refreshed. Of a new subscription the first values come by themselves.
 */
export const makeRefresh = (
  linked: Linked,
  hearing: Hearing,
  fresh: boolean,
  problems: ReadonlyArray<SourceProblem>
): Refresh => {
  const { context, mapping, settings } = linked
  const { chains, live, subscription } = hearing
  let due = true
  let lost = fresh
  let values = !fresh
  let refreshedAt = Number.NEGATIVE_INFINITY
  let missingAt = performance.now()
  let changed = false
  let reconnected = !fresh
  const hears = (item: Item): boolean => item.kind === "event" && !tellsOfNodes(item)
  const isDue = (): void => {
    due = true
    lost = true
  }

  const refreshNow = Effect.gen(function* () {
    due = false
    refreshedAt = performance.now()
    const hearsEvents = [...subscription.items.values()].some(hears)
    const refusal = hearsEvents ? yield* refreshConditions(linked, hearing) : undefined
    // One is under way: the next one is asked for when it is over.
    if (refusal === refreshUnderWay) due = true
    const madeUp = refusal !== undefined && !due && lost
    const read = madeUp ? yield* makeUpForRefresh(linked, hearing, refusal) : undefined
    // A gap puts all of a device in doubt: its values are read after it.
    if (values || read !== undefined) yield* readValues(linked, hearing)
    values = true
    yield* keepConditions(linked, read ?? [])
    lost &&= due
    yield* keep(context, mapping.reached())
  })

  // What is told once of a source is not told again with each look.
  const told = new Set(problems.map(({ why }) => why))
  const add = Effect.fnUntraced(function* (sources: Sources) {
    const before = subscription.items.size
    const still = yield* addItems(live, chains, subscription, sources, settings.queueSize)
    const news = still.filter(({ why }) => !told.has(why))
    for (const { why } of news) told.add(why)
    yield* keepProblems(linked, news)
    // Each is a gap: what it puts in doubt is read after it.
    if (news.length > 0) isDue()
    const more = subscription.items.size - before
    if (more === 0) return
    linked.remembered.itemsChanged()
    if (before > 0)
      yield* Effect.logInfo(`link ${context.link}: ${more} more nodes are watched: they were not there before`)
  })

  const lookForMissing = Effect.gen(function* () {
    missingAt = performance.now()
    const missing = unwatched(mapping.sources, subscription)
    if (missing.values.length + missing.events.length > 0) yield* add(missing)
  })

  const lookForAll = Effect.gen(function* () {
    const now = performance.now()
    changed = false
    reconnected = false
    missingAt = now
    subscription.lookedAt = now
    const gone = yield* vanished(live, mapping.sources, subscription)
    if (gone.length > 0) {
      yield* dropItems(live, subscription, gone)
      yield* keepVanished(linked, gone)
      isDue()
      linked.remembered.itemsChanged()
    }
    yield* watchNodes(live, subscription)
    yield* add(mapping.sources)
  })

  const lookIfDue = Effect.suspend(() => {
    const now = performance.now()
    const ageMs = now - subscription.lookedAt
    const isDueNow =
      (changed && ageMs >= atMostEveryMs) ||
      (reconnected && ageMs >= lookAgainEveryMs) ||
      ageMs >= settings.lookForNodesMinutes * 60_000
    if (isDueNow) return lookForAll
    return now - missingAt >= lookAgainEveryMs ? lookForMissing : Effect.void
  })

  const ifDue = Effect.gen(function* () {
    yield* lookIfDue
    if (due && performance.now() - refreshedAt >= atMostEveryMs) yield* refreshNow
  }).pipe(
    Effect.catchTags({
      // A server that says no is still there; what it did not say again is asked for with the next refresh.
      Refused: (refused) => {
        if (refused.status === undefined) return Effect.fail(new Broken({ reason: refused.message }))
        context.count("refresh_refused")
        return Effect.void
      },
      NotKept: ({ reason }) => Effect.fail(new LinkLost({ reason: `what is so was not kept: ${reason}` }))
    })
  )
  return { isDue, ifDue, nodesChanged: () => void (changed = true) }
}
