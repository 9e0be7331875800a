import type { Items, Notification } from "./notification.ts"

/** No device has as many properties; what is beyond is told each time. */
const propertiesMax = 4096

const sorted = (items: Items): ReadonlyArray<readonly [string, string]> =>
  Object.entries(items).sort(([a], [b]) => (a < b ? -1 : 1))

/** A property is its topic, its source and its key (ONVIF Core, 9.5.1). */
const propertyOf = ({ topic, source, key }: Notification): string =>
  JSON.stringify([topic, sorted(source), sorted(key)])

const contentOf = ({ operation, data, elements }: Notification): string =>
  JSON.stringify([operation === "Deleted", sorted(data), elements])

/**
 * What the device has told of its properties since we can see all that it tells. A property repeated on request with the
 * value it has anyway tells nothing, and the log is spared of it.
 */
export const makeRepeatedState = () => {
  const known = new Map<string, string>()
  return {
    /** Whether the message repeats what was told last of its property, and says itself that it is no change. */
    isRepeated: (notification: Notification): boolean => {
      if (notification.operation === undefined) return false
      const property = propertyOf(notification)
      const content = contentOf(notification)
      if (notification.operation === "Initialized" && known.get(property) === content) return true
      if (known.has(property) || known.size < propertiesMax) known.set(property, content)
      return false
    },
    /** Something was not seen: what is known is known no longer. */
    forget: (): void => known.clear()
  }
}
