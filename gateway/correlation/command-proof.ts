import type { Door } from "../domain/campus.ts"
import { DoorCommand, provingModes } from "../domain/command.ts"
import type { DoorMode } from "../domain/door.ts"
import type { PointValue } from "../domain/observation.ts"
import type { Role } from "./campus-index.ts"

/** What a lock can show of a command: it is locked or unlocked, and knows no more. */
const byLock: { readonly [Command in DoorCommand]?: DoorMode } = {
  Access: "Unlocked",
  Lock: "Locked",
  Unlock: "Unlocked"
}

/** What a door can be told such that its points can prove it: nothing else is ever sent. */
export const provableCommands = ({ mode, lock }: Door): ReadonlyArray<DoorCommand> => {
  if (mode !== undefined) return DoorCommand.literals
  return lock === undefined ? [] : DoorCommand.literals.filter((command) => byLock[command] !== undefined)
}

/** The mode that a reading shows the door to be in: of a door without a mode point, as its lock shows it. */
export const modeShown = (door: Door, role: Role, { kind, value }: PointValue): DoorMode | undefined => {
  if (role === "mode" && kind === "mode" && value !== "Unknown") return value
  if (role !== "lock" || kind !== "lock" || door.mode !== undefined) return undefined
  return value === "locked" ? "Locked" : value === "unlocked" ? "Unlocked" : undefined
}

/** Whether a door in this mode shows the command done. */
export const isProvedBy = (door: Door, command: DoorCommand, mode: DoorMode): boolean =>
  door.mode === undefined ? byLock[command] === mode : provingModes[command](mode)
