import type { DataValue, PublishResponse } from "node-opcua"
import { Effect, type Scope } from "effect"
import type { EpochMs } from "../../../gateway/domain/ids.ts"
import { rawEvent } from "../nodes/decode-event.ts"
import { systemTypes } from "../nodes/event-filter.ts"
import { type Refused, refusedBy } from "../session/failures.ts"
import { askRefresh } from "../subscription/condition-refresh.ts"
import { heardValue } from "../subscription/hearing.ts"
import { addItems, type SourceProblem } from "../subscription/items.ts"
import { publish } from "../session/library.ts"
import { nameOfNode, serverObject } from "../nodes/node-names.ts"
import { wordsOf } from "../nodes/nodes.ts"
import type { OpcuaMapping } from "../mapping/normalize.ts"
import { severityOf, type SomeVariant } from "../nodes/plain.ts"
import { brokeOff } from "./probe-nodes.ts"
import { several } from "../../probing/several.ts"
import { type Found, leftOut, StepFailed } from "../../probing/steps.ts"
import type { OpcuaProfile } from "../mapping/profile.ts"
import type { Live } from "../session/session.ts"
import type { OpcuaSettings } from "../settings.ts"
import { createSubscription, deleteSubscription } from "../subscription/subscribe.ts"
import { Subscription } from "../subscription/subscription.ts"
import type { TypeChains } from "../nodes/type-chains.ts"

/** First values come with the first message, and a refresh with the next ones: what has not come by then does not come. */
const hearForMs = 6000

/** A publish request is answered within this: a sign of life at the latest. */
const publishWithinMs = 15_000

/** A subscription of the probe's own. */
export interface Probing {
  readonly live: Live
  readonly subscription: Subscription
  readonly problems: ReadonlyArray<SourceProblem>
  /** Messages that were received and not acknowledged yet. */
  readonly open: Array<number>
}

/** Subscribes to all that the device is heard by, as its link does; the subscription ends with the scope. */
export const subscriptionStep = (
  live: Live,
  chains: TypeChains,
  { sources }: OpcuaMapping,
  settings: OpcuaSettings
): Effect.Effect<Found<Probing>, StepFailed, Scope.Scope> =>
  Effect.gen(function* () {
    const { queueSize, subscriptionLifetimeSeconds } = settings
    const created = yield* Effect.acquireRelease(createSubscription(live, settings), ({ id }) =>
      deleteSubscription(live, id)
    )
    const { publishingMs, lifetimeMs } = created.granted
    const lifetimeSeconds = Math.round(lifetimeMs / 1000)
    const subscription = new Subscription({ ...created, fingerprint: "", next: 1 })
    const problems = yield* addItems(live, chains, subscription, sources, queueSize)
    const items = [...subscription.items.values()]
    const values = items.filter(({ kind }) => kind === "value")
    const queues = values.map((item) => item.queueSize)
    const refused = problems.filter(({ source }) => sources.values.some((one) => one === source))
    const least = queues.length === 0 ? "" : `, ${Math.min(...queues)} values queued for each`
    const shorter = lifetimeSeconds < subscriptionLifetimeSeconds
    const said =
      `${several(values.length, "variable")} watched${least}; a message every ${publishingMs} ms at most; ` +
      `kept for ${lifetimeSeconds} s while we are away`
    return {
      value: { live, subscription, problems, open: [] },
      said,
      facts: {
        publishingMs,
        keepAliveMs: Math.round(created.keepAliveMs),
        lifetimeSeconds,
        watched: values.length,
        queueSizes: [...new Set(queues)],
        refused: refused.map(({ why }) => why)
      },
      ...(shorter
        ? {
            doubt: `after more than ${lifetimeSeconds} s away something is lost: ${subscriptionLifetimeSeconds} s were asked for`
          }
        : {})
    }
  }).pipe(Effect.mapError(brokeOff("the server gives no subscription")))

/** The next message, or the server's sign of life. What was received is acknowledged. */
const nextMessage = ({ live, subscription, open }: Probing): Effect.Effect<PublishResponse, Refused> =>
  Effect.callback<PublishResponse, Refused>((resume) => {
    const acks = open.splice(0).map((sequenceNumber) => ({ subscriptionId: subscription.id, sequenceNumber }))
    publish(live.library, live.session, acks, publishWithinMs, (error, response) =>
      resume(
        error === null && response !== undefined
          ? Effect.succeed(response)
          : Effect.fail(refusedBy("a message was asked for", error ?? "no answer"))
      )
    )
  }).pipe(
    Effect.timeoutOrElse({
      duration: publishWithinMs,
      orElse: () => Effect.fail(refusedBy("a message was asked for", "no answer came in time"))
    })
  )

