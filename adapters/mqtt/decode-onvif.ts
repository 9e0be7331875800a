const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const member = (item: Record<string, unknown>, ...names: ReadonlyArray<string>): unknown => {
  const name = names.find((one) => Object.hasOwn(item, one))
  return name === undefined ? undefined : item[name]
}

/** `[{ Name, Value }]`, or one such alone, as `{ [Name]: Value }` beside what else stands there; anything else as it is. */
const flat = (value: unknown): unknown => {
  const items = isObject(value) && Object.hasOwn(value, "SimpleItem") ? value["SimpleItem"] : value
  if (!Array.isArray(items) && !(isObject(items) && items !== value)) return value
  const list: ReadonlyArray<unknown> = Array.isArray(items) ? items : [items]
  const pairs = list.flatMap((item): ReadonlyArray<readonly [string, unknown]> => {
    if (!isObject(item)) return []
    const name = member(item, "Name", "@Name", "name")
    return typeof name === "string" ? [[name, member(item, "Value", "@Value", "value")]] : Object.entries(item)
  })
  const { SimpleItem: _items, ...beside } = isObject(value) ? value : {}
  return { ...beside, ...Object.fromEntries(pairs) }
}

/**
 * An element within `Data` as XML has it, in plain JSON: `#text` is its text, `@x` an attribute, the first of several counts
 * (the most likely class comes first), and one that only wraps another of the same name is that one.
 */
const plain = (name: string, element: unknown): unknown => {
  if (Array.isArray(element)) return element.length > 0 ? plain(name, element[0]) : undefined
  if (!isObject(element)) return element
  if (Object.hasOwn(element, "#text")) return element["#text"]
  const members = Object.fromEntries(
    Object.entries(element).map(([key, value]) => [key.replace(/^@/, ""), plain(key, value)])
  )
  const { [name]: inner, ...beside } = members
  return isObject(inner) ? { ...beside, ...inner } : members
}

/** What `Data` holds beside simple items: a list of simple values stays one. */
const plainElements = (data: unknown): unknown =>
  isObject(data)
    ? Object.fromEntries(
        Object.entries(data).map(([name, value]) => [
          name,
          isObject(value) || (Array.isArray(value) && isObject(value[0])) ? plain(name, value) : value
        ])
      )
    : data

/**
 * A message of ONVIF's JSON event broker (`onvif-ej`, ONVIF Core Specification, Event Broker) in its flat shape. Makers
 * write `Source`, `Key` and `Data` either flat or as lists of `SimpleItem` with `Name` and `Value`, and elements as XML has
 * them.
 */
export const flattenOnvif = (message: unknown): unknown =>
  isObject(message)
    ? Object.fromEntries(
        Object.entries(message).map(([key, value]) => {
          if (key === "Data") return [key, plainElements(flat(value))]
          return [key, key === "Source" || key === "Key" ? flat(value) : value]
        })
      )
    : message

/** Whether a message says that its property was removed (ONVIF Core Specification, PropertyOperation). */
export const isGone = (message: unknown): boolean => isObject(message) && message["PropertyOperation"] === "Deleted"
