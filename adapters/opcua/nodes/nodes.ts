import type { DataValue, NodeId } from "node-opcua"
import { Effect } from "effect"
import type { Live } from "../session/session.ts"
import type { Refused } from "../session/failures.ts"
import { browseNamePattern, nameOfNode, namespaceIndex, nodeIdOf } from "./node-names.ts"
import { below, referencesOf } from "./references.ts"
import type { TypeChains } from "./type-chains.ts"
import type { NodeByPath, NodeName, PathStep, ValueKind } from "../sources.ts"

/** No server is asked for more at once; many small ones take no more in one request. */
const batchSize = 100

/** A pattern that leads to more nodes than this is a mistake. */
const matchesMax = 10_000

/** A node that a name leads to. */
export interface Found {
  readonly node: NodeId
  /** `nsu=…` */
  readonly name: string
  /** What each `*` stood for, as whole browse names. */
  readonly matched: ReadonlyArray<string>
}

/** A name leads nowhere, or to something else than it should; the words are for people. */
export class NotThere {
  readonly why: string
  constructor(why: string) {
    this.why = why
  }
}

/** Runs something over many, some at a time, in order. */
export const inBatches = <A, B, E>(
  all: ReadonlyArray<A>,
  run: (some: ReadonlyArray<A>) => Effect.Effect<ReadonlyArray<B>, E>,
  size: number = batchSize
): Effect.Effect<ReadonlyArray<B>, E> => {
  const batches = Array.from({ length: Math.ceil(all.length / size) }, (_, nth) =>
    all.slice(nth * size, (nth + 1) * size)
  )
  return Effect.map(Effect.forEach(batches, run), (results) => results.flat())
}

/** A node's name, in words. */
export const wordsOf = (name: NodeName): string =>
  "nodeId" in name ? name.nodeId : `/${name.path.map(({ name: step }) => step).join("/")}`

const isPattern = ({ name }: PathStep): boolean => name.includes("*")

/** The children of nodes. */
const childrenOf = (live: Live, nodes: ReadonlyArray<Found>) =>
  inBatches(nodes, (some) =>
    referencesOf(
      live,
      some.map(({ node }) => below(live, node)),
      matchesMax + 1
    )
  )

const stepByPattern = Effect.fnUntraced(function* (
  live: Live,
  from: ReadonlyArray<Found>,
  step: PathStep,
  index: number
) {
  const pattern = browseNamePattern(step.name)
  const children = yield* childrenOf(live, from)
  return from.flatMap((parent, nth): ReadonlyArray<Found> => {
    const seen = new Set<string>()
    return (children[nth] ?? []).flatMap(({ browseName, nodeId }) => {
      const name = browseName.name ?? ""
      const known = nameOfNode(live.namespaces, nodeId)
      if (browseName.namespaceIndex !== index || !pattern.test(name) || seen.has(known)) return []
      seen.add(known)
      return [{ node: nodeId, name: known, matched: [...parent.matched, name] }]
    })
  })
})

const stepByName = (live: Live, from: ReadonlyArray<Found>, { name }: PathStep, index: number) => {
  const { BrowsePath, resolveNodeId } = live.library
  const element = {
    referenceTypeId: resolveNodeId("HierarchicalReferences"),
    isInverse: false,
    includeSubtypes: true,
    targetName: { namespaceIndex: index, name }
  }
  return inBatches(from, (some) =>
    Effect.map(
      live.ask("browse paths", (session) =>
        session.translateBrowsePath(
          some.map(({ node }) => new BrowsePath({ startingNode: node, relativePath: { elements: [element] } }))
        )
      ),
      (results) =>
        some.flatMap((parent, nth): ReadonlyArray<Found> => {
          const target = results[nth]?.targets?.[0]
          if (target === undefined) return []
          const node = target.targetId as NodeId
          return [{ node, name: nameOfNode(live.namespaces, node), matched: parent.matched }]
        })
    )
  )
}

const walk = Effect.fnUntraced(function* (
  live: Live,
  { path }: NodeByPath
): Effect.fn.Return<ReadonlyArray<Found> | NotThere, Refused> {
  const objects = live.library.resolveNodeId("ObjectsFolder")
  let found: ReadonlyArray<Found> = [{ node: objects, name: nameOfNode(live.namespaces, objects), matched: [] }]
  for (const [nth, step] of path.entries()) {
    const index = namespaceIndex(live.namespaces, step.uri)
    if (index === undefined) return new NotThere(`the server has no namespace ${step.uri}`)
    found = yield* isPattern(step) ? stepByPattern(live, found, step, index) : stepByName(live, found, step, index)
    const upTo = wordsOf({ path: path.slice(0, nth + 1) })
    if (found.length === 0) return new NotThere(`nothing is at ${upTo}`)
    if (found.length > matchesMax) return new NotThere(`more than ${matchesMax} nodes are at ${upTo}`)
  }
  return found
})

