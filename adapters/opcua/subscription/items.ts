import type { MonitoredItemCreateRequestOptions, MonitoredItemCreateResult, NodeId } from "node-opcua"
import { Effect } from "effect"
import type { DeviceId } from "../../../gateway/domain/ids.ts"
import type { Live } from "../session/session.ts"
import { eventFilterOf, FilterProblem, ownFilterOf } from "../nodes/event-filter.ts"
import { modelChangeEventType } from "../nodes/event-types.ts"
import type { Refused } from "../session/failures.ts"
import { subscriptionServices } from "../session/library.ts"
import { nameOfNode } from "../nodes/node-names.ts"
import {
  findNodes,
  type Found,
  inBatches,
  notifierProblems,
  NotThere,
  variableProblems,
  wordsOf
} from "../nodes/nodes.ts"
import type { EventSource, Sources, ValueSource } from "../sources.ts"
import type { Item, Subscription } from "./subscription.ts"
import type { TypeChains } from "../nodes/type-chains.ts"

/** Something of the configuration that the server does not have, or does not give. */
export interface SourceProblem {
  readonly source: ValueSource | EventSource
  readonly device: DeviceId | undefined
  readonly why: string
}

interface Wanted<Source> {
  readonly source: Source
  readonly found: Found
}

interface Sorted<Source> {
  readonly wanted: ReadonlyArray<Wanted<Source>>
  readonly problems: ReadonlyArray<SourceProblem>
}

const problemOf = (source: ValueSource | EventSource, why: string, node = wordsOf(source.node)): SourceProblem => ({
  source,
  device: source.device,
  why: `${source.key}: ${node} ${why}`
})

const placeOf = ({ key, node }: Pick<Item, "key" | "node">): string => `${key} ${node}`

/** The nodes of sources that are there, are what they should be and are not watched yet; and what is wrong with others. */
const sortOut = Effect.fnUntraced(function* <Source extends ValueSource | EventSource>(
  live: Live,
  sources: ReadonlyArray<Source>,
  watched: ReadonlyArray<Item>,
  problemsOf: (wanted: ReadonlyArray<Wanted<Source>>) => Effect.Effect<ReadonlyArray<string | undefined>, Refused>
): Effect.fn.Return<Sorted<Source>, Refused> {
  const wanted: Array<Wanted<Source>> = []
  const problems: Array<SourceProblem> = []
  for (const source of sources) {
    const found = yield* findNodes(live, source.node)
    if (found instanceof NotThere) problems.push(problemOf(source, `cannot be watched: ${found.why}`))
    else wanted.push(...found.map((one) => ({ source, found: one })))
  }
  const known = new Set(watched.map(placeOf))
  const news = wanted.filter(({ source, found }) => !known.has(placeOf({ key: source.key, node: found.name })))
  const whys = yield* problemsOf(news)
  for (const [nth, { source, found }] of news.entries()) {
    const why = whys[nth]
    if (why !== undefined) problems.push(problemOf(source, why, found.name))
  }
  return { wanted: news.filter((_, nth) => whys[nth] === undefined), problems }
})

/** An item that is asked for, and what it is once the server grants it. */
interface Asking {
  readonly request: MonitoredItemCreateRequestOptions
  readonly source: ValueSource | EventSource
  readonly item: Item
}

const itemOf = (handle: number, { source, found }: Wanted<ValueSource | EventSource>) => ({
  handle,
  key: source.key,
  matched: found.matched,
  device: source.device,
  node: found.name,
  queueSize: 0
})

const monitored = (live: Live, nodeId: NodeId, attributeId: number) => ({
  itemToMonitor: { nodeId, attributeId },
  monitoringMode: live.library.MonitoringMode.Reporting
})

const askValue = (live: Live, handle: number, wanted: Wanted<ValueSource>): Asking => {
  const { source, found } = wanted
  const { queueSize, samplingIntervalMs: samplingInterval } = source
  return {
    source,
    item: { kind: "value", ...itemOf(handle, wanted) },
    request: {
      ...monitored(live, found.node, live.library.AttributeIds.Value),
      requestedParameters: { clientHandle: handle, samplingInterval, queueSize, discardOldest: true }
    }
  }
}

