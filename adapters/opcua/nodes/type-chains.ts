import type { NodeId } from "node-opcua"
import { Effect } from "effect"
import type { Live } from "../session/session.ts"
import type { Refused } from "../session/failures.ts"
import { nameOfNode } from "./node-names.ts"

/** A type that has more types above it than this has a loop in it. */
const heightMax = 50

/** What is above each type at one server, asked for once each. */
export type TypeChains = (type: NodeId) => Effect.Effect<ReadonlyArray<NodeId>, Refused>

const typeAbove = (live: Live, type: NodeId): Effect.Effect<NodeId | undefined, Refused> => {
  const { BrowseDirection } = live.library
  const description = {
    nodeId: type,
    browseDirection: BrowseDirection.Inverse,
    referenceTypeId: "HasSubtype",
    includeSubtypes: true,
    nodeClassMask: 0,
    resultMask: 0
  }
  return live
    .ask("a type", (session) => session.browse(description))
    .pipe(
      Effect.map(({ references }) => references?.[0]?.nodeId),
      Effect.catch((refused) => (refused.status === undefined ? Effect.fail(refused) : Effect.succeed(undefined)))
    )
}

/** A type and every type above it, the most special first. A server that does not show its types gives the type alone. */
export const makeTypeChains = (live: Live): TypeChains => {
  const known = new Map<string, ReadonlyArray<NodeId>>()
  const climb = Effect.fnUntraced(function* (type: NodeId): Effect.fn.Return<ReadonlyArray<NodeId>, Refused> {
    const chain = [type]
    for (let above: NodeId | undefined = type; chain.length < heightMax; chain.push(above)) {
      above = yield* typeAbove(live, above)
      if (above === undefined) break
    }
    return chain
  })
  return (type) =>
    Effect.suspend(() => {
      const name = nameOfNode(live.namespaces, type)
      const before = known.get(name)
      if (before !== undefined) return Effect.succeed(before)
      return climb(type).pipe(Effect.tap((chain) => Effect.sync(() => known.set(name, chain))))
    })
}
