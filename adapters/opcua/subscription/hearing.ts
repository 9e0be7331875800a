import type { DataValue, NodeId, NotificationMessage } from "node-opcua"
import { Effect } from "effect"
import type { DeviceId, EpochMs } from "../../../gateway/domain/ids.ts"
import type { Observation } from "../../../gateway/domain/observation.ts"
import { isRefreshing, refreshEnded, refreshStarted, sourceOf } from "./conditions.ts"
import type { Live } from "../session/session.ts"
import { heardOf, rawEvent, systemEventOf } from "../nodes/decode-event.ts"
import type { Refused } from "../session/failures.ts"
import { nameOfNode } from "../nodes/node-names.ts"
import { hasOverflow, plainVariant, severityOf, type SomeVariant, timeOf } from "../nodes/plain.ts"
import type { Remembered } from "./remembered.ts"
import type { ConditionGone, Heard, HeardOrigin, HeardValue, Mapping } from "../sources.ts"
import type { Item, Subscription } from "./subscription.ts"
import type { TypeChains } from "../nodes/type-chains.ts"

/** What a message brought. */
export interface Brought {
  readonly heard: ReadonlyArray<Heard>
  /** What the message is to be known again by: the same each time that the server sends it. */
  readonly content: ReadonlyArray<unknown>
  /** Sources of which the server threw something away before this message. */
  readonly overflowed: ReadonlyArray<Item>
  /** The server says that it cannot vouch for its conditions: they are to be asked for again. */
  readonly refresh: boolean
  /** Conditions that are forgotten once the message is on disk. */
  readonly gone: ReadonlyArray<ConditionGone>
  /** How the server ended the subscription, where it did. */
  readonly ended: string | undefined
  /** Notifications of things that are not watched (any more). */
  readonly strangers: number
}

/** A message while it is read. */
type Reading = {
  -readonly [Name in keyof Brought]: Brought[Name] extends ReadonlyArray<infer A> ? Array<A> : Brought[Name]
}

const from = ({ key, matched, device, node }: Item) => ({ key, matched, device, node })

/** A variable's value as the mapping hears it. */
export const heardValue = (
  item: Item,
  value: DataValue,
  namespaces: ReadonlyArray<string>,
  origin: HeardOrigin
): HeardValue => {
  const status = severityOf(value.statusCode.value)
  return {
    _tag: "Value",
    ...from(item),
    value: status === "bad" ? null : plainVariant(value.value as SomeVariant, namespaces),
    status,
    statusName: value.statusCode.name,
    sourceTime: timeOf(value.sourceTimestamp),
    overflow: hasOverflow(value.statusCode.value),
    origin
  }
}

/** What reads the messages of a subscription. */
export interface Hearing {
  readonly live: Live
  readonly chains: TypeChains
  readonly subscription: Subscription
  readonly remembered: Remembered
  readonly mapping: Mapping
}

const readValue = (
  { live, subscription }: Hearing,
  reading: Reading,
  message: number,
  handle: number,
  value: DataValue
): void => {
  const item = subscription.items.get(handle)
  if (item?.kind !== "value") return void reading.strangers++
  const told = heardValue(item, value, live.namespaces, "change")
  const repeated = subscription.isRepeated(handle, message, told)
  const heard: HeardValue = subscription.unheard.delete(handle) || repeated ? { ...told, origin: "recovery" } : told
  if (heard.overflow) reading.overflowed.push(item)
  reading.heard.push(heard)
  reading.content.push([handle, heard.value, heard.statusName, heard.sourceTime])
}

const isNode = ({ library }: Live, value: unknown): value is NodeId => value instanceof library.NodeId

