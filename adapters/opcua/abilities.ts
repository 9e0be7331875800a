import { Effect } from "effect"
import type { Acknowledging } from "../../gateway/domain/panel-condition.ts"
import { type Abilities, type ConditionAnswer, type ConditionAnswered, Unable } from "../adapter.ts"
import type { OpcuaMapping } from "./mapping/normalize.ts"
import type { Writes } from "./commands/write-back.ts"

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

const acknowledge =
  (writes: Writes, how: Acknowledging) =>
  ({ condition, event, officer, note }: ConditionAnswer): Effect.Effect<ConditionAnswered> =>
    writes
      .acknowledge(
        {
          condition: { conditionId: condition.id, branchId: condition.branch, eventId: event },
          officer,
          comment: note
        },
        how
      )
      .pipe(
        Effect.as<ConditionAnswered>({ outcome: "proved" }),
        Effect.catchTags({
          Away: came("away"),
          Unable: came("refused"),
          StateChanged: came("stale"),
          AnswerLost: came("unknown"),
          NotShown: came("not-proved")
        })
      )

/** What a device can do, by its profile and what an acknowledgement is to do there. */
export const abilitiesOf = (mapping: OpcuaMapping, writes: Writes, how: Acknowledging): Abilities => ({
  ...(mapping.takesCommands ? commandsOf(mapping, writes) : {}),
  ...(how === "none" ? {} : { acknowledge: acknowledge(writes, how) })
})
