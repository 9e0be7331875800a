import { stringify } from "yaml"
import type { Alert, Outcome } from "../../domain/alert.ts"
import type { Campus, Door } from "../../domain/campus.ts"
import { AlertId, type EpochMs } from "../../domain/ids.ts"
import type { Schedule } from "../../domain/schedule.ts"
import type { History, Placed } from "../../log/history.ts"
import { foldCourse } from "../door-course.ts"
import { type DoorsPast, knownUntil, pastOf } from "../explainer.ts"
import { type DoorPast, doorPasts, type Happening } from "./door-past.ts"
import { diagnosesOf, nuisanceCauses } from "./nuisance.ts"
import { type Diagnosed, type Remedy, remedyFor } from "./proposal.ts"
import type { DoctorReport, DoorReport } from "./report.ts"

export interface Examination {
  readonly from: EpochMs
  readonly to: EpochMs
  /** Only this door. */
  readonly door?: string
}

/** So many doors are looked at, those with the most alerts; one door can always be asked for by itself. Ours. */
const doorsAtMost = 50

const conditions: ReadonlySet<string> = new Set(["DoorForcedOpen", "DoorOpenTooLong", "ProbableExit"])

const worstDoors = (alerts: ReadonlyArray<Alert>): ReadonlyArray<string> => {
  const counts = Map.groupBy(alerts, ({ door }) => door ?? "")
  return [...counts].sort(([, a], [, b]) => b.length - a.length).map(([door]) => door)
}

/** The door with other times, as it would stand in the configuration. What holds at a time of the day comes first. */
const remedied = (door: Door, { times, during }: Remedy): Door => {
  const proposed = during.map(({ schedule, times: then }) => ({ schedule, times: then }))
  const others = (door.timesDuring ?? []).filter(({ schedule }) => !proposed.some((one) => one.schedule === schedule))
  const timesDuring = [...proposed, ...others]
  return {
    ...door,
    ...(Object.keys(times).length === 0 ? {} : { times: { ...door.times, ...times } }),
    ...(timesDuring.length === 0 ? {} : { timesDuring })
  }
}

const nothing: Remedy = { times: {}, during: [], advice: [] }

const addedBy = ({ during }: Remedy): ReadonlyArray<Schedule> =>
  during.flatMap(({ added }) => (added === undefined ? [] : [added]))

const isEmpty = ({ times, during }: Remedy): boolean => Object.keys(times).length === 0 && during.length === 0

/** Every configuration of the course with the proposed times, so that folding it again shows what they would have done. */
function* withRemedies({ base, facts }: DoorsPast, remedies: ReadonlyMap<string, Remedy>): Iterable<Placed> {
  const added = [...remedies.values()].flatMap(addedBy)
  const changed = (campus: Campus): Campus => ({
    ...campus,
    ...(added.length === 0 ? {} : { schedules: [...(campus.schedules ?? []), ...added] }),
    doors: campus.doors.map((door) => remedied(door, remedies.get(door.id) ?? nothing))
  })
  if (base.situation.campus !== undefined) {
    const { at, configVersion, campus } = base.situation
    yield {
      seq: base.seq,
      fact: { _tag: "ConfigApplied", at, version: configVersion, campus: changed(campus), by: "" }
    }
  }
  for (const { seq, fact } of facts) {
    yield { seq, fact: fact._tag === "ConfigApplied" ? { ...fact, campus: changed(fact.campus) } : fact }
  }
}

const nameOf = ({ condition, opening }: Happening): string => `${condition} ${opening.seq}`

/** Happenings of one course that the other has not. */
const missingIn = (of: ReadonlyArray<Happening>, other: ReadonlyArray<Happening>): ReadonlyArray<Happening> => {
  const there = new Set(other.map(nameOf))
  return of.filter((one) => !there.has(nameOf(one)))
}

/** What changes, as a part of a configuration, which `replay --rules` and an editor take as it is. */
const patchOf = (door: Door, remedy: Remedy): string => {
  const { id, times, timesDuring } = remedied(door, remedy)
  const parts = {
    ...(Object.keys(remedy.times).length === 0 ? {} : { times }),
    ...(remedy.during.length === 0 ? {} : { timesDuring })
  }
  const schedules = addedBy(remedy)
  const doors = [{ id, ...parts }]
  return stringify({ doors, ...(schedules.length === 0 ? {} : { schedules }) }, { lineWidth: 0 })
}

/** What officers closed as a test or a drill was made on purpose: it is no nuisance, and nothing that a door does. */
const isMade = (outcome: Outcome | undefined): boolean => outcome === "test-drill"

type Outcomes = ReadonlyMap<string, Outcome | undefined>

/** A past without what was made on purpose. */
const unmade = (past: DoorPast, outcomes: Outcomes): DoorPast => ({
  ...past,
  happenings: past.happenings.filter(({ alert }) => !isMade(outcomes.get(alert)))
})

/** Reports what was found, with what officers said of each alert. */
class Examined {
  readonly #outcomes: Outcomes

  constructor(outcomes: Outcomes) {
    this.#outcomes = outcomes
  }

