import { Effect } from "effect"
import { type Abilities, type ConditionAnswer, type ConditionAnswered, Unable } from "../adapter.ts"
import type { OpcuaMapping } from "./mapping/normalize.ts"
import type { Answer, Unanswered, Writes } from "./commands/write-back.ts"

const unable = (reason: string): Effect.Effect<never, Unable> => Effect.fail(new Unable({ reason }))

const commandsOf = (mapping: OpcuaMapping, writes: Writes): Pick<Abilities, "command" | "takes"> => ({
  takes: mapping.commandsAt,
  command: (point, command) => {
    const deed = mapping.deed(point, command)
    if (typeof deed === "string") return unable(deed)
    return deed._tag === "Call"
      ? writes.call(deed.object, deed.method, deed.args)
      : writes.write(deed.variable, deed.value)
  }
})

const came =
  (outcome: ConditionAnswered["outcome"]) =>
  ({ reason: detail }: { readonly reason: string }): Effect.Effect<ConditionAnswered> =>
    Effect.succeed({ outcome, detail })

const told = (
  work: Effect.Effect<void, Unanswered>,
  outcome: ConditionAnswered["outcome"]
): Effect.Effect<ConditionAnswered> =>
  work.pipe(
    Effect.as<ConditionAnswered>({ outcome }),
    Effect.catchTags({
      Away: came("away"),
      Unable: came("refused"),
      StateChanged: came("stale"),
      AnswerLost: came("unknown"),
      NotShown: came("not-proved")
    })
  )

const answerOf = ({ condition, event, officer, note }: ConditionAnswer): Answer => ({
  condition: { conditionId: condition.id, branchId: condition.branch, eventId: event },
  officer,
  comment: note
})

/** The condition itself is shelved, whichever of its states an alert is of. */
const shelvedIn = (answer: ConditionAnswer): Answer["condition"] => ({
  ...answerOf(answer).condition,
  branchId: undefined
})

/** What a device can do, by its profile and what of officers' acts goes back to it. */
export const abilitiesOf = (mapping: OpcuaMapping, writes: Writes): Abilities => {
  const { acknowledge, comments, shelving } = mapping.answering
  return {
    ...(mapping.takesCommands ? commandsOf(mapping, writes) : {}),
    ...(acknowledge === "none"
      ? {}
      : { acknowledge: (answer) => told(writes.acknowledge(answerOf(answer), acknowledge), "proved") }),
    // The comment that the condition is told with is the proof.
    ...(comments ? { comment: (answer) => told(writes.comment(answerOf(answer)), "accepted") } : {}),
    ...(shelving
      ? {
          shelve: (answer) => told(writes.shelve(shelvedIn(answer), answer.forSeconds ?? 0), "proved"),
          unshelve: (answer) => told(writes.unshelve(shelvedIn(answer)), "proved")
        }
      : {})
  }
}
