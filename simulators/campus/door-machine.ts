import type { DoorAlarm, DoorMode, DoorPhysicalState, LockPhysicalState } from "../../gateway/domain/door.ts"

/** What a door can do and sense (Door Control Service, DoorCapabilities). */
export interface DoorCapabilities {
  readonly access: boolean
  readonly timingOverride: boolean
  readonly lock: boolean
  readonly unlock: boolean
  readonly block: boolean
  readonly doubleLock: boolean
  readonly lockDown: boolean
  readonly lockOpen: boolean
  readonly doorMonitor: boolean
  readonly lockMonitor: boolean
  readonly doubleLockMonitor: boolean
  readonly alarm: boolean
  readonly tamper: boolean
  readonly fault: boolean
}

/** Door Control Service, Timings; milliseconds. */
export interface DoorTimings {
  /** From the unlocking until it locks again, unless it is opened. */
  readonly releaseMs: number
  /** Open for longer is DoorOpenTooLong. */
  readonly openMs: number
  readonly extendedReleaseMs: number
  readonly extendedOpenMs: number
}

export interface DoorOptions {
  readonly token: string
  readonly name: string
  readonly description?: string
  /** Default: all but double lock and fault. */
  readonly capabilities?: Partial<DoorCapabilities>
  readonly timings?: Partial<DoorTimings>
}

export const allCapabilities: DoorCapabilities = {
  access: true,
  timingOverride: true,
  lock: true,
  unlock: true,
  block: true,
  doubleLock: false,
  lockDown: true,
  lockOpen: true,
  doorMonitor: true,
  lockMonitor: true,
  doubleLockMonitor: false,
  alarm: true,
  tamper: true,
  fault: false
}

/** ours: a grant of 5 s and 30 s of open door are common defaults (BACnet Access Door; see gateway/domain/door.ts). */
export const usualTimings: DoorTimings = {
  releaseMs: 5000,
  openMs: 30_000,
  extendedReleaseMs: 15_000,
  extendedOpenMs: 15_000
}

/** A door as its controller has it. */
export interface DoorState {
  readonly mode: DoorMode
  /** The mode that comes back after Accessed, LockedDown or LockedOpen. */
  readonly resting: DoorMode
  readonly physical: DoorPhysicalState
  readonly lock: LockPhysicalState
  readonly doubleLock: LockPhysicalState
  readonly alarm: DoorAlarm
  readonly tampered: boolean
  readonly faulty: boolean
  /** When the lock falls back, by the clock that `now` is read from. */
  readonly relockAt: number | undefined
  /** When an open door is open too long. */
  readonly tooLongAt: number | undefined
  /** How long it may be open this time. */
  readonly openMs: number
}

/** What is asked of a door (Door Control Service, section "Door commands"). */
export type DoorCommand =
  | {
      readonly _tag: "Access"
      readonly extended: boolean
      readonly releaseMs?: number | undefined
      readonly openMs?: number | undefined
    }
  | {
      readonly _tag:
        | "Lock"
        | "Unlock"
        | "Block"
        | "DoubleLock"
        | "LockDown"
        | "LockDownRelease"
        | "LockOpen"
        | "LockOpenRelease"
    }

/** What happens to a door, asked or not. */
export type DoorInput =
  | DoorCommand
  | { readonly _tag: "Opened" | "Closed" | "Tick" }
  | { readonly _tag: "Tampered" | "Faulted"; readonly on: boolean }
  /** The controller looks at its contact after it was away: what it sees for the first time is nobody's doing. */
  | { readonly _tag: "Found"; readonly open: boolean }
  /** The bolt moved without a command: a key, or a defect. */
  | { readonly _tag: "BoltMoved"; readonly locked: boolean }

/** The door after it, or the reason why the controller refuses. */
export type DoorStep = { readonly state: DoorState } | { readonly refused: string }

export const doorAtRest: DoorState = {
  mode: "Locked",
  resting: "Locked",
  physical: "Closed",
  lock: "Locked",
  doubleLock: "Unlocked",
  alarm: "Normal",
  tampered: false,
  faulty: false,
  relockAt: undefined,
  tooLongAt: undefined,
  openMs: usualTimings.openMs
}

/** Modes that mean the door to be passable. */
const passable: ReadonlySet<DoorMode> = new Set<DoorMode>(["Unlocked", "Accessed", "LockedOpen"])

/** In these no alarm tells of the door (doorcontrol.wsdl, DoorMode: timing alarms and forced open are masked). */
const alarmsMasked: ReadonlySet<DoorMode> = new Set<DoorMode>(["Unlocked", "LockedOpen"])

/** The only command each of these modes allows (doorcontrol.wsdl, DoorMode). */
const onlyCommand: Partial<Record<DoorMode, DoorCommand["_tag"]>> = {
  LockedDown: "LockDownRelease",
  LockedOpen: "LockOpenRelease"
}

/** A mode that lasts, and is not itself a passing one. */
const lasting = ({ mode, resting }: DoorState): DoorMode =>
  mode === "Accessed" || mode === "LockedDown" || mode === "LockedOpen" ? resting : mode

