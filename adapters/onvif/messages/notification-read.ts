import type { Items, Nested, Notification, NotificationFault, Operation } from "./notification.ts"
import { makeIsWithheld, rawOf } from "./notification-secret.ts"
import { canonicalTopic } from "./topic.ts"
import type { XmlElement } from "../wire/xml-element.ts"

/** What an answer or a pushed message holds. */
export interface ReadNotifications {
  readonly notifications: ReadonlyArray<Notification>
  readonly faults: ReadonlyArray<NotificationFault>
}

/** An item's content is looked at so deep and so wide: metadata of a whole scene stays out of the log. */
const nestedDepthMax = 12
const nestedWidthMax = 256

/** Where messages can stand: in the answer itself, in an envelope, or in the events of a metadata stream. */
const searchDepthMax = 6

/** Matching by the local name: devices of the first years wrote some of these names in namespaces of their own. */
const named = (element: XmlElement, name: string): ReadonlyArray<XmlElement> =>
  element.children.filter((child) => child.name === name)

const attribute = (element: XmlElement, name: string): string | undefined =>
  element.attributes.find((one) => one.name.toLowerCase() === name.toLowerCase())?.value

const operations: ReadonlyMap<string, Operation> = new Map([
  ["initialized", "Initialized"],
  ["changed", "Changed"],
  ["deleted", "Deleted"]
])

const record = <V>(): Record<string, V> => Object.create(null) as Record<string, V>

/** The name of an item; vendors' names are qualified. */
const nameOf = (item: XmlElement): string => (attribute(item, "Name") ?? "").trim()

/** The groups of that name, of which there should be one. */
const itemsIn = (message: XmlElement, group: string, kind: string): ReadonlyArray<XmlElement> =>
  named(message, group).flatMap((one) =>
    // Samsung's firmware writes SimpleItemDescription where it means SimpleItem.
    one.children.filter((item) => item.name.startsWith(kind) && nameOf(item) !== "")
  )

/** An item's value; some write it between the tags. */
const valueOf = (item: XmlElement): string => (attribute(item, "Value") ?? item.text).trim()

const simpleItems = (message: XmlElement, group: string, isWithheld: (name: string) => boolean): Items => {
  const items = record<string>()
  for (const item of itemsIn(message, group, "SimpleItem")) {
    const name = nameOf(item)
    // Names are unique (ONVIF Core Specification, 9.5.2); of two the first counts.
    if (!isWithheld(name) && !Object.hasOwn(items, name)) items[name] = valueOf(item)
  }
  return items
}

const addTo = (parts: Record<string, Nested | ReadonlyArray<Nested>>, name: string, value: Nested): void => {
  const before = parts[name]
  parts[name] =
    before === undefined
      ? value
      : Array.isArray(before)
        ? [...(before as ReadonlyArray<Nested>), value]
        : [before as Nested, value]
}

/** An element's content: the text of a leaf, or its parts; an attribute of a leaf stands beside it as `name@attribute`. */
const nestedOf = (element: XmlElement, isWithheld: (name: string) => boolean, depth: number): Nested => {
  const parts = record<Nested | ReadonlyArray<Nested>>()
  for (const { name, value } of element.attributes) if (!isWithheld(name)) parts[`@${name}`] = value
  if (depth >= nestedDepthMax) return parts
  for (const child of element.children.slice(0, nestedWidthMax)) {
    if (isWithheld(child.name)) continue
    const text = child.text.trim()
    if (child.children.length > 0 || text === "") {
      addTo(parts, child.name, nestedOf(child, isWithheld, depth + 1))
      continue
    }
    addTo(parts, child.name, text)
    for (const { name, value } of child.attributes) if (!isWithheld(name)) addTo(parts, `${child.name}@${name}`, value)
  }
  return parts
}

const elementItems = (message: XmlElement, isWithheld: (name: string) => boolean): Record<string, Nested> => {
  const elements = record<Nested>()
  for (const group of ["Source", "Key", "Data"])
    for (const item of itemsIn(message, group, "ElementItem")) {
      const name = nameOf(item)
      if (isWithheld(name) || Object.hasOwn(elements, name)) continue
      const attributes = item.attributes.filter((one) => one.name !== "Name")
      elements[name] = nestedOf({ ...item, attributes }, isWithheld, 0)
    }
  return elements
}

