import { nodeNameProblem } from "../nodes/node-names.ts"
import { eventTypeNames, eventTypeNode } from "../nodes/event-types.ts"

/** A text with places in it: `{name}` stands for what is filled in or captured; of `*` the name is empty. */
export type Template = ReadonlyArray<string | { readonly place: string }>

/** One step of a browse path as it is written. */
export interface StepTemplate {
  /** The namespace's URI; left out: OPC UA's own. */
  readonly uri?: Template
  readonly name: Template
}

/** A node by its id: `p;s=Doors/Door1`, `nsu=urn:maker:panel;i=7`, `i=2253`. */
export interface IdTemplate {
  readonly _tag: "Id"
  readonly text: string
  readonly uri?: Template
  /** `s=…`, `i=…`, `g=…` or `b=…`. */
  readonly id: Template
}

/** A node by its browse path: `p:Doors/p:{door}/p:Contact`, from the device's address on; with `/` at the front, from Objects. */
export interface PathTemplate {
  readonly _tag: "Path"
  readonly text: string
  readonly absolute: boolean
  readonly steps: ReadonlyArray<StepTemplate>
}

export type NodeTemplate = IdTemplate | PathTemplate

/** The short names of a profile's namespaces, with the URIs they stand for. */
export type Namespaces = Readonly<Record<string, string>>

const isId = /^(?:(nsu=[^;]+|ns=\d+|[A-Za-z_][\w.-]*);)?([isgb]=.+)$/s
const shortName = /^([A-Za-z_][\w.-]*):(.*)$/s
const isIndexed = /^\d+:/

/** `{name}` of a text that knows no other signs. */
export const templateOf = (text: string): Template =>
  text
    .split(/(\{[^{}]*\})/)
    .filter((part) => part !== "")
    .map((part) => (part.startsWith("{") && part.endsWith("}") ? { place: part.slice(1, -1) } : part))

/** The places that a template names; `*` has no name. */
export const placesIn = (template: Template): ReadonlyArray<string> =>
  template.flatMap((part) => (typeof part === "string" || part.place === "" ? [] : [part.place]))

const missing = (name: string, namespaces: Namespaces): string => {
  const known = Object.keys(namespaces)
  const has = known.length === 0 ? "the profile names none" : `the profile names ${known.join(", ")}`
  return `there is no namespace "${name}"; ${has}`
}

const parseId = (text: string, namespaces: Namespaces): IdTemplate | string => {
  const [, named, id = ""] = isId.exec(text) ?? []
  if (named === undefined || named.startsWith("nsu=") || named.startsWith("ns=")) {
    const problem = nodeNameProblem(text)
    if (problem !== undefined && !(id.startsWith("i=") && id.includes("{"))) return problem
    const uri = named?.slice("nsu=".length).replaceAll(/%3B/gi, ";").replaceAll("%25", "%")
    return { _tag: "Id", text, id: templateOf(id), ...(uri === undefined ? {} : { uri: [uri] }) }
  }
  const uri = namespaces[named]
  if (uri === undefined) return missing(named, namespaces)
  const problem = id.includes("{") ? undefined : nodeNameProblem(`nsu=${named};${id}`)
  return problem ?? { _tag: "Id", text, id: templateOf(id), uri: templateOf(uri) }
}

/** A text cut at a sign; one behind `&` does not count (OPC 10000-4, A.2). */
const cutAt = (text: string, sign: string): ReadonlyArray<string> => {
  const parts = [""]
  for (let at = 0; at < text.length; at++) {
    const letter = text.charAt(at)
    const pair = letter === "&" && at + 1 < text.length ? letter + text.charAt(++at) : letter
    if (letter === sign) parts.push("")
    else parts[parts.length - 1] += pair
  }
  return parts
}

/** A browse name as it is written; what stands behind `&` is meant as it is. */
const nameTemplate = (text: string): Template => {
  const parts: Array<string | { readonly place: string }> = []
  const literal = (sign: string): void => {
    const last = parts.at(-1)
    if (typeof last === "string") parts[parts.length - 1] = last + sign
    else parts.push(sign)
  }
  for (let at = 0; at < text.length; at++) {
    const letter = text.charAt(at)
    const close = letter === "{" ? text.indexOf("}", at) : -1
    if (letter === "&" && at + 1 < text.length) literal(text.charAt(++at))
    else if (letter === "*") parts.push({ place: "" })
    else if (close > at + 1) {
      parts.push({ place: text.slice(at + 1, close) })
      at = close
    } else literal(letter)
  }
  return parts
}

const parseStep = (text: string, namespaces: Namespaces): StepTemplate | string => {
  if (text === "" || text.endsWith(":")) return "a step of the path is empty"
  if (isIndexed.test(text)) {
    return `${text} has a namespace index, which changes when the server is updated: give its URI a short name under namespaces`
  }
  const [, short, name] = shortName.exec(text) ?? []
  if (short === undefined || name === undefined) return { name: nameTemplate(text) }
  const uri = namespaces[short]
  return uri === undefined ? missing(short, namespaces) : { uri: templateOf(uri), name: nameTemplate(name) }
}

/** A browse path as it is written. */
export const parsePath = (text: string, namespaces: Namespaces): PathTemplate | string => {
  const absolute = text.startsWith("/")
  const rest = absolute ? text.slice(1) : text
  const steps = rest === "" ? [] : cutAt(rest, "/").map((step) => parseStep(step, namespaces))
  const problem = steps.find((step) => typeof step === "string")
  if (problem !== undefined) return problem
  return { _tag: "Path", text, absolute, steps: steps as ReadonlyArray<StepTemplate> }
}

/** A node as it is written, or in words why it is none. */
export const parseNode = (text: string, namespaces: Namespaces): NodeTemplate | string =>
  isId.test(text) ? parseId(text, namespaces) : parsePath(text, namespaces)

/** An event type: a node id, or the name of one of OPC UA's own. */
export const parseEventType = (text: string, namespaces: Namespaces): IdTemplate | string => {
  const own = eventTypeNode(text)
  if (own !== undefined) return { _tag: "Id", text, id: [own] }
  if (isId.test(text)) return parseId(text, namespaces)
  return `"${text}" is no event type: write its node id, or one of ${eventTypeNames.join(", ")}`
}

/** Every place of a node as it is written, those of its namespaces too. */
export const placesOf = (node: NodeTemplate): ReadonlyArray<string> =>
  node._tag === "Id"
    ? [...placesIn(node.uri ?? []), ...placesIn(node.id)]
    : node.steps.flatMap(({ uri, name }) => [...placesIn(uri ?? []), ...placesIn(name)])

/** A step that could be read in more than one way; `filled` are the places that are no captures. */
export const stepProblem = (node: NodeTemplate, filled: ReadonlySet<string>): string | undefined => {
  if (node._tag === "Id") return undefined
  const isOpen = (part: Template[number]): boolean => typeof part !== "string" && !filled.has(part.place)
  return node.steps.some(({ name }) => name.filter(isOpen).length > 1)
    ? "a step of the path can have one {name} or *, not two"
    : undefined
}
