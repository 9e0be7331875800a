/** The namespace of ONVIF's own topics (ONVIF Core Specification, 9.6); some devices write it with a slash more. */
const onvifTopics = "http://www.onvif.org/ver10/topics"

/** What vendors' own documents call their namespaces; a device may declare any prefix for them. */
const vendors: ReadonlyMap<string, string> = new Map([
  ["http://www.axis.com/2009/event/topics", "tnsaxis"],
  ["http://www.hikvision.com/2011/event/topics", "tnshik"],
  ["http://www.samsungcctv.com/2011/event/topics", "tnssamsung"],
  ["http://www.avigilon.com/onvif/ver10/topics", "tnsavg"]
])

/** Prefixes that devices use without declaring them, and what they mean by them. */
const conventional: ReadonlySet<string> = new Set(["tnsaxis", "tnshik", "tnssamsung", "tnsavg", "tnsajax"])

/**
 * Roots of ONVIF's topics that stand below no other. Imou's firmware writes one behind another:
 * `tns1:VideoSource/tns1:Device/Trigger/DigitalInput`.
 */
const roots: ReadonlySet<string> = new Set([
  "AudioAnalytics",
  "AudioSource",
  "Device",
  "Monitoring",
  "RecordingConfig",
  "RuleEngine",
  "UserAlarm",
  "VideoAnalytics",
  "VideoSource"
])

/** Topics are a handful of short names; more is no topic. */
const segmentsMax = 16
const lengthMax = 512

/** A topic as every device's spelling of it comes to. */
export interface CanonicalTopic {
  /**
   * Names with slashes between. ONVIF's namespace is implied; a name of a vendor's namespace has the vendor's prefix
   * where the names before it were not the vendor's: `Device/tnsaxis:IO/Port`.
   */
  readonly text: string
  /** It was read by what it must have meant: a prefix was missing or undeclared, or several topics stood there. */
  readonly lenient: boolean
}

const secondLevels: ReadonlySet<string> = new Set(["co", "com", "net", "org", "gov", "ac"])

/** The name that a host goes by: `hanwha` of `www.hanwha.co.kr`. */
const nameOfHost = (host: string): string | undefined => {
  const labels = host.split(".").filter((label) => label !== "www")
  const last = labels.length - 1
  return labels.length > 2 && secondLevels.has(labels[last - 1]!)
    ? labels[last - 2]
    : (labels[last - 1] ?? labels[last])
}

/** A vendor's prefix from its namespace, the same whatever a device declares; undefined where nothing names the vendor. */
export const vendorPrefix = (namespace: string): string | undefined => {
  const plain = namespace.trim().replace(/\/+$/, "")
  const known = vendors.get(plain)
  if (known !== undefined) return known
  const host = /^[a-z][a-z+.-]*:\/\/([^/:?#]+)/i.exec(plain)?.[1]
  const name = host === undefined ? /^urn:(?:.*:)?([^:]+)$/i.exec(plain)?.[1] : nameOfHost(host.toLowerCase())
  const letters = name?.toLowerCase().replace(/[^a-z0-9]/g, "")
  return letters === undefined || letters === "" ? undefined : `tns${letters.replace(/^tns/, "")}`
}

const isOnvif = (namespace: string): boolean => namespace.trim().replace(/\/+$/, "") === onvifTopics

interface Segment {
  readonly name: string
  /** "" for ONVIF's own; undefined where none is written. */
  readonly vendor: string | undefined
  readonly lenient: boolean
}

const segmentOf = (written: string, prefixes: ReadonlyMap<string, string>): Segment => {
  const colon = written.indexOf(":")
  if (colon < 0) return { name: written, vendor: undefined, lenient: false }
  const prefix = written.slice(0, colon)
  const name = written.slice(colon + 1)
  const namespace = prefixes.get(prefix)
  if (namespace !== undefined)
    return { name, vendor: isOnvif(namespace) ? "" : (vendorPrefix(namespace) ?? prefix), lenient: false }
  return { name, vendor: conventional.has(prefix) ? prefix : prefix === "tns1" ? "" : prefix, lenient: true }
}

/**
 * The topic that stands in `text`, its prefixes resolved by those in scope. White space, `//.`, `/.` and slashes at the
 * end, which belong to filters, are left out; of several topics the first counts. Undefined when there is none.
 */
export const canonicalTopic = (text: string, prefixes: ReadonlyMap<string, string>): CanonicalTopic | undefined => {
  const [first = "", ...others] = text.split("|")
  const written = first
    .split("/")
    .map((segment) => segment.trim())
    .filter((segment) => segment !== "" && segment !== ".")
  if (written.length === 0 || written.length > segmentsMax || first.length > lengthMax) return undefined
  const all = written.map((segment) => segmentOf(segment, prefixes))
  if (all.some(({ name }) => name === "")) return undefined
  const start = all.findLastIndex(({ name, vendor }) => vendor === "" && roots.has(name))
  const segments = start > 0 ? all.slice(start) : all
  let vendor = ""
  const names = segments.map((segment) => {
    const said = segment.vendor ?? vendor
    const changes = said !== "" && said !== vendor
    // A name without a prefix, or of ONVIF's, below a vendor's belongs to the vendor's branch.
    if (said !== "") vendor = said
    return changes ? `${said}:${segment.name}` : segment.name
  })
  const lenient =
    others.length > 0 || start > 0 || all[0]!.vendor === undefined || all.some((segment) => segment.lenient)
  return { text: names.join("/"), lenient }
}

/** A topic as a profile writes it, in the canonical form. It stands for the topics below it too. */
export interface TopicPattern {
  readonly text: string
  readonly segments: ReadonlyArray<string>
}

const segmentPattern = /^([a-z][a-z0-9]*:)?[^\s:/|]+$/

/** Reads a profile's topic; a string is what is wrong with it. */
export const parsePattern = (text: string): TopicPattern | string => {
  const segments = text.split("/")
  const wrong = segments.find((segment) => !segmentPattern.test(segment))
  if (wrong !== undefined)
    return `"${text}" is no topic: names with "/" between, such as RuleEngine/LineDetector/Crossed or tnsaxis:Storage/Alert`
  if (segments.some((segment) => segment.startsWith("tns1:")))
    return `"${text}": leave tns1 out, ONVIF's own namespace is implied`
  return { text, segments }
}

/** How well a pattern fits a topic. */
export interface TopicFit {
  /** How many names it spells out: the one with more is meant. */
  readonly length: number
  /** In how many of them the vendor's prefix is the same. */
  readonly exact: number
  /** What the topic goes on with, below the pattern; "" for nothing. */
  readonly rest: string
}

const plain = (segment: string): string => segment.slice(segment.indexOf(":") + 1)

/**
 * How a pattern fits a topic, or undefined. A device may send a listed topic or any below it (ONVIF Core, 9.6). A
 * pattern's name without a prefix also fits a vendor's name of the same spelling below an ONVIF topic: Hanwha's
 * `Device/Trigger/tnssamsung:DigitalInput` means what the standard's does.
 */
export const fitTopic = (pattern: TopicPattern, topic: ReadonlyArray<string>): TopicFit | undefined => {
  if (pattern.segments.length > topic.length) return undefined
  let exact = 0
  for (const [index, segment] of pattern.segments.entries()) {
    const said = topic[index]!
    if (said === segment) exact += 1
    else if (index === 0 || plain(said) !== segment) return undefined
  }
  return { length: pattern.segments.length, exact, rest: topic.slice(pattern.segments.length).join("/") }
}
