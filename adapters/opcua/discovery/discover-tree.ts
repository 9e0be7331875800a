import type { NodeId } from "node-opcua"
import { browseNamePattern } from "../nodes/node-names.ts"
import type { NodeByPath, NodeName, Plain } from "../sources.ts"

/** What a variable held when it was looked at. */
export interface SeenValue {
  /** What its value is made of; `undefined` where it had none. */
  readonly kind: "boolean" | "number" | "string" | "other" | undefined
  readonly value: Plain
  readonly status: "good" | "uncertain" | "bad"
  readonly statusName: string
  readonly array: boolean
}

/** A node that was seen, at the first path that led to it. */
export interface Seen {
  readonly node: NodeId
  /** `nsu=…` */
  readonly name: string
  /** The namespace of its browse name; left out: OPC UA's own. */
  readonly uri: string | undefined
  readonly browseName: string
  readonly nodeClass: "object" | "variable" | "method"
  /** Its type, as `nsu=…`. */
  readonly type: string | undefined
  /** It is an alarm, or another condition. */
  readonly isCondition: boolean
  readonly parent: Seen | undefined
  readonly depth: number
  readonly children: Array<Seen>
  /** It tells events. */
  notifies: boolean
  value: SeenValue | undefined
}

/** What was seen of a server, from the Objects folder on. */
export interface Tree {
  readonly root: Seen
  /** Every node by its name. */
  readonly nodes: ReadonlyMap<string, Seen>
}

/** The steps from the Objects folder to a node. */
export const pathTo = (seen: Seen): NodeByPath["path"] =>
  seen.parent === undefined
    ? []
    : [
        ...pathTo(seen.parent),
        seen.uri === undefined ? { name: seen.browseName } : { uri: seen.uri, name: seen.browseName }
      ]

/** A path as one text, to be compared with others. */
export const pathKey = (path: NodeByPath["path"]): string => JSON.stringify(path.map(({ uri, name }) => [uri, name]))

/** The browse names that lead to a node, for people. */
export const pathText = (seen: Seen): string =>
  `/${pathTo(seen)
    .map(({ name }) => name)
    .join("/")}`

/** A node that a path led to, and what each `*` stood for. */
export interface Reached {
  readonly seen: Seen
  readonly matched: ReadonlyArray<string>
}

/** The nodes that a path leads to from a node on. */
export const follow = (from: Seen, path: NodeByPath["path"]): ReadonlyArray<Reached> => {
  let reached: ReadonlyArray<Reached> = [{ seen: from, matched: [] }]
  for (const { uri, name } of path) {
    const open = name.includes("*")
    const pattern = open ? browseNamePattern(name) : undefined
    reached = reached.flatMap(({ seen, matched }) =>
      seen.children.flatMap((child): ReadonlyArray<Reached> => {
        if (child.uri !== uri) return []
        if (pattern === undefined) return child.browseName === name ? [{ seen: child, matched }] : []
        return pattern.test(child.browseName) ? [{ seen: child, matched: [...matched, child.browseName] }] : []
      })
    )
  }
  return reached
}

/** The nodes that a name leads to. */
export const lookUp = ({ root, nodes }: Tree, name: NodeName): ReadonlyArray<Reached> => {
  if (!("nodeId" in name)) return follow(root, name.path)
  const seen = nodes.get(name.nodeId)
  return seen === undefined ? [] : [{ seen, matched: [] }]
}

/** The variables of a node itself, those of OPC UA's own left out: they say how it is made. */
export const ownVariables = (seen: Seen): ReadonlyArray<Seen> =>
  seen.children.filter(({ nodeClass, uri }) => nodeClass === "variable" && uri !== undefined)
