import { Effect } from "effect"
import { type Abilities, Unable } from "../adapter.ts"
import type { OpcuaMapping } from "./normalize.ts"
import type { PointCondition } from "./normalize-conditions.ts"
import type { OpcuaSettings } from "./settings.ts"
import type { Writes } from "./write-back.ts"

/** What can be done to the conditions at a device's points. */
export interface Answers {
  /** The conditions at a point that the server holds for interesting: each is answered by its own id of its newest state. */
  readonly conditionsAt: (point: string) => ReadonlyArray<PointCondition>
  readonly acknowledge: Writes["acknowledge"]
  readonly comment: Writes["comment"]
  readonly shelve: Writes["shelve"]
  readonly unshelve: Writes["unshelve"]
}

/** What an OPC UA device can do while its link holds. */
export interface OpcuaAbilities extends Abilities {
  /** Left out where the link does not send officers' answers back. */
  readonly answers?: Answers
}

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

/** What a device can do, by its profile and the link's settings. */
export const abilitiesOf = (
  mapping: OpcuaMapping,
  writes: Writes,
  acknowledge: OpcuaSettings["acknowledge"]
): OpcuaAbilities => ({
  ...(mapping.takesCommands ? commandsOf(mapping, writes) : {}),
  ...(acknowledge === "none"
    ? {}
    : {
        answers: {
          conditionsAt: mapping.conditionsAt,
          acknowledge: writes.acknowledge,
          comment: writes.comment,
          shelve: writes.shelve,
          unshelve: writes.unshelve
        }
      })
})