const askEvents = (
  live: Live,
  handle: number,
  wanted: Wanted<EventSource>,
  queueSize: number,
  withConditions: boolean
): Asking => {
  const { source, found } = wanted
  const { filter, fields } = eventFilterOf(live, source, withConditions)
  return {
    source,
    item: { kind: "event", fields, ...itemOf(handle, wanted) },
    request: {
      ...monitored(live, found.node, live.library.AttributeIds.EventNotifier),
      // OPC 10000-4, 7.21: for events, 0 asks for each as it comes.
      requestedParameters: { clientHandle: handle, samplingInterval: 0, filter, queueSize, discardOldest: true }
    }
  }
}

/** Asks for items. Those that the server grants belong to the subscription; answers the others, with why not. */
const create = <A extends Omit<Asking, "source">>(live: Live, subscription: Subscription, asked: ReadonlyArray<A>) =>
  inBatches(asked, (some) =>
    Effect.map(
      live.ask("watching", (session) =>
        subscriptionServices(session).createMonitoredItems({
          subscriptionId: subscription.id,
          timestampsToReturn: live.library.TimestampsToReturn.Both,
          itemsToCreate: some.map(({ request }) => request)
        })
      ),
      ({ results }) =>
        some.flatMap((asking, nth) => {
          const result: MonitoredItemCreateResult | undefined = results?.[nth]
          if (result === undefined || result.statusCode.isNotGood()) {
            return [{ asking, status: result?.statusCode.name ?? "no answer" }]
          }
          const { item } = asking
          const { monitoredItemId: id, revisedQueueSize: queueSize } = result
          subscription.items.set(item.handle, { ...item, id, queueSize })
          if (item.kind === "value") subscription.unheard.add(item.handle)
          return []
        })
    )
  )

/** What a server answers that does not know the fields of conditions (OPC 10000-4, 5.13.2.4). */
const notTheseFields = new Set(["BadEventFilterInvalid", "BadMonitoredItemFilterInvalid", "BadFilterNotAllowed"])

const askForEvents = Effect.fnUntraced(function* (
  live: Live,
  subscription: Subscription,
  wanted: ReadonlyArray<Wanted<EventSource>>,
  queueSize: number,
  nextHandle: () => number
): Effect.fn.Return<ReadonlyArray<SourceProblem>, Refused> {
  const problems: Array<SourceProblem> = []
  for (const one of wanted) {
    let refused = yield* Effect.try({
      try: () => askEvents(live, nextHandle(), one, queueSize, true),
      catch: (error) => error as FilterProblem
    }).pipe(
      Effect.flatMap((asking) => create(live, subscription, [asking])),
      Effect.catchIf(
        (error) => error instanceof FilterProblem,
        (error) => {
          problems.push(problemOf(one.source, `cannot be heard: ${error.message}`, one.found.name))
          return Effect.succeed([])
        }
      )
    )
    const [first] = refused
    if (first !== undefined && notTheseFields.has(first.status)) {
      refused = yield* create(live, subscription, [askEvents(live, nextHandle(), one, queueSize, false)])
    }
    problems.push(
      ...refused.map(({ status }) => problemOf(one.source, `is not granted by the server (${status})`, one.found.name))
    )
  }
  return problems
})

