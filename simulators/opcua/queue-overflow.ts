import type { DataValue, NodeId, OPCUAServer, Variant } from "node-opcua"
import type { Library } from "./library.ts"

/** OPC 10000-5, 6.4.34: EventQueueOverflowEventType. */
const overflowType = "i=3035"

/** What the library does not show of something that a client watches. */
interface Watched {
  readonly queueSize: number
  overflow: boolean
  readonly itemToMonitor: { readonly attributeId: number; readonly nodeId: NodeId }
  readonly recordValue: (value: DataValue, skipChangeTest: boolean) => boolean
  readonly queue: Array<unknown>
  readonly _makeEventFieldList: (fields: ReadonlyArray<Variant>) => unknown
  _enqueue_notification: (notification: unknown) => void
}

/** A subscription, of which the library does not show what is watched by it. */
export interface WatchingSubscription {
  readonly monitoredItems: ReadonlyMap<number, Watched>
  readonly on: (event: "monitoredItem", listener: (item: Watched) => void) => unknown
}

/**
 * Has a subscription tell its client when a queue for events ran over, as open62541 does: by an event with its type and no
 * other field, which takes the place of the oldest (OPC 10000-4, "Queue parameters"). The library drops the oldest and says
 * nothing.
 */
export const tellWhenQueuesRunOver = (library: Library, subscription: WatchingSubscription): void => {
  const type = new library.Variant({
    dataType: library.DataType.NodeId,
    value: library.resolveNodeId(overflowType)
  })
  subscription.on("monitoredItem", (events) => {
    if (events.itemToMonitor.attributeId !== library.AttributeIds.EventNotifier) return
    const enqueue = events._enqueue_notification.bind(events)
    events._enqueue_notification = (notification) => {
      enqueue(notification)
      if (!events.overflow) return
      events.queue[0] = events._makeEventFieldList([type])
      events.overflow = false
    }
  })
}

const watchedValues = (library: Library, server: OPCUAServer): ReadonlyArray<Watched> =>
  (server.engine.getSessions?.() ?? []).flatMap(({ publishEngine }) =>
    (publishEngine?.subscriptions ?? []).flatMap((subscription) =>
      [...(subscription as unknown as WatchingSubscription).monitoredItems.values()].filter(
        ({ itemToMonitor }) => itemToMonitor.attributeId === library.AttributeIds.Value
      )
    )
  )

/** A variable that is true or false changes at once more often than any client's queue for it holds; it ends as it is. */
export const flutter = (library: Library, server: OPCUAServer, nodeId: string, ends: boolean): void => {
  const { DataType, DataValue: Value, StatusCodes } = library
  for (const values of watchedValues(library, server)) {
    if (values.itemToMonitor.nodeId.value !== nodeId) continue
    for (let left = 2 * values.queueSize; left >= 0; left--) {
      const value = { dataType: DataType.Boolean, value: left % 2 === 0 ? ends : !ends }
      values.recordValue(new Value({ value, statusCode: StatusCodes.Good, sourceTimestamp: new Date() }), true)
    }
  }
}
