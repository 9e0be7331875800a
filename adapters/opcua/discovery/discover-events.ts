import type { NodeId } from "node-opcua"
import { Effect } from "effect"
import { baseEventType } from "../nodes/event-types.ts"
import type { Refused } from "../session/failures.ts"
import { nameOfNode } from "../nodes/node-names.ts"
import { inBatches } from "../nodes/nodes.ts"
import { below, visibleReferencesOf } from "../nodes/references.ts"
import type { Live } from "../session/session.ts"

/** An event type that is not one of OPC UA's own. */
export interface SeenEventType {
  /** `nsu=…` */
  readonly name: string
  readonly browseName: string
  /** Browse names of the types above it, the nearest first, up to the first of OPC UA's own. */
  readonly below: ReadonlyArray<string>
  /** Its own fields, those of the types above it left out. */
  readonly fields: ReadonlyArray<string>
}

/** More types than these come from no server of a campus. */
const typesMax = 5000
const levelsMax = 20

const belowEach = (live: Live, nodes: ReadonlyArray<NodeId>, referenceTypeId: string, nodeClassMask: number) =>
  inBatches(nodes, (some) =>
    visibleReferencesOf(
      live,
      some.map((node) => below(live, node, referenceTypeId, nodeClassMask)),
      typesMax
    )
  )

interface TypeNode {
  readonly node: NodeId
  readonly browseName: string
  readonly below: ReadonlyArray<string>
}

/** Every event type of the server below BaseEventType, by its name; with the fields of those that are not OPC UA's own. */
export const seeEventTypes = Effect.fnUntraced(function* (
  live: Live
): Effect.fn.Return<{ readonly known: ReadonlySet<string>; readonly own: ReadonlyArray<SeenEventType> }, Refused> {
  const { NodeClassMask, resolveNodeId } = live.library
  const known = new Set([baseEventType])
  const own: Array<TypeNode> = []
  let level: ReadonlyArray<TypeNode> = [{ node: resolveNodeId(baseEventType), browseName: "BaseEventType", below: [] }]
  for (let depth = 0; level.length > 0 && depth < levelsMax && known.size < typesMax; depth++) {
    const below = yield* belowEach(
      live,
      level.map(({ node }) => node),
      "HasSubtype",
      NodeClassMask.ObjectType
    )
    level = level.flatMap((above, nth) =>
      (below[nth] ?? []).flatMap(({ nodeId, browseName }): ReadonlyArray<TypeNode> => {
        const name = nameOfNode(live.namespaces, nodeId)
        if (known.has(name)) return []
        known.add(name)
        const chain = above.node.namespace === 0 ? [above.browseName] : [above.browseName, ...above.below]
        const type = { node: nodeId, browseName: browseName.name ?? "", below: chain }
        if (nodeId.namespace !== 0) own.push(type)
        return [type]
      })
    )
  }
  const fields = yield* belowEach(
    live,
    own.map(({ node }) => node),
    "Aggregates",
    NodeClassMask.Variable
  )
  return {
    known,
    own: own.map(({ node, browseName, below }, nth) => ({
      name: nameOfNode(live.namespaces, node),
      browseName,
      below,
      fields: (fields[nth] ?? []).map(({ browseName: field }) => field.name ?? "")
    }))
  }
})