/** What one message brought. */
interface Brought {
  readonly values: ReadonlyArray<{ readonly handle: number; readonly value: DataValue }>
  readonly events: ReadonlyArray<{ readonly handle: number; readonly fields: ReadonlyArray<SomeVariant | null> }>
}

const messageOf = (probing: Probing): Effect.Effect<Brought, Refused> =>
  Effect.map(nextMessage(probing), ({ notificationMessage }) => {
    const { DataChangeNotification, EventNotificationList } = probing.live.library
    const data = notificationMessage.notificationData ?? []
    if (data.length > 0) probing.open.push(notificationMessage.sequenceNumber)
    return {
      values: data.flatMap((one) =>
        one instanceof DataChangeNotification
          ? (one.monitoredItems ?? []).map(({ clientHandle, value }) => ({ handle: clientHandle, value }))
          : []
      ),
      events: data.flatMap((one) =>
        one instanceof EventNotificationList
          ? (one.events ?? []).map(({ clientHandle, eventFields }) => ({
              handle: clientHandle,
              fields: (eventFields ?? []) as ReadonlyArray<SomeVariant | null>
            }))
          : []
      )
    }
  })

/** Hears messages until enough was heard, or for its time. */
const hearUntil = (probing: Probing, hear: (brought: Brought) => boolean): Effect.Effect<void, Refused> =>
  Effect.gen(function* () {
    const until = performance.now() + hearForMs
    while (performance.now() < until) if (hear(yield* messageOf(probing))) return
  })

/** A point of the device, as its first value has it. */
export interface FirstValue {
  readonly point: string
  readonly said: string
}

const pointLines = (
  mapping: OpcuaMapping,
  heard: ReturnType<typeof heardValue>,
  now: EpochMs
): ReadonlyArray<FirstValue> =>
  mapping.normalize(heard, now).observations.flatMap((one): ReadonlyArray<FirstValue> => {
    if (one._tag === "Reading") return [{ point: one.point, said: one.reading.value }]
    if (one._tag === "Occurrence") return [{ point: one.point, said: one.occurrence._tag }]
    return one._tag === "Unreadable" ? [{ point: one.source, said: `unreadable: ${one.why}` }] : []
  })

/** So many points are told one by one. */
const linesMax = 24

/** Hears the first value of each variable. */
export const valuesStep = Effect.fnUntraced(function* (
  probing: Probing,
  mapping: OpcuaMapping,
  now: () => EpochMs
): Effect.fn.Return<Found<ReadonlyArray<string>>, StepFailed> {
  const { live, subscription } = probing
  const waiting = new Set(
    [...subscription.items.values()].flatMap(({ kind, handle }) => (kind === "value" ? [handle] : []))
  )
  const wanted = waiting.size
  if (wanted === 0) return { ...leftOut("no variable is watched"), value: [] }
  const points: Array<FirstValue> = []
  const unsure: Array<string> = []
  yield* hearUntil(probing, ({ values }) => {
    for (const { handle, value } of values) {
      const item = subscription.items.get(handle)
      if (item?.kind !== "value" || !waiting.delete(handle)) continue
      const heard = heardValue(item, value, live.namespaces, "recovery")
      if (severityOf(value.statusCode.value) !== "good") unsure.push(`${item.node} (${value.statusCode.name})`)
      points.push(...pointLines(mapping, heard, now()))
    }
    return waiting.size === 0
  }).pipe(Effect.mapError(brokeOff("the server gives a subscription and no messages")))
  const unreadable = points.filter(({ said }) => said.startsWith("unreadable: "))
  const silent = [...waiting].map((handle) => subscription.items.get(handle)?.node ?? "")
  const doubts = [
    ...(silent.length === 0
      ? []
      : [`${several(silent.length, "variable")} said nothing within ${hearForMs / 1000} s, such as ${silent[0]}`]),
    ...(unsure.length === 0
      ? []
      : [
          `${several(unsure.length, "variable")} without a good value, such as ${unsure[0]}: look at the panel's modules`
        ]),
    ...(unreadable.length === 0
      ? []
      : [`${several(unreadable.length, "value")} that the profile does not know: add them to a copy of it`])
  ]
  const shown = points.slice(0, linesMax).map(({ point, said }) => `${point}  ${said}`)
  const more = points.length > linesMax ? [`and ${points.length - linesMax} more`] : []
  return {
    value: points.map(({ point }) => point),
    said: `${wanted - silent.length} of ${several(wanted, "first value")} came`,
    details: [...shown, ...more],
    facts: { points, unsure, silent },
    ...(doubts.length === 0 ? {} : { doubt: doubts.join("; ") })
  }
})

