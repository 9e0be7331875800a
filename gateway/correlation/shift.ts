import { HashMap } from "effect"
import { applyOfficer } from "../alerts/officer-acts.ts"
import type { Fact } from "../domain/fact.ts"
import type { EpochMs } from "../domain/ids.ts"
import { personOfNotification } from "../domain/notification.ts"
import type { Person } from "../domain/person.ts"
import type { HandOver, Shift, ShiftStanding } from "../domain/shift.ts"
import type { Draft } from "./draft.ts"
import { isDuring, nextChange } from "./schedules.ts"
import type { Situation } from "./situation.ts"

export const emptyShift: Shift = { on: [], left: [], turns: [], notes: [], handOvers: [], reached: [] }

/** A shift that nobody ended is over then: they forgot to sign off, and are not there to be called. */
export const shiftAtMostMs = 16 * 3_600_000

/** More than any site has within the days that a hand-over may reach back. */
const turnsKept = 200
const notesKept = 200
const handOversKept = 50

/** More than the people of any site by their channels. */
const reachedKept = 2000

/** Somebody who is there to be called. */
export interface OnShift {
  readonly person: Person
  /** They signed on, or are expected to be there and did not say otherwise. */
  readonly because: "signed-on" | "plan"
  /** When they signed on. */
  readonly since?: EpochMs
}

const isStanding = ({ since }: ShiftStanding, at: EpochMs): boolean => at - since < shiftAtMostMs

/** Who signed on and has not signed off, whatever the configuration knows of them; not who forgot to sign off. */
export const signedOnAt = ({ shift }: Pick<Situation, "shift">, at: EpochMs): ReadonlyArray<ShiftStanding> =>
  shift.on.filter((one) => isStanding(one, at))

/**
 * Who is on shift at `at`, of the people of the configuration in force and in its order: who has signed on, and who is
 * there by plan and has not signed off since this time of the plan began. Nobody who is disabled. Pure.
 */
export const onShiftAt = (
  { campus, shift }: Pick<Situation, "campus" | "shift">,
  at: EpochMs
): ReadonlyArray<OnShift> => {
  if (campus?.people === undefined) return []
  return campus.people.flatMap((person): ReadonlyArray<OnShift> => {
    if (person.disabled === true) return []
    const standing = shift.on.find(({ name }) => name === person.name)
    if (standing !== undefined && isStanding(standing, at))
      return [{ person, because: "signed-on", since: standing.since }]
    const left = shift.left.find(({ name }) => name === person.name)
    if (left !== undefined && (left.until === undefined || at < left.until)) return []
    const planned = (person.shifts ?? []).some((schedule) => isDuring(campus, schedule, at))
    return planned ? [{ person, because: "plan" }] : []
  })
}

/** Until when somebody who goes now would be on shift by plan; `undefined`: they are not. */
const plannedUntil = ({ campus }: Situation, name: string, at: EpochMs): { readonly until?: EpochMs } | undefined => {
  const person = campus?.people?.find((one) => one.name === name)
  if (campus === undefined || person === undefined) return undefined
  const holding = (person.shifts ?? []).filter((schedule) => isDuring(campus, schedule, at))
  if (holding.length === 0) return undefined
  const ends = holding.map((schedule) => nextChange(campus, schedule, at))
  return ends.every((end) => end !== undefined) ? { until: Math.max(...ends) } : {}
}

type Of<Tag extends Fact["_tag"]> = Extract<Fact, { readonly _tag: Tag }>

const isOn = ({ on }: Shift, who: string): boolean => on.some(({ name }) => name === who)

