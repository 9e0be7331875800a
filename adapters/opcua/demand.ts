import type { CallMethodRequestLike, CallMethodRequestOptions, CallMethodResult, NodeId } from "node-opcua"
import { Effect } from "effect"
import { Unable } from "../adapter.ts"
import type { Refused } from "./failures.ts"
import { nodeIdOf } from "./node-names.ts"
import { findNodes, NotThere, wordsOf } from "./nodes.ts"
import type { Live } from "./session.ts"
import type { NodeName } from "./sources.ts"

/** A server that does not even say that it is there by then is not sent anything. */
const signOfLifeWithinMs = 2000

export const unable = (reason: string): Unable => new Unable({ reason })

/** What the server says no with, for people. */
const noWords: Readonly<Record<string, string>> = {
  BadEventIdUnknown: "its state has changed since: look again before you answer",
  BadConditionDisabled: "it is disabled at the server",
  BadNodeIdUnknown: "the server does not have it any more",
  BadNodeIdInvalid: "the server does not have it any more",
  BadMethodInvalid: "the server does not offer this",
  BadNotSupported: "the server does not offer this",
  BadUserAccessDenied: "the server does not allow it to this user",
  BadNotWritable: "the server lets nobody write it",
  BadConditionAlreadyShelved: "it is shelved already",
  BadConditionNotShelved: "it is not shelved",
  BadShelvingTimeOutOfRange: "the server does not shelve it for that long"
}

/** It is as it was to be: somebody else has said it before. */
const isSoAlready = new Set(["BadConditionBranchAlreadyAcked", "BadConditionBranchAlreadyConfirmed"])

export const notNow = (refused: Refused): Unable =>
  refused.status === undefined
    ? unable(`no answer came from the server (${refused.reason}): it may have been done or not, so look again`)
    : unable(noWords[refused.status] ?? `the server refuses it (${refused.status})`)

/** Only a server that answers now is sent something: what waits in a dead connection may arrive when nobody expects it. */
export const alive = (live: Live): Effect.Effect<void, Unable> =>
  live
    .ask(
      "a sign of life",
      (session) => session.read({ nodeId: "i=2259", attributeId: live.library.AttributeIds.Value }),
      signOfLifeWithinMs
    )
    .pipe(
      Effect.mapError(() => unable("the server does not answer now: nothing was sent")),
      Effect.asVoid
    )

export const nodeOf = (live: Live, nodeId: string): Effect.Effect<NodeId, Unable> => {
  const node = nodeIdOf(live.library, live.namespaces, { nodeId })
  return typeof node === "string" ? Effect.fail(unable(node)) : Effect.succeed(node)
}

/** The one node that a name means. */
export const oneNode = (live: Live, name: NodeName): Effect.Effect<NodeId, Unable> =>
  findNodes(live, name).pipe(
    Effect.mapError(notNow),
    Effect.flatMap((found) => {
      if (found instanceof NotThere) return Effect.fail(unable(found.why))
      const [first] = found
      return first !== undefined && found.length === 1
        ? Effect.succeed(first.node)
        : Effect.fail(unable(`${wordsOf(name)} is ${found.length} nodes`))
    })
  )

const callMethod = (live: Live, request: CallMethodRequestOptions): Effect.Effect<CallMethodResult, Unable> =>
  live.ask("the call", (session) => session.call(request as CallMethodRequestLike)).pipe(Effect.mapError(notNow))

export const isGood = (status: string): boolean => status.startsWith("Good")

export const refusedAs = (status: string): Unable => unable(noWords[status] ?? `the server refuses it (${status})`)

/** Calls, and fails with the server's no. */
export const demand = (live: Live, request: CallMethodRequestOptions): Effect.Effect<void, Unable> =>
  callMethod(live, request).pipe(
    Effect.flatMap(({ statusCode: { name } }) =>
      isGood(name) || isSoAlready.has(name) ? Effect.void : Effect.fail(refusedAs(name))
    )
  )
