import type { EpochMs } from "../../domain/ids.ts"
import { spanOf } from "../span-words.ts"
import type { DoorPast, Happening } from "./door-past.ts"
import { clockOf, type Habit, habitsOf } from "./time-of-day.ts"

/** Why a door's alarm may have been none, in the order in which the causes are looked for. */
export const nuisanceCauses = ["sensor", "late-exit", "latch", "chatter", "schedule", "wind", "unexplained"] as const
export type NuisanceCause = (typeof nuisanceCauses)[number]

/** A cause, and the values that decided for it. */
export interface Diagnosis {
  readonly cause: NuisanceCause
  readonly text: string
  /** How long, in milliseconds, what decided was: the lateness of an exit, the pause since a closing, how long it stood open. */
  readonly ms?: number
  /** The time of the day, by the wall clock, at which it comes again and again. */
  readonly time?: number
}

/** Trouble with the contact so near an opening makes the opening itself doubtful. Ours. */
const troubleMs = 60_000

/**
 * A person who pushes the door stands in the detector's sight before it has fallen shut again: a request to exit this long
 * after the opening is theirs. Ours; a door may not close sooner than in 5 s (ADA 404.2.8.1), and people walk on.
 */
const lateExitMs = 10_000

/** A request to exit that was too old by no more than the time it was valid is of somebody who lingered (scenario 3). */
const lingersMs = 10_000

/** A door that opens so soon after it closed has not latched: a closer or strike, not a person. Scenario 4.1; 2 s after a close. */
const latchMs = 2000

/** After a rightful opening, somewhat longer: 5 s, as Alarmo waits when it arms. */
const latchAfterRightfulMs = 5000

/** Shorter than any signal that has to be processed (IEC 60839-11-1: 400 ms): nobody passes through it. */
const bounceMs = 400

/** The same again within a minute is chattering. */
const chatterMs = 60_000

/** An opening this short, with nobody about, is a gust: a person needs as long as the door takes to close. Ours. */
const gustMs = 3000

/** Nobody was granted access, or asked to leave, this long around it. Ours. */
const nobodyMs = 30_000

/** A single gust is no pattern. Ours. */
const gusts = 3

const near = (instants: ReadonlyArray<EpochMs>, from: EpochMs, to: EpochMs): EpochMs | undefined =>
  instants.find((at) => at >= from && at <= to)

const isOpenFor = ({ opening }: Happening, atMostMs: number): boolean =>
  opening.closedAt !== undefined && opening.closedAt - opening.at <= atMostMs

type Habits = ReadonlyMap<Happening, Habit>

type Look = (happening: Happening, past: DoorPast, habits: Habits) => Diagnosis | undefined

const sensor: Look = ({ opening }, { troubles }) => {
  const trouble = near(troubles, opening.at - troubleMs, opening.at + troubleMs)
  if (trouble === undefined) return undefined
  const ms = Math.abs(trouble - opening.at)
  return {
    cause: "sensor",
    ms,
    text: `its contact was lost, at fault or found otherwise ${spanOf(ms)} ${trouble < opening.at ? "before" : "after"}`
  }
}

const lateExit: Look = ({ condition, opening }, { exits, door }) => {
  if (condition === "DoorOpenTooLong") return undefined
  const after = near(exits, opening.at, opening.at + lateExitMs)
  if (after !== undefined) {
    const ms = after - opening.at
    return { cause: "late-exit", ms, text: `exit was requested ${spanOf(ms)} after it opened` }
  }
  const before = exits.findLast((at) => at <= opening.at && at >= opening.at - lingersMs)
  if (before === undefined) return undefined
  const ms = opening.at - before
  return {
    cause: "late-exit",
    ms: -ms,
    text: `exit was requested ${spanOf(ms)} before it opened, valid for ${door.times.rexValidSeconds} s`
  }
}

const closedBefore = (happening: Happening, { openings }: DoorPast) =>
  openings.findLast(
    ({ closedAt, seq }) => closedAt !== undefined && closedAt <= happening.opening.at && seq !== happening.opening.seq
  )

const latch: Look = (happening, past) => {
  const { opening, condition } = happening
  if (opening.relatched > 0) {
    return { cause: "latch", text: `it had closed without latching and opened again ${opening.relatched} ×` }
  }
  if (condition !== "DoorOpenTooLong" && isOpenFor(happening, bounceMs)) {
    const ms = (opening.closedAt ?? opening.at) - opening.at
    return { cause: "latch", ms, text: `it was open for ${spanOf(ms)} only, as a contact bounces` }
  }
  const before = closedBefore(happening, past)
  if (before?.closedAt === undefined || condition === "DoorOpenTooLong") return undefined
  const ms = opening.at - before.closedAt
  if (ms > (before.covered ? latchAfterRightfulMs : latchMs)) return undefined
  return { cause: "latch", ms, text: `it opened ${spanOf(ms)} after it had closed` }
}

const chatter: Look = (happening, { happenings }) => {
  const same = happenings.filter(
    (other) => other.condition === happening.condition && Math.abs(other.at - happening.at) <= chatterMs
  )
  return same.length < 2 ? undefined : { cause: "chatter", text: `it came ${same.length} × within a minute of it` }
}

const schedule: Look = (happening, _past, habits) => {
  const habit = habits.get(happening)
  if (habit === undefined) return undefined
  const { time, days } = habit
  return { cause: "schedule", time, text: `it comes around ${clockOf(time)} on ${days} days` }
}

const isGust = (happening: Happening, { exits, grants }: DoorPast): boolean => {
  const { at } = happening.opening
  const somebody = near(exits, at - nobodyMs, at + nobodyMs) ?? near(grants, at - nobodyMs, at + nobodyMs)
  return happening.condition === "DoorForcedOpen" && isOpenFor(happening, gustMs) && somebody === undefined
}

const wind: Look = (happening, past) => {
  if (!isGust(happening, past)) return undefined
  const count = past.happenings.filter((other) => isGust(other, past)).length
  const ms = (happening.opening.closedAt ?? 0) - happening.opening.at
  return count < gusts
    ? undefined
    : { cause: "wind", ms, text: `it was open for ${spanOf(ms)} with nobody about, one of ${count} such openings` }
}

const looks: ReadonlyArray<Look> = [sensor, lateExit, latch, chatter, schedule, wind]

const unexplained: Diagnosis = { cause: "unexplained", text: "nothing about it speaks for a nuisance" }

/**
 * The likeliest cause of each of a door's happenings other than somebody who broke in or held the door: the first that its facts
 * show.
 */
export const diagnosesOf = (past: DoorPast, timeZone: string): ReadonlyMap<Happening, Diagnosis> => {
  const habits = habitsOf(past.happenings, timeZone)
  const causeOf = (happening: Happening): Diagnosis => {
    for (const look of looks) {
      const found = look(happening, past, habits)
      if (found !== undefined) return found
    }
    return unexplained
  }
  return new Map(past.happenings.map((happening) => [happening, causeOf(happening)]))
}
