import type { Priority, Reason } from "../domain/alert.ts"
import type { CompleteDoorTimes, DoorAlarm, DoorMode, LockPhysicalState } from "../domain/door.ts"
import type { EpochMs } from "../domain/ids.ts"
import type { DoorMemory } from "./door-memory.ts"
import type { Ground, Judgement, OpeningVerdict } from "./door-verdict.ts"

/**
 * When something came in. `at`: when it happened; `heardAt`: when the gateway heard of it, on its own
 * clock; `seq`: the log entry that says so. `earliest`: it waited in a queue while nobody listened and does not say when it
 * happened; it did between then and `at`. `history`: it was delivered late as history, and may explain, never raise.
 */
export interface When {
  readonly at: EpochMs
  readonly heardAt: EpochMs
  readonly seq: number
  readonly earliest?: EpochMs
}

/** What a door's points tell its machine. */
export type DoorInput = When &
  (
    | { readonly _tag: "Opened" | "Closed" | "FoundOpen" | "FoundClosed" | "WasOpen" }
    /** Its position is not believed from now on, or is again. */
    | { readonly _tag: "TakenOut" | "PutBack" }
    | { readonly _tag: "Lost"; readonly from: EpochMs; readonly fault: boolean }
    | {
        readonly _tag: "Granted"
        readonly credential: string | undefined
        readonly extended: boolean
        readonly history: boolean
      }
    | { readonly _tag: "Taken"; readonly credential: string | undefined }
    | { readonly _tag: "NotTaken"; readonly credential: string | undefined }
    /** An officer has ordered the door to let one person pass; whether the device takes the order is not known yet. */
    | { readonly _tag: "AccessOrdered"; readonly officer: string }
    /** What became of the order that entered at `order`; one whose fate nobody knows counts as taken. */
    | { readonly _tag: "AccessAnswered"; readonly order: number; readonly taken: boolean }
    /** A press: it is over as it comes. */
    | { readonly _tag: "ExitRequested"; readonly point: string; readonly history: boolean }
    /** A detector or held button; `rose`: it was off before, and that is known. */
    | { readonly _tag: "ExitStarted"; readonly point: string; readonly rose: boolean }
    /** It is off, or nobody can tell any more. */
    | { readonly _tag: "ExitEnded"; readonly point: string }
    /**
     * Other schedules hold from here on: `timesBy` names the one whose times do, and `before` is what held until now.
     * `unlocked`: whether the door is, by schedule.
     */
    | {
        readonly _tag: "ScheduleTurned"
        readonly timesBy: string | undefined
        readonly before: CompleteDoorTimes
        readonly unlocked: "no" | "at once" | "after the first person"
        /** Who went in so long before is the first person too. */
        readonly earlyMs: number
      }
    | { readonly _tag: "Lock"; readonly lock: LockPhysicalState }
    | { readonly _tag: "Mode"; readonly mode: DoorMode }
    /** What the door's readers, or its exits, told from then until then could not be heard. */
    | { readonly _tag: "Unheard"; readonly of: "grants" | "exits"; readonly from: EpochMs; readonly until: EpochMs }
    /** One of the devices that tell them is known to be away, or is there again. */
    | { readonly _tag: "WitnessLost" | "WitnessBack"; readonly of: "grants" | "exits"; readonly device: string }
    /** The controller's verdict as a lasting state; `news`: it says so now, instead of repeating it. */
    | { readonly _tag: "ControllerAlarm"; readonly alarm: DoorAlarm; readonly news: boolean }
    /** The controller's verdict as a happening, which nothing ever takes back. */
    | { readonly _tag: "ControllerReported"; readonly alarm: Exclude<DoorAlarm, "Normal"> }
  )

/** What is remembered of an input, with what of its time goes into that. */
export const queued = <Known>({ earliest }: When, known: Known): Known | (Known & { readonly earliest: EpochMs }) =>
  earliest === undefined ? known : { ...known, earliest }

export type DoorCondition = "DoorForcedOpen" | "DoorOpenTooLong" | "UnverifiedOpening" | "ProbableExit"

/** What the machine concluded; the fold adds ids, names and the area. */
export type DoorOutput =
  | {
      readonly _tag: "Active"
      readonly condition: DoorCondition
      readonly priority: Priority
      readonly at: EpochMs
      readonly why: ReadonlyArray<Reason>
      readonly rule: string
    }
  | {
      readonly _tag: "Normal"
      readonly conditions: ReadonlyArray<DoorCondition>
      readonly at: EpochMs
      readonly why: ReadonlyArray<Reason>
    }
  | {
      readonly _tag: "Late"
      readonly condition: DoorCondition
      readonly at: EpochMs
      readonly why: ReadonlyArray<Reason>
      /** Other openings behind the same alert are still unexplained. */
      readonly partly: boolean
    }
  | { readonly _tag: "Entered" | "NotTaken"; readonly at: EpochMs; readonly credential: string | undefined }
  | { readonly _tag: "PreAlarm"; readonly at: EpochMs }
  | { readonly _tag: "Judged"; readonly judgement: Judgement }

/**
 * Forced is critical; held is high, and so is an opening of which nobody can say whether it was by right, for it may be a
 * break-in; a probable exit is low (scenario 3: the door's nuisance count, not an emergency).
 */
export const priorities: Readonly<Record<DoorCondition, Priority>> = {
  DoorForcedOpen: 1,
  DoorOpenTooLong: 2,
  UnverifiedOpening: 2,
  ProbableExit: 4
}

/** One step's working copy of a door's memory. */
export type DoorDraft = { -readonly [K in keyof DoorMemory]: DoorMemory[K] }

const noOutputs: ReadonlyArray<DoorOutput> = []

/** Takes what a step concludes. */
export class Emit {
  /** Whether somebody wants to know how openings are judged: only who explains does. */
  readonly judges: boolean
  #outputs: Array<DoorOutput> | undefined

  constructor(judges: boolean) {
    this.judges = judges
  }

  get outputs(): ReadonlyArray<DoorOutput> {
    return this.#outputs ?? noOutputs
  }

  tell(output: DoorOutput): void {
    if (this.#outputs === undefined) this.#outputs = [output]
    else this.#outputs.push(output)
  }
}

/** An opening as far as a judgement names it. */
interface Judged {
  readonly at: EpochMs
  readonly seq: number
  readonly earliest?: EpochMs
}

const none: ReadonlyArray<Ground> = []

/** Tells how an opening was judged; what was weighed is given where a right to open was looked for in vain. */
export const tellJudgement = (
  { at, seq, earliest }: Judged,
  when: { readonly at: EpochMs; readonly seq?: number },
  verdict: OpeningVerdict,
  emit: Emit,
  grounds: ReadonlyArray<Ground> = none
): void => {
  if (!emit.judges) return
  emit.tell({
    _tag: "Judged",
    judgement: {
      opening: earliest === undefined ? { at, seq } : { at, seq, earliest },
      ...(when.seq === undefined ? { at: when.at } : { at: when.at, seq: when.seq }),
      verdict,
      grounds
    }
  })
}

export const secondsBetween = (from: EpochMs, to: EpochMs): string => `${((to - from) / 1000).toFixed(1)} s`
