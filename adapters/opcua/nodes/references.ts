import type { BrowseResult, NodeId, ReferenceDescription } from "node-opcua"
import { Effect } from "effect"
import type { Live } from "../session/session.ts"
import type { Refused } from "../session/failures.ts"

/** What is asked of a server to be told what is below a node. */
export const below = (
  { library: { BrowseDirection, NodeClassMask } }: Live,
  nodeId: NodeId,
  referenceTypeId = "HierarchicalReferences",
  nodeClassMask: number = NodeClassMask.Object | NodeClassMask.Variable | NodeClassMask.Method
) => ({
  nodeId,
  browseDirection: BrowseDirection.Forward,
  referenceTypeId,
  includeSubtypes: true,
  nodeClassMask,
  resultMask: 63
})

type Below = ReturnType<typeof below>

const browse = (live: Live, asked: ReadonlyArray<Below>) =>
  live.ask("browsing", (session) => session.browse([...asked]))

/** All references of an answer, with those that are given when the server is asked on, until there are `max` or more. */
const restOf = (
  live: Live,
  result: BrowseResult,
  max: number
): Effect.Effect<ReadonlyArray<ReferenceDescription>, Refused> =>
  Effect.gen(function* () {
    const references = [...(result.references ?? [])]
    let point: Buffer | null | undefined = result.continuationPoint
    while (point !== null && point !== undefined && point.length > 0) {
      const continued: Buffer = point
      const enough = references.length >= max
      // Asked with `true` the server forgets what it has left to say.
      const more: BrowseResult = yield* live.ask("browsing", (session) => session.browseNext(continued, enough))
      if (enough) break
      references.push(...(more.references ?? []))
      point = more.continuationPoint
    }
    return references
  })

/**
 * What nodes refer to, in their order, asked for in one request: whole, also from a server that tells it in parts
 * (OPC 10000-4, 5.9.3), or until a node has `max` or more. A node that we may not look at refers to nothing.
 */
export const referencesOf = Effect.fnUntraced(function* (
  live: Live,
  asked: ReadonlyArray<Below>,
  max: number
): Effect.fn.Return<ReadonlyArray<ReadonlyArray<ReferenceDescription>>, Refused> {
  const results = yield* browse(live, asked)
  const references = yield* Effect.forEach(results, (result) => restOf(live, result, max))
  // What the server had no room left to remember for us: it has, now that the others are told.
  return yield* Effect.forEach(references, (told, nth) =>
    results[nth]?.statusCode.name === "BadNoContinuationPoints"
      ? Effect.flatMap(browse(live, [asked[nth]!]), ([again]) =>
          again === undefined ? Effect.succeed(told) : restOf(live, again, max)
        )
      : Effect.succeed(told)
  )
})

/** The same, where a server that refuses the request as such has nothing to show, and its connection holds. */
export const visibleReferencesOf = (
  live: Live,
  asked: ReadonlyArray<Below>,
  max: number
): Effect.Effect<ReadonlyArray<ReadonlyArray<ReferenceDescription>>, Refused> =>
  referencesOf(live, asked, max).pipe(
    Effect.catch((refused) =>
      refused.status === undefined ? Effect.fail(refused) : Effect.succeed(asked.map(() => []))
    )
  )