/** The nodes that a name leads to at this server, at least one. Whether a node by its id exists is not looked at. */
export const findNodes = (live: Live, name: NodeName): Effect.Effect<ReadonlyArray<Found> | NotThere, Refused> => {
  if (!("nodeId" in name)) return walk(live, name)
  const node = nodeIdOf(live.library, live.namespaces, name)
  return Effect.succeed(
    typeof node === "string" ? new NotThere(node) : [{ node, name: nameOfNode(live.namespaces, node), matched: [] }]
  )
}

/** Attributes of nodes, one after the other (OPC 10000-4, 5.11.2). */
export const readAttributes = (
  live: Live,
  wanted: ReadonlyArray<{ readonly nodeId: NodeId; readonly attributeId: number }>
): Effect.Effect<ReadonlyArray<DataValue>, Refused> =>
  inBatches(wanted, (some) => live.ask("reading", (session) => session.read([...some])))

/**
 * The built-in types by their numbers (OPC 10000-6, 5.1.2), and the abstract Number, Integer, UInteger and Enumeration
 * above some of them (OPC 10000-5, 12). A type that is none of these says nothing.
 */
const kindOf = (type: number): Exclude<ValueKind, "any"> | "other" | undefined => {
  if (type === 1) return "boolean"
  if ((type >= 2 && type <= 11) || (type >= 26 && type <= 29)) return "number"
  if (type === 12 || type === 21) return "string"
  return type >= 13 && type <= 23 ? "other" : undefined
}

const kindOfChain = (chain: ReadonlyArray<NodeId>): ReturnType<typeof kindOf> => {
  for (const { namespace, value } of chain) {
    const kind = namespace === 0 && typeof value === "number" ? kindOf(value) : undefined
    if (kind !== undefined) return kind
  }
  return undefined
}

/** OPC 10000-3, 8.57 and 8.59: bits of AccessLevel and EventNotifier. */
const canBeRead = 1
const tellsEvents = 1

const isMissing = ({ statusCode: { name } }: DataValue): boolean =>
  name === "BadNodeIdUnknown" || name === "BadNodeIdInvalid"

const attributesOf = ({ library: { AttributeIds } }: Live) => [
  AttributeIds.NodeClass,
  AttributeIds.UserAccessLevel,
  AttributeIds.DataType
]

/** Why a variable with these attributes is not what it should be. */
const problemOf = (
  live: Live,
  chains: TypeChains,
  kind: ValueKind,
  [nodeClass, access, type]: ReadonlyArray<DataValue>
): Effect.Effect<string | undefined, Refused> => {
  if (nodeClass === undefined || isMissing(nodeClass)) return Effect.succeed("does not exist at the server")
  if (nodeClass.value.value !== live.library.NodeClass.Variable) return Effect.succeed("is no variable")
  const level: unknown = access?.value.value
  if (typeof level === "number" && (level & canBeRead) === 0) return Effect.succeed("may not be read by this user")
  const typeNode: unknown = type?.value.value
  if (kind === "any" || !(typeNode instanceof live.library.NodeId)) return Effect.succeed(undefined)
  return Effect.map(chains(typeNode), (chain) => {
    const is = kindOfChain(chain)
    return is === undefined || is === kind
      ? undefined
      : `is a ${is === "other" ? "value of another type" : is}, not a ${kind}`
  })
}

/** Why variables are not what they should be, in their order; `undefined` where one is. */
export const variableProblems = Effect.fnUntraced(function* (
  live: Live,
  chains: TypeChains,
  variables: ReadonlyArray<{ readonly node: NodeId; readonly kind: ValueKind }>
): Effect.fn.Return<ReadonlyArray<string | undefined>, Refused> {
  const attributes = attributesOf(live)
  const values = yield* readAttributes(
    live,
    variables.flatMap(({ node }) => attributes.map((attributeId) => ({ nodeId: node, attributeId })))
  )
  return yield* Effect.forEach(variables, ({ kind }, nth) =>
    problemOf(live, chains, kind, values.slice(nth * attributes.length, (nth + 1) * attributes.length))
  )
})

/** Why objects do not tell events, in their order; `undefined` where one does. */
export const notifierProblems = Effect.fnUntraced(function* (
  live: Live,
  notifiers: ReadonlyArray<NodeId>
): Effect.fn.Return<ReadonlyArray<string | undefined>, Refused> {
  const { AttributeIds } = live.library
  const values = yield* readAttributes(
    live,
    notifiers.map((nodeId) => ({ nodeId, attributeId: AttributeIds.EventNotifier }))
  )
  return values.map((value) => {
    if (isMissing(value)) return "does not exist at the server"
    const bits: unknown = value.value.value
    return typeof bits === "number" && (bits & tellsEvents) !== 0 ? undefined : "tells no events"
  })
})
