import type { CompleteDoorTimes } from "../domain/door.ts"
import type { EpochMs } from "../domain/ids.ts"
import { commandAnswerMs } from "./door-grants.ts"
import type { FollowedCommand } from "./situation.ts"

export interface CommandDue {
  readonly at: EpochMs
  readonly command: FollowedCommand
}

/** When a command counts as not proved; `undefined` when nothing is awaited of it any more. */
const dueOf = ({ state, at, answer }: FollowedCommand, times: CompleteDoorTimes): EpochMs | undefined => {
  const proofMs = times.commandProofSeconds * 1000
  switch (state) {
    case "sent":
      return at + commandAnswerMs + proofMs
    case "accepted":
    case "unknown":
      return (answer?.at ?? at) + proofMs
    default:
      return undefined
  }
}

/** The command of a door that should be proved next. The deadline follows from the command and the door's times. */
export const nextCommandDue = (
  commands: ReadonlyArray<FollowedCommand>,
  times: CompleteDoorTimes
): CommandDue | undefined => {
  let next: CommandDue | undefined
  for (const command of commands) {
    const at = dueOf(command, times)
    if (at !== undefined && (next === undefined || at < next.at)) next = { at, command }
  }
  return next
}