/** Has the server watch the sources in a subscription. Answers those that it does not, with the reasons. */
export const addItems = Effect.fnUntraced(function* (
  live: Live,
  chains: TypeChains,
  subscription: Subscription,
  sources: Sources,
  eventQueueSize: number
): Effect.fn.Return<ReadonlyArray<SourceProblem>, Refused> {
  const watched = [...subscription.items.values()]
  let handle = Math.max(0, ...subscription.items.keys())
  const nextHandle = (): number => ++handle
  // Events first: what happens while the values are asked for is heard.
  const events = yield* sortOut(live, sources.events, watched, (wanted) =>
    notifierProblems(
      live,
      wanted.map(({ found }) => found.node)
    )
  )
  const deaf = yield* askForEvents(live, subscription, events.wanted, eventQueueSize, nextHandle)
  const values = yield* sortOut(live, sources.values, watched, (wanted) =>
    variableProblems(
      live,
      chains,
      wanted.map(({ source, found }) => ({ node: found.node, kind: source.kind }))
    )
  )
  const refused = yield* create(
    live,
    subscription,
    values.wanted.map((wanted) => askValue(live, nextHandle(), wanted))
  )
  return [
    ...events.problems,
    ...deaf,
    ...values.problems,
    ...refused.map(({ asking, status }) =>
      problemOf(asking.source, `is not granted by the server (${status})`, asking.item.node)
    )
  ]
})

/** The sources of which nothing is watched yet. */
export const unwatched = ({ values, events }: Sources, { items }: Subscription): Sources => {
  const watched = new Set([...items.values()].map(({ key }) => key))
  return {
    values: values.filter(({ key }) => !watched.has(key)),
    events: events.filter(({ key }) => !watched.has(key))
  }
}

/** What is watched and lay where a path of the configuration led: it leads there no longer. */
export const vanished = Effect.fnUntraced(function* (
  live: Live,
  { values, events }: Sources,
  { items }: Subscription
): Effect.fn.Return<ReadonlyArray<Item>, Refused> {
  const there = new Set<string>()
  const byPath = new Set<string>()
  for (const { key, node } of [...values, ...events]) {
    if ("nodeId" in node) continue
    byPath.add(key)
    const found = yield* findNodes(live, node)
    if (found instanceof NotThere) continue
    for (const { name } of found) there.add(placeOf({ key, node: name }))
  }
  return [...items.values()].filter((item) => byPath.has(item.key) && !there.has(placeOf(item)))
})

/** Has the server watch them no longer. Many have given them up with their nodes. */
export const dropItems = (live: Live, subscription: Subscription, items: ReadonlyArray<Item>): Effect.Effect<void> => {
  for (const { handle } of items) {
    subscription.items.delete(handle)
    subscription.unheard.delete(handle)
  }
  const monitoredItemIds = items.flatMap(({ id }) => id ?? [])
  if (monitoredItemIds.length === 0) return Effect.void
  return live
    .ask("what is not there any more", (session) =>
      subscriptionServices(session).deleteMonitoredItems({ subscriptionId: subscription.id, monitoredItemIds })
    )
    .pipe(Effect.ignore)
}

/** No source of a mapping has this key. */
const modelKey = ""

/** Whether something is watched for our own sake, and says that nodes came or went. */
export const tellsOfNodes = ({ key }: Pick<Item, "key">): boolean => key === modelKey

/** Has the server say when nodes come and go, where it can: many cannot, and what it answers is of no account. */
export const watchNodes = (live: Live, subscription: Subscription): Effect.Effect<void, Refused> => {
  if ([...subscription.items.values()].some(tellsOfNodes)) return Effect.void
  const { AttributeIds, resolveNodeId } = live.library
  const handle = 1 + Math.max(0, ...subscription.items.keys())
  const server = resolveNodeId("Server")
  const { filter, fields } = ownFilterOf(live, modelChangeEventType)
  const node = nameOfNode(live.namespaces, server)
  const asking: Omit<Asking, "source"> = {
    item: { kind: "event", fields, handle, key: modelKey, matched: [], device: undefined, node, queueSize: 0 },
    request: {
      ...monitored(live, server, AttributeIds.EventNotifier),
      requestedParameters: { clientHandle: handle, samplingInterval: 0, filter, queueSize: 10, discardOldest: true }
    }
  }
  return create(live, subscription, [asking]).pipe(
    Effect.catch((refused) => (refused.status === undefined ? Effect.fail(refused) : Effect.void)),
    Effect.asVoid
  )
}
