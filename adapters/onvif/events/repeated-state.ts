import type { Items, Notification } from "../messages/notification.ts"

/** No device has as many properties; what is beyond is told each time. */
const propertiesMax = 4096

const sorted = (items: Items): ReadonlyArray<readonly [string, string]> =>
  Object.entries(items).sort(([a], [b]) => (a < b ? -1 : 1))

/** A property is its topic, its source and its key (ONVIF Core, 9.5.1). */
const propertyOf = ({ topic, source, key }: Notification): string =>
  JSON.stringify([topic, sorted(source), sorted(key)])

/**
 * Topics that are no properties (Access Control 21.06, Credential 18.06, Door Control 19.12, events): each message is a
 * happening of its own. Servers in the field call them `Initialized` all the same.
 */
const happenings = /^(AccessControl|Credential|Configuration)\//

const contentOf = ({ topic, operation, data, elements, utcTime }: Notification): string =>
  JSON.stringify([operation === "Deleted", sorted(data), elements, happenings.test(topic) ? utcTime : ""])

/** What to make of a message: nothing, for it was told before; or what it is to be taken as, and whether it is news. */
export type Judged =
  | { readonly _tag: "Repeated" }
  | { readonly _tag: "Told"; readonly notification: Notification; readonly isNews: boolean }

/**
 * What the device has told of its properties since we can see all that it tells. A property repeated on request with the
 * value it has anyway tells nothing, and the log is spared of it. One with another value is a change, whatever the device
 * calls it: nothing was missed in between.
 */
export const makeRepeatedState = () => {
  const known = new Map<string, string>()

  const judged = (notification: Notification): Judged => {
    const { operation } = notification
    const property = propertyOf(notification)
    const content = contentOf(notification)
    const before = known.get(property)
    if (operation === "Initialized" && before === content) return { _tag: "Repeated" }
    if (before !== undefined || known.size < propertiesMax) known.set(property, content)
    // Of one that was deleted nothing was known.
    const wasKnown = before !== undefined && !before.startsWith("[true")
    const changed = operation === "Initialized" && wasKnown ? { operation: "Changed" as const } : {}
    return { _tag: "Told", notification: { ...notification, ...changed }, isNews: before !== content }
  }

  return {
    /**
     * `isOld`: it came as a new subscription began, and tells of something before that. A happening that is not old has
     * just happened, whatever the device calls it; one that is told again, with the time it had, has not.
     */
    judge: (notification: Notification, isOld: boolean): Judged => {
      const { operation, topic, utcTime } = notification
      if (operation === undefined) return { _tag: "Told", notification, isNews: true }
      if (!happenings.test(topic)) return judged(notification)
      if (operation === "Deleted") return { _tag: "Told", notification, isNews: true }
      if (utcTime !== undefined && judged(notification)._tag === "Repeated") return { _tag: "Repeated" }
      return {
        _tag: "Told",
        notification: isOld ? notification : { ...notification, operation: undefined },
        isNews: true
      }
    },
    /** Something was not seen: what is known is known no longer. */
    forget: (): void => known.clear()
  }
}
