import type { NodeId } from "node-opcua"
import type { Library } from "../session/library.ts"
import type { NodeById } from "../sources.ts"

/** `nsu=<uri>;<kind>=<value>`, or `i=<number>` of OPC UA's own namespace; `;` in a URI is written `%3B` (OPC 10000-6, 5.1.12). */
const named = /^(?:nsu=([^;]+);)?([isgb])=(.+)$/s

/** The Server object (OPC 10000-5, 8.3.2): of most servers it tells the events of all objects. */
export const serverObject = "i=2253"

/** Why a node's name is none, for people; `undefined` where it is one. */
export const nodeNameProblem = (name: string): string | undefined => {
  if (/^ns=\d+;/.test(name)) {
    return `${name} has a namespace index, which changes when the server is updated: write nsu=<namespace URI>;… instead`
  }
  const [, uri, kind, value] = named.exec(name) ?? []
  if (kind === undefined || value === undefined) return `${name} is no node id, such as nsu=urn:vendor:panel;s=Door1`
  if (uri === undefined && kind !== "i") return `${name} has no namespace: write nsu=<namespace URI>;${name}`
  return kind === "i" && !/^\d+$/.test(value) ? `${name} is no node id: after i= comes a number` : undefined
}

/** The namespace that a node's name is in; `undefined`: OPC UA's own. */
export const namespaceOf = (name: string): string | undefined =>
  named.exec(name)?.[1]?.replaceAll(/%3B/gi, ";").replaceAll("%25", "%")

/** The index of a namespace at this server, now. */
export const namespaceIndex = (namespaces: ReadonlyArray<string>, uri: string | undefined): number | undefined => {
  if (uri === undefined) return 0
  const index = namespaces.indexOf(uri)
  return index < 0 ? undefined : index
}

/** The node that a name means at this server, or why there can be none. */
export const nodeIdOf = (
  library: Library,
  namespaces: ReadonlyArray<string>,
  { nodeId }: NodeById
): NodeId | string => {
  const problem = nodeNameProblem(nodeId)
  if (problem !== undefined) return problem
  const [, , kind = "", value = ""] = named.exec(nodeId) ?? []
  const uri = namespaceOf(nodeId)
  const index = namespaceIndex(namespaces, uri)
  if (index === undefined) return `the server has no namespace ${uri}`
  const { NodeId, NodeIdType } = library
  switch (kind) {
    case "i":
      return new NodeId(NodeIdType.NUMERIC, Number(value), index)
    case "s":
      return new NodeId(NodeIdType.STRING, value, index)
    case "g":
      return new NodeId(NodeIdType.GUID, value, index)
    default:
      return new NodeId(NodeIdType.BYTESTRING, Buffer.from(value, "base64"), index)
  }
}

const kinds: Readonly<Record<number, string>> = { 1: "i", 2: "s", 3: "g", 4: "b" }

const valueOf = ({ value }: NodeId): string => (Buffer.isBuffer(value) ? value.toString("base64") : String(value))

/** A node's name, the same for every session and every order of the server's namespaces. */
export const nameOfNode = (namespaces: ReadonlyArray<string>, node: NodeId): string => {
  const text = `${kinds[node.identifierType] ?? "s"}=${valueOf(node)}`
  if (node.namespace === 0) return text
  const uri = namespaces[node.namespace] ?? `urn:unknown:${node.namespace}`
  return `nsu=${uri.replaceAll("%", "%25").replaceAll(";", "%3B")};${text}`
}

/** A browse name as it is written in a path (OPC 10000-4, A.2). */
export const browseNameInPath = (name: string): string => name.replaceAll(/[&/:{}*]/g, "&$&")

/** What a browse name means in which each `*` stands for any text. */
export const browseNamePattern = (name: string): RegExp => {
  const parts = name.split("*").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
  return new RegExp(`^${parts.join(".*")}$`, "s")
}
