import type { NodeId } from "node-opcua"
import { Effect } from "effect"
import { type Acknowledging, commentOf } from "../../../gateway/domain/panel-condition.ts"
import { type AnswerLost, Unable } from "../../adapter.ts"
import {
  alive,
  type Away,
  demand,
  isGood,
  nodeOf,
  notNow,
  oneNode,
  refusedAs,
  type StateChanged,
  unable
} from "./demand.ts"
import { acked, confirmed, type NotShown, proved, shelvedAs } from "./proof.ts"
import type { Remembered } from "../subscription/remembered.ts"
import type { Live } from "../session/session.ts"
import type { Condition, NodeName } from "../sources.ts"

/** A state of a condition that an officer answers, and who it is. */
export interface Answer {
  readonly condition: Pick<Condition, "conditionId" | "branchId" | "eventId">
  readonly officer: string
  readonly comment: string
}

/** A value as it is sent: the server's own type of the variable or argument decides how. */
export type Sent = boolean | number | string

/** Why an answer was not given, or is not known to have been. */
export type Unanswered = Away | Unable | StateChanged | AnswerLost | NotShown

/**
 * What can be done at the server while the session holds. Each is done now or not at all: nothing is kept to be done
 * later. `Away` and `Unable` tell why it was not done; after `AnswerLost` it may have been done all the same.
 */
export interface Writes {
  /**
   * As the device's setting has it, or else the link's; succeeds once the condition is heard to be acknowledged (and
   * confirmed).
   */
  readonly acknowledge: (answer: Answer, how?: Acknowledging) => Effect.Effect<void, Unanswered>
  readonly comment: (answer: Answer) => Effect.Effect<void, Unanswered>
  /** Shelves a condition for so long; 0: until it is normal again. Succeeds once it is heard to be shelved. */
  readonly shelve: (condition: Answer["condition"], seconds: number) => Effect.Effect<void, Unanswered>
  readonly unshelve: (condition: Answer["condition"]) => Effect.Effect<void, Unanswered>
  /** Calls a method. What comes of it is shown by the readings that follow, and by nothing else. */
  readonly call: (
    object: NodeName,
    method: NodeName,
    args: ReadonlyArray<Sent>
  ) => Effect.Effect<void, Unable | AnswerLost>
  /** Writes a variable. */
  readonly write: (variable: NodeName, value: Sent) => Effect.Effect<void, Unable | AnswerLost>
}

/** OPC 10000-9, 5.7.3, 5.7.4, 5.5.6 and 5.8.17: methods that work with a condition that is no node, too. */
const methods = {
  acknowledge: "i=9111",
  confirm: "i=9113",
  comment: "i=9029",
  timedShelve: "i=2949",
  oneShotShelve: "i=2948",
  unshelve: "i=2947"
} as const

/** What is done to a state of a condition, with a comment. */
const answerState = Effect.fnUntraced(function* (live: Live, method: string, answer: Answer, eventId: string) {
  const { DataType } = live.library
  const objectId = yield* nodeOf(live, answer.condition.conditionId)
  yield* demand(live, {
    objectId,
    methodId: method,
    inputArguments: [
      { dataType: DataType.ByteString, value: Buffer.from(eventId, "hex") },
      { dataType: DataType.LocalizedText, value: { text: commentOf(answer.officer, answer.comment) } }
    ]
  })
})

const acknowledge = Effect.fnUntraced(function* (
  live: Live,
  remembered: Remembered,
  how: Acknowledging,
  answer: Answer
): Effect.fn.Return<void, Unanswered> {
  if (how === "none") return yield* unable("acknowledgements do not go to this server: see acknowledge of the link")
  yield* alive(live)
  const { condition } = answer
  yield* answerState(live, methods.acknowledge, answer, condition.eventId)
  const shown = yield* proved(live, remembered, condition, acked)
  if (how === "acknowledge" || shown === undefined || shown.confirmed !== false) return
  yield* answerState(live, methods.confirm, answer, shown.eventId)
  yield* proved(live, remembered, condition, confirmed)
})

