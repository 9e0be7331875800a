import type { CallMethodRequestLike, CallMethodRequestOptions, CallMethodResult, NodeId } from "node-opcua"
import { Data, Effect } from "effect"
import { AnswerLost, Unable } from "../../adapter.ts"
import type { Refused } from "../session/failures.ts"
import { nodeIdOf } from "../nodes/node-names.ts"
import { findNodes, NotThere, wordsOf } from "../nodes/nodes.ts"
import type { Live } from "../session/session.ts"
import type { NodeName } from "../sources.ts"

/** A server that does not even say that it is there by then is not sent anything. */
const signOfLifeWithinMs = 2000

export const unable = (reason: string): Unable => new Unable({ reason })

/** The server does not answer now; nothing was sent. */
export class Away extends Data.TaggedError("Away")<{ readonly reason: string }> {}

/** A condition is in another state than the one that was answered. */
export class StateChanged extends Data.TaggedError("StateChanged")<{ readonly reason: string }> {}

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
  BadShelvingTimeOutOfRange: "the server does not shelve it for that long"
}

/** It is as it was to be: somebody else has said it before. */
const isSoAlready = new Set([
  "BadConditionBranchAlreadyAcked",
  "BadConditionBranchAlreadyConfirmed",
  "BadConditionNotShelved"
])

export const refusedAs = (status: string): Unable => unable(noWords[status] ?? `the server refuses it (${status})`)

/** A no of the server, or no answer at all to what may have reached it. */
export const notNow = (refused: Refused): Unable | AnswerLost =>
  refused.status === undefined
    ? new AnswerLost({
        reason: `no answer came from the server (${refused.reason}): it may have been done or not, so look again`
      })
    : refusedAs(refused.status)

/** Only a server that answers now is sent something: what waits in a dead connection may arrive when nobody expects it. */
export const alive = (live: Live): Effect.Effect<void, Away> =>
  live
    .ask(
      "a sign of life",
      (session) => session.read({ nodeId: "i=2259", attributeId: live.library.AttributeIds.Value }),
      signOfLifeWithinMs
    )
    .pipe(
      Effect.mapError(() => new Away({ reason: "the server does not answer now: nothing was sent" })),
      Effect.asVoid
    )

export const nodeOf = (live: Live, nodeId: string): Effect.Effect<NodeId, Unable> => {
  const node = nodeIdOf(live.library, live.namespaces, { nodeId })
  return typeof node === "string" ? Effect.fail(unable(node)) : Effect.succeed(node)
}

/** The one node that a name means. */
export const oneNode = (live: Live, name: NodeName): Effect.Effect<NodeId, Unable | AnswerLost> =>
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

const callMethod = (
  live: Live,
  request: CallMethodRequestOptions
): Effect.Effect<CallMethodResult, Unable | AnswerLost> =>
  live.ask("the call", (session) => session.call(request as CallMethodRequestLike)).pipe(Effect.mapError(notNow))

export const isGood = (status: string): boolean => status.startsWith("Good")

/** Calls, and fails with the server's no. */
export const demand = (
  live: Live,
  request: CallMethodRequestOptions
): Effect.Effect<void, Unable | AnswerLost | StateChanged> =>
  callMethod(live, request).pipe(
    Effect.flatMap(({ statusCode: { name } }): Effect.Effect<void, Unable | StateChanged> => {
      if (isGood(name) || isSoAlready.has(name)) return Effect.void
      const refused = refusedAs(name)
      return name === "BadEventIdUnknown" ? new StateChanged({ reason: refused.reason }) : refused
    })
  )