  #proposal(
    past: DoorPast,
    diagnosed: ReadonlyArray<Diagnosed>,
    remedy: Remedy,
    after: DoorPast | undefined
  ): DoorReport["proposal"] {
    if (isEmpty(remedy) || after === undefined) return undefined
    const told = diagnosed.map(({ happening }) => happening)
    const hidden = missingIn(told, after.happenings)
    if (hidden.length === 0) return undefined
    const outcomes = hidden.map(({ alert }) => this.#outcomes.get(alert))
    return {
      times: remedy.times,
      ...(remedy.during.length === 0 ? {} : { during: remedy.during }),
      patch: patchOf(past.door.door, remedy),
      hides: hidden.length,
      hidesReal: outcomes.filter((outcome) => outcome === "real").length,
      hidesUnjudged: outcomes.filter((outcome) => outcome === undefined).length,
      adds: missingIn(after.happenings, past.happenings).length
    }
  }

  report(past: DoorPast, diagnosed: ReadonlyArray<Diagnosed>, remedy: Remedy, after: DoorPast | undefined): DoorReport {
    const count = (cause: string): number => diagnosed.filter(({ diagnosis }) => diagnosis.cause === cause).length
    const proposal = this.#proposal(past, diagnosed, remedy, after)
    return {
      door: past.door.door.id,
      name: past.door.door.name,
      causes: Object.fromEntries(nuisanceCauses.map((cause) => [cause, count(cause)])) as DoorReport["causes"],
      real: diagnosed.filter(({ happening }) => this.#outcomes.get(happening.alert) === "real").length,
      happenings: diagnosed.map(({ happening, diagnosis }) => {
        const outcome = this.#outcomes.get(happening.alert)
        return {
          alert: AlertId.make(happening.alert),
          condition: happening.condition,
          at: happening.at,
          cause: diagnosis.cause,
          text: diagnosis.text,
          ...(outcome === undefined ? {} : { outcome })
        }
      }),
      advice: remedy.advice,
      ...(proposal === undefined ? {} : { proposal })
    }
  }
}

/** Before the span as well: what an opening is judged by, and whether the door had just closed. */
const leadMs = 10 * 60_000

/** What officers said of the alerts behind these; one that was raised before the span may tell what happened in it. */
const outcomesOf = (history: History, happenings: ReadonlyArray<Happening>): Outcomes =>
  new Map([...new Set(happenings.map(({ alert }) => alert))].map((id) => [id, history.alert(id)?.outcome]))

/** What the forced, held and late-exit alerts of a span were put down to at each door, and what would have helped. */
export const examine = (history: History, { from, to, door }: Examination): DoctorReport => {
  const [first, last] = [history.seqAt(from), history.seqAt(to)]
  const raised = history.alertsRaised(first, last, door)
  const all = worstDoors(raised.filter(({ condition, outcome }) => conditions.has(condition) && !isMade(outcome)))
  const doors = all.slice(0, doorsAtMost)
  const until = knownUntil(history, to)
  const span = { from: history.seqAt(from - leadMs), upTo: history.seqAt(until) }
  const campus = history.lastConfiguration(last)?.fact.campus
  if (doors.length === 0 || campus === undefined) return { from, to, doors: [], leftOut: 0, facts: 0 }
  const hear = (past: DoorsPast, facts: Iterable<Placed>) => {
    const hearing = doorPasts(campus, new Set(doors), from - leadMs)
    const course = foldCourse(past.base, facts, { at: to, until }, hearing.told)
    return { pasts: hearing.pasts(), facts: course.facts }
  }
  const within = ({ at }: Happening): boolean => at >= from && at <= to
  const before = pastOf(history, doors, span)
  const heard = hear(before, before.facts)
  const outcomes = outcomesOf(
    history,
    [...heard.pasts.values()].flatMap(({ happenings }) => happenings)
  )
  const diagnosed = new Map<string, ReadonlyArray<Diagnosed>>()
  const remedies = new Map<string, Remedy>()
  for (const [id, past] of heard.pasts) {
    const diagnoses = diagnosesOf(unmade(past, outcomes), campus.site.timeZone)
    const own = [...diagnoses]
      .filter(([happening]) => within(happening))
      .map(([happening, diagnosis]) => ({ happening, diagnosis }))
    diagnosed.set(id, own)
    // What officers found to be real is not to be cured.
    const nuisance = own.filter(({ happening }) => outcomes.get(happening.alert) !== "real")
    remedies.set(id, remedyFor(nuisance, { ...past.door, campus }))
  }
  const again = pastOf(history, doors, span)
  const changed = hear(again, withRemedies(again, remedies))
  const examined = new Examined(outcomes)
  const reports = [...heard.pasts].map(([id, past]) =>
    examined.report(past, diagnosed.get(id) ?? [], remedies.get(id) ?? nothing, changed.pasts.get(id))
  )
  return {
    from,
    to,
    doors: reports
      .filter(({ happenings }) => happenings.length > 0)
      .sort((a, b) => b.happenings.length - a.happenings.length),
    leftOut: all.length - doors.length,
    facts: heard.facts
  }
}