const readEvent = Effect.fnUntraced(function* (
  hearing: Hearing,
  reading: Reading,
  handle: number,
  values: ReadonlyArray<SomeVariant | null>
): Effect.fn.Return<void, Refused> {
  const { chains, live, remembered, subscription } = hearing
  const item = subscription.items.get(handle)
  if (item?.kind !== "event") return void reading.strangers++
  const type: unknown = values[0]?.value
  const chain = isNode(live, type) ? yield* chains(type) : []
  const types = chain.map((node) => nameOfNode(live.namespaces, node))
  const raw = rawEvent(item.fields, values, live.namespaces)
  reading.content.push([handle, raw.fields])
  const source = sourceOf(item)
  switch (systemEventOf(types)) {
    case "refreshStart":
      remembered.conditions = refreshStarted(remembered.conditions, source)
      return
    case "refreshEnd": {
      const [conditions, gone] = refreshEnded(remembered.conditions, source)
      remembered.conditions = conditions
      reading.gone.push(...gone)
      reading.heard.push(...gone)
      return
    }
    case "refreshRequired":
      reading.refresh = true
      return
    case "queueOverflow":
      reading.overflowed.push(item)
      return
    case undefined: {
      const repeated = isRefreshing(remembered.conditions, source)
      const heard = heardOf(from(item), raw, types, repeated ? "recovery" : "change")
      // What is no condition is never repeated: it happened meanwhile.
      if (heard._tag === "Event") return void reading.heard.push({ ...heard, origin: "change" })
      remembered.conditionHeard(heard)
      reading.heard.push(heard)
    }
  }
})

/** Reads one message. What the library could not read of it is left out; it fails only with the connection. */
export const readMessage = Effect.fnUntraced(function* (
  hearing: Hearing,
  { notificationData, sequenceNumber }: NotificationMessage
): Effect.fn.Return<Brought, Refused> {
  const { DataChangeNotification, EventNotificationList, StatusChangeNotification } = hearing.live.library
  const reading: Reading = {
    heard: [],
    content: [],
    overflowed: [],
    refresh: false,
    gone: [],
    ended: undefined,
    strangers: 0
  }
  for (const data of notificationData ?? []) {
    if (data instanceof DataChangeNotification) {
      for (const { clientHandle, value } of data.monitoredItems ?? [])
        readValue(hearing, reading, sequenceNumber, clientHandle, value)
    } else if (data instanceof EventNotificationList) {
      for (const { clientHandle, eventFields } of data.events ?? []) {
        yield* readEvent(hearing, reading, clientHandle, (eventFields ?? []) as ReadonlyArray<SomeVariant | null>)
      }
    } else if (data instanceof StatusChangeNotification) reading.ended = data.status.name
  }
  return reading
})

/** No raw text is kept longer than intake keeps it. */
const rawCharacters = 4096

/** What the mapping makes of what was heard. What it cannot read is an observation too. */
export const observationsOf = (
  { normalize }: Mapping,
  heard: ReadonlyArray<Heard>
): { readonly observations: ReadonlyArray<Observation>; readonly unreadable: number } => {
  let unreadable = 0
  const observations = heard.flatMap((one): ReadonlyArray<Observation> => {
    try {
      return normalize(one)
    } catch (error) {
      unreadable++
      const why = error instanceof Error ? error.message : String(error)
      const device = one.device === undefined ? {} : { device: one.device }
      return [
        { _tag: "Unreadable", ...device, why, source: one.node, raw: JSON.stringify(one).slice(0, rawCharacters) }
      ]
    }
  })
  return { observations, unreadable }
}

/** The devices whose readings are in doubt when something of these sources was lost; `undefined`: all of the link. */
export const devicesOf = (items: ReadonlyArray<Item>): ReadonlyArray<DeviceId> | undefined => {
  const devices = new Set<DeviceId>()
  for (const { device } of items) {
    if (device === undefined) return undefined
    devices.add(device)
  }
  return [...devices]
}

/** A span of time, where its beginning is known. */
export const spanOf = (from: EpochMs | undefined, to: EpochMs) => (from === undefined ? {} : { from, to })
