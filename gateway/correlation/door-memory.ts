import type { DoorAlarm, DoorMode, DoorPhysicalState, DoorStanding, LockPhysicalState } from "../domain/door.ts"
import type { EpochMs } from "../domain/ids.ts"
import type { DoorState } from "./situation.ts"

/** Something that makes an opening rightful. */
export interface Cover {
  readonly by: "grant" | "rex" | "mode" | "schedule" | "recovery"
  readonly at: EpochMs
  readonly seq: number
  readonly text: string
}

/** A grant: one person's right to one passage. */
export interface Grant {
  readonly at: EpochMs
  readonly seq: number
  /** It waited in a queue: it was given between then and `at`. */
  readonly earliest?: EpochMs
  /** Until when the lock is released. */
  readonly unlockedUntil: EpochMs
  /** The last instant at which its first opening is covered. */
  readonly until: EpochMs
  /** When, unused, it counts as not taken: `until`, or somewhat later when it was heard of late. */
  readonly ends: EpochMs
  readonly extended: boolean
  readonly credential?: string | undefined
  /** Who gave it from afar, by a command: it holds in every mode, for the device itself has taken it. */
  readonly officer?: string
  /** What was told of it. */
  readonly fate: "waiting" | "entered" | "over"
  /** The opening that it made rightful; absent while there is none, or when that proved to be bounce. */
  readonly usedAt?: EpochMs | undefined
}

/** A request to exit at one point: a press, or as long as a detector sees somebody. */
export interface ExitRequest {
  readonly point: string
  readonly seq: number
  readonly from: EpochMs
  /** It waited in a queue: it began between then and `from`. */
  readonly earliest?: EpochMs
  /** Its rising edge was seen; a detector found on has been on for an unknown time. */
  readonly rose: boolean
  /** Absent: it is still on. */
  readonly until?: EpochMs
}

/** How far a timed opening has come. */
export type OpenStage = "open" | "pre" | "held"

/** The present opening: from the first opening to the closing that lasted. */
export interface Opening {
  /** Opened, or the earliest instant at which it was provably open. */
  readonly at: EpochMs
  readonly seq: number
  readonly cover?: Cover | undefined
  readonly extended: boolean
  /** Since when it may not stand open; absent while the mode lets it. */
  readonly timedFrom?: EpochMs | undefined
  /** A shorter time began while it lasted, and counts from `timedFrom` on; any other counts from here again. */
  readonly retimed?: EpochMs
  readonly stage: OpenStage
  readonly forced: boolean
  /** Its timers do not fire before: an opening heard of late may have ended already. */
  readonly notBefore: EpochMs
  /** It waited in a queue: how long it lasts cannot be measured. */
  readonly queued?: true
  /** When it was out of sight and found open again: taken to have stayed open. The newest few. */
  readonly unseen?: ReadonlyArray<{ readonly from: EpochMs; readonly to: EpochMs }>
  /** How often it closed without latching and opened again, and when last. */
  readonly relatched?: { readonly times: number; readonly at: EpochMs }
}

/** An opening that nothing explains: waiting for its judgement, or judged forced. */
export interface Unexplained {
  readonly at: EpochMs
  readonly seq: number
  /** It waited in a queue: it happened between then and `at`. */
  readonly earliest?: EpochMs
  /** When it is judged; absent once it is. */
  readonly judgeAt?: EpochMs
  /** The door's controller called it forced before the contact was heard. */
  readonly reported?: true
  /** It is judged, and not forced: what could have explained it could not be heard. */
  readonly unverified?: true
}

/** A span in which nobody could hear what a door's readers or exits told. */
export interface Unheard {
  readonly from: EpochMs
  /** It was over then, but for the devices that are away. */
  readonly until: EpochMs
  /** The devices that are known to be away still, and since when. */
  readonly away?: ReadonlyArray<{ readonly device: string; readonly from: EpochMs }>
}

/** When the door is unlocked by its schedule: the newest stretch. */
export interface ScheduledUnlock {
  readonly begun: EpochMs
  /** Since when the door is unlocked; absent: it waits for the first person. */
  readonly from?: EpochMs
  /** Who went in from then on, before it began, is the first person too; absent: who does once it has begun. */
  readonly firstFrom?: EpochMs
  /** Absent: it goes on. */
  readonly until?: EpochMs
}

/**
 * What the door machine remembers of one door: plain JSON, so that a snapshot carries it. Every list is bounded. Every field
 * is always there, `undefined` where there is nothing: memories of one shape are copied and read many times as fast.
 */
