/** What the library does not show of something that a client begins to watch. */
interface Beginning {
  _start_sampling?: (recordInitialValue: boolean) => void
  readonly __start_sampling: (recordInitialValue: boolean) => void
}

/** A subscription, of which the library does not show how its items begin. */
export interface BeginningSubscription {
  readonly on: (event: "monitoredItem", listener: (item: Beginning) => void) => unknown
}

/**
 * Has a subscription hear what happens from its answer on: what a client asked to watch is watched before the client is told
 * so. The library begins a turn of its loop after it has answered, and a client that knows already that it is heard can make
 * something happen in between, which nobody hears.
 */
export const watchAtOnce = (subscription: BeginningSubscription): void => {
  subscription.on("monitoredItem", (item) => {
    item._start_sampling = (recordInitialValue) => {
      // Only the beginning: what the item does when it is changed later is the library's.
      delete item._start_sampling
      item.__start_sampling(recordInitialValue)
    }
  })
}
