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
 * A message of ONVIF's JSON event broker (`onvif-ej`, ONVIF Core Specification, Event Broker) in its flat shape. Makers
 * write `Source`, `Key` and `Data` either flat or as lists of `SimpleItem` with `Name` and `Value`.
 */
export const flattenOnvif = (message: unknown): unknown =>
  isObject(message)
    ? Object.fromEntries(
        Object.entries(message).map(([key, value]) =>
          key === "Source" || key === "Key" || key === "Data" ? [key, flat(value)] : [key, value]
        )
      )
    : message

/** Whether a message says that its property was removed (ONVIF Core Specification, PropertyOperation). */
export const isGone = (message: unknown): boolean => isObject(message) && message["PropertyOperation"] === "Deleted"
