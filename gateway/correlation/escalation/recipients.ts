import type { EscalationStep, EscalationTarget } from "../../domain/escalation.ts"
import type { ChannelId, EpochMs } from "../../domain/ids.ts"
import type { Person } from "../../domain/person.ts"
import { isDuring } from "../schedules.ts"
import { onShiftAt } from "../shift.ts"
import type { Situation } from "../situation.ts"

/** Somebody whom a step tells, and by which channels, the first one first; without a person, the channel itself. */
export interface Told {
  readonly person?: Person
  readonly by: ReadonlyArray<ChannelId>
}

/** A step tells so many at most: who would tell more wants another kind of message. */
export const recipientsMax = 100

type Known = Pick<Situation, "campus" | "shift">

/** Those on shift; where nobody is, all of them: a call that goes to nobody is worse than one too many. */
const onShift = (known: Known, people: ReadonlyArray<Person>, at: EpochMs): ReadonlyArray<Person> => {
  const names = new Set(onShiftAt(known, at).map(({ person }) => person.id))
  const there = people.filter(({ id }) => names.has(id))
  return there.length === 0 ? people : there
}

const peopleOf = (known: Known, target: EscalationTarget, at: EpochMs): ReadonlyArray<Person> => {
  const people = (known.campus?.people ?? []).filter(({ disabled }) => disabled !== true)
  if (target.person !== undefined) return people.filter(({ id }) => id === target.person)
  if (target.everyone !== undefined) return onShift(known, people, at)
  const ofRole = people.filter(({ role }) => role === target.role)
  return target.onShift === true ? onShift(known, ofRole, at) : ofRole
}

/** Whom a step tells at an instant, each once, in the order in which the step names them; nobody while it does not hold. */
export const recipientsOf = (known: Known, { to, by, during }: EscalationStep, at: EpochMs): ReadonlyArray<Told> => {
  const { campus } = known
  if (campus === undefined || (during !== undefined && !isDuring(campus, during, at))) return []
  const channels = new Set((campus.channels ?? []).map(({ id }) => id))
  const told = new Map<string, Told>()
  for (const target of to) {
    if (target.channel !== undefined) {
      if (channels.has(target.channel)) told.set(`channel ${target.channel}`, { by: [target.channel] })
      continue
    }
    for (const person of peopleOf(known, target, at)) {
      const ways = (by ?? person.reach ?? []).filter((channel) => channels.has(channel))
      if (ways.length > 0 && !told.has(person.id)) told.set(person.id, { person, by: ways })
    }
  }
  return [...told.values()].slice(0, recipientsMax)
}
