import { Schema } from "effect"
import { CommandState } from "../domain/command-record.ts"
import { DoorCommand } from "../domain/command.ts"
import type { Entry } from "../log/entry.ts"
import { paint, printable } from "./output.ts"

/** A command as the API tells it; times are ISO 8601 there. */
export const ToldCommand = Schema.Struct({
  id: Schema.String,
  door: Schema.String,
  command: DoorCommand,
  by: Schema.String,
  reason: Schema.optionalKey(Schema.String),
  at: Schema.String,
  state: CommandState,
  answer: Schema.optionalKey(
    Schema.Struct({ at: Schema.String, outcome: Schema.String, detail: Schema.optionalKey(Schema.String) })
  ),
  proof: Schema.optionalKey(Schema.Struct({ at: Schema.String, mode: Schema.String, position: Schema.String }))
})
export type ToldCommand = typeof ToldCommand.Type

/** A door as the API tells it. */
export const ToldDoor = Schema.Struct({
  id: Schema.String,
  where: Schema.String,
  standing: Schema.String,
  position: Schema.String,
  lock: Schema.String,
  mode: Schema.String,
  commands: Schema.Array(DoorCommand),
  noCommands: Schema.optionalKey(Schema.String)
})
export type ToldDoor = typeof ToldDoor.Type

/** Written in whatever case, with or without hyphens: `lock-down` is LockDown. */
export const commandNamed = (text: string): DoorCommand | undefined => {
  const plain = (word: string): string => word.replaceAll(/[-_ ]/g, "").toLowerCase()
  return DoorCommand.literals.find((command) => plain(command) === plain(text))
}

/** What an entry says of how far a command has come; `ended` when nothing more comes of it. */
export const stepOf = (
  entry: Entry,
  { id, door }: Pick<ToldCommand, "id" | "door">
): { readonly said: string; readonly ended: boolean } | undefined => {
  if (entry._tag === "Event") {
    const { event } = entry
    if (!("commandId" in event) || event.commandId !== id) return undefined
    return { said: event._tag === "DoorCommandProved" ? "proved" : "not proved", ended: true }
  }
  if (entry._tag !== "Fact" || entry.fact._tag !== "DoorCommandAnswered" || entry.fact.door !== door) return undefined
  const { commandId, outcome } = entry.fact
  if (commandId === id) return { said: outcome, ended: outcome === "refused" }
  return outcome === "accepted" ? { said: `overtaken by ${commandId}`, ended: true } : undefined
}

/** Whether the door stood open when its mode proved the command: locked bolts hold nothing then. */
export const isOpen = ({ proof }: ToldCommand): boolean => proof?.position === "Open"

/** How a command ended, in one line without its door. */
export const outcomeText = ({ command, state, answer, proof }: ToldCommand): string => {
  const detail = answer?.detail === undefined ? "" : `: ${answer.detail}`
  switch (state) {
    case "proved":
      return `${command} is proved: the door's mode is ${proof?.mode ?? "Unknown"}`
    case "not-proved":
      return `${command} is NOT proved${proof === undefined ? "" : `; shown late: mode ${proof.mode}`}${detail}`
    case "refused":
      return `${command} was refused${detail}`
    case "unknown":
      return `${command} was sent, and nobody knows whether it was heard${detail}`
    case "accepted":
      return `${command} was accepted and is not proved yet`
    case "sent":
      return `${command} was sent and is not answered yet`
    case "overtaken":
      return `${command} was overtaken by a later command before it was proved`
  }
}

const signs = { proved: ["green", "✔"], refused: ["red", "✖"], "not-proved": ["red", "✖"] } as const

/** A door's state, what it can be told, and its newest commands. */
export const doorLines = (door: ToldDoor, commands: ReadonlyArray<ToldCommand>): ReadonlyArray<string> => [
  `${printable(door.where)}: ${door.standing}, door ${door.position}, lock ${door.lock}, mode ${door.mode}`,
  door.commands.length > 0
    ? `can be told: ${door.commands.join(", ")}`
    : `can be told nothing: ${printable(door.noCommands ?? "no reason given")}`,
  ...commands.map((one) => {
    const [colour, sign] = one.state in signs ? signs[one.state as keyof typeof signs] : (["yellow", "!"] as const)
    return `${paint(colour, sign)} ${one.at}  ${one.id}  ${printable(one.by)}  ${printable(outcomeText(one))}`
  })
]
