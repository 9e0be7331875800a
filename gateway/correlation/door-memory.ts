import type { DoorAlarm, DoorMode, DoorPhysicalState, DoorStanding, LockPhysicalState } from "../domain/door.ts"
import type { EpochMs } from "../domain/ids.ts"

/** Something that makes an opening rightful. */
export interface Cover {
  readonly by: "grant" | "rex" | "mode" | "relatch" | "recovery"
  readonly at: EpochMs
  readonly seq: number
  readonly text: string
}

/** A grant that may still be used. */
export interface Grant {
  readonly at: EpochMs
  readonly seq: number
  /** The last instant at which an opening is covered by it. */
  readonly until: EpochMs
  readonly extended: boolean
  readonly credential: string | undefined
  readonly taken: boolean
}

/** The present opening. */
export interface Opening {
  /** Opened, or the earliest instant at which it was provably open. */
  readonly at: EpochMs
  readonly seq: number
  readonly cover: Cover | undefined
  readonly extended: boolean
}

/** What runs out, and when. Absent: not running. */
export interface Deadlines {
  /** The grant's last instant: unused, it was not taken. */
  readonly grantEnds?: EpochMs
  /** An uncovered opening is judged. */
  readonly judge?: EpochMs
  readonly preAlarm?: EpochMs
  readonly held?: EpochMs
}

/** What the door machine remembers of one door: plain JSON, so that a snapshot carries it. */
export interface DoorMemory {
  readonly position: DoorPhysicalState
  readonly lock: LockPhysicalState
  readonly mode: DoorMode
  readonly alarm: DoorAlarm
  readonly standing: DoorStanding
  readonly since: EpochMs
  readonly grant?: Grant
  readonly rex?: { readonly at: EpochMs; readonly seq: number }
  readonly opening?: Opening
  /** The opening before, for re-latch bounce and late evidence. */
  readonly closed?: { readonly at: EpochMs; readonly opening: Opening }
  /** The opening was judged forced: late evidence may still explain it. */
  readonly forced?: { readonly openedAt: EpochMs; readonly seq: number }
  readonly deadlines: Deadlines
}

/** A door nothing is known of. */
export const unknownDoor = (at: EpochMs): DoorMemory => ({
  position: "Unknown",
  lock: "Unknown",
  mode: "Unknown",
  alarm: "Normal",
  standing: "Unknown",
  since: at,
  deadlines: {}
})

/** The nearest of a door's deadlines. */
export const nearestDeadline = (deadlines: Deadlines): EpochMs | undefined => {
  let nearest: number | undefined
  for (const at of [deadlines.grantEnds, deadlines.judge, deadlines.preAlarm, deadlines.held]) {
    if (at !== undefined && (nearest === undefined || at < nearest)) nearest = at
  }
  return nearest
}

const opensFreely: ReadonlySet<DoorMode> = new Set(["Unlocked", "LockedOpen", "Accessed"])

/** ONVIF: forced-open is not signalled while the mode lets the door be opened. */
export const modeAllowsOpening = (mode: DoorMode): boolean => opensFreely.has(mode)

/** Where the door stands, read off its memory. */
export const standingOf = (door: Omit<DoorMemory, "standing" | "since">, held: "no" | "pre" | "held"): DoorStanding => {
  if (door.position === "Unknown" || door.position === "Fault") return "Unknown"
  if (door.position === "Open") {
    if (door.forced !== undefined) return "Forced"
    if (held === "held") return "Held"
    if (held === "pre") return "HeldPreAlarm"
    return door.deadlines.judge === undefined ? "Open" : "UnverifiedOpening"
  }
  if (door.mode === "LockedDown") return "LockedDown"
  if (modeAllowsOpening(door.mode) && door.mode !== "Accessed") return "Unlocked"
  return door.grant !== undefined && !door.grant.taken ? "Granted" : "Secure"
}
