import type { Door } from "../domain/campus.ts"
import { DoorCommand } from "../domain/command.ts"
import type { DoorMode } from "../domain/door.ts"
import { provableCommands } from "../correlation/command-proof.ts"

/** Where a door's commands go: the point that its mode is read from, else its lock. */
export interface Target {
  readonly device: string
  readonly point: string
}

export const targetOf = ({ mode, lock }: Door): Target | undefined => {
  const ref = mode ?? lock
  if (ref === undefined) return undefined
  const slash = ref.indexOf("/")
  return { device: ref.slice(0, slash), point: ref.slice(slash + 1) }
}

/** What a device in this mode takes (ONVIF Door Control 19.12, "DoorMode"); of a mode not known, everything. */
const takenIn = (mode: DoorMode): ReadonlyArray<DoorCommand> => {
  switch (mode) {
    case "LockedDown":
      return ["LockDownRelease"]
    case "LockedOpen":
      return ["LockOpenRelease"]
    case "Unknown":
      return DoorCommand.literals
    default: {
      const none: ReadonlyArray<DoorCommand> = ["LockDownRelease", "LockOpenRelease"]
      return DoorCommand.literals.filter(
        (command) => !none.includes(command) && (mode !== "Blocked" || command !== "Access")
      )
    }
  }
}

/** What makes sense to tell a door that is in this mode, and can be proved by its points. */
export const sensibleCommands = (door: Door, mode: DoorMode): ReadonlyArray<DoorCommand> => {
  const taken = door.mode === undefined ? DoorCommand.literals : takenIn(mode)
  return provableCommands(door).filter((command) => taken.includes(command))
}
