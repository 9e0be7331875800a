import type { ProfileIssue } from "../../profile/compile.ts"
import type { OpcuaReading } from "./profile-file.ts"
import {
  type IdTemplate,
  type Namespaces,
  type NodeTemplate,
  parseEventType,
  parseNode,
  placesOf,
  stepProblem
} from "./profile-node.ts"
import type { ValueKind } from "../sources.ts"

/** Events or alarms of some objects. */
interface FromNotifier {
  readonly notifier: NodeTemplate
  /** Types of which one is the event's own, or above it. */
  readonly types: ReadonlyArray<IdTemplate>
  /** Nodes that the event is about; none: any. */
  readonly sources: ReadonlyArray<IdTemplate>
  readonly captures: ReadonlyArray<string>
}

/** What a mapping listens to. `captures` are the names in braces that the server's own names fill. */
export type Listens =
  | {
      readonly _tag: "Value"
      readonly node: NodeTemplate
      readonly type: ValueKind
      readonly captures: ReadonlyArray<string>
    }
  | ({ readonly _tag: "Event" } & FromNotifier)
  | ({ readonly _tag: "Alarm" } & FromNotifier)

export interface Listening {
  readonly listens: Listens
}

/** What of a mapping says what it listens to, and what its values must be. */
export type HeardOf = Partial<
  Pick<
    OpcuaReading,
    "node" | "type" | "event" | "alarm" | "notifier" | "source" | "path" | "each" | "values" | "ranges"
  >
>

/** What names mean in a profile. */
export interface Names {
  readonly namespaces: Namespaces
  /** Places that are filled in; all others are captures. */
  readonly filled: ReadonlySet<string>
  readonly notifier: NodeTemplate
  /** The nodes that events are about where a mapping does not say. */
  readonly source: string | ReadonlyArray<string> | undefined
}

type Issues = Array<ProfileIssue>

const isWord = (text: string): boolean => text === "true" || text === "false"
const isNumber = (text: string): boolean => /^-?\d+(\.\d+)?$/.test(text)

/** What the values must be for the texts of a mapping's table to be among them. */
const kindOf = ({ type, path, each, values, ranges }: HeardOf): ValueKind => {
  if (type !== undefined) return type
  const whole = each === undefined && (path === undefined || path === "value")
  if (!whole) return typeof path === "string" && path.startsWith("bits.") ? "number" : "any"
  if (ranges !== undefined) return "number"
  const texts = Object.keys(values ?? {})
  if (texts.length === 0) return "any"
  if (texts.every(isWord)) return "boolean"
  if (texts.every(isNumber)) return "number"
  return texts.some((text) => isWord(text) || isNumber(text)) ? "any" : "string"
}

const capturesOf = (node: NodeTemplate, filled: ReadonlySet<string>): ReadonlyArray<string> =>
  placesOf(node).filter((place) => !filled.has(place))

const checked = (node: NodeTemplate | string, path: ProfileIssue["path"], names: Names, issues: Issues) => {
  const problem = typeof node === "string" ? node : stepProblem(node, names.filled)
  if (problem !== undefined) issues.push({ path, message: problem })
  return typeof node === "string" ? undefined : node
}

const parsed = (text: string, key: string, names: Names, issues: Issues): NodeTemplate | undefined =>
  checked(parseNode(text, names.namespaces), [key], names, issues)

const each = <A>(
  texts: string | ReadonlyArray<string> | undefined,
  key: string,
  parse: (text: string) => A | string,
  issues: Issues
): ReadonlyArray<A> =>
  [texts ?? []].flat().flatMap((text, nth) => {
    const one = parse(text)
    if (typeof one !== "string") return [one]
    issues.push({ path: typeof texts === "string" ? [key] : [key, nth], message: one })
    return []
  })

const asSource = (text: string, names: Names): IdTemplate | string => {
  const node = parseNode(text, names.namespaces)
  if (typeof node === "string" || node._tag === "Id") return node
  return `an event names its source by a node id, such as "p;s=Doors/{door}", not by a path`
}

const fromNotifier = (mapping: HeardOf, key: "event" | "alarm", names: Names, issues: Issues): FromNotifier => {
  const own = mapping.notifier === undefined ? names.notifier : parsed(mapping.notifier, "notifier", names, issues)
  const notifier = own ?? names.notifier
  const types = each(mapping[key], key, (text) => parseEventType(text, names.namespaces), issues)
  const sources = each(mapping.source ?? names.source, "source", (text) => asSource(text, names), issues)
  if (types.some((type) => capturesOf(type, names.filled).length > 0))
    issues.push({ path: [key], message: "an event type has no captures" })
  const captures = [notifier, ...sources].flatMap((node) => capturesOf(node, names.filled))
  return { notifier, types, sources, captures: [...new Set(captures.filter((name) => name !== ""))] }
}

const variable = (text: string, mapping: HeardOf, names: Names, issues: Issues): Listens | undefined => {
  for (const key of ["notifier", "source"] as const)
    if (mapping[key] !== undefined) issues.push({ path: [key], message: "a variable has none" })
  const node = parsed(text, "node", names, issues)
  if (node === undefined) return undefined
  const captures = capturesOf(node, names.filled)
  if (node._tag === "Id" && captures.length > 0) {
    const message = `{${captures[0]}} is not among the profile's parameters: only a browse path can lead to many nodes`
    issues.push({ path: ["node"], message })
  }
  return { _tag: "Value", node, type: kindOf(mapping), captures: captures.filter((name) => name !== "") }
}

/** What a mapping listens to, or all that is wrong with what it says of it. */
export const listensOf = (
  mapping: HeardOf,
  names: Names
): Listening | { readonly issues: ReadonlyArray<ProfileIssue> } => {
  const issues: Issues = []
  const given = (["node", "event", "alarm"] as const).filter((key) => mapping[key] !== undefined)
  const [key] = given
  if (key === undefined || given.length > 1) {
    return { issues: [{ path: [], message: "it listens to one of node, event and alarm" }] }
  }
  if (key !== "node" && mapping.type !== undefined) issues.push({ path: ["type"], message: "only a variable has it" })
  const listens: Listens | undefined =
    key === "node"
      ? variable(mapping.node!, mapping, names, issues)
      : { _tag: key === "event" ? "Event" : "Alarm", ...fromNotifier(mapping, key, names, issues) }
  return listens === undefined || issues.length > 0 ? { issues } : { listens }
}
