import { HashMap, Option } from "effect"
import { commandIdOf } from "../../gateway/correlation/door-commands.ts"
import type { FollowedCommand } from "../../gateway/correlation/situation.ts"
import type { Campus, Door } from "../../gateway/domain/campus.ts"
import type { CommandOutcome } from "../../gateway/domain/command-record.ts"
import type { DoorCommand } from "../../gateway/domain/command.ts"
import { type CommandId, DoorId } from "../../gateway/domain/ids.ts"
import { campusOf, eastDoor, type How, Stage } from "../correlation/door-stage.ts"

const east = DoorId.make("east")

/** The east door without these points: a controller that tells less. */
export const eastWithout = (...points: ReadonlyArray<"mode" | "lock" | "position">): Campus => {
  const door: Partial<Record<keyof Door, unknown>> = { ...eastDoor }
  for (const point of points) delete door[point]
  const campus = campusOf()
  return { ...campus, doors: [door as unknown as Door, ...campus.doors.filter(({ id }) => id !== east)] }
}

/** The east door in virtual time, as officers command it. */
export class CommandedDoor extends Stage {
  /** The command given last. */
  given: CommandId = commandIdOf(0)

  commands(command: DoorCommand, by = "Ada", reason?: string): this {
    this.enter({ _tag: "DoorCommanded", door: east, command, by, ...(reason === undefined ? {} : { reason }) })
    this.given = commandIdOf(this.situation.seq)
    return this
  }

  /** What the door's device says to the command given last, or to another one. */
  answers(outcome: CommandOutcome, detail?: string, commandId = this.given): this {
    const more = detail === undefined ? {} : { detail }
    this.enter({ _tag: "DoorCommandAnswered", door: east, commandId, outcome, ...more })
    return this
  }

  lock(value: "locked" | "unlocked" | "unknown", how?: How): this {
    return this.reads("lock/lock", { kind: "lock", value }, how)
  }

  /** The east door's commands, oldest first. */
  get followed(): ReadonlyArray<FollowedCommand> {
    return Option.getOrElse(HashMap.get(this.situation.commands, "east"), () => [])
  }

  get states(): ReadonlyArray<string> {
    return this.followed.map(({ command, state }) => `${command} ${state}`)
  }

  /** The proof of the newest command, as its mode and the door's position. */
  get proof(): string | undefined {
    const proof = this.followed.at(-1)?.proof
    return proof === undefined ? undefined : `${proof.mode} ${proof.position}`
  }

  static readonly closed = (campus?: Campus): CommandedDoor => {
    const stage = new CommandedDoor(campus).at(-60)
    stage.closes().mode("Locked").lock("locked").motion("off").alarm("Normal").at(0)
    return stage
  }
}