/** The bolts follow the mode; an alarm of the new mode's kind goes out or stays. */
const enter = (state: DoorState, mode: DoorMode, resting: DoorMode): DoorState => ({
  ...state,
  mode,
  resting,
  lock: passable.has(mode) ? "Unlocked" : "Locked",
  doubleLock: mode === "DoubleLocked" ? "Locked" : "Unlocked",
  alarm: alarmsMasked.has(mode) ? "Normal" : state.alarm,
  relockAt: undefined,
  tooLongAt: alarmsMasked.has(mode) ? undefined : state.tooLongAt
})

const access = (
  state: DoorState,
  command: Extract<DoorCommand, { _tag: "Access" }>,
  now: number,
  timings: DoorTimings
): DoorStep => {
  if (state.mode === "Blocked" || state.mode === "DoubleLocked") return { refused: `the door is ${state.mode}` }
  // An unlocked door is open to everybody already.
  if (state.mode === "Unlocked") return { state }
  const releaseMs = (command.releaseMs ?? timings.releaseMs) + (command.extended ? timings.extendedReleaseMs : 0)
  const openMs = (command.openMs ?? timings.openMs) + (command.extended ? timings.extendedOpenMs : 0)
  const accessed: DoorState = { ...enter(state, "Accessed", lasting(state)), alarm: "Normal", openMs }
  // A door that stands open is not locked before it is closed, and may now stand so for as long as one that was opened.
  return state.physical === "Open"
    ? { state: { ...accessed, tooLongAt: now + openMs } }
    : { state: { ...accessed, relockAt: now + releaseMs } }
}

const command = (state: DoorState, asked: DoorCommand, now: number, timings: DoorTimings): DoorStep => {
  const only = onlyCommand[state.mode]
  if (only !== undefined && asked._tag !== only) return { refused: `the door is ${state.mode}` }
  switch (asked._tag) {
    case "Access":
      return access(state, asked, now, timings)
    case "Lock":
      return { state: enter(state, "Locked", "Locked") }
    case "Unlock":
      return { state: enter(state, "Unlocked", "Unlocked") }
    case "Block":
      return { state: enter(state, "Blocked", "Blocked") }
    case "DoubleLock":
      return { state: enter(state, "DoubleLocked", "DoubleLocked") }
    case "LockDown":
      return { state: enter(state, "LockedDown", lasting(state)) }
    case "LockOpen":
      return { state: enter(state, "LockedOpen", lasting(state)) }
    case "LockDownRelease":
    case "LockOpenRelease":
      if (only === undefined) return { refused: `the door is ${state.mode}` }
      return { state: enter(state, state.resting, state.resting) }
  }
}

const opened = (state: DoorState, now: number, timings: DoorTimings): DoorState => {
  if (state.physical === "Open") return state
  const open: DoorState = { ...state, physical: "Open" }
  if (alarmsMasked.has(state.mode)) return open
  // Opened in time: the lock waits for the door, not for its clock.
  if (state.mode === "Accessed") return { ...open, relockAt: undefined, tooLongAt: now + state.openMs }
  // The bolt is out against the mode (a key): passable, though nobody was let in.
  if (state.lock === "Unlocked") return { ...open, tooLongAt: now + timings.openMs }
  return { ...open, alarm: "DoorForcedOpen" }
}

const closed = (state: DoorState): DoorState => {
  const shut: DoorState = { ...state, physical: "Closed", alarm: "Normal", tooLongAt: undefined }
  return state.mode === "Accessed" && state.physical === "Open" ? enter(shut, state.resting, state.resting) : shut
}

/** Deadlines that have passed take effect. */
const elapsed = (state: DoorState, now: number): DoorState => {
  const relocked =
    state.relockAt !== undefined && now >= state.relockAt ? enter(state, state.resting, state.resting) : state
  return relocked.tooLongAt !== undefined && now >= relocked.tooLongAt
    ? { ...relocked, alarm: "DoorOpenTooLong", tooLongAt: undefined }
    : relocked
}

/** One step of a door. Pure; `now` is any clock that does not go back, in milliseconds. */
export const stepDoor = (state: DoorState, input: DoorInput, now: number, timings: DoorTimings): DoorStep => {
  switch (input._tag) {
    case "Tick":
      return { state: elapsed(state, now) }
    case "Opened":
      return { state: opened(elapsed(state, now), now, timings) }
    case "Closed":
      return { state: closed(elapsed(state, now)) }
    case "Found": {
      const physical = input.open ? "Open" : "Closed"
      return {
        state: state.physical === physical ? state : { ...state, physical, alarm: "Normal", tooLongAt: undefined }
      }
    }
    case "Tampered":
      return { state: { ...state, tampered: input.on } }
    case "Faulted":
      return { state: { ...state, faulty: input.on } }
    case "BoltMoved":
      return { state: { ...state, lock: input.locked ? "Locked" : "Unlocked" } }
    default:
      return command(elapsed(state, now), input, now, timings)
  }
}

/** When the door wants a `Tick`. */
export const nextDeadline = ({ relockAt, tooLongAt }: DoorState): number | undefined => {
  const deadlines = [relockAt, tooLongAt].filter((at) => at !== undefined)
  return deadlines.length === 0 ? undefined : Math.min(...deadlines)
}