const identifierTypeIn = (message: XmlElement): string | undefined => {
  for (const group of ["Source", "Key", "Data"])
    for (const item of itemsIn(message, group, "SimpleItem"))
      if (nameOf(item).toLowerCase() === "identifiertype") return valueOf(item)
  return undefined
}

const isLenient = (element: XmlElement): boolean => element.lenient === true || element.children.some(isLenient)

const notificationOf = (
  holder: XmlElement,
  message: XmlElement,
  topic: { readonly text: string; readonly lenient: boolean }
): Notification => {
  const isWithheld = makeIsWithheld(topic.text, identifierTypeIn(message))
  const source = simpleItems(message, "Source", isWithheld)
  const utcTime = attribute(message, "UtcTime")?.trim()
  return {
    topic: topic.text,
    lenient: topic.lenient || isLenient(holder),
    operation: operations.get((attribute(message, "PropertyOperation") ?? "").trim().toLowerCase()),
    utcTime: utcTime === "" ? undefined : utcTime,
    source,
    key: simpleItems(message, "Key", isWithheld),
    data: simpleItems(message, "Data", isWithheld),
    sourceNames: Object.keys(source),
    elements: elementItems(message, isWithheld),
    raw: () => rawOf(holder, isWithheld)
  }
}

const isMessage = (element: XmlElement): boolean =>
  element.children.some(({ name }) => name === "Source" || name === "Key" || name === "Data") ||
  attribute(element, "UtcTime") !== undefined

/** The messages in a holder: tt:Message in wsnt:Message, several of them, or the outer one alone. */
const messagesIn = (holder: XmlElement): ReadonlyArray<XmlElement> =>
  named(holder, "Message").flatMap((outer) => {
    const inner = named(outer, "Message")
    return inner.length > 0 || !isMessage(outer) ? inner : [outer]
  })

/** A holder with only one of its messages, for evidence. */
const withOnly = (holder: XmlElement, message: XmlElement): XmlElement => ({
  ...holder,
  children: holder.children.map((child) =>
    child.name === "Message" && child !== message
      ? { ...child, children: child.children.filter((one) => one === message) }
      : child
  )
})

const withholdsNothing = makeIsWithheld("", undefined)

const empty = (holder: XmlElement): XmlElement => ({ ...holder, attributes: [], children: [], text: "" })

const saysNothing = ({ text, children, attributes }: XmlElement): boolean =>
  text.trim() === "" && attributes.length === 0 && children.every(saysNothing)

const readHolder = (holder: XmlElement): ReadonlyArray<Notification> | NotificationFault => {
  // Some send an empty holder with each pull.
  if (saysNothing(holder)) return []
  const written = named(holder, "Topic")[0]
  const topic = written === undefined ? undefined : canonicalTopic(written.text, written.prefixes)
  if (topic === undefined) {
    const said = written?.text.trim().slice(0, 80) ?? ""
    const why = said === "" ? "the message has no topic" : `"${said}" is no topic`
    return { why, topic: said === "" ? undefined : said, raw: rawOf(holder, withholdsNothing) }
  }
  const messages = messagesIn(holder)
  // A topic alone can be all there is to say: Hikvision's Device/Network/EthernetBroken has no description.
  if (messages.length === 0) return [notificationOf(holder, empty(holder), topic)]
  return messages.map((message) =>
    notificationOf(messages.length === 1 ? holder : withOnly(holder, message), message, topic)
  )
}

const holdersIn = (element: XmlElement, depth: number): ReadonlyArray<XmlElement> => {
  if (element.name === "NotificationMessage") return [element]
  return depth === 0 ? [] : element.children.flatMap((child) => holdersIn(child, depth - 1))
}

/**
 * Reads the messages of a PullMessagesResponse, a Notify or a metadata stream, in their order. Nothing is thrown: what
 * cannot be read is told, and the others stand. What was typed at a keypad is left out of what is read.
 */
export const readNotifications = (body: XmlElement): ReadNotifications => {
  const notifications: Array<Notification> = []
  const faults: Array<NotificationFault> = []
  for (const holder of holdersIn(body, searchDepthMax)) {
    const read = readHolder(holder)
    if ("why" in read) faults.push(read)
    else notifications.push(...read)
  }
  return { notifications, faults }
}
