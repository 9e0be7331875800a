import { indexCampus, type IndexedDoor } from "../../correlation/campus-index.ts"
import type { Judgement } from "../../correlation/door-verdict.ts"
import type { AlertChange } from "../../domain/alert.ts"
import type { Campus } from "../../domain/campus.ts"
import type { DeviceEvent } from "../../domain/device-event.ts"
import type { EpochMs } from "../../domain/ids.ts"
import type { Told } from "../door-course.ts"

/** The conditions that a door's nuisance has. */
export type NuisanceCondition = "DoorForcedOpen" | "DoorOpenTooLong" | "ProbableExit"

/** An opening as it came to pass. */
export interface OpeningPast {
  readonly at: EpochMs
  readonly seq: number
  /** Absent while it is open. */
  closedAt?: EpochMs
  /** It was rightful when it was judged. */
  covered: boolean
  /** How often it went on after it had closed without latching. */
  relatched: number
}

/** One happening that an alert stands for: an opening that was called forced or held, or an exit seen late. */
export interface Happening {
  readonly condition: NuisanceCondition
  /** The alert that tells it; several happenings may be told by one. */
  readonly alert: string
  readonly at: EpochMs
  readonly opening: OpeningPast
}

/** What came to pass at one door, as far as it tells why it alarms. Every list in the order in which it was told. */
export interface DoorPast {
  readonly door: IndexedDoor
  readonly openings: ReadonlyArray<OpeningPast>
  readonly happenings: ReadonlyArray<Happening>
  /** When somebody asked to leave: rising edges and presses. */
  readonly exits: ReadonlyArray<EpochMs>
  readonly grants: ReadonlyArray<EpochMs>
  /** When its contact was lost, at fault, or found again in another state. */
  readonly troubles: ReadonlyArray<EpochMs>
}

class PastOfDoor implements DoorPast {
  readonly door: IndexedDoor
  readonly openings: Array<OpeningPast> = []
  readonly happenings: Array<Happening> = []
  readonly exits: Array<EpochMs> = []
  readonly grants: Array<EpochMs> = []
  readonly troubles: Array<EpochMs> = []
  readonly #bySeq = new Map<number, OpeningPast>()
  /** What was judged last, until the alert that tells it comes. */
  #judged: { readonly condition: NuisanceCondition; readonly opening: OpeningPast; readonly at: EpochMs } | undefined

  constructor(door: IndexedDoor) {
    this.door = door
  }

  judge(judgement: Judgement): void {
    const { verdict, at } = judgement
    const opening = this.#openingOf(judgement)
    switch (verdict._tag) {
      case "Covered":
        opening.covered = true
        return
      case "CoveredLate":
        if (verdict.cover.by === "rex" && verdict.cover.at > opening.at && !verdict.judged) {
          this.#judged = { condition: "ProbableExit", opening, at: opening.at }
        }
        opening.covered = true
        return
      case "Relatched": {
        const before = this.#bySeq.get(verdict.before)
        if (before === undefined) return
        before.relatched++
        delete before.closedAt
        return
      }
      case "FoundOpen":
        this.troubles.push(at)
        return
      case "Forced":
      case "ReportedForced":
        this.#judged = { condition: "DoorForcedOpen", opening, at: opening.at }
        return
      case "Held":
        this.#judged = { condition: "DoorOpenTooLong", opening, at }
        return
      case "Closed":
      case "TooShort":
        opening.closedAt = at
        return
      case "Waits":
      case "Bounced":
      case "Unverified":
        return
    }
  }

  change({ alert, transition }: AlertChange): void {
    const judged = this.#judged
    if (judged === undefined || judged.condition !== alert.condition) return
    const tells = transition === "raised" || transition === "reactivated" || transition === "updated"
    // What comes while its door is worked on calls nobody, here as in a replay.
    if (tells && alert.outOfService === undefined) this.happenings.push({ ...judged, alert: alert.id })
    this.#judged = undefined
  }

  #openingOf({ opening: { at, seq }, verdict }: Judgement): OpeningPast {
    const known = this.#bySeq.get(seq)
    if (known !== undefined) return known
    const opening: OpeningPast = { at, seq, covered: false, relatched: 0 }
    this.#bySeq.set(seq, opening)
    if (verdict._tag !== "Relatched" && verdict._tag !== "Bounced") this.openings.push(opening)
    return opening
  }
}

const asksToLeave: ReadonlySet<string> = new Set(["ExitRequested", "MotionDetected", "ButtonPressed"])
const rises: ReadonlySet<string> = new Set(["on", "open"])

/** The log position of the fact that an event came of, as its id tells it. */
const factOf = ({ id }: DeviceEvent): string => id.slice(0, id.indexOf("."))

/** Hears a fold and keeps what came to pass at some doors of a campus from one instant on. */
export const doorPasts = (campus: Campus, doors: ReadonlySet<string>, from: EpochMs) => {
  const index = indexCampus(campus)
  const pasts = new Map<string, PastOfDoor>()
  for (const [id, door] of index.doors) if (doors.has(id)) pasts.set(id, new PastOfDoor(door))
  // The fact that told of a gap: what is lost by it is no fault of the contact.
  let gap = ""
  const seen = (event: DeviceEvent): void => {
    if (event._tag === "GapRecorded") gap = factOf(event)
    if (event.at < from || !("point" in event)) return
    for (const { role, door } of index.roles.get(event.point) ?? []) {
      const past = pasts.get(door.door.id)
      if (past === undefined) continue
      if (role === "rex" && event._tag === "PointChanged" && rises.has(event.to.value)) past.exits.push(event.at)
      if (role === "rex" && event._tag === "Occurred" && asksToLeave.has(event.occurrence._tag))
        past.exits.push(event.at)
      if (event._tag === "Occurred" && event.occurrence._tag === "AccessGranted") past.grants.push(event.at)
      const lost =
        (event._tag === "StateLost" && factOf(event) !== gap) ||
        (event._tag === "PointChanged" && event.to.value === "fault")
      if (role === "position" && lost) past.troubles.push(event.at)
    }
  }
  const told: Told = {
    judged: (door, judgement) => {
      if (judgement.opening.at >= from) pasts.get(door)?.judge(judgement)
    },
    changed: (change) => {
      if (change.alert.door !== undefined) pasts.get(change.alert.door)?.change(change)
    },
    event: seen
  }
  return { told, pasts: (): ReadonlyMap<string, DoorPast> => pasts }
}
