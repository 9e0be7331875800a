import type { NodeId } from "node-opcua"
import { Data, Effect } from "effect"
import type { AnswerLost, Unable } from "../../adapter.ts"
import { unshelved } from "../nodes/decode-event.ts"
import { nodeOf, notNow } from "./demand.ts"
import { plainVariant, type SomeVariant } from "../nodes/plain.ts"
import type { Remembered } from "../subscription/remembered.ts"
import type { Live } from "../session/session.ts"
import type { Condition, Plain } from "../sources.ts"

/** A state that the server has accepted is waited for this long, and then read, as often. */
const heardWithinMs = [1000, 2000, 2000]

/** The server has accepted it, but does not show it. */
export class NotShown extends Data.TaggedError("NotShown")<{ readonly reason: string }> {}

/** A state of a condition, asked for; nothing where the condition is no node of the server. */
const askState = (live: Live, conditionId: string, path: string): Effect.Effect<Plain, Unable | AnswerLost> =>
  Effect.gen(function* () {
    const condition = yield* nodeOf(live, conditionId)
    const found = yield* live.ask("its state", (session) =>
      session.translateBrowsePath(live.library.makeBrowsePath(condition, path))
    )
    const node = found.targets?.[0]?.targetId as NodeId | undefined
    if (node === undefined) return null
    const { AttributeIds } = live.library
    const { value } = yield* live.ask("its state", (session) =>
      session.read({ nodeId: node, attributeId: AttributeIds.Value })
    )
    return plainVariant(value as SomeVariant, live.namespaces)
  }).pipe(
    // A server that does not let it be read says nothing of whether it is so.
    Effect.catchTag("Refused", (refused) =>
      refused.status === undefined ? Effect.fail(notNow(refused)) : Effect.succeed(null)
    )
  )

/** A state that is to be seen after the server has accepted something. */
interface Proof {
  readonly isSo: (condition: Condition) => boolean
  /** Where it is read, for servers that tell no event of it, and what is read there then. */
  readonly path: string
  readonly isSoRead: (state: Plain) => boolean
  readonly words: string
}

export const acked: Proof = {
  isSo: (condition) => condition.acked,
  path: ".AckedState.Id",
  isSoRead: (state) => state === true,
  words: "acknowledged"
}

export const confirmed: Proof = {
  isSo: (condition) => condition.confirmed === true,
  path: ".ConfirmedState.Id",
  isSoRead: (state) => state === true,
  words: "confirmed"
}

export const shelvedAs = (wanted: boolean): Proof => ({
  isSo: ({ shelved }) => shelved === wanted,
  path: ".ShelvingState.CurrentState.Id",
  isSoRead: (state) => typeof state === "string" && (state !== unshelved) === wanted,
  words: wanted ? "shelved" : "shelved no longer"
})

/** Completes with the condition once it is heard to be so. */
const heardToBe = (
  remembered: Remembered,
  { conditionId, branchId }: Pick<Condition, "conditionId" | "branchId">,
  { isSo }: Proof
): Effect.Effect<Condition> =>
  Effect.callback<Condition>((resume) => {
    const look = (): void => {
      const state = remembered.stateOf(conditionId, branchId)
      if (state !== undefined && isSo(state)) resume(Effect.succeed(state))
    }
    const forget = remembered.onCondition(look)
    look()
    return Effect.sync(forget)
  })

/** Completes with the condition once it is heard to be so; without it where the server says so when it is asked. */
export const proved = Effect.fnUntraced(function* (
  live: Live,
  remembered: Remembered,
  condition: Pick<Condition, "conditionId" | "branchId">,
  proof: Proof
): Effect.fn.Return<Condition | undefined, Unable | AnswerLost | NotShown> {
  for (const waitMs of heardWithinMs) {
    const heard = yield* heardToBe(remembered, condition, proof).pipe(Effect.timeoutOption(waitMs))
    if (heard._tag === "Some") return heard.value
    // A branch is no node of its own: what the condition itself says is not about it.
    const read = condition.branchId === undefined ? yield* askState(live, condition.conditionId, proof.path) : null
    if (proof.isSoRead(read)) return undefined
  }
  const reason = `the server has accepted it, but does not show it ${proof.words}: look again`
  return yield* new NotShown({ reason })
})