/** Who tells the device's events, and how many the server queues. */
export const eventsStep = (
  { subscription, problems }: Probing,
  { sources }: OpcuaMapping,
  { queueSize }: OpcuaSettings
): Effect.Effect<Found<void>, StepFailed> => {
  if (sources.events.length === 0) return Effect.succeed(leftOut("the profile has no events"))
  const deaf = problems.filter(({ source }) => sources.events.some((one) => one === source))
  const items = [...subscription.items.values()].filter(({ kind }) => kind === "event")
  const [first] = deaf
  const facts = {
    notifiers: items.map(({ node, queueSize: size }) => ({ node, queueSize: size })),
    refused: deaf.map(({ why }) => why)
  }
  if (first !== undefined)
    return Effect.fail(
      new StepFailed({
        said: first.why,
        todo: "name a notifier in a copy of the profile that tells events: discover opcua shows which do",
        details: deaf.map(({ why }) => `✘ ${why}`),
        facts
      })
    )
  const least = Math.min(...items.map((item) => item.queueSize))
  const who = sources.events.map(({ node }) => wordsOf(node)).join(", ")
  return Effect.succeed({
    value: undefined,
    said: `${who === serverObject ? "the Server object" : who} tells events; ${least} are queued`,
    facts,
    ...(least < queueSize
      ? {
          doubt: `${queueSize} were asked for: at 10 events a second the server bridges ${Math.round(least / 10)} s in which we are away`
        }
      : {})
  })
}

interface ToldCondition {
  readonly name: string
  readonly source: string
  readonly active: boolean
  readonly acked: boolean
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "")

const namedType = ({ live }: Probing, fields: ReadonlyArray<SomeVariant | null>): string => {
  const type: unknown = fields[0]?.value
  return type instanceof live.library.NodeId ? nameOfNode(live.namespaces, type) : ""
}

/** Has the server repeat its conditions, and hears which there are. */
export const conditionsStep = Effect.fnUntraced(function* (
  probing: Probing,
  { readings, occurrences }: OpcuaProfile
): Effect.fn.Return<Found<void>, StepFailed> {
  const { live, subscription } = probing
  const hasAlarms = [...readings, ...occurrences].some(({ listens }) => listens._tag === "Alarm")
  if (!hasAlarms) return leftOut("the profile has no alarms")
  if (![...subscription.items.values()].some(({ kind }) => kind === "event")) return leftOut("no events are heard")
  const status = yield* askRefresh(live, subscription.id).pipe(
    Effect.mapError(brokeOff("the conditions were asked for"))
  )
  if (status.isNotGood())
    return {
      value: undefined,
      said: `the server does not repeat its conditions (${status.name})`,
      facts: { refresh: status.name },
      doubt: "alarms are unknown after each connection until they change: take variables for them, where it has any"
    }
  const conditions = new Map<string, ToldCondition>()
  let ended = false
  yield* hearUntil(probing, ({ events }) => {
    for (const { handle, fields } of events) {
      const item = subscription.items.get(handle)
      if (item?.kind !== "event") continue
      const type = namedType(probing, fields)
      if (type === systemTypes.refreshEnd) ended = true
      const told = rawEvent(item.fields, fields, live.namespaces).fields
      const { ConditionId: id } = told
      if (typeof id !== "string" || id === "i=0" || type === systemTypes.refreshStart) continue
      conditions.set(`${id} ${textOf(told["BranchId"])}`, {
        name: textOf(told["ConditionName"]),
        source: textOf(told["SourceName"]),
        active: told["ActiveState/Id"] === true,
        acked: told["AckedState/Id"] !== false
      })
    }
    return ended
  }).pipe(Effect.mapError(brokeOff("the conditions were asked for")))
  const all = [...conditions.values()]
  const active = all.filter((one) => one.active)
  const facts = { refresh: "Good", ended, conditions: all }
  const said = `repeated when asked: ${several(all.length, "condition")}, ${active.length} active`
  const details = active
    .slice(0, linesMax)
    .map(({ name, source, acked }) => `${source} ${name} is active${acked ? "" : ", not acknowledged"}`)
  return {
    value: undefined,
    said,
    details,
    facts,
    ...(ended
      ? {}
      : {
          doubt:
            "its end was not told: an alarm that ended while we were away is not noticed; hear events at the Server object"
        })
  }
})