const goesOff = (draft: Draft, name: string, by: string): void => {
  const { shift } = draft.situation
  if (!isOn(shift, name)) return
  const planned = plannedUntil(draft.situation, name, draft.now)
  const endedBy = by === name ? {} : { endedBy: by }
  draft.situation.shift = {
    ...shift,
    on: shift.on.filter((one) => one.name !== name),
    left: [
      ...shift.left.filter((one) => one.name !== name && (one.until === undefined || one.until > draft.now)),
      ...(planned === undefined ? [] : [{ name, ...planned }])
    ],
    turns: [...shift.turns, { at: draft.now, name, turn: "off", ...endedBy } as const].slice(-turnsKept)
  }
}

/** What those who leave have in hand, or acknowledged and nobody has in hand, is taken over in the same step. */
const takeOver = (draft: Draft, leaving: ReadonlyArray<string>, by: string): void => {
  const inOrder = HashMap.toValues(draft.situation.alerts).sort(
    (a, b) => a.raisedBy - b.raisedBy || (a.id < b.id ? -1 : 1)
  )
  for (const open of inOrder) {
    const from = open.claimed?.by
    if (!leaving.includes(from ?? open.acknowledgedBy ?? "")) continue
    const claim = { _tag: "AlertClaimed", at: draft.now, alert: open.id, by, note: "at the start of a shift" } as const
    draft.alert(applyOfficer(open, from === undefined ? claim : { ...claim, from }))
  }
}

/** Somebody who is on shift already and signs on anew has only tested the sound again, and may relieve others. */
export const shiftBegan = (draft: Draft, { by, person, sound, relieves = [] }: Of<"ShiftBegan">): void => {
  const leaving = relieves.filter((name) => name !== by)
  for (const name of leaving) goesOff(draft, name, by)
  takeOver(draft, leaving, by)
  const { shift } = draft.situation
  const before = shift.on.find(({ name }) => name === by)
  const since = before !== undefined && isStanding(before, draft.now) ? before.since : draft.now
  draft.situation.shift = {
    ...shift,
    on: [
      ...shift.on.filter(({ name }) => name !== by),
      { name: by, ...(person === undefined ? {} : { person }), since, sound }
    ],
    left: shift.left.filter(({ name }) => name !== by),
    turns: [...shift.turns, { at: draft.now, name: by, turn: "on", sound } as const].slice(-turnsKept)
  }
}

export const shiftEnded = (draft: Draft, { by, whose = by }: Of<"ShiftEnded">): void => goesOff(draft, whose, by)

export const shiftNoted = (draft: Draft, { by, note }: Of<"ShiftNoted">): void => {
  const { shift } = draft.situation
  draft.situation.shift = { ...shift, notes: [...shift.notes, { at: draft.now, by, note }].slice(-notesKept) }
}

export const handedOver = (draft: Draft, { by, report }: Of<"HandedOver">): void => {
  const { shift } = draft.situation
  const made: HandOver = { id: `H-${draft.seq}`, seq: draft.seq, at: draft.now, by, from: report.from, signed: [] }
  draft.situation.shift = { ...shift, handOvers: [...shift.handOvers, made].slice(-handOversKept) }
}

/** A receipt of a person's own device. A channel that took something is no proof: nobody need have heard it. */
export const reachProved = (draft: Draft, { notification, channel }: Of<"NotificationReceived">): void => {
  const person = personOfNotification(notification)
  if (person === undefined) return
  const { shift } = draft.situation
  const others = shift.reached.filter((one) => one.person !== person || one.channel !== channel)
  draft.situation.shift = { ...shift, reached: [...others, { person, channel, at: draft.now }].slice(-reachedKept) }
}

/** Twice by the same one counts once; what was handed over too long ago is nothing to sign any more. */
export const handOverSigned = (draft: Draft, { by, handOver }: Of<"HandOverSigned">): void => {
  const { shift } = draft.situation
  const handOvers = shift.handOvers.map((one) =>
    one.seq !== handOver || one.signed.some((signature) => signature.by === by)
      ? one
      : { ...one, signed: [...one.signed, { by, at: draft.now }] }
  )
  draft.situation.shift = { ...shift, handOvers }
}
