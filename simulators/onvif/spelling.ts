import type { Faults } from "./faults.ts"
import { namespaces, type Prefix } from "./namespaces.ts"
import type { Item } from "./notification.ts"

/** `http://docs.oasis-open.org/wsn/t-1/TopicExpression/Concrete` allows one topic and no wildcard. */
export const concreteDialect = "http://docs.oasis-open.org/wsn/t-1/TopicExpression/Concrete"
/** ONVIF Core, Event Handling, Topic Filter: alternatives by `|`, sub-trees by `//.`. */
export const concreteSetDialect = "http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet"

export interface SpelledTopic {
  readonly text: string
  readonly dialect: string
  /** Namespace declarations that stand on the element itself. */
  readonly declarations: Readonly<Record<string, string>>
}

const declare = (prefix: string, uri: string): Record<string, string> => ({ [`xmlns:${prefix}`]: uri })

const vendorPrefixes = (path: string): ReadonlyArray<Prefix> =>
  path.split("/").flatMap((segment): ReadonlyArray<Prefix> => {
    const prefix = segment.includes(":") ? segment.slice(0, segment.indexOf(":")) : ""
    return prefix === "tnsaxis" || prefix === "tnshik" || prefix === "tnssamsung" ? [prefix] : []
  })

const everySegment = (path: string): string =>
  path
    .split("/")
    .map((segment) => (segment.includes(":") ? segment : `tns1:${segment}`))
    .join("/")

/** The topic as this device writes it. Prefixes are declared where it stands, as gSOAP servers do. */
export const spellTopic = (path: string, { topicSpelling, dialect }: Faults): SpelledTopic => {
  const vendors = Object.assign({}, ...vendorPrefixes(path).map((prefix) => declare(prefix, namespaces[prefix])))
  const tns1 = declare("tns1", namespaces.tns1)
  const spelled = (text: string, declarations: Record<string, string>): SpelledTopic => ({
    text,
    dialect: dialect === "junk" ? `${concreteDialect} xmlns:wsnt=${namespaces.wsnt}` : concreteDialect,
    declarations: { ...declarations, ...vendors }
  })
  switch (topicSpelling) {
    case "standard":
      return spelled(`tns1:${path}`, tns1)
    case "every-segment":
      return spelled(everySegment(path), tns1)
    case "other-prefix":
      return spelled(`ns7:${path}`, declare("ns7", namespaces.tns1))
    case "undeclared-prefix":
      return spelled(`tns1:${path}`, {})
    case "no-prefix":
      return spelled(path, {})
    case "trailing-slash":
      return spelled(`tns1:${path}/`, tns1)
    case "trailing-wildcard":
      return spelled(`tns1:${path}//.`, tns1)
    case "trailing-dot":
      return spelled(`tns1:${path}/.`, tns1)
    case "white-space":
      return spelled(`\n        tns1:${path}\n      `, tns1)
  }
}

/** How a device writes true and false. */
const booleans = {
  "true/false": ["true", "false"],
  "1/0": ["1", "0"],
  "TRUE/FALSE": ["TRUE", "FALSE"],
  "True/False": ["True", "False"],
  "active/inactive": ["active", "inactive"],
  "on/off": ["on", "off"],
  /** Mobotix's door bell says what it did. */
  "Ring/": ["Ring", ""]
} as const

export type BooleanSpelling = keyof typeof booleans

/** The items as this device writes them: its own names, its own booleans. */
export const spellItems = (
  items: ReadonlyArray<Item>,
  faults: Faults
): ReadonlyArray<{ readonly name: string; readonly value: string }> => {
  const [yes, no] = booleans[faults.booleans]
  return items.map(({ name, value }) => ({
    name: faults.itemNames[name] ?? name,
    value: typeof value === "string" ? value : value ? yes : no
  }))
}
