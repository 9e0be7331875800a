import type { DoorCommand } from "../../domain/command.ts"
import type { DoorMode } from "../../domain/door.ts"
import type { CommandTold } from "./wire.ts"

/** A command as officers say it, and what it does to people at the door. */
export const commandWords: Record<
  DoorCommand,
  { readonly text: string; readonly effect: string; readonly secures: boolean }
> = {
  Access: { text: "Let one person in", effect: "The door unlocks for one passage.", secures: false },
  Lock: { text: "Lock", effect: "The door locks. A valid card still opens it.", secures: true },
  Unlock: { text: "Unlock", effect: "Anybody can walk in until the door is locked again.", secures: false },
  Block: { text: "Block", effect: "The door locks, and no card opens it.", secures: true },
  LockDown: {
    text: "Lock down",
    effect: "The door locks. No card opens it, and it obeys nothing but the release.",
    secures: true
  },
  LockDownRelease: {
    text: "Release lockdown",
    effect: "The lockdown of this door ends. Its controller decides which mode follows.",
    secures: false
  },
  LockOpen: {
    text: "Hold unlocked",
    effect: "Anybody can walk in. The door obeys nothing but the release.",
    secures: false
  },
  LockOpenRelease: {
    text: "Release hold",
    effect: "The door is no longer held unlocked. Its controller decides which mode follows.",
    secures: true
  },
  DoubleLock: { text: "Double-lock", effect: "The door locks with all the bolts it has.", secures: true }
}

const modeWords: Record<DoorMode, string> = {
  Unknown: "unknown",
  Locked: "locked",
  Unlocked: "unlocked",
  Accessed: "unlocked for one passage",
  Blocked: "blocked",
  LockedDown: "locked down",
  LockedOpen: "held unlocked",
  DoubleLocked: "double-locked"
}

/** A door's mode in words, for a line that names the door. */
export const modeText = (mode: DoorMode): string => modeWords[mode]

/** How far a command has come: `weight` is how it looks, `ended` whether more is to come. */
export interface CommandResult {
  readonly text: string
  readonly weight: "bad" | "odd" | "calm"
  readonly ended: boolean
}

const told = (text: string, weight: CommandResult["weight"], ended: boolean): CommandResult => ({ text, weight, ended })

/** What an officer reads of a command. A mode says nothing of the door itself: one that stood open is told so. */
export const commandResult = ({ command, state, answer, proof }: CommandTold): CommandResult => {
  const { text, secures } = commandWords[command]
  const because = answer?.detail === undefined ? "" : `: ${answer.detail}`
  switch (state) {
    case "sent":
      return told(`${text}: sent…`, "odd", false)
    case "accepted":
      return told(`${text}: accepted, waiting for proof…`, "odd", false)
    case "unknown":
      return told(`${text}: no answer, waiting for proof…`, "odd", false)
    case "refused":
      return told(`${text}: REFUSED${because}`, "bad", true)
    case "overtaken":
      return told(`${text}: replaced by a later command`, "calm", true)
    case "proved": {
      const done = `${text}: proved, the door is ${modeText(proof?.mode ?? "Unknown")}`
      return secures && proof?.position === "Open"
        ? told(`${done}, but it STOOD OPEN`, "bad", true)
        : told(done, "calm", true)
    }
    case "not-proved":
      return proof === undefined
        ? told(`${text}: NOT PROVED${because}`, "bad", true)
        : told(`${text}: proved late, the door is ${modeText(proof.mode)}`, "calm", true)
  }
}

/** A command that has ended well stays on its door's row this long. */
const shownMs = 60_000

/** Whether a door's row shows its last command without being asked: while it runs, while it went wrong, and a minute after. */
export const isShown = (last: CommandTold, nowMs: number): boolean => {
  const { ended, weight } = commandResult(last)
  if (!ended || (weight === "bad" && last.state === "not-proved")) return true
  const endedAt = Date.parse(last.proof?.at ?? last.answer?.at ?? last.at)
  return nowMs - endedAt < shownMs
}
