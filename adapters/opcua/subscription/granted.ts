import { Effect } from "effect"
import { tellsOfNodes } from "./items.ts"
import type { OpcuaSettings } from "../settings.ts"
import type { Linked } from "./subscribe.ts"
import type { Item, Subscription } from "./subscription.ts"

/** A busy panel: people come and go at some of its doors, and each passage is several events. */
const busyPerSecond = 10

const smallest = (items: ReadonlyArray<Item>, kind: Item["kind"]): number | undefined => {
  const queues = items.filter((item) => item.kind === kind && !tellsOfNodes(item)).map(({ queueSize }) => queueSize)
  return queues.length === 0 ? undefined : Math.min(...queues)
}

/** What the server grants, by the names that it is told under; the smallest queue of each kind counts. */
const grantedOf = ({ granted, items }: Subscription): Readonly<Record<string, number>> => {
  const all = [...items.values()]
  const told = {
    event_queue: smallest(all, "event"),
    value_queue: smallest(all, "value"),
    publishing_ms: granted?.publishingMs,
    lifetime_s: granted === undefined ? undefined : Math.round(granted.lifetimeMs / 1000)
  }
  return Object.fromEntries(
    Object.entries(told).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))
  )
}

/** "5000 events of each source (500 s at 10 a second)": as far as is known. */
const wordsOf = ({
  event_queue: events,
  publishing_ms: publishing,
  lifetime_s: lifetime
}: Readonly<Record<string, number>>) =>
  [
    ...(events === undefined
      ? []
      : [
          `queues ${events} events of each source, which covers ${Math.floor(events / busyPerSecond)} s at ${busyPerSecond} events a second`
        ]),
    ...(publishing === undefined ? [] : [`publishes every ${publishing} ms`]),
    ...(lifetime === undefined ? [] : [`keeps the subscription for ${lifetime} s without us`])
  ].join("; ")

/** What of it is less than was asked for: by so much its queues bridge the shorter an absence. */
const shortfalls = (settings: OpcuaSettings, { granted, items }: Subscription): ReadonlyArray<string> => {
  const { publishingIntervalMs, queueSize, subscriptionLifetimeSeconds } = settings
  const events = smallest([...items.values()], "event")
  return [
    ...(events !== undefined && events < queueSize ? [`queueSize ${queueSize}`] : []),
    ...(granted !== undefined && granted.lifetimeMs < subscriptionLifetimeSeconds * 1000
      ? [`subscriptionLifetimeSeconds ${subscriptionLifetimeSeconds}`]
      : []),
    ...(granted !== undefined && granted.publishingMs > publishingIntervalMs
      ? [`publishingIntervalMs ${publishingIntervalMs}`]
      : [])
  ]
}

/** Tells what the server grants: for the metrics and the status each time, in words where it is less than was asked for. */
export const tellGranted = ({ context, settings }: Linked, subscription: Subscription): Effect.Effect<void> =>
  Effect.suspend(() => {
    const levels = grantedOf(subscription)
    context.granted(levels)
    if (subscription.items.size === 0) return Effect.void
    const words = `link ${context.link}: its server ${wordsOf(levels)}`
    const short = shortfalls(settings, subscription)
    return short.length === 0
      ? Effect.logInfo(words)
      : Effect.logWarning(`${words}; that is less than was asked for (${short.join(", ")})`)
  })
