import { namespaces } from "./namespaces.ts"
import { concreteDialect, concreteSetDialect } from "./spelling.ts"
import { attributeOf, childrenOf, type XmlNode } from "./xml-node.ts"

/** What a subscription wants: topics by their path from the root, each alone or with what is below it. */
export type TopicFilter = ReadonlyArray<{ readonly path: string; readonly below: boolean }>

export type FilterProblem =
  | { readonly _tag: "DialectUnknown"; readonly dialect: string }
  | { readonly _tag: "InvalidExpression"; readonly expression: string }
  | { readonly _tag: "ContentFilter"; readonly dialect: string }

const namePattern = /^[A-Za-z_][\w.-]*$/

/** A segment in the device's own prefixes: ONVIF's namespace has none, a vendor's has its usual one. */
const segmentOf = (text: string, scope: Readonly<Record<string, string>>, first: boolean): string | undefined => {
  const colon = text.indexOf(":")
  const name = text.slice(colon + 1)
  if (!namePattern.test(name)) return undefined
  if (colon < 0) return first ? undefined : name
  const uri = scope[text.slice(0, colon)]
  if (uri === undefined) return undefined
  if (uri === namespaces.tns1) return name
  const vendor = Object.entries(namespaces).find(([, known]) => known === uri)?.[0]
  return `${vendor ?? text.slice(0, colon)}:${name}`
}

/** One alternative of an expression: `tns1:VideoSource/MotionAlarm`, or with `//.` after it everything below. */
const alternative = (text: string, scope: Readonly<Record<string, string>>): TopicFilter[number] | undefined => {
  const below = text.endsWith("//.")
  const path = (below ? text.slice(0, -3) : text).split("/")
  const segments = path.map((segment, index) => segmentOf(segment, scope, index === 0))
  if (segments.some((segment) => segment === undefined)) return undefined
  return { path: segments.join("/"), below }
}

const expressionOf = (node: XmlNode): TopicFilter | FilterProblem => {
  const dialect = attributeOf(node, "Dialect")?.trim() ?? concreteDialect
  const expression = node.text.trim()
  if (dialect !== concreteDialect && dialect !== concreteSetDialect) return { _tag: "DialectUnknown", dialect }
  const texts = dialect === concreteSetDialect ? expression.split("|").map((one) => one.trim()) : [expression]
  const topics = texts.map((text) => alternative(text, node.scope))
  const plain = dialect === concreteSetDialect || topics.every((topic) => topic?.below === false)
  const complete = topics.filter((topic) => topic !== undefined)
  return plain && complete.length === topics.length ? complete : { _tag: "InvalidExpression", expression }
}

const isProblem = (read: TopicFilter | FilterProblem): read is FilterProblem => "_tag" in read

/** Reads a `wsnt:Filter`. Several topic expressions are taken as alternatives, as devices do. */
export const readFilter = (filter: XmlNode | undefined): TopicFilter | undefined | FilterProblem => {
  const content = childrenOf(filter, "MessageContent")[0]
  if (content !== undefined) return { _tag: "ContentFilter", dialect: attributeOf(content, "Dialect") ?? "" }
  const expressions = childrenOf(filter, "TopicExpression").map(expressionOf)
  const problem = expressions.find(isProblem)
  if (problem !== undefined) return problem
  return expressions.length === 0 ? undefined : expressions.flatMap((one) => (isProblem(one) ? [] : one))
}

/** Whether a topic passes. No filter lets everything pass. */
export const passes = (filter: TopicFilter | undefined, topic: string): boolean =>
  filter === undefined || filter.some(({ path, below }) => topic === path || (below && topic.startsWith(`${path}/`)))
