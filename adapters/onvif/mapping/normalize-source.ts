import type { Items } from "../messages/notification.ts"

/** Where a source's item stands in the name of a point. The standard lists them so, and so does its MQTT topic. */
const rank = (name: string): number => {
  const plain = name.slice(name.indexOf(":") + 1).toLowerCase()
  if (/^(video|audio)?source(configuration)?(token)?$/.test(plain)) return 0
  if (/^(video|audio)?analytics(configuration)?(token)?$/.test(plain)) return 1
  if (/^rule(name)?$/.test(plain)) return 3
  return 2
}

/** What Hanwha's applications say of themselves beside the source and the rule, which name the point alone. */
const besideRule: ReadonlySet<string> = new Set(["Channel", "AppName", "AppID", "AppEvent", "Type", "RuleIndex"])

/** TP-Link's firmware calls its one video source by either name, in turn. */
const oneName: Readonly<Record<string, string>> = { vsconf: "VideoSourceToken" }

/** The values of a source's items, the one that says most first: the rule, then what else there is, then the source. */
export const sourceValues = (source: Items): ReadonlyArray<string> =>
  Object.entries(source)
    .filter(([, value]) => value !== "")
    .sort(([a], [b]) => rank(b) - rank(a))
    .map(([, value]) => value)

/**
 * What a source is called, for the name of a point: the values of its items with "/" between, source before analytics
 * before rule whatever order they came in; undefined when there is none. It is what stands behind "&" in the topic of
 * ONVIF's events over MQTT (ONVIF Core Specification, Event Broker), so that a device has the same points by both.
 */
export const sourceName = (source: Items, names: ReadonlyArray<string>): string | undefined => {
  const hasRule = names.some((name) => rank(name) === 0) && names.some((name) => rank(name) === 3)
  const values = names
    .filter((name) => !hasRule || !besideRule.has(name))
    .map((name) => ({ name, rank: rank(name), value: source[name] ?? "" }))
    .filter(({ value }) => value !== "")
    .sort((a, b) => a.rank - b.rank || (a.rank === 2 ? a.name.localeCompare(b.name) : 0))
    .map(({ value }) => (Object.hasOwn(oneName, value) ? oneName[value]! : value))
  return values.length === 0 ? undefined : values.join("/")
}
