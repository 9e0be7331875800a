/** What the library does not show of a monitored item. */
interface WatchedItem {
  _start_sampling?: (recordInitialValue: boolean) => void
  readonly __start_sampling: (recordInitialValue: boolean) => void
}

/** A subscription that tells of each item which a client has it watch, before it is watched. */
export interface ItemsSubscription {
  readonly on: (event: "monitoredItem", listener: (item: WatchedItem) => void) => unknown
}

/**
 * Has a subscription hear what happens from its answer on: what a client asked to watch is watched before the client is told
 * so. The library begins a turn of its loop after it has answered, and a client that knows already that it is heard can make
 * something happen in between, which nobody hears.
 */
export const watchAtOnce = (subscription: ItemsSubscription): void => {
  subscription.on("monitoredItem", (item) => {
    if (typeof item._start_sampling !== "function" || typeof item.__start_sampling !== "function")
      throw new TypeError("this node-opcua begins to watch otherwise: pin a version that is known")
    item._start_sampling = (recordInitialValue) => {
      // Only the beginning: what the item does when it is changed later is the library's.
      delete item._start_sampling
      item.__start_sampling(recordInitialValue)
    }
  })
}