export interface DoorMemory {
  readonly position: DoorPhysicalState
  readonly lock: LockPhysicalState
  /** Since when the lock has been known to be locked. */
  readonly lockedAt: EpochMs | undefined
  readonly mode: DoorMode
  readonly modeAt: EpochMs
  readonly modeBefore: DoorMode
  /** The schedule whose times the door is judged by; absent: its own. */
  readonly timesBy: string | undefined
  readonly scheduled: ScheduledUnlock | undefined
  readonly alarm: DoorAlarm
  readonly standing: DoorStanding
  readonly since: EpochMs
  /** The newest grants, oldest first. */
  readonly grants: ReadonlyArray<Grant>
  /** The newest requests to exit and all that are on. */
  readonly exits: ReadonlyArray<ExitRequest>
  readonly opening: Opening | undefined
  /** The contact closed, and may still bounce. */
  readonly closing: { readonly at: EpochMs; readonly seq: number; readonly queued?: true } | undefined
  /** The opening before, for re-latch bounce. */
  readonly closed: { readonly at: EpochMs; readonly opening: Opening } | undefined
  /** Since when the position is out of sight. */
  readonly unseenFrom: EpochMs | undefined
  readonly unexplained: ReadonlyArray<Unexplained>
  /** Its position is bypassed: where it stands nobody is to say. */
  readonly outOfService: true | undefined
  /** When its grants, and when its requests to exit, could not be heard, the last time. */
  readonly unheard: { readonly grants?: Unheard; readonly exits?: Unheard } | undefined
}

/** What the machine remembers of a door that the board shows. */
export const memoryOf = (shown: DoorState): DoorMemory => shown as DoorMemory

/** Since when a door is in its mode. */
export const modeSince = (shown: DoorState): EpochMs => memoryOf(shown).modeAt ?? shown.since

/** A door nothing is known of. */
export const unknownDoor = (at: EpochMs): DoorMemory => ({
  position: "Unknown",
  lock: "Unknown",
  lockedAt: undefined,
  mode: "Unknown",
  modeAt: at,
  modeBefore: "Unknown",
  timesBy: undefined,
  scheduled: undefined,
  alarm: "Normal",
  standing: "Unknown",
  since: at,
  grants: [],
  exits: [],
  opening: undefined,
  closing: undefined,
  closed: undefined,
  unseenFrom: undefined,
  unexplained: [],
  outOfService: undefined,
  unheard: undefined
})

const wholeGrant = (kept: Grant): Grant => {
  const { at, seq, unlockedUntil, until, ends, extended, credential, fate, usedAt, ...rest } = kept
  return { at, seq, unlockedUntil, until, ends, extended, credential, fate, usedAt, ...rest }
}

const wholeOpening = ({ at, seq, cover, extended, timedFrom, ...rest }: Opening): Opening => ({
  at,
  seq,
  cover,
  extended,
  timedFrom,
  ...rest
})

/**
 * The memory that a snapshot holds, which has no room for what there is not. Fields come back in their places, so that it is
 * frozen again as the memory that was never away.
 */
export const wholeMemory = (kept: Partial<DoorMemory>): DoorMemory => {
  const memory: DoorMemory = { ...unknownDoor(0), ...kept }
  const { grants, opening, closed } = memory
  return {
    ...memory,
    grants: grants.map(wholeGrant),
    opening: opening === undefined ? undefined : wholeOpening(opening),
    closed: closed === undefined ? undefined : { ...closed, opening: wholeOpening(closed.opening) }
  }
}

const isUnexplained = (unexplained: DoorMemory["unexplained"], { seq }: Opening): boolean => {
  for (const open of unexplained) if (open.seq === seq) return true
  return false
}

/** Whether somebody may come in. */
export const isAwaited = (grants: DoorMemory["grants"]): boolean => {
  for (const { fate } of grants) if (fate === "waiting") return true
  return false
}

/** Where the door stands, read off its memory. An opening lasts until its closing has proved not to be bounce. */
export const standingOf = (door: Omit<DoorMemory, "standing" | "since">): DoorStanding => {
  if (door.outOfService === true) return "OutOfService"
  if (door.position === "Unknown" || door.position === "Fault") return "Unknown"
  const { opening } = door
  if (opening !== undefined) {
    if (opening.forced) return "Forced"
    if (opening.stage !== "open") return opening.stage === "held" ? "Held" : "HeldPreAlarm"
    return isUnexplained(door.unexplained, opening) ? "UnverifiedOpening" : "Open"
  }
  if (door.mode === "LockedDown") return "LockedDown"
  if (door.mode === "Unlocked" || door.mode === "LockedOpen") return "Unlocked"
  // A device that says otherwise of its lock is believed by whoever looks at the board.
  if (door.mode === "Unknown" && door.scheduled?.from !== undefined && door.scheduled.until === undefined)
    return "Unlocked"
  return isAwaited(door.grants) ? "Granted" : "Secure"
}
