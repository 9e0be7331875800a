import { type Faults } from "./faults.ts"
import { instant } from "./instant.ts"
import { spellItems, spellTopic, type SpelledTopic } from "./spelling.ts"
import { element, escape, join, nothing, type Xml } from "./xml.ts"

export interface Item {
  readonly name: string
  /** A boolean is written in the device's own spelling. */
  readonly value: string | boolean
}

export type PropertyOperation = "Initialized" | "Changed" | "Deleted"

/** One message of the device, in the terms of ONVIF Core, section Event Handling. */
export interface Notification {
  /** Segments from the ONVIF topic root; a vendor's segment has its prefix: `Device/tnsaxis:IO/Port`. */
  readonly topic: string
  /** Absent: not a property, but something momentary. */
  readonly operation?: PropertyOperation
  readonly source: ReadonlyArray<Item>
  readonly key?: ReadonlyArray<Item>
  readonly data: ReadonlyArray<Item>
  /** When it happened, by the device's clock; epoch milliseconds. */
  readonly at: number
}

/** What a property is told apart by: topic, Source and Key (ONVIF Core, Event Handling, Properties). */
export const propertyKey = ({ topic, source, key }: Notification): string => JSON.stringify([topic, source, key ?? []])

const items = (name: string, list: ReadonlyArray<Item> | undefined, faults: Faults): Xml =>
  list === undefined || faults.omits.includes(name)
    ? nothing
    : element(
        `tt:${name}`,
        {},
        ...spellItems(list, faults).map((item) =>
          element("tt:SimpleItem", {
            Name: item.name,
            Value: faults.omits.includes("Value") ? "" : item.value
          })
        )
      )

const topicXml = (topic: SpelledTopic, faults: Faults): Xml =>
  faults.omits.includes("Topic")
    ? nothing
    : element(
        "wsnt:Topic",
        { ...(faults.omits.includes("Dialect") ? {} : { Dialect: topic.dialect }), ...topic.declarations },
        escape(topic.text)
      )

/** The message with some of its items in Key, on devices that have them there. */
const moved = (notification: Notification, { keyItems }: Faults): Notification => {
  const inKey = ({ name }: Item): boolean => keyItems.includes(name)
  const { source, data, key = [] } = notification
  const all = [...key, ...[...source, ...data].filter(inKey)]
  if (keyItems.length === 0 || all.length === 0) return notification
  const stays = (items: ReadonlyArray<Item>): ReadonlyArray<Item> => items.filter((item) => !inKey(item))
  return { ...notification, source: stays(source), data: stays(data), key: all }
}

/** `wsnt:NotificationMessage`, as PullMessagesResponse and Notify carry it. */
export const notificationXml = (notification: Notification, faults: Faults, address: string): Xml => {
  const { source, key, data, operation, at } = moved(notification, faults)
  const message = element(
    "tt:Message",
    {
      ...(faults.omits.includes("UtcTime") ? {} : { UtcTime: instant(at, faults.utcTime) }),
      ...(operation === undefined || faults.omits.includes("PropertyOperation") ? {} : { PropertyOperation: operation })
    },
    items("Source", source.length === 0 ? undefined : source, faults),
    items("Key", key, faults),
    items("Data", data.length === 0 ? undefined : data, faults)
  )
  return element(
    "wsnt:NotificationMessage",
    {},
    topicXml(spellTopic(notification.topic, faults), faults),
    element("wsnt:ProducerReference", {}, element("wsa:Address", {}, escape(address))),
    element("wsnt:Message", {}, message)
  )
}

export const notificationsXml = (list: ReadonlyArray<Notification>, faults: Faults, address: string): Xml =>
  join(list.flatMap((one) => Array.from({ length: faults.copies }, () => notificationXml(one, faults, address))))
