import type { Scope } from "../../profile/path.ts"
import type { Said } from "./normalize-identity.ts"
import { sourceName } from "./normalize-source.ts"
import type { Items } from "../messages/notification.ts"

/** Where rules write what they saw; the standard's name first. */
const classNames = [
  "ClassTypes",
  "ClassType",
  "classTypes",
  "classType",
  "Class",
  "ObjectType",
  "objectType",
  "ObjectTypes",
  "ObjectClass",
  "Classification"
] as const

const classesMax = 32

/** Where makers write whether it is so; the standard's names first. */
const stateNames = [
  "State",
  "LogicalState",
  "IsMotion",
  "IsInside",
  "IsTamper",
  "isSoundDetected",
  "Failed",
  "state",
  "active",
  "Active",
  "triggered",
  "Triggered",
  "Detected",
  "IsDetected",
  "Value"
] as const

const isOn: ReadonlySet<string> = new Set(["true", "1", "active", "on"])
const isOff: ReadonlySet<string> = new Set(["false", "0", "inactive", "off"])

/** Whether the message says that it is so, or that it is over; "" when it says neither. */
const stateIn = (data: Items): "on" | "off" | "" => {
  for (const name of stateNames) {
    const text = data[name]?.toLowerCase() ?? ""
    if (isOn.has(text)) return "on"
    if (isOff.has(text)) return "off"
  }
  return ""
}

/** A list of classes, in lower case: makers write Human, human and HUMAN. A number is a maker's own code. */
const classesIn = (items: Items): ReadonlyArray<string> => {
  const name = classNames.find((one) => Object.hasOwn(items, one))
  const words = (name === undefined ? "" : items[name]!).toLowerCase().split(/[\s,;]+/)
  return [...new Set(words.filter((word) => word !== "" && !/^\d+$/.test(word)))].slice(0, classesMax)
}

const merged = (...groups: ReadonlyArray<Items>): Items =>
  Object.assign(Object.create(null) as Record<string, string>, ...groups) as Items

/** An item of the source that is empty names nothing: a point that needs it cannot be named. */
const told = (source: Items): Items =>
  Object.values(source).includes("")
    ? Object.fromEntries(Object.entries(source).filter(([, one]) => one !== ""))
    : source

/** XML Namespaces, section 4: what stands before a qualified name. */
const prefix = /^[A-Za-z_][\w.-]*:(?=[A-Za-z_])/

/** Values without a prefix: `pt:Card`, `tpacs:Card` and `Card` are one name, by whatever prefix a device declares. */
const withoutPrefixes = (items: Items): Items =>
  Object.fromEntries(Object.entries(items).map(([name, value]) => [name, value.replace(prefix, "")]))

/** What the device calls the thing that its message is about, where it calls it something else than its token does. */
const calledIn = (source: Items, names: ReadonlyMap<string, string>): string | undefined => {
  for (const token of Object.values(source)) {
    const name = names.get(token)
    if (name !== undefined && name !== "" && name !== token) return name
  }
  return undefined
}

/**
 * What a mapping can look at: `topic`, `operation`, the items of `source`, `key` and `data`, all of them as `items`
 * (names are unique over the groups; of the source none that is empty) and, where their values are qualified names, as
 * `local` without the prefix, `elements`, `names` of tokens, `called` (the name of what it is about: a door, a reader),
 * `classes` (what was seen, in lower case) and `state` (`on`, `off` or "": whether it is so, for a condition that does
 * not mind how a maker calls it). Captures are `source`, which names the point; `last`, the topic's last name; and
 * `rest`, what the topic goes on with.
 */
export const scopeOf = (
  { topic, operation, source, key, data, sourceNames, elements }: Said,
  rest: string,
  names: ReadonlyMap<string, string>
): Scope => {
  const items = merged(told(source), key, data)
  const called = sourceName(source, sourceNames)
  const last = topic.slice(topic.lastIndexOf("/") + 1)
  const plain = (segment: string): string => segment.slice(segment.indexOf(":") + 1)
  return {
    payload: {
      topic,
      operation: operation ?? "",
      source,
      key,
      data,
      items,
      elements,
      // Made when it is asked for: a controller has thousands.
      get names() {
        return Object.fromEntries(names)
      },
      get local() {
        return withoutPrefixes(items)
      },
      get called() {
        return calledIn(source, names)
      },
      classes: classesIn(items),
      state: stateIn(data)
    },
    captures: {
      last: plain(last),
      ...(called === undefined ? {} : { source: called }),
      ...(rest === "" ? {} : { rest: rest.split("/").map(plain).join("/") })
    }
  }
}
