import { Effect } from "effect"
import type { CallFailed, Connection } from "../wire/connection.ts"
import { tev } from "../wire/namespaces.ts"
import { canonicalTopic } from "../messages/topic.ts"
import { attributeOf, descendantOf, isTrue } from "../wire/xml.ts"
import type { XmlElement } from "../wire/xml-element.ts"

/** OASIS WS-Topics 1.3. */
const wstop = "http://docs.oasis-open.org/wsn/t-1"

/** A topic that a device says it may send. */
export interface OfferedTopic {
  /** Canonical: see `CanonicalTopic`. */
  readonly topic: string
  /** It is a state, told again to each new subscriber. */
  readonly property: boolean
}

/** A device of every profile at once has fewer. */
const topicsMax = 2000

const callMs = 10_000

/** What describes a topic, and is none itself. */
const isDescription = ({ name }: XmlElement): boolean => name === "MessageDescription" || name === "documentation"

const named = (path: ReadonlyArray<XmlElement>): string | undefined => {
  const prefixes = new Map<string, string>()
  const names = path.map(({ namespace, name }, nth) => {
    if (namespace === "") return name
    prefixes.set(`n${nth}`, namespace)
    return `n${nth}:${name}`
  })
  return canonicalTopic(names.join("/"), prefixes)?.text
}

const topicsBelow = (path: ReadonlyArray<XmlElement>): ReadonlyArray<OfferedTopic> => {
  const at = path.at(-1)!
  const below = at.children.filter((child) => !isDescription(child)).flatMap((child) => topicsBelow([...path, child]))
  const description = descendantOf(at, "MessageDescription")
  // Some leave the mark out and describe the message all the same.
  if (!isTrue(attributeOf(at, "topic", wstop)) && description === undefined) return below
  const topic = named(path)
  if (topic === undefined) return below
  return [{ topic, property: description !== undefined && isTrue(attributeOf(description, "IsProperty")) }, ...below]
}

/** The topics in a GetEventPropertiesResponse (ONVIF Core, 9.7), each once. */
export const readTopicSet = (body: XmlElement): ReadonlyArray<OfferedTopic> => {
  const set = descendantOf(body, "TopicSet")
  const found = (set?.children ?? []).filter((child) => !isDescription(child)).flatMap((child) => topicsBelow([child]))
  const once = new Map(found.map((one) => [one.topic, one]))
  return [...once.values()].slice(0, topicsMax)
}

/** Asks which topics a device offers. */
export const offeredTopics = (
  connection: Connection,
  url: string
): Effect.Effect<ReadonlyArray<OfferedTopic>, CallFailed> =>
  connection
    .call({
      url,
      action: `${tev}/EventPortType/GetEventPropertiesRequest`,
      body: `<tev:GetEventProperties xmlns:tev="${tev}"/>`,
      addressing: { to: url, referenceParameters: [] },
      timeoutMs: callMs
    })
    .pipe(Effect.map(({ body }) => readTopicSet(body)))
