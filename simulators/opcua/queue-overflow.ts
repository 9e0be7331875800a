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
}

const watched = (server: OPCUAServer, attributeId: number): ReadonlyArray<Watched> =>
  (server.engine.getSessions?.() ?? []).flatMap(({ publishEngine }) =>
    (publishEngine?.subscriptions ?? []).flatMap((subscription) => {
      const { monitoredItems } = subscription as unknown as { monitoredItems: ReadonlyMap<number, Watched> }
      return [...monitoredItems.values()].filter(({ itemToMonitor }) => itemToMonitor.attributeId === attributeId)
    })
  )

/**
 * Tells every client one of whose queues for events ran over that it did, as open62541 does: by an event with its type and
 * no other field, which takes the place of the oldest (OPC 10000-4, "Queue parameters"). The library drops the oldest and says nothing.
 */
export const tellQueuesThatRanOver = (library: Library, server: OPCUAServer): void => {
  const type = new library.Variant({
    dataType: library.DataType.NodeId,
    value: library.resolveNodeId(overflowType)
  })
  for (const events of watched(server, library.AttributeIds.EventNotifier)) {
    if (!events.overflow) continue
    events.queue[0] = events._makeEventFieldList([type])
    events.overflow = false
  }
}

/** A variable that is true or false changes at once more often than any client's queue for it holds; it ends as it is. */
export const flutter = (library: Library, server: OPCUAServer, nodeId: string, ends: boolean): void => {
  const { AttributeIds, DataType, DataValue: Value, StatusCodes } = library
  for (const values of watched(server, AttributeIds.Value)) {
    if (values.itemToMonitor.nodeId.value !== nodeId) continue
    for (let left = 2 * values.queueSize; left >= 0; left--) {
      const value = { dataType: DataType.Boolean, value: left % 2 === 0 ? ends : !ends }
      values.recordValue(new Value({ value, statusCode: StatusCodes.Good, sourceTimestamp: new Date() }), true)
    }
  }
}