/** The state machine of a condition's shelving, or the condition itself where it shows none (OPC 10000-9, 5.8.17). */
const shelvingOf = Effect.fnUntraced(function* (
  live: Live,
  conditionId: string
): Effect.fn.Return<NodeId, Unable | AnswerLost> {
  const condition = yield* nodeOf(live, conditionId)
  const path = live.library.makeBrowsePath(condition, ".ShelvingState")
  const found = yield* live
    .ask("its shelving", (session) => session.translateBrowsePath(path))
    .pipe(Effect.mapError(notNow))
  return (found.targets?.[0]?.targetId as NodeId | undefined) ?? condition
})

const shelve = Effect.fnUntraced(function* (
  live: Live,
  remembered: Remembered,
  condition: Answer["condition"],
  seconds: number | undefined
): Effect.fn.Return<void, Unanswered> {
  yield* alive(live)
  const objectId = yield* shelvingOf(live, condition.conditionId)
  const { DataType } = live.library
  if (seconds === undefined) yield* demand(live, { objectId, methodId: methods.unshelve, inputArguments: [] })
  else if (seconds === 0) yield* demand(live, { objectId, methodId: methods.oneShotShelve, inputArguments: [] })
  else {
    // Duration is milliseconds (OPC 10000-3, 8.13).
    const time = { dataType: DataType.Double, value: seconds * 1000 }
    yield* demand(live, { objectId, methodId: methods.timedShelve, inputArguments: [time] })
  }
  yield* proved(live, remembered, condition, shelvedAs(seconds !== undefined))
})

const typedArguments = Effect.fnUntraced(function* (live: Live, method: NodeId, args: ReadonlyArray<Sent>) {
  const { inputArguments } = yield* live
    .ask("its arguments", (session) => session.getArgumentDefinition(method))
    .pipe(Effect.mapError(notNow))
  if (inputArguments.length !== args.length) {
    return yield* unable(`the method takes ${inputArguments.length} arguments, not ${args.length}`)
  }
  return args.map((value, nth) => ({ dataType: Number(inputArguments[nth]?.dataType.value), value }))
})

const toldUnable = ({ reason }: { readonly reason: string }): Effect.Effect<never, Unable> =>
  Effect.fail(new Unable({ reason }))

const call = Effect.fnUntraced(function* (
  live: Live,
  object: NodeName,
  method: NodeName,
  args: ReadonlyArray<Sent>
): Effect.fn.Return<void, Unable | AnswerLost> {
  yield* alive(live).pipe(Effect.catchTag("Away", toldUnable))
  const [objectId, methodId] = [yield* oneNode(live, object), yield* oneNode(live, method)]
  const inputArguments = yield* typedArguments(live, methodId, args)
  yield* demand(live, { objectId, methodId, inputArguments }).pipe(Effect.catchTag("StateChanged", toldUnable))
})

const write = Effect.fnUntraced(function* (
  live: Live,
  variable: NodeName,
  value: Sent
): Effect.fn.Return<void, Unable | AnswerLost> {
  yield* alive(live).pipe(Effect.catchTag("Away", toldUnable))
  const nodeId = yield* oneNode(live, variable)
  const dataType = yield* live
    .ask("its type", (session) => session.getBuiltInDataType(nodeId))
    .pipe(Effect.mapError(notNow))
  const { AttributeIds } = live.library
  const status = yield* live
    .ask("the write", (session) =>
      session.write({ nodeId, attributeId: AttributeIds.Value, value: { value: { dataType, value } } })
    )
    .pipe(Effect.mapError(notNow))
  if (!isGood(status.name)) return yield* refusedAs(status.name)
})

/** What can be done on a session. */
export const makeWrites = (live: Live, remembered: Remembered, usual: Acknowledging): Writes => ({
  acknowledge: (answer, how = usual) => acknowledge(live, remembered, how, answer),
  comment: (answer) =>
    alive(live).pipe(Effect.andThen(answerState(live, methods.comment, answer, answer.condition.eventId))),
  shelve: (condition, seconds) => shelve(live, remembered, condition, seconds),
  unshelve: (condition) => shelve(live, remembered, condition, undefined),
  call: (object, method, args) => call(live, object, method, args),
  write: (variable, value) => write(live, variable, value)
})
