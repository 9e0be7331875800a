import type { NodeId, ReferenceDescription } from "node-opcua"
import { Effect } from "effect"
import type { Seen, SeenValue } from "./discover-tree.ts"
import type { Refused } from "../session/failures.ts"
import { conditionType } from "../nodes/event-types.ts"
import { nameOfNode } from "../nodes/node-names.ts"
import { inBatches, readAttributes } from "../nodes/nodes.ts"
import { plainVariant, severityOf, type SomeVariant } from "../nodes/plain.ts"
import { below, visibleReferencesOf } from "../nodes/references.ts"
import type { Live } from "../session/session.ts"
import type { TypeChains } from "../nodes/type-chains.ts"

/** How far a server is looked at. */
export interface Bounds {
  /** Steps from the Objects folder. */
  readonly depthMax: number
  readonly nodesMax: number
  readonly withinMs: number
}

/** Why there may be more than was seen. */
export type Stopped = "depth" | "nodes" | "time"

/** What is being seen of a server; it can be looked at at any time. */
export interface Sight {
  readonly root: Seen
  readonly nodes: Map<string, Seen>
  readonly stopped: Set<Stopped>
}

/** OPC 10000-3, 8.59: the bit of EventNotifier. */
const tellsEvents = 1

/** Servers are asked for so much at once. */
const batchSize = 100

/** A sight with the Objects folder alone. */
export const makeSight = (live: Live): Sight => {
  const node = live.library.resolveNodeId("ObjectsFolder")
  const name = nameOfNode(live.namespaces, node)
  const root: Seen = {
    node,
    name,
    uri: undefined,
    browseName: "Objects",
    nodeClass: "object",
    type: undefined,
    isCondition: false,
    parent: undefined,
    depth: 0,
    children: [],
    notifies: false,
    value: undefined
  }
  return { root, nodes: new Map([[name, root]]), stopped: new Set() }
}

const askedOf = (live: Live, { node, nodeClass }: Seen) =>
  // What a variable is made of is its components; its properties say how to read it.
  nodeClass === "variable" ? below(live, node, "HasComponent") : below(live, node)

const classes: Readonly<Record<number, Seen["nodeClass"]>> = { 1: "object", 2: "variable", 4: "method" }

/** OPC UA's own objects below the Objects folder (Server, Aliases, Locations) tell of the server, and of no device. */
const isOwn = (parent: Seen, node: NodeId): boolean => parent.parent === undefined && node.namespace === 0

const isConditionType = (live: Live, chains: TypeChains, type: NodeId | null): Effect.Effect<boolean, Refused> =>
  type === null || type.isEmpty()
    ? Effect.succeed(false)
    : Effect.map(chains(type), (chain) => chain.some((above) => nameOfNode([], above) === conditionType))

const addChild = Effect.fnUntraced(function* (
  live: Live,
  chains: TypeChains,
  { nodes }: Sight,
  parent: Seen,
  { nodeId, browseName, nodeClass, typeDefinition }: ReferenceDescription
): Effect.fn.Return<Seen | undefined, Refused> {
  const kind = classes[nodeClass]
  const name = nameOfNode(live.namespaces, nodeId)
  if (kind === undefined || nodes.has(name) || isOwn(parent, nodeId)) return undefined
  const isTyped = typeDefinition !== null && !typeDefinition.isEmpty()
  const seen: Seen = {
    node: nodeId,
    name,
    uri: browseName.namespaceIndex === 0 ? undefined : live.namespaces[browseName.namespaceIndex],
    browseName: browseName.name ?? "",
    nodeClass: kind,
    type: isTyped ? nameOfNode(live.namespaces, typeDefinition) : undefined,
    isCondition: kind === "object" && (yield* isConditionType(live, chains, typeDefinition)),
    parent,
    depth: parent.depth + 1,
    children: [],
    notifies: false,
    value: undefined
  }
  parent.children.push(seen)
  nodes.set(name, seen)
  return seen
})

const hasChildren = ({ nodeClass, isCondition }: Seen): boolean => nodeClass !== "method" && !isCondition

/** Looks at all that is below the Objects folder, level by level, as far as the bounds go. */
export const browse = Effect.fnUntraced(function* (
  live: Live,
  chains: TypeChains,
  sight: Sight,
  { depthMax, nodesMax, withinMs }: Bounds
): Effect.fn.Return<void, Refused> {
  const until = performance.now() + withinMs
  let level: ReadonlyArray<Seen> = [sight.root]
  while (level.length > 0) {
    const children: Array<Seen> = []
    for (let at = 0; at < level.length; at += batchSize) {
      if (performance.now() >= until) return void sight.stopped.add("time")
      const some = level.slice(at, at + batchSize)
      const asked = some.map((seen) => askedOf(live, seen))
      for (const [nth, references] of (yield* visibleReferencesOf(live, asked, nodesMax)).entries()) {
        const parent = some[nth]!
        for (const reference of references) {
          if (sight.nodes.size >= nodesMax) return void sight.stopped.add("nodes")
          const child = yield* addChild(live, chains, sight, parent, reference)
          if (child !== undefined && hasChildren(child)) children.push(child)
        }
      }
    }
    const deeper = children.filter(({ depth }) => depth < depthMax)
    // Most variables have nothing below them: only what could hold something counts as not looked at.
    if (children.some(({ depth, nodeClass }) => depth >= depthMax && nodeClass === "object")) sight.stopped.add("depth")
    level = deeper
  }
})

const kindOf = (dataType: number): SeenValue["kind"] => {
  if (dataType === 0) return undefined
  if (dataType === 1) return "boolean"
  if (dataType >= 2 && dataType <= 11) return "number"
  return dataType === 12 || dataType === 21 ? "string" : "other"
}

/** Reads what variables hold, and which objects tell events, until the time is over. */
export const readSeen = Effect.fnUntraced(function* (
  live: Live,
  sight: Sight,
  withinMs: number
): Effect.fn.Return<void, Refused> {
  const until = performance.now() + withinMs
  const { AttributeIds } = live.library
  const wanted = [...sight.nodes.values()].filter(({ nodeClass }) => nodeClass !== "method")
  yield* inBatches(
    wanted,
    (some) =>
      Effect.gen(function* () {
        if (performance.now() >= until) {
          sight.stopped.add("time")
          return []
        }
        const values = yield* readAttributes(
          live,
          some.map(({ node, nodeClass }) => ({
            nodeId: node,
            attributeId: nodeClass === "variable" ? AttributeIds.Value : AttributeIds.EventNotifier
          }))
        ).pipe(Effect.catch((refused) => (refused.status === undefined ? Effect.fail(refused) : Effect.succeed([]))))
        for (const [nth, { statusCode, value }] of values.entries()) {
          const seen = some[nth]!
          const bits: unknown = value?.value
          if (seen.nodeClass === "object") {
            seen.notifies = typeof bits === "number" && (bits & tellsEvents) !== 0
            continue
          }
          const status = severityOf(statusCode.value)
          seen.value = {
            kind: kindOf(value?.dataType ?? 0),
            value: status === "bad" ? null : plainVariant(value as SomeVariant, live.namespaces),
            status,
            statusName: statusCode.name,
            array: (value?.arrayType ?? 0) !== 0
          }
        }
        return []
      }),
    batchSize
  )
})
